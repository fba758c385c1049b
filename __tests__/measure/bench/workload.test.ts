import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { dockerfileOf, type Part } from "../../../measure/bench/dockerfile";
import { formatRequirements, parseRequirements, withOtherVersion } from "../../../measure/bench/requirements";
import { AXES, PRESETS, parseVariants, type Settings } from "../../../measure/bench/variant";
import {
  layersOf,
  loadWorkload,
  SIZE_FACTS,
  SIZES,
  uvLock,
  writeContext,
} from "../../../measure/bench/workload";
import { installLines, LAYER } from "../../../pipeline/layers/render";
import { InvalidInput } from "../../../util/invalid-input";

const HASH = "a".repeat(64);
const LOCK = `# made by uv\nNum_Py==2.0 \\\n    --hash=sha256:${HASH} \\\n    --hash=sha256:${"b".repeat(64)}\n    # via pandas\nidna==3.1 --hash=sha256:${HASH}\n`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test("reads names, versions and hashes of a lock", () => {
  expect(parseRequirements(LOCK, "x.txt")).toEqual([
    { name: "idna", version: "3.1", hashes: [HASH] },
    { name: "num-py", version: "2.0", hashes: [HASH, "b".repeat(64)] },
  ]);
});

test("refuses a lock without hashes or without packages", () => {
  expect(() => parseRequirements(`numpy==2.0\nidna==3.1 --hash=sha256:${HASH}\n`, "x.txt")).toThrow(
    "numpy==2.0 has no --hash",
  );
  expect(() => parseRequirements("numpy>=2\n", "x.txt")).toThrow(InvalidInput);
});

test("writes a lock that reads the same", () => {
  const lock = parseRequirements(LOCK, "x.txt");
  expect(parseRequirements(formatRequirements(lock), "x.txt")).toEqual(lock);
});

test("changes the version of one package that the lock holds", () => {
  const lock = parseRequirements(LOCK, "x.txt");
  const other = { name: "idna", version: "3.0", hashes: [HASH] };
  const unknown = { name: "tqdm", version: "1", hashes: [HASH] };
  const changed = withOtherVersion(lock, [unknown, other]);
  expect(changed?.lock.map(({ name, version }) => `${name} ${version}`)).toEqual(["idna 3.0", "num-py 2.0"]);
  expect(withOtherVersion(lock, [unknown])).toBeUndefined();
});

test.each(SIZES)("has a lock for %s that names no index, and another version of one package", (size) => {
  const { lock, changedLock } = loadWorkload(size);
  expect(readFileSync(SIZE_FACTS[size].lock, "utf8")).not.toMatch(
    /^\s*(-i|--(extra-)?index-url|--find-links)/m,
  );
  expect(changedLock).toHaveLength(lock.length);
  expect(changedLock.filter((each) => !lock.includes(each))).toHaveLength(1);
});

test("pins uv alone for the installer", () => {
  expect(uvLock().map(({ name }) => name)).toEqual(["uv"]);
});

test.each(SIZES)("splits the lock of %s by the project's planner and loses no package", (size) => {
  const workload = loadWorkload(size);
  for (const count of [1, 2, 4, 8]) {
    const layers = layersOf(workload, [], count);
    expect(layers.length).toBeLessThanOrEqual(count);
    expect(layers.every(({ names }) => names.size > 0)).toBe(true);
    expect(layers.flatMap(({ names }) => [...names]).sort()).toEqual(
      workload.lock.map(({ name }) => name).sort(),
    );
  }
});

const PARTS: readonly Part[] = [
  { lock: "layers/1.txt", small: false },
  { lock: "layers/2.txt", small: true },
  { lock: "layers/3.txt", small: false },
];
const WHOLE: readonly Part[] = [{ lock: "requirements.txt", small: false }];
const lines = (settings: Settings, parts = PARTS) => dockerfileOf(settings, parts).split("\n");
/** With their continuation lines. */
const instructions = (text: readonly string[], name: string) =>
  text
    .join("\n")
    .replaceAll("\\\n", "")
    .split("\n")
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1));

test("builds the original way as one pip layer", () => {
  const runs = instructions(lines(PRESETS.original, WHOLE), "RUN");
  expect(runs).toHaveLength(2);
  expect(runs[1]).toMatch(/^\/opt\/venv\/bin\/pip install --no-cache-dir .* -r requirements\.txt$/);
  expect(instructions(lines(PRESETS.original, WHOLE), "COPY")).toEqual([
    "requirements.txt ./",
    "app/ /srv/app/",
  ]);
});

