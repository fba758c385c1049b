import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const IMAGE = resolve(__dirname, "../../../pipeline/image");

interface Pin {
  readonly name: string;
  readonly version: string;
  readonly hashes: readonly string[];
  readonly via: readonly string[];
}

const normalized = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, "-");

function linesOf(path: string): string[] {
  return readFileSync(join(IMAGE, path), "utf8").split("\n");
}

function pinsOf(path: string): Pin[] {
  const blocks: string[][] = [];
  for (const line of linesOf(path)) {
    if (/^[A-Za-z0-9]/.test(line)) blocks.push([line]);
    else if (line.startsWith(" ")) blocks.at(-1)?.push(line);
  }
  return blocks.map((block) => {
    const [, name = "", version = ""] =
      /^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+) \\$/.exec(block[0] ?? "") ?? [];
    const rest = block.slice(1);
    const hashes = rest.flatMap((line) => /^ {4}--hash=sha256:([0-9a-f]{64})( \\)?$/.exec(line)?.[1] ?? []);
    const via = rest.flatMap((line) => /^ {4}#(?: via| {2}) +(\S.*)$/.exec(line)?.[1] ?? []);
    return { name: normalized(name), version, hashes, via };
  });
}

function compare(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split(".").map(Number)) as [number[], number[]];
  const at = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i).find(
    (i) => (a[i] ?? 0) !== (b[i] ?? 0),
  );
  return at === undefined ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function satisfies(version: string, operator: string | undefined, bound: string): boolean {
  if (operator === undefined) return true;
  const order = compare(version, bound);
  return operator === "==" ? order === 0 : operator === "<" ? order < 0 : false;
}

describe.each([
  ["", "3.12", "x86_64-manylinux_2_39"],
  ["allennlp/", "3.9", "x86_64-manylinux_2_31"],
])("%srequirements.txt", (folder, python, platform) => {
  const lock = `${folder}requirements.txt`;
  const pins = pinsOf(lock);

  test("pins every package once, by version and by hash", () => {
    expect(pins.length).toBeGreaterThan(50);
    expect(pins.filter((pin) => !pin.name || !pin.version || pin.hashes.length === 0)).toEqual([]);
    expect(new Set(pins.map((pin) => pin.name)).size).toBe(pins.length);
  });

  test("holds nothing but pins, hashes and comments: no index, no link", () => {
    const other = linesOf(lock).filter((line) => !/^(#.*|[A-Za-z0-9].*| {4}(--hash|#).*|)$/.test(line));
    expect(other).toEqual([]);
    expect(
      linesOf(lock).filter((line) => /:\/\/|--(index|extra-index|find-links|trusted)/.test(line)),
    ).toEqual([]);
  });

  test("names every package's reason, and each reason is in the lock too", () => {
    const known = new Set([...pins.map((pin) => pin.name), "-r requirements.in"]);
    expect(pins.filter((pin) => pin.via.length === 0)).toEqual([]);
    expect(pins.flatMap((pin) => pin.via).filter((via) => !known.has(via))).toEqual([]);
  });

  test("satisfies every line of requirements.in", () => {
    const wanted = linesOf(`${folder}requirements.in`).filter((line) => line && !line.startsWith("#"));
    const unsatisfied = wanted.filter((line) => {
      const [, name = "", operator, bound = ""] = /^([A-Za-z0-9._-]+)(==|<)?(.*)$/.exec(line) ?? [];
      const pin = pins.find((candidate) => candidate.name === normalized(name));
      return !pin || !satisfies(pin.version, operator, bound) || !pin.via.includes("-r requirements.in");
    });
    expect(wanted.length).toBeGreaterThan(0);
    expect(unsatisfied).toEqual([]);
  });

  test("says at its top how it was made: for which Python, which platform and which day", () => {
    const top = linesOf(lock).slice(0, 2).join("\n");
    expect(top).toContain(`--python-version ${python} --python-platform ${platform}`);
    expect(top).toMatch(/--exclude-newer \d{4}-\d\d-\d\dT/);
    expect(readFileSync(join(IMAGE, `${folder}README.md`), "utf8")).toContain(
      top.split("\n")[1]?.replace(/^# +/, ""),
    );
  });
});

describe("sizes.json", () => {
  const sizes = JSON.parse(readFileSync(join(IMAGE, "sizes.json"), "utf8"));
  const packages: { name: string; version: string; compressedBytes: number; unpackedBytes: number }[] =
    sizes.packages;

  test("was measured from this lock", () => {
    const measured = packages.map(({ name, version }) => `${name}==${version}`);
    expect(measured).toEqual(pinsOf("requirements.txt").map(({ name, version }) => `${name}==${version}`));
  });

  test("adds up, and leaves room for the base and the bytecode below 5.5 GB", () => {
    const sum = (key: "compressedBytes" | "unpackedBytes") =>
      packages.reduce((total, entry) => total + entry[key], 0);
    expect(sizes.compressedBytes).toBe(sum("compressedBytes"));
    expect(sizes.unpackedBytes).toBe(sum("unpackedBytes"));
    expect(sizes.unpackedBytes).toBeGreaterThan(3.5e9);
    expect(sizes.unpackedBytes).toBeLessThan(5.1e9);
  });
});
