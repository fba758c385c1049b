import { defineConfig } from "vitest/config";

/** Folders whose tests need a program or data that `npm test` does not ask for; each fails where it is missing. */
const APART = ["browser", "buildkit", "cluster", "crds", "terraform"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["__tests__/**/*.test.ts"],
          exclude: APART.map((folder) => `__tests__/${folder}/**`),
          testTimeout: 30_000,
        },
      },
      ...APART.map((folder) => ({
        test: { name: folder, include: [`__tests__/${folder}/**/*.test.ts`], testTimeout: 300_000 },
      })),
    ],
  },
});
