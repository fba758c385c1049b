import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { appendDurably, writeWhole } from "../../util/durable-file";
import { mustRun } from "../../util/process";
import { pause } from "../../util/stop";
import { type BuildRecord, formatRecord } from "../record/record";
import { seconds } from "../report/format";
import { type Built, build } from "./build";
import type { BuildInputs } from "./build-inputs";
import { type BenchFacts, benchRecord, type Checked } from "./build-record";
import type { Builder } from "./buildkit";
import { type Environment, type Outside, prepare } from "./environment";
import { compareFileLists, describeDifferences, describePaths, type FileList } from "./file-list";
import { type Limit, LimitMeter } from "./limit";
import type { BenchOptions } from "./options";
import { type BenchBuild, needsSeed, planBench, type Scenario } from "./plan";
import { RegistryError } from "./registry-client";
import { slugOf, type Variant } from "./variant";
import { importModules, type PulledImage, pullImage } from "./verify";
import { holdsRevision, writeContext } from "./workload";

/** What a bench found out besides its records. */
export interface Findings {
  readonly limit: Limit | undefined;
  /** Seconds of the first import of everything, by variant. */
  readonly imports: ReadonlyMap<string, readonly number[]>;
  /** Files of a variant's cold image that were checked against the baseline's. */
  readonly compared: ReadonlyMap<string, number>;
  /** Files that differ between two builds of the baseline, and so are not compared. */
  readonly varying: ReadonlySet<string>;
  /** In words, what else differs in the image of a Dockerfile of its own from the baseline's. */
  readonly differing: ReadonlyMap<string, string>;
}

export interface BenchResult {
  readonly experiment: string;
  readonly recordsFile: string;
  readonly findings: Findings;
  readonly failures: number;
}

/** What a build is made from; images of one content must hold the same files. */
type Content = "base" | "dependency";

/** Runs the whole bench. Whatever was recorded before an error or a stop stays on the disk. */
export async function runBench(options: BenchOptions, outside: Outside): Promise<BenchResult> {
  const environment = await prepare(options, outside);
  return await new Bench(options, environment, outside).run();
}

class Bench {
  private readonly experiment: string;
  private readonly recordsFile: string;
  private readonly references = new Map<Content, FileList>();
  /** Files of every layer seen, by digest. */
  private readonly layers = new Map<string, FileList>();
  private readonly imports = new Map<string, number[]>();
  private readonly compared = new Map<string, number>();
  private readonly varying = new Set<string>();
  private readonly differing = new Map<string, string>();
  private meter: LimitMeter | undefined;
  private facts: BenchFacts | undefined;

  constructor(
    private readonly options: BenchOptions,
    private readonly environment: Environment,
    private readonly outside: Outside,
  ) {
    const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const name = `bench-${this.imageName}-${stamp}`;
    const fileOf = (experiment: string) => join(options.resultsDir, `${experiment}.jsonl`);
    this.experiment = name;
    // A clock that was set back names the same second again; an earlier bench's records are not this one's.
    for (let number = 2; existsSync(fileOf(this.experiment)); number++) this.experiment = `${name}-${number}`;
    this.recordsFile = fileOf(this.experiment);
  }

  private get imageName(): string {
    const { source } = this.options;
    return source.kind === "size" ? source.size : "own";
  }

  async run(): Promise<BenchResult> {
    const { variants, scenarios, rounds, seed } = this.options;
    mkdirSync(this.options.resultsDir, { recursive: true });
    await this.prepareImages();
    let failures = 0;
    let round = 0;
    for (const planned of planBench(variants, scenarios, rounds, seed)) {
      if (planned.round > round) {
        round = planned.round;
        await this.measureLimit(round);
      }
      const record = await this.measure(planned);
      appendDurably(this.recordsFile, formatRecord(record));
      if (record.outcome !== "success") failures++;
      this.tellOf(planned, record);
    }
    const { imports, compared, varying, differing } = this;
    const limit = this.meter?.result();
    return {
      experiment: this.experiment,
      recordsFile: this.recordsFile,
      findings: { limit, imports, compared, varying, differing },
      failures,
    };
  }

