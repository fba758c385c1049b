import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { type Progress, parseProgress } from "../../measure/record/progress";
import { buildLogs, foreignLines } from "./arbitraries/build-logs";
import { spoilt, spoiltText } from "./arbitraries/mutations";
import { holds } from "./runs";

const FIXTURES = join(__dirname, "../measure/fixtures");
const RECORDED = readdirSync(FIXTURES)
  .filter((name) => name.endsWith(".rawjson"))
  .map((name) => readFileSync(join(FIXTURES, name), "utf8"));

/** What must be true of every log, whatever it holds. */
function expectSound({ phases, wallSeconds, vertices, cached, problems }: Progress): void {
  for (const seconds of Object.values(phases)) {
    expect(Number.isFinite(seconds)).toBe(true);
    expect(seconds).toBeGreaterThanOrEqual(0);
    expect(seconds).toBeLessThanOrEqual((wallSeconds ?? 0) + 1e-6);
  }
  expect(wallSeconds === null || (Number.isFinite(wallSeconds) && wallSeconds >= 0)).toBe(true);
  expect(cached).toBeLessThanOrEqual(vertices);
  for (const count of Object.values(problems)) expect(Number.isInteger(count) && count >= 0).toBe(true);
}

describe("build logs", () => {
  const spoiltLines = buildLogs
    .filter((lines) => lines.length > 0)
    .chain((lines) =>
      fc.array(
        fc.oneof(
          fc.constantFrom(...lines),
          fc.constantFrom(...lines).chain(spoiltText),
          fc.constantFrom(...lines).chain((line) =>
            spoilt(JSON.parse(line)).map(({ value }) => {
              try {
                return JSON.stringify(value) ?? "";
              } catch {
                return "{}";
              }
            }),
          ),
          foreignLines,
        ),
        { maxLength: 12 },
      ),
    );

  holds(
    "build logs: no phase is negative or longer than the wall",
    fc.property(fc.oneof(buildLogs, spoiltLines), fc.constantFrom("\n", "\r\n"), (lines, end) => {
      expectSound(parseProgress(lines.join(end)));
    }),
  );

  holds(
    "build logs: order, repeats and foreign lines change nothing",
    fc.property(
      buildLogs.chain((lines) =>
        fc.record({
          lines: fc.constant(lines),
          // Every line at least once, some twice, in another order, with foreign ones between.
          mixed: fc
            .tuple(
              fc.subarray([...lines]),
              fc.array(
                foreignLines.filter((line) => !line.includes("digest")),
                { maxLength: 6 },
              ),
            )
            .chain(([again, foreign]) => {
              const all = [...lines, ...again, ...foreign];
              return fc.shuffledSubarray(all, { minLength: all.length });
            }),
        }),
      ),
      ({ lines, mixed }) => {
        const { problems: _, ...expected } = parseProgress(lines.join("\n"));
        const { problems: __, ...found } = parseProgress(mixed.join("\n"));
        expect(found).toEqual(expected);
      },
    ),
  );

  holds(
    "build logs: a log that was cut is the log of its whole lines",
    fc.property(buildLogs, fc.nat(), (lines, cut) => {
      const text = lines.map((line) => `${line}\n`).join("");
      const left = text.slice(0, cut % (text.length + 1));
      const whole = left.slice(0, left.lastIndexOf("\n") + 1);
      const { problems, ...rest } = parseProgress(left);
      const { problems: known, ...expected } = parseProgress(whole);
      // The last line may be whole but for its newline.
      const last = left.slice(whole.length);
      if (lines.includes(last)) expect(parseProgress(`${whole}${last}\n`)).toEqual({ problems, ...rest });
      else {
        expect(rest).toEqual(expected);
        expect(problems).toEqual({ ...known, unreadableLines: last === "" ? 0 : 1 });
      }
    }),
  );

  holds(
    "build logs: recorded ones stay sound when they are spoilt",
    fc.property(fc.constantFrom(...RECORDED).chain(spoiltText), (text) => {
      expectSound(parseProgress(text));
    }),
  );
});
