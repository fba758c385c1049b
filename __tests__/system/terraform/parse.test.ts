import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadEnvironments } from "../../../environment/load";
import { createApp } from "../../../main";
import { DEMO, demo } from "../../helpers/input";
import { run } from "./terraform";

interface Configuration {
  readonly terraform: Record<string, unknown>;
  readonly resource?: Record<string, Record<string, unknown>>;
}

const outdir = mkdtempSync(join(tmpdir(), "parse-"));
const environments = loadEnvironments([
  demo(),
  demo({ name: "warm", vpcCidr: "10.31.0.0/16", builders: { mode: "warm" }, flowLogs: true }),
  demo({
    name: "server",
    vpcCidr: "10.32.0.0/16",
    github: { ...DEMO.github, issuer: "https://github.example.com/_services/token" },
    tags: { Équipe: "Größe 2" },
  }),
]);
createApp(environments, { outdir }).synth();
const STACKS = readdirSync(join(outdir, "stacks"));

const read = (stack: string) =>
  JSON.parse(readFileSync(join(outdir, "stacks", stack, "cdk.tf.json"), "utf8")) as Configuration;

/** Terraform reads a configuration without its providers, as long as no backend asks to be initialized. */
function parse(name: string, { terraform: { backend: _, ...terraform }, ...rest }: Configuration) {
  const folder = join(outdir, "parse", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ terraform, ...rest }));
  return run("terraform", ["providers", "-no-color"], folder);
}

/** Addresses that a resource's JSON refers to, by reference or depends_on. */
function references(resource: unknown, addresses: ReadonlySet<string>): string[] {
  const words = JSON.stringify(resource).match(/[a-z_0-9]+\.[\w-]+/g) ?? [];
  return [...new Set(words)].filter((word) => addresses.has(word));
}

/** A cycle of addresses, or undefined. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (address: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(address)) return [...path.slice(path.indexOf(address)), address];
    if (done.has(address)) return undefined;
    for (const next of graph.get(address) ?? []) {
      const cycle = visit(next, [...path, address]);
      if (cycle) return cycle;
    }
    done.add(address);
    return undefined;
  };
  for (const address of graph.keys()) {
    const cycle = visit(address, []);
    if (cycle) return cycle;
  }
  return undefined;
}

function graphOf({ resource = {} }: Configuration): Map<string, string[]> {
  const resources = new Map(
    Object.entries(resource).flatMap(([type, of]) =>
      Object.entries(of).map(([name, body]) => [`${type}.${name}`, body] as const),
    ),
  );
  const addresses = new Set(resources.keys());
  return new Map(
    [...resources].map(([address, body]) => {
      const { "//": _, ...rest } = body as Record<string, unknown>;
      return [address, references(rest, addresses)];
    }),
  );
}

afterAll(() => rmSync(outdir, { recursive: true, force: true }));

describe.each(STACKS)("%s", (stack) => {
  it("is read by Terraform, which finds the pinned providers in it", () => {
    const { code, output } = parse(stack, read(stack));
    expect(output).toMatch(/hashicorp\/(aws\] 6\.25\.0|kubernetes\] 2\.38\.0)/);
    expect(code).toBe(0);
  });

  it("has no cycle between its resources", () => {
    const graph = graphOf(read(stack));
    expect(graph.size).toBeGreaterThan(0);
    expect(findCycle(graph)).toBeUndefined();
  });
});
