import fc from "fast-check";
import { CACHES } from "../../../environment/caches";
import { nodesNeeded, usable } from "../../../environment/capacity";
import { CONFIGURATIONS, needsOf } from "../../../environment/configurations";
import { type EnvironmentInput, environmentSchema } from "../../../environment/environment";
import { instanceTypeOf } from "../../../environment/instance-type";
import { ADDRESSES_PER_NODE, formatCidr, privateAddresses } from "../../../environment/network";
import { buildPods } from "../../../environment/pods";
import { SYSTEM_NODES } from "../../../environment/system-nodes";
import { VARIANTS } from "../../../environment/variants";

/** A group's props, each of which may be left out: half of the time it is. */
const some = <T extends object>(props: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(props, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

const unique = (item: fc.Arbitrary<string>, minLength: number, maxLength: number) =>
  fc.uniqueArray(item, { minLength, maxLength, selector: (text) => text.toLowerCase() });

const steps = (min: number, max: number, step: number) =>
  fc.integer({ min: min / step, max: max / step }).map((count) => count * step);

/** Names as people give them, and those that every JavaScript object has already. */
const word = fc.oneof(
  { arbitrary: fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/), weight: 9 },
  { arbitrary: fc.constant("constructor"), weight: 1 },
);
const name = fc
  .tuple(word, fc.array(fc.stringMatching(/^[a-z0-9]{1,6}$/), { maxLength: 3 }))
  .map((parts) => parts.flat().join("-"))
  .filter((text) => text !== "account");

const REGIONS = {
  "us-west-2": ["a", "b", "c", "d"],
  "us-east-1": ["a", "b", "c", "d", "f"],
  "eu-central-1": ["a", "b", "c"],
  "ap-northeast-1": ["a", "c", "d"],
} as const;

const place = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(...Object.entries(REGIONS)).chain(([region, letters]) =>
      fc.record({
        region: fc.constant(region),
        availabilityZones: fc.oneof(
          fc.constant(undefined),
          fc.integer({ min: 2, max: letters.length }),
          fc.shuffledSubarray([...letters], { minLength: 2 }).map((some) => some.map((l) => region + l)),
        ),
      }),
    ),
  },
  {
    weight: 1,
    // A region whose zones the project does not know.
    arbitrary: fc
      .shuffledSubarray(["a", "b", "c", "d", "e", "f"], { minLength: 2 })
      .map((letters) => ({ region: "eu-south-2", availabilityZones: letters.map((l) => `eu-south-2${l}`) })),
  },
);

/** First addresses of networks that a VPC may take, of a /16 each. */
const network = fc.oneof(
  fc.nat(255).map((octet) => 10 * 2 ** 24 + octet * 2 ** 16),
  fc.integer({ min: 64, max: 127 }).map((octet) => 100 * 2 ** 24 + octet * 2 ** 16),
  fc.constantFrom(16, 18, 25, 31).map((octet) => 172 * 2 ** 24 + octet * 2 ** 16),
  fc.constant(192 * 2 ** 24 + 168 * 2 ** 16),
);

const otherType = fc.record({
  name: fc.constantFrom("c6in.4xlarge", "c6i.8xlarge", "c7a.4xlarge", "m5.4xlarge", "c5.metal"),
  vcpu: fc.integer({ min: 8, max: 192 }),
  memoryGib: steps(32, 768, 0.5),
  maxPods: fc.integer({ min: 20, max: 234 }),
  usdPerHour: fc.integer({ min: 1, max: 10_000_000 }).map((units) => Number((units / 10_000).toFixed(4))),
});

const volume = {
  volumeIops: fc.integer({ min: 3000, max: 16_000 }),
  volumeThroughputMibps: fc.integer({ min: 125, max: 1000 }),
};

const branch = fc.oneof(
  fc.constantFrom("main", "release/v1.2_x", "feature/a+b", "renovate/@types-node", "a=b"),
  fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}[a-z0-9]$/),
);

const tagKey = fc
  .oneof(
    fc.stringMatching(/^[A-Za-z][A-Za-z0-9 _.:/=+@-]{0,40}$/),
    fc.constantFrom("constructor", "toString", "hasOwnProperty", "1", "cost center"),
  )
  .filter((key) => !/^(aws:|project$|environment$|managedby$|name$)/i.test(key));
const tags = fc
  .uniqueArray(fc.tuple(tagKey, fc.stringMatching(/^[A-Za-z0-9 _.:/=+@-]{0,60}$/)), {
    maxLength: 6,
    selector: ([key]) => key.toLowerCase(),
  })
  .map((entries) => Object.fromEntries(entries));

const state = fc.oneof(
  fc.constant({ type: "local" } as const),
  fc.record({
    type: fc.constant("s3" as const),
    bucket: fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$/),
    region: fc.constantFrom("us-west-2", "eu-west-1"),
    prefix: fc.constantFrom("buildx-on-eks", "a/b", "team!'()*"),
  }),
);

const ARN = "arn:aws:iam::";

