import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Finished, run, Scratch } from "../../pipeline/workflow/scripts";
import { Daemon } from "../daemon";
import { findTools, type Tools } from "./tools";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** A registry and a BuildKit daemon of this machine, with a builder of the remote driver that uses it. */
export class BuildKit {
  readonly builder = "real";
  readonly scratch = new Scratch();
  /** HOST:PORT of the registry. */
  host = "";

  private readonly tools: Tools = findTools();
  private readonly daemons: Daemon[] = [];

  /** Nothing outlives this process, however it ends. */
  private readonly leave = () => {
    for (const daemon of this.daemons.splice(0)) daemon.kill();
    this.remove();
  };
  private readonly interrupt = () => {
    this.leave();
    process.exit(1);
  };

  private constructor() {
    process.once("exit", this.leave);
    for (const signal of SIGNALS) process.once(signal, this.interrupt);
  }

  /** @param flags of buildkitd, as the workflow gives them */
  static async start(flags: string): Promise<BuildKit> {
    const buildkit = new BuildKit();
    try {
      await buildkit.startAll(flags);
      return buildkit;
    } catch (error) {
      await buildkit.stop();
      throw error;
    }
  }

  get env(): Record<string, string> {
    return {
      ...this.scratch.env,
      DOCKER_CONFIG: this.scratch.path("docker"),
      BUILDX_CONFIG: this.scratch.path("buildx"),
    };
  }

  docker(...args: string[]): Promise<Finished> {
    return run("docker", args, { cwd: this.scratch.folder, env: this.env });
  }

  /** @throws Error with docker's own words when it fails */
  async mustDocker(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.docker(...args);
    if (code !== 0) throw new Error(`docker ${args.join(" ")} ended with code ${code}: ${stderr}`);
    return stdout;
  }

  /** Forgets every layer, as a new builder has none. */
  async forget(): Promise<void> {
    await this.mustDocker("buildx", "prune", "--all", "--force", "--builder", this.builder);
  }

  /** Pushes an image of a static busybox and `mib` MiB that compress badly. @returns its name */
  async pushBase(mib: number): Promise<string> {
    const name = `${this.host}/base:1`;
    mkdirSync(this.scratch.path("base"));
    copyFileSync(this.tools.busybox, this.scratch.path("base", "busybox"));
    this.scratch.write(
      "base/Dockerfile",
      [
        "FROM scratch",
        "COPY busybox /bin/busybox",
        'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
        `RUN head -c ${mib << 20} /dev/urandom > /filler`,
        "",
      ].join("\n"),
    );
    await this.mustDocker(
      ...["buildx", "build", "--builder", this.builder, "--provenance=false"],
      ...["--output", `type=image,name=${name},push=true`, this.scratch.path("base")],
    );
    return name;
  }

  async stop(): Promise<void> {
    for (const daemon of this.daemons.splice(0).reverse()) await daemon.stop();
    process.removeListener("exit", this.leave);
    for (const signal of SIGNALS) process.removeListener(signal, this.interrupt);
    this.remove();
  }

  private remove(): void {
    // A daemon that had to be killed leaves its mounts.
    const mounts = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[4] ?? "")
      .filter((path) => path.startsWith(`${this.scratch.folder}/`));
    for (const mount of mounts.reverse()) spawnSync("umount", ["--lazy", mount]);
    this.scratch.remove();
  }

  private async startAll(flags: string): Promise<void> {
    mkdirSync(this.scratch.path("docker", "cli-plugins"), { recursive: true });
    symlinkSync(this.tools.buildx, this.scratch.path("docker", "cli-plugins", "docker-buildx"));

    const registry = this.startRegistry();
    this.host = await registry.until(() => /listening on (127\.0\.0\.1:\d+)/.exec(registry.log)?.[1]);

    const address = `unix://${this.scratch.path("buildkitd.sock")}`;
    const buildkitd = this.startBuildkitd(address, flags);
    await buildkitd.until(async () => {
      const asked = await run(this.tools.buildctl, ["--addr", address, "debug", "workers"], {
        env: this.env,
      });
      return asked.code === 0 || undefined;
    });
    await this.mustDocker("buildx", "create", "--name", this.builder, "--driver", "remote", address);
  }

  private startRegistry(): Daemon {
    const config = this.scratch.path("registry.yml");
    writeFileSync(
      config,
      JSON.stringify({
        version: "0.1",
        log: { level: "info", accesslog: { disabled: true } },
        storage: { filesystem: { rootdirectory: this.scratch.path("registry") } },
        http: { addr: "127.0.0.1:0" },
      }),
    );
    const env = { ...this.env, OTEL_TRACES_EXPORTER: "none" };
    return this.remember(new Daemon("registry", this.tools.registry, ["serve", config], env));
  }

  private startBuildkitd(address: string, flags: string): Daemon {
    const args = [
      ...["--root", this.scratch.path("buildkit"), "--addr", address, "--config", join("/", "dev", "null")],
      ...["--containerd-worker=false", "--oci-worker=true", "--oci-worker-snapshotter=overlayfs"],
      // A network of its own needs CNI plugins, and nothing here leaves the machine.
      "--oci-worker-net=host",
      ...flags.split(" "),
    ];
    return this.remember(new Daemon("buildkitd", this.tools.buildkitd, args, this.env));
  }

  private remember(daemon: Daemon): Daemon {
    this.daemons.push(daemon);
    return daemon;
  }
}
