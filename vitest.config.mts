import { defineConfig } from "vitest/config";

/** Folders of `__tests__/system` whose tests start this project's programs, or need a program or data that `npm test` does not ask for; each fails where it is missing. */
const SYSTEM = [
  "browser",
  "buildkit",
  "cluster",
  "commands",
  "crds",
  "faults",
  "library",
  "scan",
  "terraform",
];

export default defineConfig({
  test: {
    // One for each core: the default leaves one core idle, which on two cores is half of the machine.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          include: ["__tests__/**/*.test.ts"],
          exclude: ["__tests__/system/**"],
          // Only a hang takes this long, on a loaded machine too.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Half of the time of isolated files goes into loading cdktf and its providers anew for each of them. No
          // test replaces a module or changes the environment of the process.
          isolate: false,
        },
      },
      ...SYSTEM.map((folder) => ({
        test: {
          name: folder,
          include: [`__tests__/system/${folder}/**/*.test.ts`],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // The files of this one share one cluster and its namespace.
          ...(folder === "cluster" && {
            fileParallelism: false,
            globalSetup: ["__tests__/system/cluster/setup.ts"],
          }),
        },
      })),
    ],
  },
});
