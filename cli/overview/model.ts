import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SET_GITHUB_APP_KEY } from "../../constructs/github-app-key";
import { PRICE_REGION, PRICES_CHECKED } from "../../environment/aws-facts";
import { place, usable } from "../../environment/capacity";
import { CONFIGURATIONS, type Configuration, needsOf } from "../../environment/configurations";
import { buildCost, type CostItem, monthlyCost, total } from "../../environment/cost";
import type { Environment } from "../../environment/environment";
import { instanceTypeOf } from "../../environment/instance-type";
import { placeholdersIn } from "../../environment/placeholders";
import { buildPods } from "../../environment/pods";
import { warningsFor } from "../../environment/warnings";
import { neededNodes } from "../../stacks/environment-stacks";

/** The build whose cost is shown: the original's slowest took 9m16s. */
const BUILD_MINUTES = 9;

/** What takes minutes to make, by Terraform's resource type, and how many it usually takes. */
const SLOW: ReadonlyMap<string, number> = new Map([
  ["aws_eks_cluster", 10],
  ["aws_eks_node_group", 3],
  ["aws_nat_gateway", 2],
  ["aws_vpc_endpoint", 1],
  ["aws_eks_addon", 1],
  ["helm_release", 1],
]);

export interface StackOverview {
  readonly name: string;
  readonly resources: number;
  /** Resources that take a minute or more each, by type. */
  readonly slow: readonly { readonly type: string; readonly count: number; readonly minutesEach: number }[];
}

export interface ConfigurationOverview {
  readonly configuration: Configuration;
  readonly chosen: boolean;
  /** Stacks without which it does not work. */
  readonly stacks: readonly string[];
  /** US dollars for a build of `minutes`. */
  readonly build: { readonly minutes: number; readonly usd: number };
}

export interface EnvironmentOverview {
  readonly name: string;
  readonly region: string;
  readonly instanceType: string;
  readonly configurations: readonly ConfigurationOverview[];
  /** In the order in which they are deployed. */
  readonly stacks: readonly StackOverview[];
  /** Absent where there is no cluster. */
  readonly capacity?: {
    readonly node: { readonly milliCpu: number; readonly memoryMib: number; readonly pods: number };
    readonly minNodes: number;
    readonly initialNodes: number;
    readonly maxNodes: number;
    readonly pods: readonly {
      readonly name: string;
      readonly count: number;
      readonly milliCpu: number;
      readonly memoryMib: number;
    }[];
    /** Pods by name, for each of the initial nodes. */
    readonly placement: readonly Readonly<Record<string, number>>[];
  };
  readonly monthlyUsd: { readonly items: readonly CostItem[]; readonly total: number };
  readonly warnings: readonly string[];
  readonly next: readonly { readonly why: string; readonly command: string }[];
}

export interface Overview {
  readonly prices: { readonly region: string; readonly checked: string; readonly currency: "USD" };
  readonly environments: readonly EnvironmentOverview[];
  /** What concerns none of them alone. */
  readonly warnings: readonly string[];
}

/** Reads the synthesized stacks in `outdir` and explains these environments. */
export function overviewOf(
  environments: readonly Environment[],
  outdir: string,
  warnings: readonly string[] = [],
): Overview {
  return {
    warnings,
    prices: { region: PRICE_REGION, checked: PRICES_CHECKED, currency: "USD" },
    environments: environments.map((environment) => environmentOverview(environment, outdir)),
  };
}

function environmentOverview(environment: Environment, outdir: string): EnvironmentOverview {
  const needs = needsOf(environment.configurations);
  const items = monthlyCost(environment, needs.cluster ? neededNodes(environment) : 0);
  return {
    name: environment.name,
    region: environment.region,
    instanceType: environment.instanceType,
    configurations: CONFIGURATIONS.map((configuration) => ({
      configuration,
      chosen: environment.configurations.includes(configuration),
      stacks: stackNames(environment.name, [configuration]),
      build: { minutes: BUILD_MINUTES, usd: buildCost(environment, configuration, BUILD_MINUTES) },
    })),
    stacks: stackNames(environment.name, environment.configurations).map((name) =>
      stackOverview(name, outdir),
    ),
    ...(needs.cluster && { capacity: capacityOf(environment) }),
    monthlyUsd: { items, total: total(items) },
    warnings: warningsFor(environment),
    next: nextCommands(environment),
  };
}

function stackNames(environment: string, configurations: readonly Configuration[]): string[] {
  const needs = needsOf(configurations);
  return [
    "account",
    `${environment}-registry`,
    ...(needs.cluster ? [`${environment}-cluster`, `${environment}-platform`] : []),
    ...(needs.runners ? [`${environment}-runners`] : []),
  ];
}

interface SynthesizedStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function stackOverview(name: string, outdir: string): StackOverview {
  const file = join(outdir, "stacks", name, "cdk.tf.json");
  const { resource = {} } = JSON.parse(readFileSync(file, "utf8")) as SynthesizedStack;
  const counts = Object.entries(resource).map(([type, of]) => ({ type, count: Object.keys(of).length }));
  return {
    name,
    resources: counts.reduce((sum, { count }) => sum + count, 0),
    slow: counts.flatMap(({ type, count }) => {
      const minutesEach = SLOW.get(type);
      return minutesEach === undefined ? [] : [{ type, count, minutesEach }];
    }),
  };
}

function capacityOf(environment: Environment): NonNullable<EnvironmentOverview["capacity"]> {
  const node = usable(instanceTypeOf(environment));
  const nodes = neededNodes(environment);
  const pods = buildPods(environment).filter(({ count }) => count > 0);
  return {
    node,
    minNodes: environment.nodes.minSize,
    initialNodes: nodes,
    maxNodes: environment.nodes.maxSize,
    pods,
    placement: (place(node, nodes, pods) ?? []).map((held) => Object.fromEntries(held)),
  };
}

/** Whether the Kubernetes API, if there is one, has a public endpoint. */
function canDeployFromAnywhere({ configurations }: Environment): boolean {
  const needs = needsOf(configurations);
  return !needs.cluster || needs.publicApiEndpoint;
}

function nextCommands(environment: Environment): EnvironmentOverview["next"] {
  const { name, configurations } = environment;
  const key = needsOf(configurations).runners
    ? [{ why: "Hand over the GitHub App's private key", command: SET_GITHUB_APP_KEY }]
    : [];
  const edit =
    placeholdersIn(environment).length > 0
      ? [{ why: "Replace the example's values", command: "$EDITOR environments/*.ts" }]
      : [];
  const whole = `npx cdktf deploy account '${name}-*'`;
  const deploy = canDeployFromAnywhere(environment)
    ? [{ why: "Deploy", command: whole }]
    : [
        { why: "Deploy the cluster", command: `npx cdktf deploy account ${name}-registry ${name}-cluster` },
        { why: "Deploy the rest, from where the private endpoint can be reached", command: whole },
      ];
  return [
    ...edit,
    ...key,
    ...deploy,
    environment.removalPolicy === "destroy"
      ? { why: "Destroy, images included", command: `npx cdktf destroy '${name}-*'` }
      : {
          why: 'Destroy, after a deploy with removalPolicy "destroy"',
          command: `npx cdktf destroy '${name}-*'`,
        },
  ];
}
