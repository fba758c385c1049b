import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { exitOnInvalidInput } from "../../../util/exit";
import { type Inside, LIFELINE, RUN_FOLDER } from "./inside";
import { checkPrograms } from "./programs";

interface Options {
  readonly embedded?: true;
  readonly nodeAddress?: string;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const program = new Command("npm run test:cluster --")
  .description(
    "Applies the rendered stacks to a real Kubernetes API and tries what a CI job may do there, with the real buildx and BuildKit.",
  )
  .argument("[test...]", "test files to run, by part of their path (default: all)")
  .option(
    "--embedded",
    "start a control plane here, on loopback in a network namespace of its own, and stop it at the end (default: the cluster of KUBECONFIG's current context)",
  )
  .option(
    "--node-address <ip>",
    "address of this machine as the API server of a given cluster reaches it; without it, tests that run commands in pods are left out",
  )
  .addHelpText(
    "after",
    [
      "",
      "A given cluster must have no namespace buildx and no namespace actions-runner-system: the tests make them and delete",
      "them. With --node-address everybody who reaches that address on port 10250 can run commands here as root, as long as",
      "the tests run.",
      "",
      "Examples:",
      "  sudo npm run test:cluster -- --embedded",
      "  sudo npm run test:cluster -- --embedded identities",
      "  KUBECONFIG=test.kubeconfig npm run test:cluster",
    ].join("\n"),
  );

exitOnInvalidInput(() => {
  program.parse();
  const { embedded, nodeAddress } = program.opts<Options>();
  checkPrograms({ embedded: embedded === true });
  const plan: Inside = {
    tests: program.args,
    embedded: embedded === true,
    ...(nodeAddress !== undefined && { nodeAddress }),
  };
  wait(start(plan));
});

/**
 * Starts the rest in namespaces of its own. With the first of its processes all others end, its mounts go with them
 * and so do all files, because its folder is a mount: nothing is left, however it ends.
 */
function start(plan: Inside): ChildProcess {
  mkdirSync(RUN_FOLDER, { recursive: true });
  return spawn(
    "unshare",
    [
      ...["--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc"],
      ...(plan.embedded ? ["--net"] : []),
      ...["--", process.execPath, ...process.execArgv, join(__dirname, "inside.ts"), JSON.stringify(plan)],
    ],
    // Its own process group: Ctrl-C reaches this process alone, which lets the other stop in order.
    { stdio: ["inherit", "inherit", "inherit", LIFELINE], detached: true },
  );
}

function wait(child: ChildProcess): void {
  let interrupted: (typeof SIGNALS)[number] | undefined;
  const stop = (signal: (typeof SIGNALS)[number]) => {
    if (interrupted) child.kill("SIGKILL");
    interrupted = signal;
    child.stdio[3]?.destroy();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  child.once("error", (error) => {
    process.stderr.write(`unshare could not be started: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.once("exit", (code) => {
    process.exitCode = interrupted ? 128 + constants.signals[interrupted] : (code ?? 1);
  });
}
