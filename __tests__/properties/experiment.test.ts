import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { strToU8, zipSync } from "fflate";
import { afterAll, describe, expect } from "vitest";
import { CONFIGURATIONS } from "../../environment/configurations";
import { type Expected, readArtifact } from "../../measure/experiment/artifact";
import { successRecord, unsuccessfulRecord } from "../../measure/experiment/build-record";
import { jobSchema, runSchema } from "../../measure/experiment/github/shapes";
import {
  DamagedJournal,
  type JournalEntry,
  type JournalPlan,
  readJournal,
} from "../../measure/experiment/journal";
import { parseRunOptions } from "../../measure/experiment/options";
import { judge } from "../../measure/experiment/outcome";
import { stateOf } from "../../measure/experiment/state";
import { timingsOf } from "../../measure/experiment/timings";
import { formatRecord, OUTCOMES, parseRecords } from "../../measure/record/record";
import { appendDurably, repairLines } from "../../util/durable-file";
import { acquireLock, Locked } from "../../util/lock";
import { archiveOf } from "../measure/experiment/fake-artifact";
import { fabricatedFailure } from "../measure/report/fabricated-records";
import { hostileText } from "./arbitraries/hostile";
import { spoilt, spoiltText, withUnknownKey } from "./arbitraries/mutations";
import { records } from "./arbitraries/records";
import { refusal, unclear, unclearOf, withoutSchemaWords } from "./clear";
import { holds } from "./runs";

