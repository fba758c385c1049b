import fc from "fast-check";

/** One step of a build: its name, and when it began and ended, in milliseconds of the build; null: it never ended. */
const step = fc.record({
  name: fc.constantFrom(
    "[internal] load build definition from Dockerfile",
    "[internal] load metadata for docker.io/library/ubuntu:24.04",
    "[1/4] FROM docker.io/library/ubuntu:24.04@sha256:1",
    "[stage-1 2/4] RUN uv pip install torch",
    "[linux/amd64 3/4] LINK COPY --link --from=layer-01 /layer/ /",
    "exporting to image",
    "exporting cache to registry",
    "importing cache manifest from registry/x:cache",
    "[auth] library/ubuntu:pull token for registry-1.docker.io",
    "a step of a version to come",
    "",
  ),
  from: fc.nat(600_000),
  length: fc.option(fc.nat(300_000), { nil: null, freq: 6 }),
  /** How far the clock had been set back when it ended. */
  back: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(900_000) }),
  cached: fc.boolean(),
  statuses: fc.array(
    fc.record({
      id: fc.constantFrom("exporting layers", "pushing layers", "writing layer sha256:1", "sha256:2", "new"),
      from: fc.nat(200_000),
      length: fc.option(fc.nat(100_000), { nil: null, freq: 6 }),
    }),
    { maxLength: 4 },
  ),
});

const START = Date.UTC(2026, 0, 20, 17, 43);
const at = (ms: number) => new Date(START + ms).toISOString();

/** A build as BuildKit tells it: each step when it begins, and again when it has ended. One line for each message. */
export const buildLogs: fc.Arbitrary<readonly string[]> = fc.array(step, { maxLength: 8 }).map((steps) =>
  steps.flatMap(({ name, from, length, back, cached, statuses }, index) => {
    const vertex = { digest: `sha256:${index}`, name, started: at(from), cached };
    const begun = { vertexes: [vertex] };
    const told = statuses.map((status) => ({
      id: status.id,
      vertex: vertex.digest,
      current: 0,
      timestamp: at(from + status.from),
      started: at(from + status.from),
      ...(status.length !== null && { completed: at(from + status.from + status.length) }),
    }));
    const ended = length === null ? [] : [{ vertexes: [{ ...vertex, completed: at(from + length - back) }] }];
    return [begun, ...(told.length > 0 ? [{ statuses: told }] : []), ...ended].map((message) =>
      JSON.stringify(message),
    );
  }),
);

/** What another program, or another version of BuildKit, writes between the lines. */
export const foreignLines: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "WARNING: No output specified",
    "#5 [2/4] RUN apt-get update",
    '{"vertexes":[{"dig',
    '{"level":"info","msg":"from another program"}',
    '{"vertexes":{}}',
    '{"vertexes":[{"digest":5,"started":"never"}]}',
    '{"statuses":[null,1,{"id":""}]}',
    '{"warnings":[{"level":1}],"unheard":{"of":true}}',
    "\u0000\u0000\u0000",
    "[]",
    "null",
    "1e999",
  ),
  fc.string().map((text) => text.replaceAll(/[\n\r]/g, " ")),
  fc.json(),
);
