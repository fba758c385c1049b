import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { WrongUsage } from "../../util/invalid-input";
import { didYouMean } from "../../util/suggest";
import { FORMATS, type Format } from "../report/formats";
import { DEBIAN } from "./base-image";
import { type BuildInputs, checkInputs } from "./build-inputs";
import { type Link, parseLink } from "./link";
import { SCENARIO_WORDS, SCENARIOS, type Scenario } from "./plan";
import { AXES, AXIS_NAMES, AXIS_WORDS, PRESET_NAMES, PRESETS, parseVariants, type Variant } from "./variant";
import { SIZES, type Size } from "./workload";

export type Source =
  | { readonly kind: "size"; readonly size: Size }
  /** The user's own Dockerfile and context. */
  | {
      readonly kind: "own";
      readonly context: string;
      readonly dockerfile: string;
      readonly inputs: BuildInputs;
    };

export interface BenchOptions {
  readonly source: Source;
  readonly rounds: number;
  readonly seed: number;
  readonly scenarios: readonly Scenario[];
  readonly variants: readonly Variant[];
  readonly link: Link | undefined;
  /** As written: it names the link in records. */
  readonly linkName: string;
  /** Image that the builder can pull; undefined for the one made from Debian packages. */
  readonly base: string | undefined;
  readonly python: string;
  readonly mirror: string;
  /** host:port; undefined for one that the bench starts. */
  readonly registry: string | undefined;
  readonly builder: string | undefined;
  readonly prune: boolean;
  /** URL of a package index; undefined for the local one. */
  readonly index: string | undefined;
  readonly resultsDir: string;
  readonly workDir: string | undefined;
  readonly format: Format;
  readonly keep: boolean;
}

const PYPI = "https://pypi.org/simple/";
const DEFAULT_SCENARIOS = "cold,unchanged,code-change";
/** Scenarios that the user's own Dockerfile can have: the bench does not know its code nor its packages. */
const OWN_SCENARIOS: readonly Scenario[] = ["cold", "unchanged", "warm"];
/** Axes that do not change the Dockerfile. */
const OWN_AXES = ["compression", "force", "cache", "concurrency"] as const;

const HELP = `
Every build is a real one, pushed to a real registry. The default workload installs from a local package
index: the network of PyPI is not part of what is measured (--index pypi measures with it). A new builder's
start is not counted. Every image is pulled back, its digests are checked and its files compared with those of
the first variant; a build whose files differ gets no time.

Exit codes:
  0    done, and every build counts
  1    a program is missing, the disk is too small, another bench runs, or a build failed
  2    an option is wrong
  130  stopped by Ctrl-C; what was measured is kept

Examples:
  $ npx buildx-on-eks bench --size small --scenarios cold,unchanged --rounds 3
  $ npx buildx-on-eks bench --variants original,fast,fast+compression=gzip,fast+layers=one --scenarios cold
  $ npx buildx-on-eks bench --link 500mbit/20ms
  $ npx buildx-on-eks bench --context . --file Dockerfile --scenarios cold,warm
  $ npx buildx-on-eks bench --context . --variants before=Dockerfile,after=Dockerfile.fast
  $ npx buildx-on-eks bench --context . --build-arg VERSION=3.13 --target prod --secret id=npmrc,src=$HOME/.npmrc
  $ npx buildx-on-eks bench --builder eks --prune --registry registry.example.com --base python:3.13-slim --index pypi
`;

interface Words {
  readonly size?: Size;
  readonly rounds: number;
  readonly seed: number;
  readonly scenarios?: string;
  readonly variants: string;
  readonly link: string;
  readonly context?: string;
  readonly file?: string;
  readonly buildArg: readonly string[];
  readonly target?: string;
  readonly secret: readonly string[];
  readonly base?: string;
  readonly python: string;
  readonly mirror: string;
  readonly registry?: string;
  readonly builder?: string;
  readonly prune?: boolean;
  readonly index: string;
  readonly resultsDir: string;
  readonly workDir?: string;
  readonly format: Format;
  readonly keep?: boolean;
  readonly list?: boolean;
}

