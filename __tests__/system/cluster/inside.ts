import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { Socket } from "node:net";
import { join, resolve } from "node:path";
import { parseJson } from "../../helpers/json";
import { bareEnv } from "../../pipeline/workflow/scripts";
import { CACHE } from "../buildkit/tools";
import { makeAuthority, makeServer, type Pair } from "./control-plane/certificates";
import { ControlPlane } from "./control-plane/control-plane";
import { startKwok } from "./control-plane/kwok";
import { type ClusterFacts, FACTS } from "./facts";
import { type GivenCluster, givenCluster, writeKubeconfig } from "./given-cluster";
import { builtTool } from "./programs";

/** What the second half of run.ts is told. */
export interface Inside {
  /** Test files, by part of their path. */
  readonly tests: readonly string[];
  /** A control plane is started; otherwise KUBECONFIG names one. */
  readonly embedded: boolean;
  readonly nodeAddress?: string;
}

/** A mount point: it stays empty, because what is mounted there is seen by the run alone. */
export const RUN_FOLDER = join(CACHE, "cluster");
/** Kind of file descriptor 3: when its other end is closed, whoever started this is gone. */
export const LIFELINE = "pipe" as const;

const PROJECT = resolve(__dirname, "../../..");
const VITEST = join(PROJECT, "node_modules", "vitest", "vitest.mjs");

function must(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (error || status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr}`);
}

/** A certificate for an address that nobody but a cluster's API server asks, which seldom looks at who signed it. */
function serveAs(address: string): Pair {
  const authority = makeAuthority(join(RUN_FOLDER, "kubelet-ca"), "kubelet");
  return makeServer(join(RUN_FOLDER, "kubelet"), authority, [address], []);
}

class Run {
  private readonly stops: (() => Promise<void>)[] = [];
  private tests: ChildProcess | undefined;
  private stopped = false;

  constructor(private readonly plan: Inside) {}

  /** @returns exit code of the tests */
  async run(): Promise<number> {
    const given = this.plan.embedded ? undefined : givenCluster(process.env);
    const temporary = join(RUN_FOLDER, "tmp");
    const execFolder = join(RUN_FOLDER, "exec");
    must("mount", "-t", "tmpfs", "-o", "mode=0700", "buildx-on-eks", RUN_FOLDER);
    for (const folder of [temporary, execFolder]) mkdirSync(folder);
    // Whatever writes a temporary file, this process or the tests, writes it here.
    process.env.TMPDIR = temporary;
    const started = Date.now();
    const facts = given ? this.join(given, execFolder) : await this.start(execFolder);
    if (this.stopped) return 1;
    process.stdout.write(`cluster ready in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
    const code = await this.test(facts);
    this.sayWhatIsLeftOut(facts);
    return code;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.tests?.kill("SIGKILL");
    for (const stop of this.stops.splice(0).reverse()) await stop();
  }

  private async start(execFolder: string): Promise<ClusterFacts> {
    must("ip", "link", "set", "lo", "up");
    const controlPlane = await ControlPlane.start(RUN_FOLDER, execFolder);
    this.stops.push(() => controlPlane.stop());
    return controlPlane.facts;
  }

  private join(given: GivenCluster, execFolder: string): ClusterFacts {
    const kubeconfig = writeKubeconfig(RUN_FOLDER, given);
    const { nodeAddress } = this.plan;
    const kwok = startKwok({
      program: builtTool("kwok"),
      folder: RUN_FOLDER,
      kubeconfig,
      ...(nodeAddress !== undefined && {
        kubelet: { address: nodeAddress, serving: serveAs(nodeAddress), execFolder },
      }),
      // Credentials of a given cluster may come from a program that reads its environment.
      env: { ...(process.env as Record<string, string>), ...bareEnv() },
    });
    this.stops.push(() => kwok.stop());
    return {
      kubeconfig,
      cluster: given.cluster,
      user: given.user,
      ...(nodeAddress !== undefined && { execFolder }),
    };
  }

  /** Nothing is left out in silence. */
  private sayWhatIsLeftOut({ execFolder }: ClusterFacts): void {
    if (execFolder !== undefined) return;
    process.stdout.write(
      "Left out: __tests__/system/cluster/builders.test.ts, which runs commands in pods. Give --node-address, or --embedded.\n",
    );
  }

  private test(facts: ClusterFacts): Promise<number> {
    this.tests = spawn(process.execPath, [VITEST, "run", "--project", "cluster", ...this.plan.tests], {
      cwd: PROJECT,
      env: { ...process.env, [FACTS]: JSON.stringify(facts) },
      stdio: "inherit",
    });
    return new Promise((done, failed) => {
      this.tests?.once("error", failed);
      this.tests?.once("exit", (code) => done(code ?? 1));
    });
  }
}

async function main(): Promise<void> {
  const run = new Run(parseJson(process.argv[2] ?? "{}") as unknown as Inside);
  const leave = async (code: number) => {
    await run.stop();
    process.exit(code);
  };
  new Socket({ fd: 3 }).resume().once("close", () => leave(1));
  try {
    await leave(await run.run());
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    await leave(1);
  }
}

if (require.main === module) void main();
