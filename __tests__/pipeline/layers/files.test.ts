import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LayersInput, layersOf, staleFiles, writeFiles } from "../../../pipeline/layers/files";
import { InvalidInput } from "../../../util/invalid-input";
import { HASH } from "./fixture";

const PROJECT = resolve(__dirname, "../../..");
const MARKED = [
  "FROM base AS runtime",
  "# layers: stages, written by npx buildx-on-eks layers",
  "# layers: end of stages",
  "FROM runtime",
  "# layers: written by npx buildx-on-eks layers",
  "# layers: end",
  "USER app",
  "",
].join("\n");

let folder: string;
let input: LayersInput;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "layers-"));
  input = {
    lock: join(folder, "requirements.txt"),
    sizes: join(folder, "sizes.json"),
    dockerfile: join(folder, "Dockerfile"),
  };
  lock({ alpha: "1.0", beta: "1.0", gamma: "1.0" });
  writeFileSync(input.dockerfile, MARKED);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A lock of direct requirements of 100 bytes each, unless given, and the sizes to it. */
function lock(
  versions: Readonly<Record<string, string>>,
  bytes: Readonly<Record<string, number>> = {},
): void {
  const entries = Object.entries(versions);
  writeFileSync(
    input.lock,
    entries.map(([name, version]) => `${name}==${version} \\\n    --hash=${HASH}\n`).join(""),
  );
  const packages = entries.map(([name, version]) => ({ name, version, compressedBytes: bytes[name] ?? 100 }));
  writeFileSync(input.sizes, JSON.stringify({ packages }));
}

const write = (more: Partial<LayersInput> = {}) => writeFiles(layersOf({ ...input, ...more }).files);
const text = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");
const everything = () =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [
        join(entry.parentPath, entry.name),
        readFileSync(join(entry.parentPath, entry.name), "utf8"),
      ]),
  );

function problemsOf(more: Partial<LayersInput> = {}): readonly string[] {
  try {
    layersOf({ ...input, ...more });
  } catch (error) {
    if (error instanceof InvalidInput)
      return error.problems.map((problem) => problem.replaceAll(`${folder}/`, ""));
    throw error;
  }
  return [];
}

describe("what is written", () => {
  const install = (name: string, target: string) => [
    "RUN --mount=type=bind,from=installer,target=/installer \\",
    `    --mount=type=bind,source=layers/${name}.txt,target=/layer.txt \\`,
    "    --mount=type=cache,id=uv,target=/wheels \\",
    `    /installer/install-layer /layer.txt ${target}`,
  ];

  test("is one file with hashes for each layer", () => {
    write({ count: "2" });
    expect(text("layers", "01.txt")).toBe(
      [
        "# Written by npx buildx-on-eks layers from ../requirements.txt; its hashes are kept.",
        "alpha==1.0 \\",
        `    --hash=${HASH}`,
        "gamma==1.0 \\",
        `    --hash=${HASH}`,
        "",
      ].join("\n"),
    );
  });

  test("is a RUN with bind mounts for each large layer, then a stage and a linked COPY for each small one", () => {
    lock(
      { alpha: "1.0", beta: "1.0", gamma: "1.0", delta: "1.0" },
      { alpha: 400, beta: 20, gamma: 300, delta: 10 },
    );
    write({ count: "4" });
    expect(text("Dockerfile")).toBe(
      [
        "FROM base AS runtime",
        "# layers: stages, written by npx buildx-on-eks layers",
        "# 0.00 MB: beta",
        "FROM runtime AS layer-03",
        ...install("03", "/layer"),
        "",
        "# 0.00 MB: delta",
        "FROM runtime AS layer-04",
        ...install("04", "/layer"),
        "# layers: end of stages",
        "FROM runtime",
        "# layers: written by npx buildx-on-eks layers",
        "# 0.00 MB: alpha",
        ...install("01", "/"),
        "# 0.00 MB: gamma",
        ...install("02", "/"),
        "COPY --link --from=layer-03 /layer/ /",
        "COPY --link --from=layer-04 /layer/ /",
        "# layers: end",
        "USER app",
        "",
      ].join("\n"),
    );
  });

  test("is the same again, and as many layers as before when no count is given", () => {
    write({ count: "2" });
    const before = everything();
    expect(staleFiles(layersOf(input).files)).toEqual([]);
    write();
    expect(everything()).toEqual(before);
  });

  test("changes in one layer file alone when one package has a new version", () => {
    write({ count: "3" });
    lock({ alpha: "1.0", beta: "2.0", gamma: "1.0" });
    expect(staleFiles(layersOf(input).files).map(({ path }) => path)).toEqual([
      join(folder, "layers", "02.txt"),
    ]);
  });

  test("names the lock's options in every layer", () => {
    writeFileSync(input.lock, `--index-url https://example.com/simple\n${text("requirements.txt")}`);
    write({ count: "2" });
    for (const name of ["01.txt", "02.txt"]) {
      expect(text("layers", name).split("\n")[1]).toBe("--index-url https://example.com/simple");
    }
  });

  test("loses the files of layers that are no more", () => {
    write({ count: "3" });
    write({ count: "1" });
    expect(readdirSync(join(folder, "layers"))).toEqual(["01.txt"]);
    expect(text("Dockerfile").match(/install-layer/g)).toHaveLength(1);
  });

  test("is eight layers the first time, fewer when the lock has fewer packages", () => {
    expect(layersOf(input).plan.layers).toHaveLength(3);
    lock(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`p${index}`, "1"])));
    expect(layersOf(input).plan.layers).toHaveLength(8);
  });

  test("leaves a package where a hand put it, until asked to plan anew", () => {
    write({ count: "2" });
    const [first, second] = [text("layers", "01.txt"), text("layers", "02.txt")];
    const beta = `beta==1.0 \\\n    --hash=${HASH}\n`;
    const alpha = `alpha==1.0 \\\n    --hash=${HASH}\n`;
    writeFileSync(join(folder, "layers", "01.txt"), first.replace(alpha, beta));
    writeFileSync(join(folder, "layers", "02.txt"), second.replace(beta, alpha));
    expect(layersOf(input).plan.layers[1]?.packages.map(({ pin }) => pin.name)).toEqual(["alpha"]);
    expect(
      layersOf({ ...input, rebalance: true }).plan.layers[1]?.packages.map(({ pin }) => pin.name),
    ).toEqual(["beta"]);
  });

  test("follows layers.yaml beside the lock", () => {
    writeFileSync(join(folder, "layers.yaml"), "rarely: [gamma]\n");
    expect(layersOf({ ...input, count: "3" }).plan.layers[0]?.packages[0]?.pin.name).toBe("gamma");
  });
});

