#!/usr/bin/env node
// The program `npx buildx-on-eks`: runs the TypeScript beside it, without a step that builds.
import "tsx";
import { createRequire } from "node:module";

createRequire(import.meta.url)("./program.ts").start(process.argv.slice(2));