/** @param act what the command does with valid options; `list` for --list */
export function benchCommand(
  env: NodeJS.ProcessEnv,
  act: (options: BenchOptions) => Promise<void>,
  list: () => void,
): Command {
  return new Command("bench")
    .description("measure what makes builds and pushes of a big Python image fast, on a BuildKit of your own")
    .addOption(
      new Option("--size <size>", "workload: about 0.4, 1.1 or 5.3 GB (default: small)").choices([...SIZES]),
    )
    .option("--rounds <n>", "times that every variant is built in every scenario", roundsOption, 3)
    .option("--seed <n>", "seed of the order of builds and of the intervals", seedOption, 1)
    .option("--scenarios <list>", `of ${SCENARIOS.join(", ")} (default: ${DEFAULT_SCENARIOS})`)
    .option(
      "--variants <list>",
      "presets with axes changed, see --list, or with --context NAME=DOCKERFILE; the first is the baseline",
      "original,fast",
    )
    .option("--link <link>", "between builder and registry: unshaped, or rate/round trip", "unshaped")
    .option("--context <dir>", "your own build context instead of a workload, from where you stand")
    .option("--file <file>", "its Dockerfile, from where you stand (default: Dockerfile in the context)")
    .option("--build-arg <name=value>", "of its ARG; repeatable", repeated, [])
    .option("--target <stage>", "its stage to build (default: the last)")
    .option(
      "--secret <id=name,...>",
      "of its RUN --mount=type=secret, with env= or src=; repeatable",
      repeated,
      [],
    )
    .option("--base <image>", "base image with Python and venv (default: made from Debian packages)")
    .option("--python <version>", "Python of the base image", DEBIAN.python)
    .option("--mirror <url>", "where the Debian packages come from", DEBIAN.mirror)
    .option("--registry <host:port>", "registry to push to, without credentials (default: one started here)")
    .option("--builder <name>", "buildx builder (default: BUILDKIT_HOST, or a buildkitd started here)")
    .option(
      "--prune",
      "empty that builder's cache before builds: what is new in a scenario must not be cached",
    )
    .option("--index <index>", "package index of the builds: local, pypi or a URL", "local")
    .option("--results-dir <dir>", "folder for records and reports", "results/bench")
    .option(
      "--work-dir <dir>",
      "folder for the builder's state and the registry (default: in the project's cache)",
    )
    .addOption(
      new Option("-f, --format <format>", "how the report is printed")
        .choices([...FORMATS])
        .default("terminal"),
    )
    .option("--keep", "leave the work folder with logs and progress behind")
    .option("--list", "print scenarios, axes and presets")
    .addHelpText("after", HELP)
    .action(async (words: Words) => {
      if (words.list === true) list();
      else await act(readOptions(words, env));
    });
}

/** @throws WrongUsage with everything that is wrong */
export function readOptions(words: Words, env: NodeJS.ProcessEnv): BenchOptions {
  const problems: string[] = [];
  const source = readSource(words, env, problems);
  const own = source.kind === "own";
  const scenarios = readScenarios(
    words.scenarios ?? (own ? "cold,unchanged" : DEFAULT_SCENARIOS),
    own,
    problems,
  );
  const parsed = parseVariants(words.variants);
  problems.push(...parsed.problems);
  const variants = source.kind === "own" ? ownVariants(parsed.variants, source, problems) : parsed.variants;
  if (!own && variants.some(({ dockerfile }) => dockerfile !== undefined)) {
    problems.push("--variants: NAME=DOCKERFILE belongs to --context; name the folder too");
  }
  const link = parseLink(words.link);
  if (typeof link === "object" && "problem" in link) problems.push(link.problem);
  const foreign = words.builder ?? env.BUILDKIT_HOST;
  if (foreign !== undefined && foreign !== "") checkForeign(words, foreign, scenarios, variants, problems);
  if (words.registry !== undefined) {
    if (!/^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(words.registry)) {
      problems.push(`--registry must be a host with a port, such as 127.0.0.1:5000; got "${words.registry}"`);
    }
    if (words.link !== "unshaped") {
      problems.push(
        "--link shapes the way to a registry that is started here; leave out --registry or --link",
      );
    }
  }
  if (!/^3\.\d{1,2}$/.test(words.python)) {
    problems.push(`--python must be a version such as 3.13; got "${words.python}"`);
  } else if (words.base === undefined && words.python !== DEBIAN.python) {
    problems.push(
      `--python ${words.python} needs a --base that holds it: the Debian base has ${DEBIAN.python}`,
    );
  }
  const index = readIndex(words.index, problems);
  if (problems.length > 0) throw new WrongUsage("The bench cannot start:", problems);
  return {
    source,
    rounds: words.rounds,
    seed: words.seed,
    scenarios,
    variants,
    link: typeof link === "object" && "bytesPerSecond" in link ? link : undefined,
    linkName: words.link,
    base: words.base,
    python: words.python,
    mirror: words.mirror,
    registry: words.registry,
    builder: words.builder,
    prune: words.prune === true,
    index,
    resultsDir: resolve(words.resultsDir),
    workDir: words.workDir === undefined ? undefined : resolve(words.workDir),
    format: words.format,
    keep: words.keep === true,
  };
}

function readSource(
  { size, context, file, buildArg, target, secret, variants }: Words,
  env: NodeJS.ProcessEnv,
  problems: string[],
): Source {
  if (context === undefined) {
    const owned = [
      ...(file === undefined ? [] : ["--file"]),
      ...(buildArg.length === 0 ? [] : ["--build-arg"]),
      ...(target === undefined ? [] : ["--target"]),
      ...(secret.length === 0 ? [] : ["--secret"]),
    ];
    problems.push(...owned.map((option) => `${option} belongs to --context; name the folder too`));
    return { kind: "size", size: size ?? "small" };
  }
  if (size !== undefined) problems.push("--size and --context name two workloads; give one of them");
  const named = parseVariants(variants).variants.some((variant) => variant.dockerfile !== undefined);
  const dockerfile = file ?? join(context, "Dockerfile");
  if (!existsSync(context) || !statSync(context).isDirectory())
    problems.push(`--context must be a folder, from where you stand; there is no folder ${resolve(context)}`);
  else if (!named) checkDockerfile("--file", dockerfile, context, problems);
  if (named && file !== undefined) {
    problems.push("--file and --variants NAME=DOCKERFILE both name a Dockerfile; leave --file out");
  }
  const inputs = { buildArgs: buildArg, target, secrets: secret };
  problems.push(...checkInputs(inputs, env));
  return { kind: "own", context: resolve(context), dockerfile: resolve(dockerfile), inputs };
}