  /** Untimed: the baseline's files, to which all others are held, and the caches that scenarios start from. */
  private async prepareImages(): Promise<void> {
    const { variants, scenarios } = this.options;
    const [baseline] = variants;
    if (baseline === undefined) return;
    const seeded = scenarios.some(needsSeed);
    for (const variant of seeded ? variants : [baseline]) {
      this.outside.tell(
        `preparing ${variant.label}: an untimed build${seeded ? ", its cache into the registry" : ""}`,
      );
      const keep = scenarios.includes("warm");
      const builder = await (keep ? this.keptAfterPrune(variant) : this.environment.builders.fresh(variant));
      try {
        this.facts ??= await this.readFacts(builder);
        const repository = this.seedRepository(variant);
        const built = await this.buildOnce(builder, variant, "base", "seed", repository, "seed", undefined);
        if (!built.ok) {
          throw new Error(
            `the preparing build of ${variant.label} failed: ${built.problem}${this.lineEndHint(variant)}`,
          );
        }
        if (variant === baseline) await this.takeReference("base", repository, built.digest, true);
        if (variant === baseline && this.options.source.kind === "own") {
          await this.learnVarying(builder, variant, repository);
        }
        if (variant === baseline && scenarios.includes("dependency-change")) {
          const tag = "dependency";
          const other = await this.buildOnce(
            builder,
            variant,
            "dependency",
            "seed",
            repository,
            tag,
            undefined,
          );
          if (!other.ok) throw new Error(`the build with another version failed: ${other.problem}`);
          await this.takeReference("dependency", repository, other.digest, false);
        }
      } finally {
        await builder.stop();
      }
    }
  }

  /** BuildKit takes a Dockerfile with Windows line ends, but hands a here-document to the shell as it is. */
  private lineEndHint(variant: Variant): string {
    const { source } = this.options;
    if (source.kind !== "own") return "";
    const dockerfile = variant.dockerfile ?? source.dockerfile;
    if (!/<<.*\r\n/.test(readFileSync(dockerfile, "utf8"))) return "";
    return `\n${dockerfile} has Windows line ends, and its here-documents keep them: a shell takes the CR for a part of the last word. Save it with LF`;
  }

  private async measureLimit(round: number): Promise<void> {
    if (this.meter === undefined) return;
    this.outside.tell(
      `round ${round} of ${this.options.rounds}, physical limit: reading, compressing and sending without BuildKit`,
    );
    const repository = `bench/limit-${round}`;
    await mustRun("sync", [], { stop: this.outside.stop });
    await this.meter.measure(repository);
    this.environment.registry?.forget(repository);
  }

  /** A user's builder may hold anything; what the bench keeps begins empty. */
  private async keptAfterPrune(variant: Variant): Promise<Builder> {
    const { builders, ownBuilder } = this.environment;
    if (!ownBuilder && this.options.prune) await builders.fresh(variant);
    return await builders.kept(variant);
  }

  private async takeReference(
    content: Content,
    repository: string,
    digest: string,
    measure: boolean,
  ): Promise<void> {
    await this.withPulled(repository, digest, measure, async (image) => {
      this.references.set(content, image.files);
      if (!measure || !this.options.scenarios.includes("cold")) return;
      const { linkClient, tools, work } = this.environment;
      const own =
        this.options.source.kind === "own"
          ? image.layers
          : image.layers.filter((_, index) => index > 0 || this.options.base !== undefined);
      this.meter = await LimitMeter.prepare(own, linkClient, tools, work, this.outside.stop);
    });
  }

  /** A log or a cache may hold the time of its build: a second build of the same shows which files do. */
  private async learnVarying(builder: Builder, variant: Variant, repository: string): Promise<void> {
    // Most such times are whole seconds.
    await pause(1_100, this.outside.stop);
    const again = await this.buildOnce(
      builder,
      variant,
      "base",
      "seed",
      repository,
      "again",
      undefined,
      true,
    );
    if (!again.ok) throw new Error(`the second build of ${variant.label} failed: ${again.problem}`);
    await this.withPulled(repository, again.digest, false, async ({ files }) => this.leaveOut(files));
    if (this.varying.size === 0) return;
    this.outside.tell(
      `not compared, because two builds of ${variant.label} itself differ in them: ${describePaths(this.varying)}`,
    );
  }