const folder = mkdtempSync(join(tmpdir(), "properties-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => join(folder, name);
const fresh = (name: string, content: string | Uint8Array) => {
  for (const suffix of ["", ".partial"]) rmSync(file(name + suffix), { force: true });
  writeFileSync(file(name), content);
  return file(name);
};
const readIfThere = (path: string) =>
  readdirSync(folder).includes(path) ? readFileSync(file(path)) : Buffer.alloc(0);

const EXPECTED: Expected = {
  environment: "c5n",
  experiment: "c5n-1",
  round: 2,
  configuration: "custom-default",
  cache: "none",
  output: "default",
  dockerfile: "image",
};
const TIMES = { startedAt: "2026-01-20T17:43:00Z", finishedAt: "2026-01-20T17:50:00Z" };
const ARCHIVE = archiveOf({ ...EXPECTED, ...TIMES }, "good");

const PLAN: JournalPlan = {
  type: "plan",
  version: 1,
  experiment: "c5n-1",
  environment: "c5n",
  repository: "acme/images",
  configurations: [...CONFIGURATIONS],
  rounds: 3,
  seed: 1,
  cache: "none",
  variants: [{ name: "custom", image: "image", output: "default" }],
  ref: "main",
  maxAttempts: 3,
  parallel: false,
  at: "2026-01-20T17:42:00.000Z",
};

describe("what GitHub answers", () => {
  const RUN = {
    id: 7,
    name: "Experiment [r]",
    display_title: "x",
    status: "completed",
    conclusion: "success",
    html_url: "https://github.com/acme/images/actions/runs/7",
    created_at: "2026-01-20T17:42:00Z",
  };
  const STEP = {
    name: "Build and push",
    status: "completed",
    conclusion: "success",
    started_at: "2026-01-20T17:43:00.000Z",
    completed_at: "2026-01-20T17:50:00.000Z",
  };
  const JOB = {
    id: 8,
    name: "custom-default",
    status: "completed",
    conclusion: "success",
    created_at: "2026-01-20T17:42:00Z",
    started_at: "2026-01-20T17:42:30Z",
    completed_at: "2026-01-20T17:50:10Z",
    steps: [STEP],
  };
  const odd = fc.constantFrom<unknown>(
    "2026-01-20",
    "Tue, 20 Jan 2026 17:43:00 GMT",
    "2026-01-20T17:43:00",
    "2026-01-20 17:43:00Z",
    "0001-01-01T00:00:00Z",
    "+275760-09-13T00:00:00.000Z",
    "1969-12-31T23:59:59Z",
    "",
    "https://github.com",
    null,
    0,
    "success",
    "cancelled",
    "queued",
  );
  const bodies = fc.constant({ run: RUN, job: JOB });
  const answers = fc.oneof(
    bodies.chain(spoilt).map(({ value }) => value as { run: unknown; job: unknown }),
    bodies.chain(withUnknownKey).map(({ value }) => value as { run: unknown; job: unknown }),
    fc.tuple(odd, odd, odd, odd, odd).map(([url, created, started, begun, ended]) => ({
      run: { ...RUN, html_url: url },
      job: {
        ...JOB,
        created_at: created,
        started_at: started,
        steps: [{ ...STEP, started_at: begun, completed_at: ended }],
      },
    })),
  );
  const content = readArtifact(ARCHIVE, undefined, EXPECTED);
  if (!content.ok) throw new Error(content.problem);

  holds(
    "github: what a run, its jobs and its artifact say becomes a record",
    fc.property(answers, (answer) => {
      const run = runSchema.safeParse(answer.run);
      const job = jobSchema.safeParse(answer.job);
      // What has not the shape of GitHub's answers is named as unexpected by the client.
      if (!run.success || !job.success) return;
      const verdict = judge(run.data, [job.data], "custom-default");
      const context = {
        target: {
          environment: "c5n",
          instanceType: "c5n.2xlarge",
          region: "us-west-2",
        } as Parameters<typeof successRecord>[0]["target"],
        plan: PLAN,
        build: { round: 2, configuration: "custom-default", variant: "custom", attempt: 1 } as const,
        recordedAt: "2026-01-20T17:51:00.000Z",
        run: { id: run.data.id, url: run.data.html_url },
        ...(verdict.job && { jobId: verdict.job.id }),
      };
      const timings = verdict.outcome === "success" ? timingsOf(verdict.job, verdict.step) : undefined;
      const record =
        timings?.ok === true
          ? successRecord(context, { timings, facts: content.facts, progress: content.progress })
          : unsuccessfulRecord(
              context,
              "failure",
              timings?.problem ?? ("detail" in verdict ? verdict.detail : ""),
            );
      const line = formatRecord(record);
      const [read, ...others] = parseRecords(line, "f").records;
      expect(others).toEqual([]);
      expect(read?.outcome).toBe(record.outcome);
      const { seconds } = { seconds: {}, ...read } as { seconds: object };
      for (const value of Object.values(seconds)) expect(value).toBeGreaterThanOrEqual(0);
    }),
    [
      [{ run: { ...RUN, html_url: "" }, job: JOB }],
      [{ run: RUN, job: { ...JOB, steps: [{ ...STEP, started_at: "2026-01-20" }] } }],
    ],
  );

  holds(
    "artifacts: a spoilt archive is refused in words",
    fc.property(
      fc.oneof(
        // Bytes changed, lost or added.
        fc.tuple(fc.nat(ARCHIVE.length - 1), fc.nat(255), fc.nat(2)).map(([at, byte, how]) => {
          const copy = Uint8Array.from(ARCHIVE);
          if (how === 0) return copy.subarray(0, at);
          if (how === 1) return Uint8Array.from([...copy, ...copy.subarray(at)]);
          copy[at] = byte;
          return copy;
        }),
        fc.uint8Array({ maxLength: 200 }),
        // Whole archives of other files.
        fc
          .dictionary(
            fc.oneof(
              fc.constantFrom("facts.json", "progress.rawjson", "../facts.json", "facts.json/"),
              fc.string({ minLength: 1, maxLength: 9 }),
            ),
            fc.oneof(fc.json(), fc.string()),
          )
          .map((files) =>
            zipSync(
              Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const)),
              { mtime: "2026-01-01T00:00:00Z" },
            ),
          ),
      ),
      fc.constantFrom(undefined, "", "sha256:0", "md5:0"),
      (archive, digest) => {
        const read = readArtifact(archive, digest, EXPECTED);
        if (!read.ok) expect(unclear(withoutSchemaWords(read.problem))).toBeUndefined();
        else {
          expect(read.facts).toMatchObject(EXPECTED);
          expect(read.progress.wallSeconds).toBeGreaterThanOrEqual(0);
        }
      },
    ),
  );
});

const ACCENTED = fabricatedFailure("hosted-default", 1, { detail: "é" });

