/** What happened before the build that is timed, and what changed since. */
export const SCENARIOS = ["cold", "unchanged", "code-change", "dependency-change", "warm"] as const;

export type Scenario = (typeof SCENARIOS)[number];

export const SCENARIO_WORDS: Readonly<Record<Scenario, string>> = {
  cold: "new builder, nothing cached anywhere",
  unchanged: "new builder, the same sources, the variant's cache in the registry",
  "code-change": "new builder, another file of code, the variant's cache in the registry",
  "dependency-change": "new builder, one package of another version, the variant's cache in the registry",
  warm: "the builder of the last build kept, another file of code, no cache from the registry",
};

/** Whether a build of the variant, its cache exported, must stand in the registry before. */
export function needsSeed(scenario: Scenario): boolean {
  return scenario !== "cold";
}
