import { CommanderError } from "commander";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { parseLink } from "../../measure/bench/link";
import { type BenchOptions, benchCommand } from "../../measure/bench/options";
import { Departures } from "../../measure/bench/throttle";
import { AXES, AXIS_NAMES, parseVariants } from "../../measure/bench/variant";
import { InvalidInput } from "../../util/invalid-input";
import { hostileText } from "./arbitraries/hostile";
import { spoiltText } from "./arbitraries/mutations";
import { holds } from "./runs";

/** Presets with axes changed, as the command line names them. */
const terms = fc
  .tuple(
    fc.constantFrom("original", "fast"),
    fc
      .subarray([...AXIS_NAMES])
      .chain((axes) =>
        fc.tuple(...axes.map((axis) => fc.constantFrom(...AXES[axis]).map((value) => `${axis}=${value}`))),
      ),
  )
  .map(([preset, changes]) => [preset, ...changes].join("+"));

const links = fc
  .tuple(fc.integer({ min: 1, max: 999_999 }), fc.constantFrom("kbit", "mbit", "gbit"), fc.nat(99_999))
  .map(([rate, unit, delay]) => `${rate}${unit}/${delay}ms`);

const NAMED = [
  "--scenarios",
  "--variants",
  "--link",
  "--python",
  "--index",
  "--registry",
  "--file",
  "--context",
];

describe("the bench", () => {
  holds(
    "bench: options are read or refused in words",
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.constantFrom(...NAMED, "--rounds", "--seed", "--size", "--format", "--base", "--mirror"),
          fc.oneof(hostileText, links, terms, fc.constantFrom("cold", "3.13", "pypi", "local", "5", "small")),
        ),
        { maxLength: 5 },
      ),
      fc.constantFrom({}, { BUILDKIT_HOST: "tcp://10.0.0.1:1234" }, { BUILDKIT_HOST: "" }),
      async (words, env) => {
        let read: BenchOptions | undefined;
        const command = benchCommand(
          env,
          async (options) => {
            read = options;
          },
          () => undefined,
        );
        command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
        try {
          await command.parseAsync(words.flat(), { from: "user" });
        } catch (error) {
          if (error instanceof CommanderError) return;
          if (!(error instanceof InvalidInput)) throw error;
          expect(error.problems.length).toBeGreaterThan(0);
          for (const problem of error.problems) expect(problem).toMatch(/--[a-z]+/);
          return;
        }
        expect(read?.variants.length).toBeGreaterThan(0);
        expect(read?.scenarios.length).toBeGreaterThan(0);
      },
    ),
  );

  holds(
    "bench: a variant's label reads as itself",
    fc.property(
      fc.array(fc.oneof(terms, terms.chain(spoiltText), hostileText), { minLength: 1, maxLength: 4 }),
      (all) => {
        const { variants, problems } = parseVariants(all.join(","));
        expect(variants.length + problems.length).toBeGreaterThan(0);
        for (const variant of variants) {
          expect(parseVariants(variant.label)).toEqual({ variants: [variant], problems: [] });
        }
        expect(new Set(variants.map(({ label }) => label)).size).toBe(variants.length);
      },
    ),
  );

  holds(
    "bench: a link has a rate and a delay, or is refused",
    fc.property(fc.oneof(links, links.chain(spoiltText), hostileText), (text) => {
      const link = parseLink(text);
      if (link === "unshaped") expect(text).toBe("unshaped");
      else if ("problem" in link) expect(link.problem).toContain("--link");
      else {
        expect(link.bytesPerSecond).toBeGreaterThanOrEqual(8000);
        expect(Number.isFinite(link.bytesPerSecond)).toBe(true);
        expect(link.roundTripMs).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(link.roundTripMs)).toBe(true);
      }
    }),
  );

  holds(
    "bench: bytes leave in order and no faster than the link",
    fc.property(
      fc.integer({ min: 8000, max: 1e9 }),
      fc.array(fc.tuple(fc.nat(1 << 20), fc.nat(1000)), { minLength: 1, maxLength: 20 }),
      (rate, sends) => {
        const departures = new Departures(rate);
        let now = 0;
        let last = 0;
        let bytes = 0;
        for (const [size, wait] of sends) {
          now += wait;
          bytes += size;
          const left = departures.next(size, now);
          expect(left).toBeGreaterThanOrEqual(Math.max(last, now));
          expect(left).toBeGreaterThanOrEqual((bytes / rate) * 1000 * (1 - 1e-9));
          last = left;
        }
      },
    ),
  );
});