/** Everything that an environment may say, drawn prop by prop. */
const drawn = fc.record({
  name,
  accountId: fc.stringMatching(/^\d{12}$/),
  place,
  network,
  prefix: fc.integer({ min: 16, max: 20 }),
  natGateways: fc.option(fc.constantFrom("one" as const, "per-zone" as const), { nil: undefined }),
  flowLogs: fc.option(fc.boolean(), { nil: undefined }),
  configurations: fc.shuffledSubarray([...CONFIGURATIONS], { minLength: 1 }),
  types: fc.option(fc.uniqueArray(otherType, { minLength: 1, maxLength: 3, selector: ({ name }) => name }), {
    nil: undefined,
  }),
  instance: fc.nat(4),
  kubernetesVersion: fc.option(fc.constantFrom("1.35", "1.36"), { nil: undefined }),
  github: fc.record({
    owner: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,20}$/),
    repository: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$/),
    ids: fc.option(fc.tuple(id(), id()), { nil: undefined }),
    branches: fc.option(fc.uniqueArray(branch, { minLength: 1, maxLength: 4 }), { nil: undefined }),
    deploymentEnvironments: fc.option(unique(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/), 0, 3), {
      nil: undefined,
    }),
    provider: fc.boolean(),
    app: fc.record(
      { id: id(), installationId: id(), privateKeyRevision: fc.integer({ min: 1, max: 1_000_000 }) },
      { requiredKeys: ["id", "installationId"] },
    ),
    withApp: fc.boolean(),
  }),
  runners: some({
    minReplicas: fc.nat(10),
    maxReplicas: fc.integer({ min: 1, max: 10 }),
    labels: unique(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,20}[A-Za-z0-9]$/).map((label) => `my-${label}`),
      1,
      4,
    ),
    cpu: steps(0.5, 5, 0.25),
    memoryGib: steps(1, 8, 0.5),
    agentCpu: steps(0.25, 2, 0.25),
    agentMemoryGib: steps(0.5, 4, 0.5),
  }),
  builders: some({
    mode: fc.constantFrom("per-job" as const, "warm" as const),
    replicas: fc.integer({ min: 1, max: 5 }),
    rootless: fc.boolean(),
    registryConcurrency: fc.integer({ min: 1, max: 64 }),
    maxConcurrent: fc.integer({ min: 1, max: 10 }),
    cpu: steps(0.5, 7.5, 0.25),
    memoryGib: steps(3, 12, 0.5),
    volumeGib: fc.integer({ min: 10, max: 16_384 }),
    rootInMemoryGib: fc.integer({ min: 2, max: 512 }),
    ...volume,
  }),
  nodes: some({
    minSize: fc.nat(10),
    maxSize: fc.integer({ min: 1, max: 40 }),
    volumeGib: fc.integer({ min: 50, max: 16_384 }),
    ...volume,
  }),
  build: some({
    image: fc.constantFrom(VARIANTS.original.image, VARIANTS.fast.image, "services/my_app"),
    output: fc.constantFrom(VARIANTS.original.output, VARIANTS.fast.output, "compression=estargz"),
    cache: fc.constantFrom(...CACHES),
  }),
  images: some({
    repositories: fc.uniqueArray(
      fc.oneof(word, fc.constantFrom("team/app", "team/app.cache_1-x", "large-python-container")),
      { minLength: 1, maxLength: 4 },
    ),
    immutableTags: fc.boolean(),
    encryption: fc.constantFrom("AES256" as const, "KMS" as const),
    untaggedExpiryDays: fc.integer({ min: 1, max: 3650 }),
    keepPerConfiguration: fc.integer({ min: 1, max: 1000 }),
  }),
  clusterAdmins: unique(fc.stringMatching(/^(team\/)?[a-z][a-zA-Z0-9+=,.@_-]{0,30}[a-zA-Z0-9]$/), 1, 3),
  withOperators: fc.boolean(),
  apiEndpoint: some({
    publicAccessCidrs: fc.constantFrom<string[][]>(["0.0.0.0/0"], ["203.0.113.0/24", "8.8.8.8/32"]),
    privateAccessCidrs: fc.constantFrom<string[][]>([], ["10.0.0.0/8", "192.168.1.0/24"]),
  }),
  logRetentionDays: fc.option(fc.constantFrom(1 as const, 30 as const, 365 as const, 3653 as const), {
    nil: undefined,
  }),
  removalPolicy: fc.option(fc.constantFrom("destroy" as const, "retain" as const), { nil: undefined }),
  tags: fc.option(tags, { nil: undefined }),
  state: fc.option(state, { nil: undefined }),
});

function id() {
  return fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
}

type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