/** As docker has it: a relative path begins where the user stands, not in the context. */
function checkDockerfile(option: string, file: string, context: string, problems: string[]): void {
  if (isFile(file)) return;
  const inContext = join(context, file);
  const meant = isFile(inContext) ? ` Did you mean "${inContext}"?` : "";
  problems.push(`${option} must be a file, from where you stand; there is no file ${resolve(file)}.${meant}`);
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function readScenarios(text: string, own: boolean, problems: string[]): Scenario[] {
  const known = own ? OWN_SCENARIOS : SCENARIOS;
  const found: Scenario[] = [];
  for (const word of text.split(",").map((part) => part.trim())) {
    const scenario = known.find((name) => name === word);
    if (scenario === undefined) {
      problems.push(
        `--scenarios must be of ${known.join(", ")}${own ? " for a context of your own" : ""}; got "${word}".${didYouMean(word, known)}`,
      );
    } else if (found.includes(scenario)) problems.push(`--scenarios names ${scenario} twice`);
    else found.push(scenario);
  }
  return found;
}

/** Of the axes that the Dockerfile fixes, nothing is left to name. */
function ownVariants(
  variants: readonly Variant[],
  { context }: Extract<Source, { kind: "own" }>,
  problems: string[],
): readonly Variant[] {
  const named = variants.filter(({ dockerfile }) => dockerfile !== undefined);
  for (const { label, dockerfile = "" } of named) {
    checkDockerfile(`--variants: the Dockerfile of ${label}`, dockerfile, context, problems);
  }
  if (named.length > 0 && named.length < variants.length) {
    problems.push("--variants names Dockerfiles for all or for none");
  }
  for (const { label, settings, dockerfile } of variants) {
    const preset = PRESETS[dockerfile === undefined && label.startsWith("fast") ? "fast" : "original"];
    const fixed = AXIS_NAMES.filter(
      (axis) => settings[axis] !== preset[axis] && !OWN_AXES.some((known) => known === axis),
    );
    if (fixed.length > 0) {
      problems.push(
        `--variants: with --context only ${OWN_AXES.join(", ")} can vary, the Dockerfile decides the rest; got "${label}"`,
      );
    }
  }
  return variants.map((variant) =>
    variant.dockerfile === undefined ? variant : { ...variant, dockerfile: resolve(variant.dockerfile) },
  );
}

function checkForeign(
  { prune, registry, index, base, context }: Words,
  foreign: string,
  scenarios: readonly Scenario[],
  variants: readonly Variant[],
  problems: string[],
): void {
  if (prune !== true && scenarios.some((scenario) => scenario !== "warm")) {
    problems.push(
      `the builder ${foreign} is not the bench's own: --prune allows to remove everything that it has cached (or use --scenarios warm alone)`,
    );
  }
  if (variants.some(({ settings }) => settings.concurrency !== "4")) {
    problems.push(
      `--variants: concurrency is set in buildkitd's configuration; it cannot vary on ${foreign}`,
    );
  }
  // A socket is on this machine, and so is its loopback.
  if (foreign.startsWith("unix://")) return;
  if (registry === undefined) problems.push(`--registry must name one that the builder ${foreign} reaches`);
  if (context !== undefined) return;
  if (index === "local")
    problems.push(`--index must be pypi or a URL that the builder ${foreign} reaches; got "local"`);
  if (base === undefined && registry === undefined) {
    problems.push(`--base must name an image that the builder ${foreign} can pull`);
  }
}

function readIndex(text: string, problems: string[]): string | undefined {
  if (text === "local") return undefined;
  if (text === "pypi") return PYPI;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    problems.push(`--index must be local, pypi or a URL; got "${text}"`);
  }
  return text;
}

function repeated(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function roundsOption(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1 to 99.");
  return Number(text);
}

function seedOption(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError("It must be a whole number from 0, of at most 9 digits.");
  return Number(text);
}

/** The text of --list. */
export function describeChoices(): string {
  return [
    "Scenarios:",
    ...SCENARIOS.map((scenario) => `  ${scenario}: ${SCENARIO_WORDS[scenario]}`),
    "",
    "Axes of a variant:",
    ...AXIS_NAMES.map((axis) => `  ${axis}=${AXES[axis].join("|")}\n      ${AXIS_WORDS[axis]}`),
    "",
    "Presets:",
    ...PRESET_NAMES.map(
      (name) => `  ${name}: ${AXIS_NAMES.map((axis) => `${axis}=${PRESETS[name][axis]}`).join(" ")}`,
    ),
    "",
    "A variant is a preset with any axes changed: fast+compression=gzip+layers=one",
    "",
  ].join("\n");
}
