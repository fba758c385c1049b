import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BUILD_NAMESPACE } from "../../../environment/names";
import { bareEnv, PROJECT, run } from "../../pipeline/workflow/scripts";
import { CACHE } from "../buildkit/tools";
import { Cluster } from "./cluster";
import { readFacts } from "./facts";
import { until } from "./kubectl";

const ARGUMENTS = ["--import", "tsx", join(PROJECT, "__tests__", "cluster", "run.ts")];
const START_MS = 120_000;
/** The tests of the run that is stopped would take longer. */
const STOP_MS = 20_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "command-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  run(process.execPath, [...ARGUMENTS, ...args], { cwd: PROJECT, env: { ...bareEnv(), ...cache(), ...env } });
const cache = (): Record<string, string> =>
  process.env.XDG_CACHE_HOME ? { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME } : {};

describe("the command", () => {
  it("says what it does", async () => {
    const { code, stdout } = await command(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("npm run test:cluster -- [options] [test...]");
    expect(stdout).toContain("--embedded");
  });

  it("names all programs that are missing, and what installs them", async () => {
    const { code, stdout, stderr } = await command(["--embedded"], { XDG_CACHE_HOME: folder, PATH: folder });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl, kwok,");
    expect(stderr).toContain("bash .ci/tools/install.sh etcd kube-apiserver");
    expect(stderr).toContain("openssl is not on PATH: apt-get install openssl");
    expect(stderr).not.toContain("    at ");
  });

  it("asks for a cluster when there is none", async () => {
    const { code, stderr } = await command([]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        "No cluster is given.\n  - KUBECONFIG is not set: set KUBECONFIG to the file of an administrator, or start a cluster here: --embedded\n",
    });
  });

  it("says so when the kubeconfig is not there", async () => {
    const { code, stderr } = await command([], { KUBECONFIG: join(folder, "nothing") });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^No cluster is given\.\n {2}- KUBECONFIG: .+; set KUBECONFIG to the file/);
  });

  it("says so when nobody answers", async () => {
    const kubeconfig = join(folder, "nobody");
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "nobody", cluster: { server: "https://127.0.0.1:1" } }],
        users: [{ name: "nobody", user: { token: "token" } }],
        contexts: [{ name: "nobody", context: { cluster: "nobody", user: "nobody" } }],
        "current-context": "nobody",
      }),
    );
    const { code, stderr } = await command([], { KUBECONFIG: kubeconfig });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The cluster of context nobody does not answer\.\n {2}- .*connection.* refused/);
  });

  it("keeps away from a cluster that is in use, and from one that it may not change", async () => {
    const cluster = await Cluster.open();
    try {
      await cluster.reset();
      const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: BUILD_NAMESPACE } };
      await cluster.admin.apply(namespace);
      const inUse = await command([], { KUBECONFIG: readFacts(process.env).kubeconfig });
      expect(inUse.code).toBe(1);
      expect(inUse.stderr).toContain(
        "it has a namespace buildx, which these tests would delete: use another cluster",
      );
      const noAdmin = await command([], { KUBECONFIG: await cluster.kubeconfigOf("hosted") });
      expect(noAdmin.code).toBe(1);
      expect(noAdmin.stderr).toContain("its user may not do everything");
    } finally {
      await cluster.reset();
      await cluster.close();
    }
  });
});

describe("an embedded control plane", () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill("SIGKILL"));

  /** Programs of another run: they are in another network than this one. */
  function others(): string[] {
    const mine = readlinkSync("/proc/self/ns/net");
    return readdirSync("/proc")
      .filter((pid) => /^\d+$/.test(pid))
      .flatMap((pid) => {
        try {
          const program = readlinkSync(`/proc/${pid}/exe`);
          return program.startsWith(CACHE) && readlinkSync(`/proc/${pid}/ns/net`) !== mine ? [program] : [];
        } catch {
          // It has ended in between.
          return [];
        }
      });
  }

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGKILL", null],
  ] as const)("is gone after %s, with all its processes", async (signal, code) => {
    let said = "";
    const started = spawn(process.execPath, [...ARGUMENTS, "--embedded", "identities"], {
      cwd: PROJECT,
      env: { ...process.env, ...bareEnv() },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    }
    const ended = new Promise<number | null>((done) => started.once("exit", (status) => done(status)));
    await until("the control plane is there", () => said.includes("cluster ready in") || undefined, START_MS);
    expect(others().map((program) => program.slice(program.lastIndexOf("/") + 1))).toEqual(
      expect.arrayContaining(["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"]),
    );
    started.kill(signal);
    expect(await ended).toBe(code);
    await until("its processes are gone", () => others().length === 0 || undefined, STOP_MS);
  });
});
