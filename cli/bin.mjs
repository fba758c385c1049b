#!/usr/bin/env node
// The program `npx buildx-on-eks`: runs the TypeScript beside it, without a step that builds.
import "tsx";
import { createRequire } from "node:module";

// cdktf 0.21 calls util.isArray, of which Node 22 and newer warn.
process.noDeprecation ||= true;
createRequire(import.meta.url)("./program.ts").start(process.argv.slice(2));
