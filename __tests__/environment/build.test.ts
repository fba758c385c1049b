import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { loadEnvironments } from "../../environment/load";
import { VARIANTS } from "../../environment/variants";
import { demo, loadOne } from "../helpers/input";
import { asObject } from "../helpers/json";
import { workflowOf } from "../pipeline/workflow/rendered";

const load = (build: EnvironmentInput["build"]) => () => loadEnvironments([demo({ build })]);
const inputsOf = (build?: EnvironmentInput["build"]) =>
  asObject(
    asObject(asObject(workflowOf(loadOne(build ? { build } : {})).on).workflow_dispatch).inputs,
    "inputs",
  );
const defaultOf = (name: string, build?: EnvironmentInput["build"]) =>
  asObject(inputsOf(build)[name], name).default;

describe("what the workflow builds", () => {
  it("is the fast path, from scratch, unless the environment says otherwise", () => {
    expect([defaultOf("image"), defaultOf("output"), defaultOf("cache")]).toEqual([
      "pipeline/image",
      "compression=zstd,compression-level=1,oci-mediatypes=true",
      "none",
    ]);
  });

  it("is the original way, one prop away", () => {
    const original = { ...VARIANTS.original, cache: "registry" } as const;
    expect([
      defaultOf("image", original),
      defaultOf("output", original),
      defaultOf("cache", original),
    ]).toEqual(["pipeline/image/Dockerfile.original", "default", "registry"]);
  });

  it.each(["compression=zstd", "default", "compression=gzip,compression-level=9", "rewrite-timestamp=true"])(
    "may be written with output %s",
    (output) => expect(load({ output })).not.toThrow(),
  );

  it.each([
    "type=local,dest=/",
    "push=false",
    "compression=zstd,name=elsewhere",
    "compression=brotli",
    "",
    "default,",
  ])("may not be written with output %j, which would not be this push", (output) =>
    expect(load({ output })).toThrow(
      `demo: build.output must be "default", or attributes of layers such as compression=zstd,compression-level=3,force-compression=true; got ${JSON.stringify(output)}.`,
    ),
  );

  it.each(["../elsewhere", "--file=x", "/etc", "a/../b"])("may not come from %j", (image) =>
    expect(load({ image })).toThrow(
      `demo: build.image must be a folder of this repository with a Dockerfile, or the path of one, without ..; got "${image}".`,
    ),
  );
});