describe("bad input", () => {
  test("is reported all at once and nothing is written", () => {
    writeFileSync(input.lock, `alpha>1\nbeta==1.0\ngamma==1.0 --hash=${HASH}\n`);
    writeFileSync(input.sizes, JSON.stringify({ packages: [] }));
    writeFileSync(input.dockerfile, "FROM base\n");
    writeFileSync(join(folder, "layers.yaml"), "never: [gamma]\n");
    mkdirSync(join(folder, "layers"));
    writeFileSync(join(folder, "layers", "01.txt"), "mine\n");
    const before = everything();
    const problems = problemsOf({ count: "2" });
    expect(problems.map((problem) => problem.split(/[:;]/)[0])).toEqual([
      "requirements.txt",
      "requirements.txt",
      "sizes.json",
      "sizes.json",
      "Dockerfile",
      "Dockerfile",
      "Dockerfile",
      "Dockerfile",
      "layers.yaml",
      "layers/01.txt",
      "--count must be a whole number from 1 to 1, the number of packages",
    ]);
    expect(everything()).toEqual(before);
  });

  test("names every file that is not there, and how to make the sizes", () => {
    rmSync(input.lock);
    rmSync(input.sizes);
    rmSync(input.dockerfile);
    expect(problemsOf({ hints: join(folder, "hints.yaml") })).toEqual([
      "requirements.txt: there is no such file, or it cannot be read.",
      "sizes.json: there is no such file, or it cannot be read. Measure again: npx buildx-on-eks layers --measure --lock requirements.txt --sizes sizes.json",
      "Dockerfile: there is no such file, or it cannot be read.",
      "hints.yaml: there is no such file, or it cannot be read.",
    ]);
  });

  test.each(["0", "4", "65", "-1", "2.5", "two", ""])("count %j is not one of 1 to 3", (count) => {
    expect(problemsOf({ count })).toEqual([
      `--count must be a whole number from 1 to 3, the number of packages; got "${count}".`,
    ]);
  });

  test("count 64 is the most, however many packages there are", () => {
    lock(Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`p${index}`, "1"])));
    expect(problemsOf({ count: "64" })).toEqual([]);
    expect(problemsOf({ count: "65" })).toEqual(['--count must be a whole number from 1 to 64; got "65".']);
  });

  test.each([
    [
      "twice",
      `${MARKED}# layers: end\n`,
      ['Dockerfile: must hold the line "# layers: end" once; it does 2 times.'],
    ],
    [
      "the wrong way round",
      MARKED.replace("# layers: end of stages\n", "").replace(
        "FROM base AS",
        "# layers: end of stages\nFROM base AS",
      ),
      [
        'Dockerfile: must hold "# layers: stages, written by npx buildx-on-eks layers" before "# layers: end of stages".',
      ],
    ],
    [
      "with the layers above the stages",
      [...MARKED.split("\n").slice(4, 6), ...MARKED.split("\n").slice(0, 4), ""].join("\n"),
      ["Dockerfile: must hold the stages before the layers: COPY --from knows only stages above it."],
    ],
  ])("markers %s are rejected", (_, dockerfile, problems) => {
    writeFileSync(input.dockerfile, dockerfile);
    expect(problemsOf()).toEqual(problems);
  });

  test("leaves no draft and no changed file behind when a file cannot be written", () => {
    write({ count: "2" });
    lock({ alpha: "2.0", beta: "2.0", gamma: "1.0" });
    // A folder where the draft of the second file would be.
    mkdirSync(join(folder, "layers", ".02.txt.draft"));
    const before = everything();
    expect(() => write()).toThrow();
    rmSync(join(folder, "layers", ".02.txt.draft"), { recursive: true, force: true });
    expect(everything()).toEqual(before);
  });
});

test.each([false, true])(
  "the project's own image has the layers of its lock, planned anew: %s",
  (rebalance) => {
    const image = (name: string) => join(PROJECT, "pipeline", "image", name);
    const own = {
      lock: image("requirements.txt"),
      sizes: image("sizes.json"),
      dockerfile: image("Dockerfile"),
    };
    const before = layersOf({ ...own, rebalance });
    expect(before.plan.renewed).toBeUndefined();
    expect(staleFiles(before.files).map(({ path }) => path)).toEqual([]);
  },
);
