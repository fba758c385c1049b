import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseProgress, phaseOfStatus, phaseOfVertex, unionSeconds } from "../../../measure/record/progress";

/** An instant `seconds` after the start of an invented build. */
function at(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
}

function vertex(digest: string, name: string, started?: number, completed?: number) {
  return {
    digest,
    name,
    ...(started === undefined ? {} : { started: at(started) }),
    ...(completed === undefined ? {} : { completed: at(completed) }),
  };
}

function status(id: string, of: string, started: number, completed?: number, name?: string) {
  return {
    id,
    vertex: of,
    ...(name === undefined ? {} : { name }),
    current: 0,
    timestamp: at(started),
    started: at(started),
    ...(completed === undefined ? {} : { completed: at(completed) }),
  };
}

function lines(...objects: object[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join("");
}

/** An invented build with overlaps, in the order in which BuildKit reports: starts first, ends later. */
const BUILD = lines(
  { vertexes: [vertex("d", "[internal] load build definition from Dockerfile", 0)] },
  { vertexes: [vertex("d", "[internal] load build definition from Dockerfile", 0, 1)] },
  { vertexes: [vertex("m", "[internal] load metadata for docker.io/library/ubuntu:24.04", 0.5, 2)] },
  { vertexes: [vertex("f", "[1/3] FROM docker.io/library/ubuntu:24.04@sha256:1", 2)] },
  { statuses: [status("extracting sha256:2", "f", 4, 6, "extracting")] },
  { vertexes: [vertex("f", "[1/3] FROM docker.io/library/ubuntu:24.04@sha256:1", 2, 5)] },
  // Two steps of stages that run at once, for 10 s and 8 s: 12 s together.
  {
    vertexes: [
      vertex("r", "[stage-1 2/3] RUN pip install torch", 6, 16),
      vertex("c", "[a 1/1] COPY . .", 10, 18),
    ],
  },
  { vertexes: [vertex("e", "exporting to image", 18)] },
  { statuses: [status("exporting layers", "e", 18)] },
  { statuses: [status("exporting layers", "e", 18, 28), status("pushing layers", "e", 24, 40)] },
  { statuses: [status("pushing manifest for registry/x:y", "e", 40, 41)] },
  { vertexes: [vertex("e", "exporting to image", 18, 41)] },
  {
    vertexes: [vertex("x", "exporting cache to registry", 41, 44)],
    statuses: [status("writing layer 1", "x", 43, 45)],
  },
);

describe("parseProgress", () => {
  it("sorts a build into phases and merges what overlaps", () => {
    expect(parseProgress(BUILD)).toEqual({
      phases: { context: 2, pull: 4, install: 12, export: 10, push: 17, cache: 4, other: 0 },
      wallSeconds: 45,
      vertices: 7,
      cached: 0,
      problems: { unreadableLines: 0, unknownEntries: 0, unfinished: 0, reversed: 0, failed: 0 },
    });
  });

  it("reads what BuildKit v0.31.2 wrote for a small image with two stages, pushed to a local registry", () => {
    // FROM ran in five intervals, two RUN at once; "pushing layers" began when "exporting layers" had ended. The cache
    // to import did not exist: its vertex failed, and the build went on.
    const recorded = readFileSync(join(__dirname, "progress-buildkit-v0.31.2.jsonl"), "utf8");
    const { phases, wallSeconds, ...rest } = parseProgress(recorded);
    const expected = {
      context: 0.256,
      pull: 0.333,
      install: 3.345,
      export: 1.745,
      push: 0.191,
      cache: 0.024,
      other: 0,
    };
    for (const [phase, seconds] of Object.entries(expected)) {
      expect(phases).toHaveProperty(phase, expect.closeTo(seconds, 3));
    }
    expect(wallSeconds).toBeCloseTo(5.729, 3);
    expect(rest).toEqual({
      vertices: 11,
      cached: 0,
      problems: { unreadableLines: 0, unknownEntries: 0, unfinished: 0, reversed: 0, failed: 1 },
    });
  });

  it("does not depend on the order of lines or on repeats", () => {
    const shuffled = BUILD.trim().split("\n").reverse();
    expect(parseProgress([...shuffled, ...shuffled].join("\n"))).toEqual(parseProgress(BUILD));
  });

  it("adds the intervals of a vertex that ran twice", () => {
    const text = lines(
      { vertexes: [vertex("r", "[2/2] RUN make", 0, 3)] },
      { vertexes: [vertex("r", "", 10)] },
      { vertexes: [vertex("r", "", 10, 12)] },
    );
    expect(parseProgress(text).phases.install).toBe(5);
  });

  it("leaves out and counts what never completed, ended before it started, or failed", () => {
    const text = lines(
      { vertexes: [vertex("a", "[1/3] RUN a", 0), vertex("b", "[2/3] RUN b", 5, 4)] },
      {
        vertexes: [
          { ...vertex("c", "[3/3] RUN c", 6, 8), error: "exit code 1", cached: true, unheardOf: {} },
        ],
      },
    );
    const { phases, problems, cached } = parseProgress(text);
    expect(phases).toMatchObject({ install: 0, pull: 2 });
    expect(cached).toBe(1);
    expect(problems).toEqual({
      unreadableLines: 0,
      unknownEntries: 0,
      unfinished: 1,
      reversed: 1,
      failed: 1,
    });
  });

  it("tolerates cut lines, foreign lines, unknown entries and null lists", () => {
    const text = `${lines({ vertexes: null, statuses: null, logs: [{}] }, { vertexes: [{ digest: 5 }, vertex("a", "[1/1] RUN a", 0, 1)] })}WARNING: no output\n{"vertexes":[{"dig`;
    const { phases, problems } = parseProgress(text);
    expect(phases.install).toBe(1);
    expect(problems).toMatchObject({ unreadableLines: 2, unknownEntries: 1 });
  });

  it("takes the whole export vertex when its statuses have unknown names", () => {
    const text = lines({
      vertexes: [vertex("e", "exporting to image", 0, 9)],
      statuses: [status("new name", "e", 1, 2)],
    });
    expect(parseProgress(text).phases).toMatchObject({ export: 9, push: 0 });
  });

  it("treats Go's zero time as not set", () => {
    const text = lines({ vertexes: [{ digest: "a", name: "[1/1] RUN a", started: "0001-01-01T00:00:00Z" }] });
    expect(parseProgress(text)).toMatchObject({ wallSeconds: null, problems: { unfinished: 0 } });
  });

  it("knows nothing about an empty text", () => {
    expect(parseProgress("")).toMatchObject({ wallSeconds: null, vertices: 0, phases: { install: 0 } });
  });
});

describe("unionSeconds", () => {
  it.each<[string, number[][], number]>([
    ["nothing", [], 0],
    // biome-ignore format: one interval list a line
    ["apart and touching", [[0, 1000], [1000, 2000], [5000, 7000]], 4],
    // biome-ignore format: one interval list a line
    ["overlapping, inside, repeated and unsorted", [[2000, 5000], [0, 3000], [1000, 2000], [0, 3000]], 5],
  ])("measures %s", (_, intervals, seconds) => {
    expect(unionSeconds(intervals as [number, number][])).toBe(seconds);
  });
});

describe("phases by name", () => {
  it.each([
    ["[internal] load build context", "context"],
    ["[internal] load .dockerignore", "context"],
    ["resolve image config for docker-image://docker.io/docker/dockerfile:1", "context"],
    ["docker-image://docker.io/docker/dockerfile:1@sha256:1", "context"],
    ["[builder 1/4] FROM docker.io/library/ubuntu", "pull"],
    ["[linux/amd64 1/4] FROM docker.io/library/ubuntu", "pull"],
    ["[2/4] WORKDIR /app", "install"],
    ["[2/4] LINK COPY --link a b", "install"],
    ["[stage-1 3/4] ADD https://example.com/x /", "install"],
    ["exporting to image", "export"],
    ["exporting cache to registry", "cache"],
    ["exporting content cache", "cache"],
    ["importing cache manifest from registry/x:cache-y", "cache"],
    ["[internal] booting buildkit", "other"],
    ["[auth] library/ubuntu:pull token for registry-1.docker.io", "other"],
  ])("puts the vertex %s into %s", (name, phase) => {
    expect(phaseOfVertex(name)).toBe(phase);
  });

  it.each([
    ["pushing manifest for x", "export", "push"],
    ["exporting config sha256:1", "export", "export"],
    ["preparing layers for inline cache", "export", "cache"],
    ["extracting", "install", "pull"],
    ["writing layer sha256:1", "cache", "cache"],
    ["transferring context: 2kB", "context", undefined],
    ["some step", "install", undefined],
  ] as const)("puts the status %s of a vertex in %s into %s", (name, of, phase) => {
    expect(phaseOfStatus(name, of)).toBe(phase);
  });
});
