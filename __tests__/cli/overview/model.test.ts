import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type EnvironmentOverview, overviewOf } from "../../../cli/overview/model";
import { renderOverview } from "../../../cli/overview/render";
import type { EnvironmentInput } from "../../../environment/environment";
import { loadEnvironments } from "../../../environment/load";
import { createApp } from "../../../main";
import { environments } from "../../helpers/example-environments";
import { demo, demoWith } from "../../helpers/input";
import { once, synthesize } from "../../helpers/synth";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const overview = once((inputs: readonly EnvironmentInput[]) => {
  const outdir = mkdtempSync(join(tmpdir(), "overview-"));
  folders.push(outdir);
  const loaded = loadEnvironments(inputs);
  createApp(loaded, { outdir }).synth();
  return overviewOf(loaded, outdir);
});
const one = (input: EnvironmentInput): EnvironmentOverview => {
  const [only] = overview([input]).environments;
  if (!only) throw new Error("no environment");
  return only;
};
const plain = (_: unknown, text: string) => text;

describe("the overview of an environment", () => {
  it("lists its stacks in the order of deployment, with as many resources as they hold", () => {
    const { stacks } = synthesize(demo());
    const names = ["account", "demo-registry", "demo-cluster", "demo-platform", "demo-runners"];
    expect(one(demo()).stacks.map(({ name, resources }) => [name, resources])).toEqual(
      names.map((name) => [name, stacks.get(name)?.resources.length]),
    );
  });

  it("names what takes minutes, and how often", () => {
    const slow = one(demo()).stacks.find(({ name }) => name === "demo-cluster")?.slow;
    expect(Object.fromEntries((slow ?? []).map(({ type, count }) => [type, count]))).toEqual({
      aws_eks_addon: 5,
      aws_eks_cluster: 1,
      aws_eks_node_group: 2,
      aws_nat_gateway: 1,
      aws_vpc_endpoint: 4,
    });
  });

  it("says which stacks each configuration needs, chosen or not", () => {
    const { configurations } = one(demoWith("hosted-default"));
    expect(
      configurations.map(({ configuration, chosen, stacks }) => [configuration, chosen, stacks]),
    ).toEqual([
      ["hosted-default", true, ["account", "demo-registry"]],
      ["hosted-kubernetes", false, ["account", "demo-registry", "demo-cluster", "demo-platform"]],
      [
        "custom-default",
        false,
        ["account", "demo-registry", "demo-cluster", "demo-platform", "demo-runners"],
      ],
      [
        "custom-kubernetes",
        false,
        ["account", "demo-registry", "demo-cluster", "demo-platform", "demo-runners"],
      ],
    ]);
  });

  it("shows only the stacks that the chosen ones need", () => {
    expect(one(demoWith("hosted-default")).stacks.map(({ name }) => name)).toEqual([
      "account",
      "demo-registry",
    ]);
  });

  it("places every pod on the first nodes", () => {
    expect(one(demo()).capacity).toMatchObject({
      minNodes: 1,
      initialNodes: 2,
      maxNodes: 4,
      placement: [
        { runner: 1, builder: 1 },
        { runner: 1, builder: 1 },
      ],
    });
    expect(one(demo({ instanceType: "c5.2xlarge" })).capacity?.placement).toEqual([
      { runner: 1 },
      { runner: 1 },
      { builder: 1 },
      { builder: 1 },
    ]);
  });

  it("agrees with the stacks on the number of nodes", () => {
    const { scaling_config } = synthesize(demo())
      .stack("demo-cluster")
      .body("aws_eks_node_group", "builders/nodes");
    const { capacity } = one(demo());
    expect(scaling_config).toEqual({
      min_size: capacity?.minNodes,
      desired_size: capacity?.initialNodes,
      max_size: capacity?.maxNodes,
    });
  });

  it("speaks of no nodes where there is no cluster", () => {
    expect(one(demoWith("hosted-default"))).not.toHaveProperty("capacity");
  });

  it("adds up what stands", () => {
    const { items, total } = one(demo()).monthlyUsd;
    expect(total).toBeCloseTo(
      items.reduce((sum, { usd }) => sum + usd, 0),
      9,
    );
    expect(total).toBeCloseTo(892.556, 3);
  });

  it("gives the commands that come next, those for what is missing first", () => {
    const [c5n] = environments;
    if (!c5n) throw new Error("an example is expected");
    const commands = (input: EnvironmentInput) => one(input).next.map(({ command }) => command);
    expect(commands(c5n).slice(0, 2)).toEqual([
      "$EDITOR environments/*.ts",
      'export TF_VAR_github_app_private_key="$(cat your-app.private-key.pem)"',
    ]);
    expect(commands(demoWith("hosted-default"))).toEqual([
      "npx cdktf deploy account 'demo-*'",
      "npx cdktf destroy 'demo-*'",
    ]);
  });

  it("says of when and where its prices are", () => {
    expect(overview([demo()]).prices).toEqual({
      region: "us-west-2",
      checked: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string,
      currency: "USD",
    });
  });
});

describe("its text", () => {
  const text = renderOverview(overview(environments), plain, 1_000);

  it("holds every environment, stack, item and warning", () => {
    for (const environment of overview(environments).environments) {
      expect(text).toContain(`${environment.name}: ${environment.instanceType} in us-west-2`);
      for (const { name } of environment.stacks) expect(text).toContain(name);
      for (const { what } of environment.monthlyUsd.items) expect(text).toContain(what);
      for (const warning of environment.warnings) expect(text).toContain(warning);
      for (const { command } of environment.next) expect(text).toContain(command);
    }
  });

  it("fits 80 columns, but for commands, which are copied", () => {
    const commands = overview(environments).environments.flatMap(({ next }) =>
      next.map(({ command }) => `    ${command}`),
    );
    const lines = renderOverview(overview(environments), plain, 80).split("\n");
    expect(lines.filter((line) => line.length > 80 && !commands.includes(line))).toEqual([]);
  });

  it("ends with what concerns no environment alone", () => {
    const warned = { ...overview(environments), warnings: ["environments/x.ts is not listed."] };
    expect(renderOverview(warned, plain, 1_000)).toMatch(/\n! environments\/x\.ts is not listed\.\nPrices:/);
  });

  it("is coloured by nothing but the painter", () => {
    expect(text).not.toContain("\u001b");
    expect(renderOverview(overview(environments), (_, part) => `\u001b[1m${part}`, 200)).toContain(
      "\u001b[1mc5n:",
    );
  });

  it("shows costs in dollars and cents", () => {
    expect(text).toMatch(/together\s*│\s*892\.56 │/);
  });

  it("leaves out nodes where there is no cluster", () => {
    expect(renderOverview(overview([demoWith("hosted-default")]), plain, 1_000)).not.toContain(
      "Pods on nodes",
    );
  });
});
