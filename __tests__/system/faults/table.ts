/** What breaks. */
export const FAULTS = {
  "disk-full": "the disk is full",
  "output-full": "the disk behind standard output is full",
  sigterm: "SIGTERM",
  sigkill: "SIGKILL",
  "clock-forward": "the clock jumps hours forward",
  "clock-back": "the clock jumps hours back",
  "two-instances": "two instances at once, one folder",
  "two-folders": "two instances at once, two folders",
  "registry-closes": "the registry closes the connection of a push",
  "registry-500": "the registry answers a push with 500 for a while",
  "registry-429": "the registry answers a push with 429 once",
  "registry-down": "the registry answers every push with 500",
  "registry-flaky-reads": "the registry fails when an image is checked",
  "builder-killed": "buildkitd is killed during a build",
  "api-faults": "a tenth of all answers of GitHub are faults",
} as const;

export type Fault = keyof typeof FAULTS;

/** What it strikes: the sub-commands of `npm run experiment`, and `npx buildx-on-eks bench`. */
export const TOOLS = ["run", "report", "bench"] as const;
export type Tool = (typeof TOOLS)[number];

export interface Row {
  readonly fault: Fault;
  readonly tool: Tool;
  readonly expectation: string;
  /** The gate leaves it to FAULTS_CASES: another row has the fault there. */
  readonly long?: true;
}

/** Every fault that is made on purpose, and what the tool must make of it; each row has one test. */
export const TABLE = [
  {
    fault: "disk-full",
    tool: "run",
    expectation: "one error names the file; no half record; --resume completes the plan, each build once",
  },
  {
    fault: "disk-full",
    tool: "report",
    expectation: "one error; the older report stays whole; nothing else is left",
  },
  {
    fault: "disk-full",
    tool: "bench",
    expectation: "one error; whole records and no half report; nothing is left; the next bench works",
  },
  { fault: "output-full", tool: "report", expectation: "one error and no exit code 0 for half a report" },
  {
    fault: "output-full",
    tool: "run",
    expectation: "events that do not fit end the run with one error; --resume completes the plan",
  },
  {
    fault: "sigterm",
    tool: "run",
    expectation: "ends in order, no lock stays; --resume completes the plan, each build once",
  },
  {
    fault: "sigterm",
    tool: "report",
    expectation: "the older report or the new one, whole; nothing else is left",
  },
  {
    fault: "sigterm",
    tool: "bench",
    expectation: "no process, mount, namespace, control group, folder or lock is left; whole records",
  },
  {
    fault: "sigkill",
    tool: "run",
    expectation: "the next start takes the lock over; --resume completes the plan, each build once",
  },
  {
    fault: "sigkill",
    tool: "report",
    expectation: "the older report or the new one, whole; the next report clears a draft away",
  },
  {
    fault: "sigkill",
    tool: "bench",
    expectation:
      "the kernel ends every process with its mounts; the next bench clears the rest away and works",
  },
  {
    fault: "clock-forward",
    tool: "run",
    expectation: "GitHub's times; no build starts twice; the lock holds and goes",
  },
  {
    fault: "clock-back",
    tool: "run",
    expectation: "GitHub's times; nothing waits for hours; the lock holds and goes",
  },
  {
    fault: "clock-forward",
    tool: "bench",
    expectation:
      "the whole time is monotonic; phases that cannot be trusted are left out, and the record says so",
  },
  {
    fault: "clock-back",
    tool: "bench",
    expectation:
      "the whole time is monotonic; phases that cannot be trusted are left out, and the record says so",
    long: true,
  },
  {
    fault: "two-instances",
    tool: "run",
    expectation: "the second one refuses and names the first; the first one completes its plan",
  },
  { fault: "two-folders", tool: "run", expectation: "both complete their plans" },
  { fault: "two-instances", tool: "report", expectation: "one whole report stays" },
  {
    fault: "two-instances",
    tool: "bench",
    expectation: "one work folder: the second one refuses, whatever its cache, and the first one completes",
  },
  {
    fault: "registry-closes",
    tool: "bench",
    expectation: "BuildKit tries again, and the build gets no time",
  },
  { fault: "registry-500", tool: "bench", expectation: "BuildKit tries again, and the build gets no time" },
  {
    fault: "registry-429",
    tool: "bench",
    expectation: "BuildKit repeats the request at once, and the build counts",
  },
  {
    fault: "registry-down",
    tool: "bench",
    expectation: "a failed build without a time, with the registry's words; the next build counts",
  },
  {
    fault: "registry-flaky-reads",
    tool: "bench",
    expectation: "reading is repeated, the build counts, and so does the physical limit",
  },
  {
    fault: "builder-killed",
    tool: "bench",
    expectation:
      "a failed build without a time; no container or control group survives; the next build has a new builder",
  },
  {
    fault: "api-faults",
    tool: "run",
    expectation: "every build of every round exactly once; memory stays flat",
  },
] as const satisfies readonly Row[];

type Named<R> = R extends { readonly fault: infer F extends string; readonly tool: infer T extends string }
  ? `${T}: ${F}`
  : never;
export type RowName = Named<(typeof TABLE)[number]>;

/** The test's name for a row. Only rows of the table compile. */
export function row(name: RowName): string {
  const found = TABLE.find(({ fault, tool }) => `${tool}: ${fault}` === name);
  if (found === undefined) throw new Error(`the table has no row ${name}`);
  return `${found.tool}, ${FAULTS[found.fault]}: ${found.expectation}`;
}