  /** @param files of another build of the baseline */
  private leaveOut(files: FileList): void {
    const expected = this.references.get("base");
    if (expected === undefined) return;
    for (const { path } of compareFileLists(expected, files)) this.varying.add(path);
  }

  private async measure(planned: BenchBuild): Promise<BuildRecord> {
    const { scenario, variant, round } = planned;
    const { builders, registry } = this.environment;
    const content: Content = scenario === "dependency-change" ? "dependency" : "base";
    const revision = scenario === "code-change" || scenario === "warm" ? `${scenario}-${round}` : "seed";
    const tag = `${scenario}-${round}`;
    // What another build pushed must not be there already, or it would not be pushed.
    const repository =
      scenario === "cold" ? `bench/cold-${slugOf(variant.label)}-${round}` : this.seedRepository(variant);
    const cached = scenario !== "cold" && scenario !== "warm";
    const builder = await (scenario === "warm" ? builders.kept(variant) : builders.fresh(variant));
    let built: Built;
    try {
      if (scenario === "warm" && !this.environment.ownBuilder) {
        // There is one builder for all: what another build emptied or left is not this variant's state.
        await this.buildOnce(builder, variant, content, "seed", repository, `${tag}-before`, undefined);
      }
      // What earlier builds left to be written must not be written during this one.
      await mustRun("sync", [], { stop: this.outside.stop });
      built = await this.buildOnce(
        builder,
        variant,
        content,
        revision,
        repository,
        tag,
        cached ? "seed" : undefined,
      );
    } finally {
      await builder.stop();
    }
    let checked: Checked | undefined;
    if (built.ok) {
      checked = await this.check(planned, repository, built.digest, content, revision);
      if (scenario === "cold") registry?.forget(repository);
    }
    if (this.facts === undefined) throw new Error("the builder's versions were not read");
    return benchRecord(this.facts, planned, built, checked, new Date());
  }

  private async check(
    { variant, scenario }: BenchBuild,
    repository: string,
    digest: string,
    content: Content,
    revision: string,
  ): Promise<Checked> {
    const expected = this.references.get(content);
    if (expected === undefined) throw new Error("there is no image to compare with");
    try {
      // Where nothing is installed, no package can have changed that an earlier image did not show.
      const whole =
        this.environment.workload !== undefined && (scenario === "cold" || content === "dependency");
      return await this.withPulled(repository, digest, whole, async (image) => {
        const { source, variants } = this.options;
        if (source.kind === "own" && variant === variants[0]) this.leaveOut(image.files);
        const differences = compareFileLists(expected, image.files, this.varying);
        if (differences.length > 0 && variant.dockerfile !== undefined) {
          // Another Dockerfile may make another image: whether that is meant, its user knows.
          this.tellDifferences(variant.label, describeDifferences(differences));
        } else if (differences.length > 0) {
          return {
            problem: `not the same image as ${this.options.variants[0]?.label}: ${describeDifferences(differences)}`,
          };
        }
        if (this.environment.workload !== undefined && !holdsRevision(image.files, revision)) {
          return { problem: `the image does not hold the code "${revision}" that was built` };
        }
        const problem = whole ? await this.tryImports(variant, scenario, image) : undefined;
        if (problem !== undefined) return { problem };
        this.compared.set(variant.label, image.files.size);
        return { image, reference: `${this.environment.host}/${repository}@${digest}` };
      });
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      return { problem: `the registry does not hold what was pushed: ${error.message}` };
    }
  }

  private tellDifferences(label: string, words: string): void {
    if (!this.differing.has(label)) {
      this.outside.tell(`the image of ${label} is not that of ${this.options.variants[0]?.label}: ${words}`);
    }
    this.differing.set(label, words);
  }

