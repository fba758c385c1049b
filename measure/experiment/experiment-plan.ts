import { randomBytes, randomInt } from "node:crypto";
import { CONFIGURATIONS } from "../../environment/configurations";
import { VARIANTS } from "../../environment/variants";
import { InvalidInput } from "../../util/invalid-input";
import { type NamedVariant, named } from "../record/variant";
import type { RunEvent } from "./events";
import type { JournalPlan } from "./journal";
import { DEFAULT_MAX_ATTEMPTS, DEFAULT_RESULTS_DIR, type RawRunOptions, type RunOptions } from "./options";
import { costOf, type Plan, planBuilds } from "./plan";
import { type ExperimentState, nextStep } from "./state";
import type { ExperimentTarget } from "./target";

/** The plan line of a new experiment. The one place with randomness: the seed, unless given, and the id. */
export function newPlan(
  options: RunOptions,
  target: ExperimentTarget,
  ref: string,
  now: number,
): JournalPlan {
  const at = new Date(now).toISOString();
  const stamp = at
    .replace(/\.\d+Z$/, "z")
    .replace(/[-:]/g, "")
    .toLowerCase();
  return {
    type: "plan",
    version: 1,
    // Workflows make tags and names of it: lower case, digits and hyphens only.
    experiment: `${target.environment}-${stamp}-${randomBytes(3).toString("hex")}`,
    environment: target.environment,
    repository: `${target.owner}/${target.repository}`,
    configurations: [...(options.configurations ?? target.configurations)],
    rounds: options.rounds ?? 1,
    seed: options.seed ?? randomInt(2 ** 32),
    cache: options.cache ?? target.build.cache,
    variants: variantsFor(options, target),
    ...(target.imageRepositories.length > 1 && {
      imageRepository: options.repository ?? target.imageRepositories[0],
    }),
    ref,
    maxAttempts: options.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    parallel: options.parallel,
    at,
  };
}

export function planOf({ configurations, variants, rounds, seed }: JournalPlan): Plan {
  return planBuilds(
    configurations,
    variants.map(({ name }) => name),
    rounds,
    seed,
  );
}

/** The presets asked for, or the one variant that the environment and the command line make together. */
function variantsFor(options: RunOptions, { build }: ExperimentTarget): NamedVariant[] {
  if (options.variants !== undefined) {
    // The environment's own context is not theirs.
    const context = build.context === undefined ? {} : { context: VARIANTS.fast.image };
    return options.variants.map((name) => ({ name, ...VARIANTS[name], ...context }));
  }
  const context = options.context ?? build.context;
  return [
    named({
      image: options.image ?? build.image,
      output: options.output ?? build.output,
      ...(context !== undefined && { context }),
    }),
  ];
}

/** The unfinished experiment of the journal. What was given again must be what it started with. */
export function resumable(
  state: ExperimentState | undefined,
  options: RunOptions,
  target: ExperimentTarget,
  journalPath: string,
): ExperimentState {
  if (state === undefined || state.finished) {
    const why =
      state === undefined ? `${journalPath} holds no experiment` : `${state.plan.experiment} is finished`;
    throw new InvalidInput("nothing to resume:", [`${why}. Start one: leave --resume out and give --rounds`]);
  }
  const { plan } = state;
  const given = {
    rounds: options.rounds,
    configurations: options.configurations?.join(","),
    seed: options.seed,
    variants: options.variants?.join(","),
    cache: options.cache,
    output: options.output,
    image: options.image,
    context: options.context,
    repository: options.repository,
    ref: options.ref,
  };
  // An old journal keeps its own order of configurations; the plan knows them as a set.
  const own = {
    ...plan,
    configurations: CONFIGURATIONS.filter((configuration) =>
      plan.configurations.includes(configuration),
    ).join(","),
    variants: plan.variants.map(({ name }) => name).join(","),
    output: [...new Set(plan.variants.map(({ output }) => output))].join(" and "),
    image: [...new Set(plan.variants.map(({ image }) => image))].join(" and "),
    context: plan.variants[0]?.context ?? "the Dockerfile's folder",
    repository: plan.imageRepository ?? target.imageRepositories[0],
  };
  const problems = (Object.keys(given) as (keyof typeof given)[]).flatMap((key) =>
    given[key] === undefined || given[key] === own[key]
      ? []
      : [`--${key} is ${own[key]} in ${plan.experiment}; got ${given[key]}. Leave it out to resume`],
  );
  const repository = `${target.owner}/${target.repository}`;
  if (repository !== plan.repository) {
    problems.push(
      `${plan.experiment} runs in ${plan.repository}, and the environment names ${repository} now`,
    );
  }
  if (problems.length > 0) throw new InvalidInput(`cannot resume ${plan.experiment}:`, problems);
  return state;
}

/** What is planned and what it costs; of a resumed experiment, the cost of what is left. */
export function planEvent(
  state: ExperimentState,
  plan: Plan,
  target: ExperimentTarget,
  options: RunOptions,
): Extract<RunEvent, { event: "plan" }> {
  const limit = options.maxAttempts ?? state.plan.maxAttempts;
  const left = plan.map((round) =>
    round.filter((build) => nextStep(state.attempts, build, limit).kind !== "done"),
  );
  return {
    event: "plan",
    experiment: state.plan.experiment,
    environment: target.environment,
    seed: state.plan.seed,
    variants: state.plan.variants,
    rounds: plan.map((round) => round.map(({ configuration, variant }) => ({ configuration, variant }))),
    builds: plan.flat().length,
    done: plan.flat().length - left.flat().length,
    dryRun: options.dryRun,
    costUsd: costOf(left, target.costPerBuildUsd),
  };
}

/** The command that goes on with this experiment, as typed. */
export function resumeCommand(environment: string, raw: RawRunOptions): string {
  const { resultsDir, apiUrl: url } = raw;
  const directory =
    resultsDir === undefined || resultsDir === DEFAULT_RESULTS_DIR ? "" : ` --results-dir ${resultsDir}`;
  return `npx buildx-on-eks experiment run ${environment} --resume${directory}${url === undefined ? "" : ` --api-url ${url}`}`;
}
