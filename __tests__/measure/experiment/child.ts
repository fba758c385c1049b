import { main } from "../../../cli/experiment";
import { standardError, standardOutput } from "../../../util/standard-streams";
import { FAST, targetOf } from "./harness";

/** The command line in a process of its own, against the fake whose URL is in FAKE_GITHUB_URL. */
void main(process.argv.slice(2), {
  run: async () => ({
    loadTarget: async () => targetOf(process.env.FAKE_GITHUB_URL ?? ""),
    env: process.env,
    stdout: standardOutput(),
    stderr: standardError(),
    pace: FAST,
    signals: process,
    exitNow: (code) => process.exit(code),
  }),
  write: (text) => standardOutput().write(text),
  writeError: (text) => standardError().write(text),
}).then((code) => {
  process.exitCode = code;
});
