import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { missingEvidence, titlesIn } from "../../security/evidence";
import { securityPage } from "../../security/page";
import { ASSETS, BOUNDARIES, THREATS } from "../../security/threats";

const PROJECT = resolve(__dirname, "../..");
const CONTROLS = THREATS.flatMap(({ id, controls }) => controls.map((control) => ({ id, ...control })));

describe("the threat model", () => {
  it("has each threat once, with words and something that it reaches for", () => {
    const ids = THREATS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, who, tries, assets, controls, residual } of THREATS) {
      expect(id).toMatch(/^T-[a-z-]+$/);
      expect(who, id).toMatch(/^[A-Z].{9,}[^.]$/);
      for (const sentence of [tries, residual, ...controls.map(({ words }) => words)]) {
        expect(sentence, id).toMatch(/^[A-Z`].{15,}\.$/s);
      }
      expect(new Set(assets).size, id).toBe(assets.length);
    }
  });

  it("threatens every asset that it names", () => {
    const reached = new Set(THREATS.flatMap(({ assets }) => assets));
    expect(Object.keys(ASSETS).filter((asset) => !reached.has(asset as never))).toEqual([]);
  });

  it("covers whom the model must cover", () => {
    for (const id of [
      "T-pull-request",
      "T-npm",
      "T-image-supply",
      "T-runner-pod",
      "T-build-step",
      "T-neighbour-namespace",
      "T-stolen-session",
      "T-workstation",
    ]) {
      expect(THREATS.map((threat) => threat.id)).toContain(id);
    }
  });

  it("refers to threats that there are", () => {
    const text = JSON.stringify([THREATS, BOUNDARIES]);
    const ids: readonly string[] = THREATS.map(({ id }) => id);
    const named = [...text.matchAll(/\bT-[a-z-]+\b/g)].map(([id]) => id);
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it.each(CONTROLS)("$id: $words", ({ evidence }) => {
    expect(evidence.map(missingEvidence).filter((problem) => problem !== undefined)).toEqual([]);
  });
});

describe("evidence", () => {
  it.each([
    [{ file: "__tests__/none.test.ts", test: "x" }, "there is no __tests__/none.test.ts"],
    [
      { file: "__tests__/stacks/subsets.test.ts", test: "no such test" },
      '__tests__/stacks/subsets.test.ts has no test "no such test"',
    ],
    [{ command: "npm run nothing" }, 'package.json has no script for "npm run nothing"'],
    [{ command: "true" }, 'package.json has no script for "true"'],
  ])("%j is none", (evidence, problem) => {
    expect(missingEvidence(evidence)).toBe(problem);
  });

  it.each([
    ['  it("holds", () => {});', ["holds"]],
    ['describe.each(LIST)("of %s", () => {', ["of %s"]],
    ['it.each([\n  [1, "no title"],\n])(\n  "says \\"%s\\"",', ['says "%s"']],
    ['it.skip("is skipped", () => {});', []],
    ['  // it("is a comment", () => {});', []],
    ['expect("x").toBe("y"); call("z");', []],
  ])("titles in %j are %j", (text, titles) => {
    expect(titlesIn(text)).toEqual(titles);
  });
});

describe("docs/security.md", () => {
  const page = securityPage();

  it("is what `npm run docs` writes", () => {
    expect(readFileSync(resolve(PROJECT, "docs", "security.md"), "utf8")).toBe(page);
  });

  it("has as many cells in every row of a table as its head", () => {
    const cells = (row: string) => row.replaceAll("\\|", "").split("|").length;
    const tables = page
      .trimEnd()
      .split("\n\n")
      .filter((block) => block.startsWith("|"));
    expect(tables.length).toBeGreaterThan(12);
    for (const block of tables) {
      const [head = "", ...rows] = block.split("\n");
      expect(rows.length, head).toBeGreaterThan(1);
      for (const row of rows) expect(cells(row), row).toBe(cells(head));
    }
  });

  it("leads to threats and files that there are", () => {
    for (const [, anchor] of page.matchAll(/\]\(#([\w-]+)\)/g)) {
      expect(page.toLowerCase()).toContain(`\n### ${anchor}\n`);
    }
  });
});