/** Locks that are installed in a stage of their own, and straight into the image. */
function placesOf(text: readonly string[]) {
  const last = text.lastIndexOf("FROM runtime");
  const locks = (part: readonly string[]) =>
    instructions(part, "RUN").flatMap((run) => /source=(layers\/\d\.txt)/.exec(run)?.[1] ?? []);
  return { stages: locks(text.slice(0, last)), image: locks(text.slice(last)) };
}

test.each([
  ["off", [], ["1", "2", "3"]],
  ["code", [], ["1", "2", "3"]],
  ["small", ["2"], ["1", "3"]],
  ["on", ["1", "2", "3"], []],
] as const)("with link=%s it installs %j in stages and %j in the image", (link, stages, image) => {
  const files = (numbers: readonly string[]) => numbers.map((number) => `layers/${number}.txt`);
  for (const installer of AXES.installer) {
    const text = lines({ ...PRESETS.fast, installer, link });
    expect(placesOf(text)).toEqual({ stages: files(stages), image: files(image) });
    const copies = instructions(text.slice(text.lastIndexOf("FROM runtime")), "COPY");
    expect(copies.slice(0, -1)).toEqual(
      stages.map((_, index) => `--link --from=layer-${index + 1} /layer/ /`),
    );
    expect(copies.at(-1)).toBe(link === "off" ? "app/ /srv/app/" : "--link app/ /srv/app/");
  }
});

test("runs nothing after the first link, or BuildKit would put the linked layers together on the disk", () => {
  const text = lines({ ...PRESETS.fast, link: "on" });
  const after = text.slice(text.findIndex((line) => line.startsWith("COPY --link")));
  expect(after.map((line) => line.split(" ")[0])).toEqual([
    ...["COPY", "COPY", "COPY", "COPY", "USER", "ENTRYPOINT", ""],
  ]);
});

test("installs with uv by pipeline/image/Dockerfile's own script and instructions", () => {
  const image = readFileSync(join(__dirname, "../../../pipeline/image/Dockerfile"), "utf8");
  const text = dockerfileOf(PRESETS.fast, PARTS);
  const script = (dockerfile: string) => dockerfile.split("<<'EOF' /install-layer\n")[1]?.split("\nEOF\n")[0];
  expect(script(text)).toContain("uv pip install");
  expect(script(text)).toBe(script(image));
  for (const target of ["/", "/layer"]) {
    const run = (lock: string) => installLines(lock, target === "/" ? "/" : LAYER).join("\n");
    expect(image).toContain(run(target === "/" ? "layers/01.txt" : "layers/06.txt"));
    expect(text).toContain(run(target === "/" ? "layers/1.txt" : "layers/2.txt"));
  }
  const defaults = (dockerfile: string, name: string) =>
    dockerfile.match(new RegExp(`^ARG ${name}=.*$`, "m"))?.[0];
  for (const name of ["PLATFORM", "COMPILE_BYTECODE", "KEEP_WHEELS"]) {
    expect(defaults(text, name)).toBeDefined();
    expect(defaults(text, name)).toBe(defaults(image, name));
  }
});

test("compiles bytecode or does not, as asked of either installer", () => {
  const compiles = (expression: string) => {
    const [variant] = parseVariants(expression).variants;
    return variant === undefined ? "" : dockerfileOf(variant.settings, WHOLE);
  };
  expect(compiles("fast+bytecode=on")).toContain("ARG COMPILE_BYTECODE=1\n");
  expect(compiles("fast")).toContain("ARG COMPILE_BYTECODE=0\n");
  expect(compiles("original")).not.toContain("--no-compile");
  expect(compiles("original+bytecode=off")).toContain("--no-compile");
});

test("writes a context in which a changed version stays in its layer", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-context-"));
  folders.push(folder);
  const lock = ["a", "b", "c"].map((name) => ({ name, version: "1", hashes: [HASH] }));
  const changedLock = lock.map((each) => (each.name === "b" ? { ...each, version: "2" } : each));
  const workload = { lockText: formatRequirements(lock), lock, changedLock, modules: [] };
  const wheels = lock.map(({ name }, index) => ({
    ...{ name, version: "1", fileName: "", path: "", sha256: HASH },
    bytes: 10 - index,
  }));
  const read = (changed: boolean) => {
    writeContext(folder, { ...PRESETS.fast, layers: "split:2" }, workload, wheels, {
      revision: `r${changed}`,
      changedLock: changed,
    });
    return readdirSync(join(folder, "layers")).map((name) =>
      readFileSync(join(folder, "layers", name), "utf8"),
    );
  };
  const before = read(false);
  expect(before.filter((layer) => layer.includes("b==1"))).toHaveLength(1);
  expect(read(true)).toEqual(before.map((layer) => layer.replace("b==1", "b==2")));
  expect(readFileSync(join(folder, "app", "revision.py"), "utf8")).toBe('REVISION = "rtrue"\n');
});
