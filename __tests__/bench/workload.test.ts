import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { dockerfileOf } from "../../bench/dockerfile";
import { formatRequirements, parseRequirements, withOtherVersion } from "../../bench/requirements";
import { PRESETS, parseVariants, type Settings } from "../../bench/variant";
import { layersOf, loadWorkload, SIZE_FACTS, SIZES, uvLock, writeContext } from "../../bench/workload";
import { InvalidInput } from "../../config/invalid-input";

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
    expect(layers.every((layer) => layer.size > 0)).toBe(true);
    expect(layers.flatMap((layer) => [...layer]).sort()).toEqual(
      workload.lock.map(({ name }) => name).sort(),
    );
  }
});

const lines = (settings: Settings, layers: number) => dockerfileOf(settings, layers).split("\n");

test("builds the original way as one pip layer", () => {
  const runs = lines(PRESETS.original, 1).filter((line) => line.startsWith("RUN"));
  expect(runs).toHaveLength(2);
  expect(runs[1]).toMatch(/^RUN \/opt\/venv\/bin\/pip install --no-cache-dir .* -r requirements\.txt$/);
  expect(dockerfileOf(PRESETS.original, 1)).not.toContain("--link");
});

test("builds linked layers as one stage and one COPY --link each", () => {
  const text = lines({ ...PRESETS.fast, link: "on" }, 4);
  expect(text.filter((line) => /^FROM venv AS layer-\d$/.test(line))).toHaveLength(4);
  expect(text.filter((line) => /^COPY --link --from=layer-\d /.test(line))).toHaveLength(4);
  expect(
    text.filter((line) => line.startsWith("RUN --mount") && line.includes("uv pip install")),
  ).toHaveLength(4);
});

test("makes the working folder before anything is linked", () => {
  const text = lines({ ...PRESETS.fast, link: "on" }, 2);
  expect(text.indexOf("WORKDIR /srv")).toBeLessThan(text.findIndex((line) => line.startsWith("COPY --link")));
});

test("links the code alone onto packages that RUN installs", () => {
  const text = lines(PRESETS.fast, 4);
  expect(text.filter((line) => line.startsWith("RUN --mount"))).toHaveLength(4);
  expect(text.filter((line) => line.startsWith("COPY"))).toEqual(["COPY --link app/ /srv/app/"]);
});

test("installs straight into the image without links", () => {
  const settings = { ...PRESETS.fast, link: "off" } as const;
  const text = lines(settings, 3);
  expect(text.filter((line) => line.startsWith("RUN --mount"))).toHaveLength(3);
  expect(text.join("\n")).not.toMatch(/--link(?!-mode)|--prefix/);
});

test("compiles bytecode or does not, as asked of either installer", () => {
  const compiles = (expression: string) => {
    const [variant] = parseVariants(expression).variants;
    return variant === undefined ? "" : dockerfileOf(variant.settings, 1);
  };
  expect(compiles("fast+bytecode=on")).toContain("--compile-bytecode");
  expect(compiles("fast")).not.toContain("--compile-bytecode");
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
