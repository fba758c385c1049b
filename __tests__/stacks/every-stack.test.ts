import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { demo } from "../helpers/input";
import { asList, asObject, textsIn } from "../helpers/json";
import { type SynthesizedStack, synthesize } from "../helpers/synth";

const STACKS = ["account", "demo-registry", "demo-cluster", "demo-platform", "demo-runners"];
const S3: EnvironmentInput["state"] = {
  type: "s3",
  bucket: "acme-state",
  region: "eu-west-1",
  prefix: "builds",
};
const PROVIDERS: Record<string, string[]> = {
  account: ["aws"],
  "demo-registry": ["aws"],
  "demo-cluster": ["aws"],
  "demo-platform": ["helm", "kubernetes"],
  "demo-runners": ["kubernetes"],
};
const TAGS = { Project: "buildx", Environment: "demo", ManagedBy: "cdktf" };

const all = synthesize(demo());

describe.each(STACKS)("%s", (name) => {
  const stack: SynthesizedStack = all.stack(name);

  it("asks for a Terraform that has ephemeral values and write-only attributes", () => {
    expect(stack.terraform.required_version).toBe(">= 1.11");
  });

  it("pins its providers", () => {
    const versions: Record<string, string> = { aws: "6.25.0", kubernetes: "2.38.0", helm: "3.1.1" };
    const required = Object.entries(asObject(stack.terraform.required_providers));
    expect(required.map(([provider]) => provider).sort()).toEqual(PROVIDERS[name]);
    for (const [provider, value] of required) {
      expect(asObject(value), provider).toEqual({ source: provider, version: versions[provider] });
    }
  });

  it("keeps its state in a file below the project, by a path that holds on every machine", () => {
    expect(stack.terraform.backend).toEqual({ local: { path: `../../../state/${name}.tfstate` } });
  });

  it("keeps its state under a key of its own in S3, with native locking", () => {
    expect(synthesize(demo({ state: S3 })).stack(name).terraform.backend).toEqual({
      s3: {
        bucket: "acme-state",
        region: "eu-west-1",
        key: `builds/${name}.tfstate`,
        encrypt: true,
        use_lockfile: true,
      },
    });
  });

  it("reads the states of other stacks from where they keep them", () => {
    const remote = (state: EnvironmentInput["state"]) =>
      Object.values(
        asObject(
          asObject(synthesize(demo({ state })).stack(name).json.data ?? {}).terraform_remote_state ?? {},
        ),
      ).map((value) => asObject(value));
    for (const { backend, config } of remote({ type: "local" })) {
      expect(backend).toBe("local");
      expect(asObject(config).path).toMatch(/^\.\.\/\.\.\/\.\.\/state\/[\w-]+\.tfstate$/);
    }
    for (const { backend, config } of remote(S3)) {
      expect(backend).toBe("s3");
      expect(config).toMatchObject({ bucket: "acme-state", region: "eu-west-1" });
      expect(asObject(config).key).toMatch(/^builds\/[\w-]+\.tfstate$/);
    }
    expect(remote(S3)).toHaveLength(remote({ type: "local" }).length);
  });

  it("explains each of its outputs", () => {
    const outputs = Object.entries(stack.outputs);
    expect(outputs.length).toBeGreaterThan(0);
    for (const [output, { description }] of outputs) expect(description, output).toMatch(/^[A-Z].{10,}$/);
  });

  it("holds no token that a provider could read from it", () => {
    const keys = textsIn(stack.json.provider ?? null).filter((text) =>
      /^(token|password|client_key|secret_key|access_key|client_certificate)$/.test(text),
    );
    expect(keys).toEqual([]);
  });
});

describe.each(["account", "demo-registry", "demo-cluster"])("%s", (name) => {
  const stack = all.stack(name);

  it("can be deployed to its own account only", () => {
    expect(stack.provider("aws")).toMatchObject({
      region: "us-west-2",
      allowed_account_ids: ["444455556666"],
    });
  });

  it("tags everything through its provider", () => {
    const tags = name === "account" ? { ...TAGS, Environment: "account" } : TAGS;
    expect(stack.provider("aws").default_tags).toEqual([{ tags }]);
  });
});

describe.each(["demo-platform", "demo-runners"])("%s", (name) => {
  it("makes nothing in AWS, and so asks for no provider of it", () => {
    expect(all.stack(name).types.filter((type) => type.startsWith("aws_"))).toEqual([]);
  });
});

describe("tags", () => {
  const tagged = synthesize(demo({ tags: { Team: "build" } }));
  const cluster = tagged.stack("demo-cluster");

  it("of the environment reach the provider", () => {
    expect(cluster.provider("aws").default_tags).toEqual([{ tags: { Team: "build", ...TAGS } }]);
  });

  it.each(["system", "builders"])("reach the instances, disks and interfaces of the %s nodes", (group) => {
    const specifications = asList(
      cluster.body("aws_launch_template", `${group}/template`).tag_specifications,
    );
    expect(specifications).toEqual(
      ["instance", "volume", "network-interface"].map((resource_type) => ({
        resource_type,
        tags: { Team: "build", ...TAGS },
      })),
    );
  });

  it("of one environment do not reach the account or another environment", () => {
    const other = demo({ name: "other", vpcCidr: "10.31.0.0/16" });
    const both = synthesize(demo({ tags: { Team: "build" } }), other);
    expect(both.stack("account").text).not.toContain("Team");
    expect(both.stack("other-cluster").text).not.toContain("Team");
  });
});