  /** Imports the packages in the image, as root can. */
  private async tryImports(
    variant: Variant,
    scenario: Scenario,
    image: PulledImage,
  ): Promise<string | undefined> {
    const { workload, work } = this.environment;
    if (workload === undefined || process.getuid?.() !== 0) return undefined;
    try {
      const imported = await importModules(image, workload.modules, join(work, "check"), this.outside.stop);
      // A cold image is read for the first time, as a new node does.
      if (scenario === "cold") {
        this.imports.set(variant.label, [...(this.imports.get(variant.label) ?? []), imported.seconds]);
      }
      return undefined;
    } catch (error) {
      this.outside.stop.throwIfAborted();
      return `its packages cannot be imported: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  private async withPulled<T>(
    repository: string,
    digest: string,
    whole: boolean,
    use: (image: PulledImage) => Promise<T>,
  ): Promise<T> {
    const { client, tools, work } = this.environment;
    const folder = join(work, "check");
    const layers = { known: this.layers, whole };
    try {
      return await use(await pullImage(client, repository, digest, tools, folder, layers, this.outside.stop));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private async buildOnce(
    builder: Builder,
    variant: Variant,
    content: Content,
    revision: string,
    repository: string,
    tag: string,
    cacheFrom: string | undefined,
    noCache = false,
  ): Promise<Built> {
    const { tools, builders, host, work, buildArgs, workload } = this.environment;
    const { source } = this.options;
    const folder = join(work, "builds", `${slugOf(variant.label)}-${tag}`);
    mkdirSync(folder, { recursive: true });
    let [context, dockerfile] = [join(folder, "context"), join(folder, "context", "Dockerfile")];
    if (source.kind === "own")
      [context, dockerfile] = [source.context, variant.dockerfile ?? source.dockerfile];
    else if (workload !== undefined) {
      writeContext(context, variant.settings, workload, workload.wheels, {
        revision,
        changedLock: content === "dependency",
      });
    }
    return await build({
      buildx: tools.path("buildx"),
      builder: builder.name,
      env: builders.env,
      context,
      dockerfile,
      inputs: source.kind === "own" ? source.inputs : workloadInputs(variant, buildArgs),
      settings: variant.settings,
      repository: `${host}/${repository}`,
      tag,
      cacheFrom,
      noCache,
      folder,
      stop: this.outside.stop,
    });
  }

  private async readFacts(builder: Builder): Promise<BenchFacts> {
    const { tools, builders, cpus, memoryBytes, ownBuilder } = this.environment;
    const options = { env: builders.env, stop: this.outside.stop };
    const version = await mustRun(tools.path("buildx"), ["version"], options);
    const inspected = await mustRun(tools.path("buildx"), ["inspect", builder.name], options);
    return {
      experiment: this.experiment,
      image: this.imageName,
      link: this.options.linkName,
      cpus,
      memoryBytes,
      ownBuilder,
      versions: {
        buildx: /\bv\d+\.\d+\.\d+\S*/.exec(version.stdout)?.[0] ?? "unknown",
        buildkit: /BuildKit version:\s*(\S+)/i.exec(inspected.stdout)?.[1] ?? "unknown",
      },
    };
  }

  private seedRepository({ label }: Variant): string {
    return `bench/${slugOf(label)}`;
  }

  private tellOf({ round, scenario, variant }: BenchBuild, record: BuildRecord): void {
    const what = `round ${round} of ${this.options.rounds}, ${scenario}, ${variant.label}`;
    if (record.outcome !== "success") {
      this.outside.tell(`${what}: ${record.outcome}: ${record.detail ?? ""}`);
      return;
    }
    const { install = 0, export: exported = 0, push = 0, cache = 0 } = record.phases ?? {};
    this.outside.tell(
      `${what}: ${seconds(record.seconds.build)} (install ${seconds(install)}, export ${seconds(exported)}, push ${seconds(push)}, cache ${seconds(cache)})`,
    );
  }
}

/** A Dockerfile that has no stage for uv takes no argument for it; buildx would warn. */
function workloadInputs({ settings }: Variant, args: Readonly<Record<string, string>>): BuildInputs {
  const taken = Object.entries(args).filter(([name]) => name !== "UV" || settings.installer === "uv");
  return { buildArgs: taken.map((pair) => pair.join("=")), target: undefined, secrets: [] };
}

/** The findings as data, beside the records. */
export function writeFindings(
  file: string,
  { limit, imports, compared, varying, differing }: Findings,
): void {
  const data = {
    limit: limit ?? null,
    imports: Object.fromEntries(imports),
    comparedFiles: Object.fromEntries(compared),
    varyingFiles: [...varying].sort(),
    differingImages: Object.fromEntries(differing),
  };
  writeWhole(file, `${JSON.stringify(data, null, 2)}\n`);
}
