import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Finished, python, run as runProgram } from "../workflow/scripts";
import { gzip, tarOf, zstd } from "./layers";
import { type Descriptor, FakeRegistry, INDEX_TYPE } from "./registry";

const SCRIPT = resolve(__dirname, "../../../pipeline/image/measure.py");
const PYTHON = python();
// The last one holds the first one's file again: Docker counts it twice, and so does measure.py.
const FIRST = { "etc/os-release": 700, "usr/bin/python3.12": 300_000 };
const SECOND = { "opt/venv/torch.so": 900_000, "etc/os-release": 650 };
const GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
const ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";

let folder: string;
let registry: FakeRegistry;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "measure-"));
  registry = await new FakeRegistry().start();
});

afterEach(async () => {
  await registry.stop();
  rmSync(folder, { recursive: true });
});

function run(args: readonly string[], { input = "", path = process.env.PATH ?? "" } = {}): Promise<Finished> {
  return runProgram(PYTHON, [SCRIPT, ...args], {
    env: { PATH: path, DOCKER_CONFIG: folder, HOME: folder },
    input,
  });
}

function login(user = registry.user, password = registry.password): void {
  const auth = Buffer.from(`${user}:${password}`).toString("base64");
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [registry.host]: { auth } } }));
}

function expectOneLine(result: Finished, words: RegExp, code = 2): void {
  expect(result.stderr).toMatch(words);
  expect(result.stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(result.stderr).not.toContain("Traceback");
  expect(result.code).toBe(code);
}

function pushGzip(): Descriptor[] {
  const layers = [FIRST, SECOND].map((files) => registry.addBlob(gzip(tarOf(files)), GZIP));
  registry.addImage(layers, "latest");
  return layers;
}

function pushIndex(): { image: Descriptor; index: object } {
  const layers = [registry.addBlob(gzip(tarOf(FIRST)), GZIP)];
  const image = { ...registry.addImage(layers), platform: { os: "linux", architecture: "amd64" } };
  const arm = { ...registry.addImage([]), platform: { os: "linux", architecture: "arm64" } };
  const attestation = {
    ...registry.addImage([registry.addBlob(Buffer.from("{}"), "application/vnd.in-toto+json")]),
    platform: { os: "unknown", architecture: "unknown" },
    annotations: {
      "vnd.docker.reference.type": "attestation-manifest",
      "vnd.docker.reference.digest": image.digest,
    },
  };
  const index = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [attestation, arm, image] };
  registry.addManifest(index, INDEX_TYPE, "latest");
  return { image, index };
}

describe("compressed size", () => {
  test("reads a manifest from standard input, without any registry", async () => {
    const layers = [1, 2].map((size) => ({ mediaType: GZIP, digest: `sha256:${"a".repeat(64)}`, size }));
    const result = await run(["--manifest", "-"], { input: JSON.stringify({ schemaVersion: 2, layers }) });
    expect(result.stderr).toBe("");
    expect(JSON.parse(result.stdout)).toMatchObject({ image: null, compressedBytes: 3, layers: [{}, {}] });
  });

  test("takes linux/amd64 of an index and leaves the attestation out", async () => {
    login();
    const { image } = pushIndex();
    const { stdout } = await run([registry.image]);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ digest: image.digest, platform: "linux/amd64" });
    expect(found.compressedBytes).toBe(gzip(tarOf(FIRST)).length);
    expect(found).not.toHaveProperty("unpackedBytes");
  });

  test("takes an index from a file when the image is named, and asks for its name when not", async () => {
    login();
    const { image, index } = pushIndex();
    const file = join(folder, "index.json");
    writeFileSync(file, JSON.stringify(index));
    const found = await run(["--manifest", file, registry.image]);
    expect(JSON.parse(found.stdout)).toMatchObject({ digest: image.digest });
    expectOneLine(await run(["--manifest", file]), /is an index: name the image too/);
  });

  test("says which platforms an index holds when the wanted one is missing", async () => {
    login();
    pushIndex();
    const result = await run([registry.image, "--platform", "linux/s390x"]);
    expectOneLine(result, /one manifest for linux\/s390x, it has 0; it holds linux\/amd64, linux\/arm64/);
  });
});

describe("unpacked size", () => {
  const expected = 700 + 300_000 + 900_000 + 650;

  test("counts the files of gzip layers", async () => {
    login();
    pushGzip();
    const { stdout, stderr } = await run([registry.image, "--unpacked"]);
    expect(stderr).toBe("");
    const found = JSON.parse(stdout);
    expect(found.unpackedBytes).toBe(expected);
    expect(found.layers[0]).toMatchObject({
      unpackedBytes: 300_700,
      files: 2,
      tarBytes: tarOf(FIRST).length,
    });
  });

  test.each<[string, () => Descriptor[]]>([
    ["zstd layers", () => [FIRST, SECOND].map((files) => registry.addBlob(zstd(tarOf(files)), ZSTD))],
    [
      "uncompressed layers and gzip of several members",
      () => {
        const tar = tarOf(SECOND);
        const members = Buffer.concat([gzip(tar.subarray(0, 5000)), gzip(tar.subarray(5000))]);
        return [registry.addBlob(tarOf(FIRST), "x.tar"), registry.addBlob(members, GZIP)];
      },
    ],
  ])("counts the files of %s", async (_, layers) => {
    login();
    registry.addImage(layers(), "latest");
    const { stdout, stderr } = await run([registry.image, "--unpacked"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout).unpackedBytes).toBe(expected);
  });

  test("says how to install zstd where it is missing", async () => {
    if (spawnSync(PYTHON, ["-c", "import compression.zstd"]).status === 0) return; // built in: nothing to install
    login();
    registry.addImage([registry.addBlob(zstd(tarOf(FIRST)), ZSTD)], "latest");
    const result = await run([registry.image, "--unpacked"], { path: folder });
    expectOneLine(result, /zstd command is not there: apt-get install zstd/);
  });

  test.each([
    ["that is no archive", () => gzip(Buffer.alloc(2048, "not a tar"))],
    ["that ends early", () => zstd(tarOf(FIRST)).subarray(0, -9)],
  ])("names the layer %s", async (_, bytes) => {
    login();
    const broken = registry.addBlob(bytes(), "x.tar");
    registry.addImage([broken], "latest");
    const result = await run([registry.image, "--unpacked"]);
    expectOneLine(result, new RegExp(`${broken.digest} cannot be unpacked`));
  });
});

