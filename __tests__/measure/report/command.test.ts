import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommanderError } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { projectEnvironments } from "../../../environment/project";
import { reportCommand } from "../../../measure/report/command";
import { fabricatedFailure, fabricatedFourByFive, jsonLines } from "./fabricated-records";

let folder = "";
let out = "";
let err = "";
const exitCode = process.exitCode;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "report-"));
  out = "";
  err = "";
  process.exitCode = undefined;
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += text;
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = exitCode;
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Runs `report` in this process and returns its exit code. */
async function report(...args: string[]): Promise<number> {
  const command = reportCommand()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        out += text;
      },
      writeErr: (text) => {
        err += text;
      },
    });
  try {
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return Number(process.exitCode ?? 0);
}

describe("experiment report", () => {
  it("writes tables for a terminal by default, without colours in a pipe", async () => {
    expect(await report(file("c5n.jsonl", jsonLines(fabricatedFourByFive())))).toBe(0);
    expect(out).toContain("Fastest: custom-kubernetes");
    expect(out).not.toContain("\u001b");
    expect(err).toBe("");
  });

  it("takes --json for --format json, and refuses both", async () => {
    const records = file("c5n.jsonl", jsonLines(fabricatedFourByFive()));
    expect(await report(records, "--json")).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ schema: 1, records: 20 });
    expect(await report(records, "--json", "--format", "html")).toBe(1);
    expect(err).toContain("cannot be used with");
  });

  it("writes to a file", async () => {
    const target = join(folder, "report.html");
    const records = file("c5n.jsonl", jsonLines(fabricatedFourByFive()));
    expect(await report(records, "--format", "html", "--output", target)).toBe(0);
    expect(readFileSync(target, "utf8")).toMatch(/^<!DOCTYPE html>/);
    expect(out).toBe("");
  });

  it("says that it cannot write", async () => {
    const records = file("c5n.jsonl", jsonLines(fabricatedFourByFive()));
    expect(await report(records, "-o", join(folder, "no", "such", "folder"))).toBe(2);
    expect(err).toMatch(/^error: cannot write .*folder: /);
  });

  it("works on the original's table alone", async () => {
    expect(await report("measure/report/original-2021.json")).toBe(0);
    expect(out).toMatch(/custom-kubernetes .*7m17s.*1\.27 .*21 % less/);
    expect(out).not.toContain("Problems");
  });

  it("leaves the original out with --no-original", async () => {
    const records = file("c5n.jsonl", jsonLines(fabricatedFourByFive()));
    expect(await report(records, "--no-original")).toBe(0);
    expect(out).not.toContain("9m16s");
  });

  it("names every file that cannot be read", async () => {
    expect(await report(join(folder, "a.jsonl"), join(folder, "*.jsonl"), folder)).toBe(2);
    expect(err).toContain("a.jsonl: there is no such file");
    expect(err).toContain("*.jsonl: no file matches; has an experiment been run?");
    expect(err).toContain("is a directory");
    expect(out).toBe("");
  });

  it.each([
    ["an empty file", "", "the file is empty"],
    ["a newer schema", '{"schema":2}\n', "newer version of this program"],
    ["no records at all", "hello\n", "line 1: not valid JSON"],
  ])("exits with 1 on %s and says why", async (_, text, words) => {
    expect(await report(file("x.jsonl", text))).toBe(1);
    expect(out.replaceAll(/\s+/g, " ")).toContain(words);
  });

  it("exits with 0 when all builds failed: that is an answer", async () => {
    expect(await report(file("x.jsonl", jsonLines([fabricatedFailure("hosted-default", 1)])))).toBe(0);
    expect(out).toContain("No build counts");
  });

  it("reports what can be read and lists the rest, up to a limit", async () => {
    const records = file("x.jsonl", `${jsonLines(fabricatedFourByFive())}${"oops\n".repeat(15)}`);
    expect(await report(records, "--json")).toBe(0);
    const { problems } = JSON.parse(out);
    expect(problems).toHaveLength(11);
    expect(problems[10]).toContain("5 more lines could not be used");
    expect(err.match(/^warning: .*line \d+: not valid JSON/gm)).toHaveLength(10);
    out = "";
    await report(records, "--format", "markdown");
    expect(out).toMatch(/^## Problems\n/);
  });

  it("passes over the runner's journal, which results/*.jsonl matches too", async () => {
    const records = file("c5n.jsonl", jsonLines(fabricatedFourByFive()));
    const journal = file("c5n.journal.jsonl", '{"type":"plan"}\n');
    expect(await report(journal, records, "--json")).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ records: 20, problems: [] });
    expect(await report(journal)).toBe(1);
    expect(out.replaceAll(/\s+/g, " ")).toContain("holds the runner's notes and no records");
  });

  it("has nothing to draw from failures alone", async () => {
    const failures = file("x.jsonl", jsonLines([fabricatedFailure("hosted-default", 1)]));
    expect(await report(failures, "--format", "svg", "--no-original")).toBe(1);
    expect(err).toContain("nothing to draw");
  });

  it("offers the name that was meant for a baseline", async () => {
    const records = file("c5n.jsonl", jsonLines(fabricatedFourByFive()));
    expect(await report(records, "--baseline", "custom-defualt")).toBe(2);
    expect(err).toContain('Did you mean "custom-default"?');
  });

  it.each([
    ["--seed", "-1"],
    ["--seed", "1.5"],
    ["--fixed-per-month", "a lot"],
    ["--format", "pdf"],
  ])("refuses %s %s", async (option, value) => {
    expect(await report("measure/report/original-2021.json", option, value)).toBe(1);
    expect(err).toMatch(/^error: /);
  });

  it("gives the same bytes for the same seed, and others for another", async () => {
    const records = file("c5n.jsonl", jsonLines(fabricatedFourByFive()));
    const bytes = async (seed: string) => {
      out = "";
      await report(records, "--json", "--seed", seed);
      return out;
    };
    const [first, again, other] = [await bytes("1"), await bytes("1"), await bytes("2")];
    expect(again).toBe(first);
    expect(JSON.parse(other).sets[0].comparisons).not.toEqual(JSON.parse(first).sets[0].comparisons);
  });

  it("counts the fixed cost and a public repository", async () => {
    const records = file("c5n.jsonl", jsonLines(fabricatedFourByFive()));
    await report(records, "--json", "--fixed-per-month", "230", "--public");
    expect(JSON.parse(out)).toMatchObject({
      prices: expect.stringContaining("hosted runners free"),
      sets: [{ fixedPerMonth: 230, subjects: [{ cost: { hosted: 0 } }, {}, {}, {}] }],
    });
  });

  it("knows the fixed cost of an environment of the project by itself", async () => {
    const [{ name: environment } = { name: "" }] = await projectEnvironments();
    await report(file("own.jsonl", jsonLines(fabricatedFourByFive({ environment }))), "--json");
    expect(JSON.parse(out).sets[0].fixedPerMonth).toBeGreaterThanOrEqual(0);
    out = "";
    await report(file("x.jsonl", jsonLines(fabricatedFourByFive({ environment: "elsewhere" }))), "--json");
    expect(JSON.parse(out).sets[0].fixedPerMonth).toBeNull();
  });

  it("documents its exit codes and has examples", async () => {
    expect(await report("--help")).toBe(0);
    expect(out).toContain("Exit codes:");
    expect(out).toContain("$ npx buildx-on-eks report results/*.jsonl");
  });
});