/** Makes what was drawn apart fit together, as environment/rules.ts asks. */
function fitted(of: Drawn): EnvironmentInput {
  const needs = needsOf(of.configurations);
  const known = ["c5.2xlarge", "c5n.2xlarge", ...(of.types ?? []).map((type) => type.name)];
  const { ids, provider, withApp, app, ...github } = of.github;
  const input: EnvironmentInput = {
    name: of.name,
    accountId: of.accountId,
    ...of.place,
    vpcCidr: "",
    configurations: of.configurations,
    instanceType: known[of.instance % known.length] ?? "c5.2xlarge",
    otherInstanceTypes: of.types,
    natGateways: of.natGateways,
    flowLogs: of.flowLogs,
    kubernetesVersion: of.kubernetesVersion,
    github: {
      ...github,
      ...(ids && { ownerId: ids[0], repositoryId: ids[1] }),
      ...(provider && {
        oidcProviderArn: `${ARN}${of.accountId}:oidc-provider/token.actions.githubusercontent.com`,
      }),
      ...((needs.runners || withApp) && { app }),
    },
    runners: ordered(of.runners),
    builders: fittedBuilders(of.builders),
    build: of.build,
    images: of.images,
    clusterAdmins:
      needs.cluster || of.withOperators
        ? of.clusterAdmins.map((role) => `${ARN}${of.accountId}:role/${role}`)
        : undefined,
    apiEndpoint: of.apiEndpoint,
    logRetentionDays: of.logRetentionDays,
    removalPolicy: of.removalPolicy,
    tags: of.tags,
    state: of.state,
  };
  const needed = nodesFor(input);
  const maxSize = Math.max(of.nodes.maxSize ?? 4, needed, of.nodes.minSize ?? 1);
  const zones = of.place.availabilityZones;
  const prefix = largestPrefix(maxSize, Array.isArray(zones) ? zones.length : (zones ?? 2), of.prefix);
  return {
    ...input,
    nodes: { ...fittedVolume(of.nodes), maxSize },
    vpcCidr: formatCidr({ address: of.network, prefix }),
  };
}

function ordered(runners: Drawn["runners"]): Drawn["runners"] {
  if (runners.minReplicas === undefined && runners.maxReplicas === undefined) return runners;
  const { minReplicas = 2, maxReplicas = 2 } = runners;
  return {
    ...runners,
    minReplicas: Math.min(minReplicas, maxReplicas),
    maxReplicas: Math.max(minReplicas, maxReplicas),
  };
}

/** gp3 gives at most 500 IOPS for each GiB, and a quarter of the IOPS as MiB/s. */
function fittedVolume<T extends { volumeGib?: number; volumeIops?: number; volumeThroughputMibps?: number }>(
  of: T,
): T {
  const gib = of.volumeGib ?? 200;
  const iops = Math.max(3000, Math.min(of.volumeIops ?? 3000, gib * 500));
  const throughput = of.volumeThroughputMibps ?? 250;
  return {
    ...of,
    ...(of.volumeIops !== undefined && { volumeIops: iops }),
    ...(of.volumeThroughputMibps !== undefined && {
      volumeThroughputMibps: Math.min(throughput, Math.floor(iops / 4)),
    }),
  };
}

function fittedBuilders({ volumeGib, rootInMemoryGib, ...builders }: Drawn["builders"]): Drawn["builders"] {
  const warm = builders.mode === "warm";
  const memory = builders.memoryGib ?? 7;
  return {
    ...fittedVolume({ ...builders, ...(warm && volumeGib !== undefined && { volumeGib }) }),
    ...(!warm &&
      rootInMemoryGib !== undefined &&
      memory > 2 && {
        rootInMemoryGib: 2 + (rootInMemoryGib % Math.max(1, Math.ceil(memory) - 2)),
      }),
  };
}

/** Builder nodes that the environment's pods need. */
function nodesFor(input: EnvironmentInput): number {
  const pick = environmentSchema.pick({
    configurations: true,
    runners: true,
    builders: true,
    instanceType: true,
    otherInstanceTypes: true,
  });
  const { configurations, runners, builders, instanceType, otherInstanceTypes } = input;
  const environment = pick.parse({ configurations, runners, builders, instanceType, otherInstanceTypes });
  return nodesNeeded(usable(instanceTypeOf(environment)), 100, buildPods(environment)) ?? 100;
}

function largestPrefix(nodes: number, zones: number, wanted: number): number {
  const needed = (nodes + SYSTEM_NODES.maxSize) * ADDRESSES_PER_NODE;
  let prefix = wanted;
  while (prefix > 16 && privateAddresses(prefix, zones) < needed) prefix -= 1;
  return prefix;
}

/** Without the props that are not given: `undefined` says the same, and is not what a file holds. */
const given = (input: EnvironmentInput): EnvironmentInput =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as EnvironmentInput;

/** Valid environments, over all props. */
export const environments: fc.Arbitrary<EnvironmentInput> = drawn.map((of) => given(fitted(of)));

/** Two or three that may stand beside each other: another name and network each, the account's props alike. */
export const several: fc.Arbitrary<readonly EnvironmentInput[]> = fc
  .array(drawn, { minLength: 2, maxLength: 3 })
  .map((all) =>
    all.map((of, index) => {
      const [first = of] = all;
      return given(
        fitted({
          ...of,
          name: `${of.name.slice(0, 20).replace(/-$/, "")}${index}x`,
          accountId: first.accountId,
          network: 10 * 2 ** 24 + index * 2 ** 16,
          state: first.state,
          github: { ...of.github, provider: first.github.provider },
        }),
      );
    }),
  );