describe("--assert-unpacked", () => {
  test.each(["1.2MB..1.3MB", "1.1MiB..1.2MiB", "1201350B..1201350B"])("passes within %s", async (range) => {
    login();
    pushGzip();
    const result = await run([registry.image, "--assert-unpacked", range]);
    expect(result.stderr).toBe("");
    expect(result.code).toBe(0);
  });

  test("fails outside, after printing what was measured", async () => {
    login();
    pushGzip();
    const result = await run([registry.image, "--assert-unpacked", "3.5GB..5.5GB"]);
    expect(JSON.parse(result.stdout).unpackedBytes).toBe(1_201_350);
    expectOneLine(result, /0\.001 GB unpacked \(1201350 bytes\); it must be 3\.5GB\.\.5\.5GB/, 1);
  });

  test.each([
    ["3.5GB", /two sizes with \.\. between them, for example 3\.5GB\.\.5\.5GB; got "3\.5GB"/],
    ["5GB..3GB", /smaller size first; got "5GB\.\.3GB"/],
    ["3.5..5.5", /one of B, KB, MB, GB.*got "3\.5"/],
  ])("refuses %s before any request", async (range, words) => {
    expectOneLine(await run([registry.image, "--assert-unpacked", range]), words);
    expect(registry.requests).toEqual([]);
  });
});

describe("access", () => {
  test("does not send the registry's token on to the object store", async () => {
    login();
    pushGzip();
    expect((await run([registry.image, "--unpacked"])).code).toBe(0);
    expect(registry.leaked).toEqual([]);
  });

  test.each(["none", "basic"] as const)("works with authorization %s", async (kind) => {
    registry.authorization = kind;
    if (kind !== "none") login();
    pushGzip();
    expect((await run([registry.image, "--unpacked"])).code).toBe(0);
  });

  test("asks a credential helper", async () => {
    mkdirSync(join(folder, "bin"));
    const helper = join(folder, "bin", "docker-credential-fake");
    writeFileSync(
      helper,
      `#!/bin/sh\necho '{"Username": "${registry.user}", "Secret": "${registry.password}"}'\n`,
    );
    chmodSync(helper, 0o755);
    writeFileSync(join(folder, "config.json"), JSON.stringify({ credHelpers: { [registry.host]: "fake" } }));
    pushGzip();
    const path = `${join(folder, "bin")}:${process.env.PATH}`;
    expect((await run([registry.image], { path })).code).toBe(0);
    expectOneLine(await run([registry.image]), /docker-credential-fake, which is not on the PATH/);
  });

  test("says to log in when there are no credentials, and when they are wrong", async () => {
    registry.authorization = "basic";
    expectOneLine(await run([registry.image]), /docker has none for it: run docker login 127/);
    login("AWS", "expired");
    expectOneLine(await run([registry.image]), /refused access .*HTTP 401.*run docker login/);
    registry.authorization = "token";
    expectOneLine(await run([registry.image]), /token service of .* answered HTTP 401: run docker login/);
  });

  test("says which image does not exist, and that a registry cannot be reached", async () => {
    login();
    expectOneLine(await run([registry.image]), /manifests\/latest\) does not exist \(HTTP 404\)/);
    expectOneLine(await run(["127.0.0.1:1/name:tag"]), /cannot reach 127\.0\.0\.1:1: .*\(3 attempts\)/);
  }, 15_000);
});

describe("faults", () => {
  test("reads a layer again after a server error and a connection that broke", async () => {
    login();
    pushGzip();
    registry.blobFaults.push("500", "cut");
    const result = await run([registry.image, "--unpacked"]);
    expect(result.stderr).toBe("");
    expect(JSON.parse(result.stdout).unpackedBytes).toBe(1_201_350);
  }, 15_000);

  test("refuses a layer with another digest", async () => {
    login();
    registry.addImage([registry.addBlob(tarOf(FIRST), "x.tar")], "latest");
    registry.blobFaults.push("damaged");
    expectOneLine(await run([registry.image, "--unpacked"]), /is damaged: .* with the digest sha256:/);
  });

  test.each([
    ["nonsense", /standard input is not JSON/],
    ["[]", /neither an image manifest \(layers\) nor an index/],
    ['{"layers": [{"size": 5}]}', /layer 1 of the manifest has no digest/],
  ])("refuses %s as a manifest", async (input, words) => {
    expectOneLine(await run(["--manifest", "-"], { input }), words);
  });

  test("asks for an image or a manifest", async () => {
    expectOneLine(await run([]), /name an image, or give its manifest/);
    expectOneLine(
      await run(["--manifest", join(folder, "none.json")]),
      /cannot read .*none\.json: No such file/,
    );
    expectOneLine(await run(["UPPER CASE"]), /an image is named like .*; got "UPPER CASE"/);
  });
});