/** The entries of an experiment as the runner writes them, each attempt with a request of its own. */
const entries: fc.Arbitrary<readonly JournalEntry[]> = fc
  .array(
    fc.record({
      configuration: fc.constantFrom(...CONFIGURATIONS),
      round: fc.integer({ min: 1, max: 3 }),
      refused: fc.boolean(),
      upTo: fc.integer({ min: 1, max: 4 }),
      outcome: fc.constantFrom(...OUTCOMES),
    }),
    { maxLength: 8 },
  )
  .map((builds) => [
    PLAN,
    ...builds.flatMap(({ configuration, round, refused, upTo, outcome }, index): JournalEntry[] => {
      const request = `c5n-1-${index}`;
      const intent: JournalEntry = {
        type: "intent",
        request,
        round,
        configuration,
        variant: "custom",
        attempt: index + 1,
        at: "2026-01-20T17:43:00.000Z",
      };
      const steps: JournalEntry[] = [
        intent,
        { type: "accepted", request },
        { type: "run", request, runId: index + 1 },
        { type: "recorded", request, outcome, spent: true },
      ];
      return [...(refused ? [intent, { type: "refused", request } as const] : []), ...steps.slice(0, upTo)];
    }),
  ]);
const linesOf = (all: readonly JournalEntry[]) => all.map((entry) => JSON.stringify(entry));

describe("the journal", () => {
  holds(
    "journal: a cut loses no whole line and no byte",
    fc.property(entries, fc.nat(), (all, at) => {
      const bytes = Buffer.from(
        linesOf(all)
          .map((line) => `${line}\n`)
          .join(""),
      );
      const left = bytes.subarray(0, at % (bytes.length + 1));
      const path = fresh("cut.journal.jsonl", left);
      const moved = repairLines(path);
      const lines = linesOf(all);
      const read = linesOf(readJournal(path));
      // What was whole is there once, in its order; the rest lies beside it.
      const whole = left.toString("utf8").split("\n");
      const expected = lines.slice(0, whole.filter((line) => lines.includes(line)).length);
      expect(read).toEqual(lines.slice(0, read.length));
      expect(read.length).toBe(expected.length);
      const aside = readIfThere("cut.journal.jsonl.partial").toString("utf8");
      if (moved > 0) expect(readFileSync(path, "utf8") + aside).toBe(`${left.toString("utf8")}\n`);
      // A second start finds nothing to repair, and what comes next is one line more.
      expect(repairLines(path)).toBe(0);
      appendDurably(path, `${JSON.stringify(PLAN)}\n`);
      expect(readJournal(path)).toHaveLength(read.length + 1);
    }),
  );

  holds(
    "journal: a line that is none is named",
    fc.property(
      entries.chain((all) =>
        fc.record({
          lines: fc.constant(linesOf(all)),
          at: fc.nat(all.length),
          foreign: fc.oneof(
            hostileText.map((text) => text.replaceAll(/[\n\r]/g, " ")),
            fc
              .constantFrom(...linesOf(all))
              .chain(spoiltText)
              .map((text) => text.replaceAll("\n", " ")),
            fc.constantFrom(
              "{}",
              "[]",
              "null",
              '{"type":"plan"}',
              '{"__proto__":{"type":"finished"}}',
              "\u0000\u0000",
            ),
          ),
        }),
      ),
      ({ lines, at, foreign }) => {
        const all = [...lines.slice(0, at), foreign, ...lines.slice(at)];
        const path = fresh("foreign.journal.jsonl", all.map((line) => `${line}\n`).join(""));
        let read: readonly JournalEntry[];
        try {
          read = readJournal(path);
        } catch (error) {
          if (!(error instanceof DamagedJournal)) throw error;
          expect(error.message).toContain(`${path}, line ${at + 1} `);
          return;
        }
        const others = linesOf(read);
        for (const line of lines) expect(others).toContain(line);
        expect(others.length - lines.length).toBe(foreign.trim() === "" ? 0 : 1);
      },
    ),
  );

  holds(
    "journal: a crash between any two entries goes on where it was",
    fc.property(entries, fc.nat(), (all, at) => {
      const cut = 1 + (at % all.length);
      const state = stateOf(all.slice(0, cut));
      const requests = all.slice(0, cut).flatMap((entry) => (entry.type === "intent" ? [entry.request] : []));
      // Each attempt once, none forgotten, whichever entry was the last.
      expect(state?.attempts.map(({ request }) => request).sort()).toEqual([...new Set(requests)].sort());
      const recorded = all.slice(0, cut).filter(({ type }) => type === "recorded");
      expect(state?.attempts.filter(({ outcome }) => outcome !== undefined)).toHaveLength(recorded.length);
      // Reading the rest afterwards is the same as reading all at once.
      const rest = all.slice(cut);
      expect(stateOf([...all.slice(0, cut), ...rest])).toEqual(stateOf(all));
    }),
  );
});

