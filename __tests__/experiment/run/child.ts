import { main } from "../../../experiment/cli";
import { FAST, hastyQueue, targetOf } from "./harness";

/** The command line in a process of its own, against the fake whose URL is in FAKE_GITHUB_URL. */
void main(process.argv.slice(2), {
  run: async () => ({
    loadTarget: async () => targetOf(process.env.FAKE_GITHUB_URL ?? ""),
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    pace: FAST,
    signals: process,
    exitNow: (code) => process.exit(code),
    writeQueue: hastyQueue(),
  }),
  environmentNames: async () => ["c5n"],
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
}).then((code) => {
  process.exitCode = code;
});
