import type { Command } from "commander";

/** Makes a sub-command, which hands its exit code over unless that is 0. */
export type MakeCommand = (exit: (code: number) => void) => Command;
