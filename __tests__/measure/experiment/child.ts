import { experimentCommand } from "../../../cli/experiment";
import { main } from "../../../cli/program";
import { standardError, standardOutput } from "../../../util/standard-streams";
import { FAST, targetOf } from "./harness";

const command = experimentCommand(async () => ({
  loadTarget: async () => targetOf(process.env.FAKE_GITHUB_URL ?? ""),
  env: process.env,
  stdout: standardOutput(),
  stderr: standardError(),
  poll: FAST,
  signals: process,
  exitNow: (code) => process.exit(code),
}));

/** The command line in a process of its own, against the fake whose URL is in FAKE_GITHUB_URL. */
void main(["experiment", ...process.argv.slice(2)], undefined, {
  experiment: { summary: "", load: async () => command },
}).then((code) => {
  process.exitCode = code;
});