holds(
  "results: a cut loses no record and doubles none",
  fc.property(fc.array(records, { minLength: 1, maxLength: 4 }), records, fc.nat(), (all, next, at) => {
    const lines = all.map(formatRecord);
    const bytes = Buffer.from(lines.join(""));
    const left = bytes.subarray(0, at % (bytes.length + 1));
    const path = fresh("c5n.jsonl", left);
    const moved = repairLines(path);
    appendDurably(path, formatRecord(next));
    const { records: read, problems } = parseRecords(readFileSync(path, "utf8"), path);
    expect(problems).toEqual([]);
    const kept = read.slice(0, -1).map(formatRecord);
    expect(kept).toEqual(lines.slice(0, kept.length));
    // Each line that was whole is there; a fragment of the next is beside, byte for byte.
    const wholeBytes = Buffer.byteLength(kept.join(""));
    const fragment = left.subarray(Math.min(wholeBytes, left.length));
    expect(moved).toBe(fragment.length);
    const aside = readIfThere("c5n.jsonl.partial");
    expect(aside.subarray(0, Math.max(0, aside.length - 1)).equals(fragment)).toBe(true);
  }),
  // Cut inside a character.
  [[[ACCENTED], ACCENTED, Buffer.from(formatRecord(ACCENTED)).indexOf("é") + 1]],
);

holds(
  "lock: whatever its file holds, it is taken or refused in words",
  fc.property(
    fc.oneof(
      hostileText,
      fc.json(),
      fc
        .record({
          pid: fc.constantFrom<unknown>(
            process.pid,
            1,
            0,
            -1,
            2 ** 31,
            Number.MAX_SAFE_INTEGER,
            1.5,
            "1",
            null,
          ),
          startedAt: fc.constantFrom<unknown>("unknown", "boot/1", "", 5),
          host: fc.oneof(fc.constant(hostname()), hostileText),
        })
        .chain((owner) => fc.oneof(fc.constant(JSON.stringify(owner)), spoiltText(JSON.stringify(owner)))),
    ),
    (content) => {
      const path = fresh("c5n.lock", content);
      try {
        const lock = acquireLock(path);
        expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid });
        lock.release();
        expect(readdirSync(folder)).not.toContain("c5n.lock");
      } catch (error) {
        if (!(error instanceof Locked)) throw error;
        expect(unclearOf([error.message])).toEqual([]);
        expect(error.message).toContain(path);
        // It is left as it was: whoever holds it may still need it.
        expect(readFileSync(path)).toEqual(Buffer.from(content));
      }
      expect(readdirSync(folder).filter((name) => name.startsWith("c5n.lock."))).toEqual([]);
    },
  ),
  [[""], ["null"], ["{}"]],
);

const words = fc.oneof(
  hostileText,
  fc.constantFrom("5", "0", "1e3", "hosted-default", "original,fast", "none", "main", "https://github.com"),
);
holds(
  "experiment: options are read or refused in words",
  fc.property(
    fc.record(
      {
        rounds: words,
        configurations: words,
        variants: words,
        seed: words,
        cache: words,
        output: words,
        image: words,
        ref: words,
        maxAttempts: words,
        apiUrl: words,
      },
      { requiredKeys: [] },
    ),
    (raw) => {
      const problems = refusal(() => parseRunOptions(raw));
      expect(unclearOf(problems ?? [])).toEqual([]);
      for (const problem of problems ?? []) expect(problem).toMatch(/^--[a-z-]+ /);
    },
  ),
  // Once took minutes.
  [[{ rounds: "1", apiUrl: "a".repeat(1_000_000) }]],
);
