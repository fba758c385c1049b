import { CACHES, type Cache } from "../../environment/caches";
import { CONFIGURATIONS, type Configuration } from "../../environment/configurations";
import { OUTPUT_PATTERN, PATH_PATTERN, VARIANT_NAMES, type VariantName } from "../../environment/variants";
import { InvalidInput, show } from "../../util/invalid-input";
import { didYouMean } from "../../util/suggest";

export const DEFAULT_MAX_ATTEMPTS = 3;
export const DEFAULT_RESULTS_DIR = "results";
/** More than a year of builds: a slip of the finger, and GitHub's limit of inputs is not the reason. */
const MAX_ROUNDS = 1_000;
const MAX_ATTEMPTS = 20;

/** The words of the command line, before anything is checked. */
export interface RawRunOptions {
  readonly rounds?: string;
  readonly configurations?: string;
  readonly variants?: string;
  readonly seed?: string;
  readonly cache?: string;
  readonly output?: string;
  readonly image?: string;
  readonly context?: string;
  readonly repository?: string;
  readonly ref?: string;
  readonly maxAttempts?: string;
  readonly resultsDir?: string;
  readonly apiUrl?: string;
  readonly resume?: boolean;
  readonly parallel?: boolean;
  readonly dryRun?: boolean;
  readonly cancelOnInterrupt?: boolean;
  readonly json?: boolean;
}

/** Checked. What is undefined was not given: a resumed experiment takes it from its journal. */
export interface RunOptions {
  readonly rounds: number | undefined;
  readonly configurations: readonly Configuration[] | undefined;
  /** Goes without `image`, `context` and `output`. */
  readonly variants: readonly VariantName[] | undefined;
  readonly seed: number | undefined;
  readonly cache: Cache | undefined;
  readonly output: string | undefined;
  readonly image: string | undefined;
  readonly context: string | undefined;
  /** Whether the environment has it is for its target to say. */
  readonly repository: string | undefined;
  readonly ref: string | undefined;
  readonly maxAttempts: number | undefined;
  readonly resultsDir: string;
  readonly apiUrl: string | undefined;
  readonly resume: boolean;
  readonly parallel: boolean;
  readonly dryRun: boolean;
  readonly cancelOnInterrupt: boolean;
  readonly json: boolean;
}

/** Checks every option; throws one InvalidInput that names all problems. */
export function parseRunOptions(raw: RawRunOptions): RunOptions {
  const problems: string[] = [];
  const resume = raw.resume ?? false;
  const options: RunOptions = {
    rounds: integer("--rounds", raw.rounds, 1, MAX_ROUNDS, problems),
    configurations: list("--configurations", raw.configurations, CONFIGURATIONS, problems),
    variants: list("--variants", raw.variants, VARIANT_NAMES, problems),
    seed: integer("--seed", raw.seed, 0, 2 ** 32 - 1, problems),
    cache: choice("--cache", raw.cache, CACHES, problems),
    output: attributes("--output", raw.output, problems),
    image: path(
      "--image",
      raw.image,
      "folder of the repository with a Dockerfile, or the path of one, such as image",
      problems,
    ),
    context: path("--context", raw.context, "folder of the repository, such as . for all of it", problems),
    repository: raw.repository,
    ref: name("--ref", raw.ref, problems),
    maxAttempts: integer("--max-attempts", raw.maxAttempts, 1, MAX_ATTEMPTS, problems),
    resultsDir: raw.resultsDir ?? DEFAULT_RESULTS_DIR,
    apiUrl: apiUrl("--api-url", raw.apiUrl, problems),
    resume,
    parallel: raw.parallel ?? false,
    dryRun: raw.dryRun ?? false,
    cancelOnInterrupt: raw.cancelOnInterrupt ?? false,
    json: raw.json ?? false,
  };
  if (raw.rounds === undefined && !resume) {
    problems.push("--rounds is needed: how often to build each configuration, for example --rounds 5");
  }
  if (
    raw.variants !== undefined &&
    [raw.image, raw.context, raw.output].some((given) => given !== undefined)
  ) {
    problems.push(
      "--variants names the image, context and output of each variant: leave --image, --context and --output out, or --variants",
    );
  }
  if (problems.length > 0) throw new InvalidInput("cannot run the experiment:", problems);
  return options;
}

function integer(flag: string, text: string | undefined, least: number, most: number, problems: string[]) {
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  problems.push(`${flag} must be a whole number from ${least} to ${most}; got ${show(text)}`);
  return undefined;
}

function choice<T extends string>(
  flag: string,
  text: string | undefined,
  choices: readonly T[],
  problems: string[],
): T | undefined {
  if (text === undefined) return undefined;
  const found = choices.find((candidate) => candidate === text);
  if (found === undefined) {
    problems.push(
      `${flag} must be one of ${choices.join(", ")}; got ${show(text)}.${didYouMean(text, choices)}`,
    );
  }
  return found;
}

/** A set of choices, in the order of `choices`. */
function list<T extends string>(
  flag: string,
  text: string | undefined,
  choices: readonly T[],
  problems: string[],
): readonly T[] | undefined {
  if (text === undefined) return undefined;
  const words = text.split(",").map((word) => word.trim());
  const chosen = words.map((word) => choice(flag, word, choices, problems));
  const twice = words.filter((word, index) => words.indexOf(word) !== index);
  if (twice.length > 0) problems.push(`${flag} names ${[...new Set(twice)].join(", ")} more than once`);
  return choices.filter((candidate) => chosen.includes(candidate));
}

/** Checked here too, a slip costs no build. */
function attributes(flag: string, text: string | undefined, problems: string[]): string | undefined {
  if (text === undefined) return undefined;
  if (OUTPUT_PATTERN.test(text)) return text;
  problems.push(
    `${flag} must be default or attributes of layers such as compression=zstd,force-compression=true; got ${show(text)}`,
  );
  return undefined;
}

function path(flag: string, text: string | undefined, what: string, problems: string[]): string | undefined {
  if (text === undefined) return undefined;
  if (PATH_PATTERN.test(text)) return text;
  problems.push(`${flag} must be a ${what}; got ${show(text)}`);
  return undefined;
}

/** A branch's name, without anything that a shell reads. */
function name(flag: string, text: string | undefined, problems: string[]): string | undefined {
  if (text === undefined) return undefined;
  if (/^[A-Za-z0-9][A-Za-z0-9._/@+-]{0,199}$/.test(text)) return text;
  problems.push(
    `${flag} must be letters, digits and . _ / @ + - and start with a letter or digit; got ${show(text)}`,
  );
  return undefined;
}

/**
 * The base URL without a slash at its end. Plain http only to this machine: the token travels with each
 * request.
 */
export function apiUrl(source: string, text: string | undefined, problems: string[]): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const loopback = url !== undefined && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  const usable = url !== undefined && (url.protocol === "https:" || (url.protocol === "http:" && loopback));
  const plain = usable && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (plain) return url.href.replace(/\/+$/, "");
  // A password in it must not be repeated.
  const shown = show(text.replace(/^(.*\/|)[^/]*@/s, "$1***@"));
  problems.push(
    `${source} must be an https URL without credentials, such as https://github.example.com/api/v3; got ${shown}`,
  );
  return undefined;
}
