import { type ChildProcess, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cacheFolder } from "../../../measure/bench/tools";
import { isSuccess, parseRecords } from "../../../measure/record/record";
import { BUILDKITD_FLAGS } from "../../../pipeline/workflow/driver";
import { BuildKit } from "./buildkit";
import { findTools } from "./tools";

const PROJECT = join(__dirname, "../../..");

let scratch: string;
let started: ChildProcess[];

beforeEach(() => {
  // Short: sockets lie in it.
  scratch = mkdtempSync(join(tmpdir(), "bench-"));
  started = [];
  const context = join(scratch, "context");
  mkdirSync(context);
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY one /a/one\nCOPY two /b/two\n");
  for (const name of ["one", "two"]) writeFileSync(join(context, name), name.repeat(100_000));
});

afterEach(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(scratch, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  /** Resolves once standard error has the text. */
  says(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** The real command with a cache folder of its own, and the project's programs on PATH. */
const bench = (...words: readonly string[]) => benchWith({}, ...words);

function benchWith(env: Readonly<Record<string, string>>, ...words: readonly string[]): Running {
  const PATH = `${join(cacheFolder(process.env), "bin")}:${process.env.PATH ?? ""}`;
  const { BUILDKIT_HOST: _, ...inherited } = process.env;
  const child = spawn(
    process.execPath,
    [
      ...[join(PROJECT, "cli", "bin.mjs"), "bench", "--context", join(scratch, "context")],
      ...["--results-dir", join(scratch, "results"), ...words],
    ],
    { cwd: PROJECT, env: { ...inherited, PATH, XDG_CACHE_HOME: join(scratch, "cache"), ...env } },
  );
  started.push(child);
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const look of waiting) look();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  return {
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!stderr.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended without saying "${text}":\n${stderr}`)));
      }),
    signal: (name) => child.kill(name),
    ended,
  };
}

/** Processes that still have the scratch folder in their command line. */
function leftProcesses(): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return /^\d+$/.test(pid) && command.includes(scratch) ? [command] : [];
    } catch {
      return [];
    }
  });
}

function leftMounts(): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(scratch));
}

function expectNothingLeft(): void {
  expect(leftProcesses()).toEqual([]);
  expect(leftMounts()).toEqual([]);
  expect(existsSync(join(scratch, "cache", "buildx-on-eks", "bench-work"))).toBe(false);
  expect(existsSync(join(scratch, "cache", "buildx-on-eks", "bench.lock"))).toBe(false);
}

test("builds, pushes, checks and reports every variant in every scenario, over a shaped link, and leaves nothing", async () => {
  const { code, stdout, stderr } = await bench(
    ...["--rounds", "2", "--scenarios", "cold,unchanged,warm", "--link", "100mbit/4ms"],
    ...["--variants", "original,fast,fast+compression=estargz"],
  ).ended;
  expect(code, stderr).toBe(0);
  const results = readdirSync(join(scratch, "results"));
  const [file = ""] = results.filter((name) => name.endsWith(".jsonl"));
  const { records, problems } = parseRecords(readFileSync(join(scratch, "results", file), "utf8"), file);
  expect(problems).toEqual([]);
  expect(records.filter(isSuccess)).toHaveLength(2 * 3 * 3);
  for (const record of records.filter(isSuccess)) {
    expect(record.variant.link).toBe("100mbit/4ms");
    expect(record.image?.layers).toHaveLength(2);
    // estargz adds its index to each layer.
    expect(record.image?.unpackedBytes).toBeGreaterThanOrEqual(600_000);
    expect(record.versions?.buildkit).toMatch(/^v\d/);
  }
  expect(stdout).toContain("The physical limit is");
  const html = results.find((name) => name.endsWith(".html")) ?? "";
  expect(readFileSync(join(scratch, "results", html), "utf8")).toContain("fast+compression=estargz");
  expectNothingLeft();
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "cleans up after %s, and keeps what was measured",
  async (signal) => {
    const running = bench("--rounds", "50", "--scenarios", "cold", "--variants", "fast");
    await running.says("round 2 of 50");
    running.signal(signal);
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(130);
    const [file = ""] = readdirSync(join(scratch, "results")).filter((name) => name.endsWith(".jsonl"));
    const { records, problems } = parseRecords(readFileSync(join(scratch, "results", file), "utf8"), file);
    expect(problems).toEqual([]);
    expect(records.length).toBeGreaterThanOrEqual(1);
    expectNothingLeft();
  },
);

test("refuses to run beside another bench", async () => {
  const first = bench("--rounds", "50", "--scenarios", "cold", "--variants", "fast");
  await first.says("round 1 of 50");
  const second = await bench("--scenarios", "cold").ended;
  expect(second.code).toBe(1);
  expect(second.stderr).toContain("another bench runs on this machine");
  first.signal("SIGINT");
  expect((await first.ended).code).toBe(130);
  expectNothingLeft();
});

test("clears away what a killed bench left", async () => {
  const first = bench("--rounds", "50", "--scenarios", "cold", "--variants", "fast");
  await first.says("round 1 of 50");
  first.signal("SIGKILL");
  await first.ended;
  const { code, stderr } = await bench("--rounds", "1", "--scenarios", "cold", "--variants", "fast").ended;
  expect(code, stderr).toBe(0);
  expectNothingLeft();
});

test("uses a builder and a registry of the user's, and gives no time to an image that differs", async () => {
  const buildkit = await BuildKit.start(BUILDKITD_FLAGS);
  try {
    const base = await buildkit.pushBase(1);
    writeFileSync(
      join(scratch, "context", "Dockerfile"),
      `FROM ${base}\nRUN echo > /$(head -c 8 /dev/urandom | md5sum | cut -c 1-8)-random\nCOPY one /one\n`,
    );
    const { code, stdout, stderr } = await benchWith(
      { BUILDX_CONFIG: buildkit.env.BUILDX_CONFIG ?? "" },
      ...["--builder", buildkit.builder, "--prune", "--registry", buildkit.host],
      ...["--rounds", "1", "--scenarios", "cold,warm", "--variants", "original,fast"],
    ).ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/cold, fast: failure: not the same image as original: 1 file differs: .*-random/);
    expect(stderr).toContain("round 1 of 1, warm, original: ");
    expect(stdout).toContain("-random (added)");
    expectNothingLeft();
  } finally {
    await buildkit.stop();
  }
});

/** The only program of an image without a base. */
function addBusybox(): void {
  mkdirSync(join(scratch, "context", "bin"));
  for (const name of ["busybox", "sh", "cat", "chmod", "date", "ln", "mkdir", "rm"]) {
    copyFileSync(findTools().busybox, join(scratch, "context", "bin", name));
  }
}

test("gives build arguments, a target and secrets to the builds, and shows no value", async () => {
  addBusybox();
  writeFileSync(join(scratch, "npmrc"), "token=s3cr3t-value\n");
  const dockerfile = [
    "FROM scratch AS wanted",
    "COPY bin /bin",
    "ARG EXIT",
    "RUN --mount=type=secret,id=npmrc,required=true cat /run/secrets/npmrc; echo argument-$EXIT; case $EXIT in bad*) false; esac",
    "FROM wanted",
    "RUN false",
  ];
  writeFileSync(join(scratch, "context", "Dockerfile"), `${dockerfile.join("\n")}\n`);
  const words = (exit: string) => [
    ...["--rounds", "1", "--scenarios", "cold", "--variants", "fast", "--build-arg", `EXIT=${exit}`],
    ...["--target", "wanted", "--secret", `id=npmrc,src=${join(scratch, "npmrc")}`],
  ];
  const good = await bench(...words("good-0")).ended;
  expect(good.code, good.stderr).toBe(0);
  expect(good.stdout).toContain("build arguments EXIT; target wanted; secrets npmrc");
  const bad = await bench(...words("bad-1")).ended;
  expect(bad.code).toBe(1);
  expect(bad.stderr).toContain("argument-***");
  const results = readdirSync(join(scratch, "results")).map((name) =>
    readFileSync(join(scratch, "results", name), "utf8"),
  );
  for (const text of [good.stdout, good.stderr, bad.stdout, bad.stderr, ...results]) {
    expect(text).not.toMatch(/s3cr3t-value|good-0|bad-1/);
  }
  expectNothingLeft();
});

test("leaves out, and names, what differs between two builds of the baseline itself", async () => {
  addBusybox();
  const dockerfile = [
    "FROM scratch",
    "COPY bin /bin",
    "RUN mkdir -p /var/log/apt && date > /var/log/dpkg.log && date > /var/log/apt/history.log",
    "COPY one /srv/one",
  ];
  writeFileSync(join(scratch, "context", "Dockerfile"), `${dockerfile.join("\n")}\n`);
  const { code, stdout, stderr } = await bench("--rounds", "1", "--scenarios", "cold").ended;
  expect(code, stderr).toBe(0);
  const words =
    "two builds of original itself differ in them: 2 files: var/log/apt/history.log, var/log/dpkg.log";
  expect(stderr).toContain(words);
  expect(stdout.replace(/\s+/g, " ")).toContain(words);
  const [findings = ""] = readdirSync(join(scratch, "results")).filter((name) =>
    name.endsWith("findings.json"),
  );
  expect(JSON.parse(readFileSync(join(scratch, "results", findings), "utf8"))).toMatchObject({
    varyingFiles: ["var/log/apt/history.log", "var/log/dpkg.log"],
  });
});

test("compares two Dockerfiles of the user's, and names what of their images is not the same", async () => {
  addBusybox();
  const lines = ["FROM scratch", "COPY bin /bin", "RUN seq 1 300000 > /bin/numbers", "COPY one /srv/one"];
  const [before, after] = [join(scratch, "Dockerfile.before"), join(scratch, "Dockerfile.after")];
  writeFileSync(before, `${lines.join("\n")}\n`);
  writeFileSync(after, `${lines.slice(0, 3).join("\n")}\n`);
  const { code, stdout, stderr } = await bench(
    ...["--rounds", "2", "--scenarios", "cold", "--variants", `before=${before},after=${after}`],
  ).ended;
  expect(code, stderr).toBe(0);
  const words = "1 file differs: srv/one (missing)";
  expect(stderr).toContain(`the image of after is not that of before: ${words}`);
  expect(stdout.replace(/\s+/g, " ")).toContain(`The image of after is not that of before: ${words}`);
  const [file = ""] = readdirSync(join(scratch, "results")).filter((name) => name.endsWith(".jsonl"));
  const { records } = parseRecords(readFileSync(join(scratch, "results", file), "utf8"), file);
  expect(
    records
      .filter(isSuccess)
      .map(({ label }) => label)
      .sort(),
  ).toEqual([...["after", "after", "before", "before"]]);
  const page = readdirSync(join(scratch, "results")).find((name) => name.endsWith(".html")) ?? "";
  expect(readFileSync(join(scratch, "results", page), "utf8")).toContain(
    "<h1>Building and pushing context: before and after measured on one BuildKit</h1>",
  );
});

test("compares here-documents, links, setuid files, removed folders and names that are not UTF-8", async () => {
  addBusybox();
  const dockerfile = [
    ...["FROM scratch AS tools", "COPY bin /bin", "RUN <<SCRIPT", "mkdir -p /opt/app/lib /opt/app/gone"],
    ...["echo one > /opt/app/lib/one", "ln /opt/app/lib/one /opt/app/hard", "ln -s lib/one /opt/app/soft"],
    ...["echo x > \"/opt/app/$(printf 'caf\\351')\"", "echo y > /opt/app/Főtanúsítvány.crt", "SCRIPT"],
    "RUN rm -rf /opt/app/gone && chmod 4755 /opt/app/lib/one",
    ...["FROM scratch", "COPY --from=tools /opt/app /opt/app", "COPY --chown=1000:1000 <<CONF /etc/app.conf"],
    ...["env=x", "CONF"],
  ];
  writeFileSync(join(scratch, "context", "Dockerfile"), `${dockerfile.join("\n")}\n`);
  const { code, stderr } = await bench("--rounds", "1", "--scenarios", "cold").ended;
  expect(code, stderr).toBe(0);
  expect(stderr).not.toContain("not compared");
});

test("says what is wrong where a here-document has Windows line ends", async () => {
  addBusybox();
  writeFileSync(
    join(scratch, "context", "Dockerfile"),
    "FROM scratch\r\nCOPY bin /bin\r\nRUN <<END\r\ncat /bin/nothing\r\nEND\r\n",
  );
  const { code, stderr } = await bench("--rounds", "1", "--scenarios", "cold").ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/has Windows line ends, and its here-documents keep them/);
});

test("gives the failed build's own words and no report when the first build fails", async () => {
  writeFileSync(join(scratch, "context", "Dockerfile"), "FROM scratch\nCOPY missing /missing\n");
  const { code, stderr } = await bench("--rounds", "1", "--scenarios", "cold").ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/the preparing build of original failed: .*"\/missing": not found/s);
  expectNothingLeft();
});
