import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { normalizedName, parseLock } from "../../../pipeline/layers/lock";

const IMAGE = resolve(__dirname, "../../../pipeline/image");
const textOf = (path: string) => readFileSync(join(IMAGE, path), "utf8");

/** Versions compared number by number; negative when `left` is older. */
function compare(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}

describe.each([
  ["", "3.12", "x86_64-manylinux_2_39"],
  ["allennlp/", "3.9", "x86_64-manylinux_2_31"],
])("%srequirements.txt", (folder, python, platform) => {
  const lock = textOf(`${folder}requirements.txt`);
  const { pins, options, problems } = parseLock(lock);

  test("pins every package once, by sha256, and names no index", () => {
    expect({ problems, options }).toEqual({ problems: [], options: [] });
    expect(pins.length).toBeGreaterThan(50);
    expect(
      pins.flatMap(({ hashes }) => hashes).filter((hash) => !/^sha256:[0-9a-f]{64}$/.test(hash)),
    ).toEqual([]);
  });

  test("names every package's reason, and each reason is in the lock too", () => {
    const known = new Set([...pins.map(({ name }) => name), "-r requirements.in"]);
    expect(pins.filter(({ via }) => via.length === 0)).toEqual([]);
    expect(pins.flatMap(({ via }) => via).filter((via) => !known.has(via))).toEqual([]);
  });

  test("satisfies every line of requirements.in", () => {
    const wanted = textOf(`${folder}requirements.in`).matchAll(/^([A-Za-z0-9._-]+)(==|<)?(.*)$/gm);
    const checked = [...wanted].map(([line, name = "", operator, bound = ""]) => {
      const pin = pins.find((candidate) => candidate.name === normalizedName(name));
      const order = compare(pin?.version ?? "", bound);
      const fits = operator === "==" ? order === 0 : operator !== "<" || order < 0;
      return { line, satisfied: pin?.via.includes("-r requirements.in") && fits };
    });
    expect(checked).not.toEqual([]);
    expect(checked.filter(({ satisfied }) => !satisfied)).toEqual([]);
  });

  test("says how it was made: for which Python, which platform and which day, as the README does", () => {
    const [, command = ""] = lock.split("\n");
    expect(command).toContain(`--python-version ${python} --python-platform ${platform}`);
    expect(command).toMatch(/--exclude-newer \d{4}-\d\d-\d\dT/);
    expect(textOf(`${folder}README.md`)).toContain(command.replace(/^# +/, ""));
  });
});

test("sizes.json is of this lock, adds up, and leaves room for base and bytecode below 5.5 GB", () => {
  const sizes = JSON.parse(textOf("sizes.json"));
  const packages: { name: string; version: string; compressedBytes: number; unpackedBytes: number }[] =
    sizes.packages;
  const sum = (key: "compressedBytes" | "unpackedBytes") =>
    packages.reduce((total, entry) => total + entry[key], 0);
  expect(packages.map(({ name, version }) => `${name}==${version}`)).toEqual(
    parseLock(textOf("requirements.txt")).pins.map(({ name, version }) => `${name}==${version}`),
  );
  expect([sizes.compressedBytes, sizes.unpackedBytes]).toEqual([
    sum("compressedBytes"),
    sum("unpackedBytes"),
  ]);
  expect(sizes.unpackedBytes).toBeGreaterThan(3.5e9);
  expect(sizes.unpackedBytes).toBeLessThan(5.1e9);
});
