import { expect, test } from "vitest";
import { CONFIGURATIONS, type Configuration } from "../../../environment/configurations";
import type { EnvironmentInput } from "../../../environment/environment";
import { warmBuilderFor } from "../../../environment/warm-builders";
import { loadOne, SUBSETS } from "../../helpers/input";
import { asObject, asText, textsIn } from "../../helpers/json";
import { jobOf, jobsOf, stepOf, stepsOf, textOf, valuesOf, workflowOf } from "./rendered";

const ENVIRONMENT = loadOne();
const HOSTED: readonly Configuration[] = ["hosted-default", "hosted-kubernetes"];
const CUSTOM: readonly Configuration[] = ["custom-default", "custom-kubernetes"];

const named = SUBSETS.map((configurations) => ({ configurations, label: configurations.join(" + ") }));

test.each(named)("$label: a job for each of them and for no other", ({ configurations }) => {
  const environment = loadOne({ configurations: [...configurations] });
  const workflow = workflowOf(environment);
  expect(Object.keys(jobsOf(workflow))).toEqual([...configurations]);
  const inputs = asObject(asObject(asObject(workflow.on).workflow_dispatch).inputs);
  expect(asObject(inputs.configurations).default).toBe(configurations.join(","));
});

test("only hosted jobs get an identity token", () => {
  for (const [names, permissions] of [
    [HOSTED, { contents: "read", "id-token": "write" }],
    [CUSTOM, { contents: "read" }],
  ] as const) {
    for (const name of names) expect(jobOf(ENVIRONMENT, name).permissions).toEqual(permissions);
  }
});

test("a job runs only when its configuration is asked for by its whole name", () => {
  for (const name of CONFIGURATIONS) {
    expect(jobOf(ENVIRONMENT, name).if).toBe(`contains(format(',{0},', inputs.configurations), ',${name},')`);
  }
});

test("hosted jobs run on an image that is named by its release, custom jobs on this environment's runners", () => {
  const environment = loadOne({ runners: { labels: ["big", "spot"] } });
  for (const name of HOSTED) expect(jobOf(environment, name)["runs-on"]).toBe("ubuntu-24.04");
  for (const name of CUSTOM) {
    expect(jobOf(environment, name)["runs-on"]).toEqual(["self-hosted", "big", "spot", "buildx-demo"]);
  }
});

test("the workflow itself may do nothing, and what runs is never cancelled by another run", () => {
  const workflow = workflowOf(ENVIRONMENT);
  expect(workflow.permissions).toEqual({});
  expect(workflow.concurrency).toEqual({
    group: "experiment-demo-${{ inputs.configurations }}",
    "cancel-in-progress": false,
  });
});

test("starts only by hand or by the experiment's program, which finds its run by its name", () => {
  const workflow = workflowOf(ENVIRONMENT);
  expect(Object.keys(asObject(workflow.on))).toEqual(["workflow_dispatch"]);
  expect(workflow["run-name"]).toContain("[${{ inputs.request }}]");
});

test("every input has a default, so that a run by hand needs none", () => {
  const inputs = asObject(asObject(asObject(workflowOf(ENVIRONMENT).on).workflow_dispatch).inputs);
  expect(
    Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, asObject(input).default])),
  ).toEqual({
    experiment: "by-hand",
    round: "1",
    request: "by-hand",
    configurations: CONFIGURATIONS.join(","),
    image: ENVIRONMENT.build.image,
    context: "",
    output: ENVIRONMENT.build.output,
    cache: ENVIRONMENT.build.cache,
    provenance: "false",
  });
  expect(asObject(inputs.cache).options).toEqual(["none", "local", "inline", "registry-min", "registry"]);
  expect(asObject(inputs.provenance).options).toEqual(["false", "min", "max"]);
});

test.each([
  { name: "hosted-default", role: true, cluster: false },
  { name: "hosted-kubernetes", role: true, cluster: true },
  { name: "custom-default", role: false, cluster: false },
  { name: "custom-kubernetes", role: false, cluster: false },
] as const)("$name: its steps, in order", ({ name, role, cluster }) => {
  expect(stepsOf(jobOf(ENVIRONMENT, name)).map((step) => step.name)).toEqual([
    "Check out",
    ...(role ? ["Assume the role of hosted jobs"] : []),
    "Log in to ECR",
    ...(cluster ? ["Find the cluster"] : []),
    "Create builder",
    "Build and push",
    "Assert the image's size",
    "Write down the facts",
    "Keep the record",
    "Remove builder",
  ]);
});

test("hosted jobs assume the role of the repository variable in the environment's region", () => {
  for (const name of HOSTED) {
    expect(stepOf(jobOf(ENVIRONMENT, name), "Assume the role of hosted jobs").with).toEqual({
      "role-to-assume": "${{ vars.BUILDX_DEMO_HOSTED_ROLE_ARN }}",
      "aws-region": "us-west-2",
      "mask-aws-account-id": true,
    });
  }
});

test("hosted-kubernetes writes a kubeconfig for this environment's cluster", () => {
  expect(stepOf(jobOf(ENVIRONMENT, "hosted-kubernetes"), "Find the cluster").run).toBe(
    "aws eks update-kubeconfig --region us-west-2 --name buildx-demo",
  );
});

test("images go to the repository of the repository variable, each build under a tag of its own", () => {
  for (const name of CONFIGURATIONS) {
    expect(jobOf(ENVIRONMENT, name).env).toMatchObject({
      REPOSITORY_URL: "${{ vars.BUILDX_DEMO_IMAGE_REPOSITORY }}",
      TAG: `${name}-\${{ github.sha }}-\${{ github.run_id }}-\${{ github.run_attempt }}`,
      CACHE_TAG: `cache-${name}`,
      BUILDER: `build-\${{ github.run_id }}-\${{ github.run_attempt }}-${name}`,
      AWS_REGION: "us-west-2",
    });
  }
});

test("a hyphen in the environment's name is an underscore in its variables", () => {
  const job = jobOf(loadOne({ name: "west-c5n" }), "custom-default");
  expect(asObject(job.env).REPOSITORY_URL).toBe("${{ vars.BUILDX_WEST_C5N_IMAGE_REPOSITORY }}");
});

test("a job that drives a pod says what the pod's machine is; a job on the machine asks the machine", () => {
  const machine = (name: Configuration) =>
    Object.entries(asObject(jobOf(ENVIRONMENT, name).env)).filter(([key]) => key.startsWith("MACHINE_"));
  expect(machine("hosted-default")).toEqual([]);
  expect(Object.fromEntries(machine("hosted-kubernetes"))).toEqual({
    MACHINE_TYPE: "c5n.2xlarge",
    MACHINE_REGION: "us-west-2",
    MACHINE_CPUS: "8",
    MACHINE_MEMORY_BYTES: String(21 * 1024 ** 3),
  });
  for (const name of CUSTOM) {
    expect(Object.fromEntries(machine(name))).toEqual({
      MACHINE_TYPE: "c5n.2xlarge",
      MACHINE_REGION: "us-west-2",
    });
  }
});

test("every job ends by itself, and gives a build the same CPUs and memory", () => {
  for (const job of Object.values(jobsOf(workflowOf(ENVIRONMENT)))) {
    expect(job["timeout-minutes"]).toBe(60);
    expect(job.env).toMatchObject({ BUILD_CPUS: "2", BUILD_MEMORY_BYTES: String(7 * 1024 ** 3) });
  }
});

test("the builder goes last, also after a failure and a cancel; the record is kept in both", () => {
  for (const job of Object.values(jobsOf(workflowOf(ENVIRONMENT)))) {
    expect(stepsOf(job).at(-1)).toEqual({
      name: "Remove builder",
      if: "always()",
      run: 'docker buildx rm --force "$BUILDER" || true',
    });
    expect(stepOf(job, "Keep the record").if).toBe("always()");
  }
});

test("a warm builder is used by its name, and neither the job nor the action removes it", () => {
  const environment = loadOne({ builders: { mode: "warm" } });
  for (const name of ["hosted-kubernetes", "custom-kubernetes"] as const) {
    const job = jobOf(environment, name);
    expect(asObject(job.env).BUILDER).toBe(`warm-${name.replace("-kubernetes", "")}-a`);
    expect(asObject(stepOf(job, "Create builder").with).cleanup).toBe(false);
    expect(stepsOf(job).map((step) => step.name)).not.toContain("Remove builder");
  }
  for (const name of ["hosted-default", "custom-default"] as const) {
    expect(jobOf(environment, name)).toEqual(jobOf(ENVIRONMENT, name));
  }
});

test("an artifact has the name by which the experiment's program looks for it", () => {
  for (const name of CONFIGURATIONS) {
    expect(stepOf(jobOf(ENVIRONMENT, name), "Keep the record").with).toMatchObject({
      name: `build-${name}-\${{ inputs.round }}`,
      path: "${{ env.RECORD }}/facts.json\n${{ env.RECORD }}/progress.rawjson\n",
      "if-no-files-found": "error",
    });
  }
});

test("what is built, and how, is the environment's own unless an input says otherwise", () => {
  const build = { image: "services/api", output: "compression=gzip", cache: "registry" } as const;
  const inputs = asObject(asObject(asObject(workflowOf(loadOne({ build })).on).workflow_dispatch).inputs);
  for (const [name, value] of Object.entries(build)) expect(asObject(inputs[name]).default).toBe(value);
});

test("the experiment's own image must have its size, in the first round, whichever way it is built", () => {
  const step = stepOf(jobOf(ENVIRONMENT, "custom-default"), "Assert the image's size");
  expect(step.if).toBe(
    `inputs.round == '1' && contains(fromJSON('["pipeline/image/Dockerfile.original","pipeline/image"]'), inputs.image)`,
  );
  expect(step.run).toContain("--assert-unpacked 3.5GB..5.5GB");
});

test("no key, secret or password is written or read, and no account number", () => {
  const text = textOf(ENVIRONMENT) + textOf(ENVIRONMENT, "sweep");
  expect(text).not.toMatch(/secrets\.|access-key|AKIA|[^-]password|\bGITHUB_TOKEN\b|github\.token/i);
  expect(text).not.toContain(ENVIRONMENT.accountId);
});

test("the password of the registry is masked, and the checkout leaves no token in the workspace", () => {
  for (const job of Object.values(jobsOf(workflowOf(ENVIRONMENT)))) {
    expect(stepOf(job, "Log in to ECR").with).toEqual({ "mask-password": "true" });
    expect(stepOf(job, "Check out").with).toEqual({ "persist-credentials": false });
  }
});

test("no expression stands in a script: what a person types reaches the shell as a variable only", () => {
  for (const kind of ["experiment", "sweep"] as const) {
    const scripts = valuesOf("run", workflowOf(ENVIRONMENT, kind)).map((script) => asText(script));
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script).not.toContain("${{");
  }
});

test("reads nothing of the event but the inputs, the commit and the run", () => {
  const expressions = textsIn(workflowOf(ENVIRONMENT)).flatMap((text) =>
    [...text.matchAll(/\$\{\{ *(.*?) *\}\}/g)].map(([, expression]) => expression),
  );
  expect([...new Set(expressions)].sort()).toEqual([
    "env.BUILDER",
    "env.RECORD",
    "github.event.repository.default_branch",
    "github.run_attempt",
    "github.run_id",
    "github.sha",
    "inputs.cache",
    "inputs.configurations",
    "inputs.context",
    "inputs.experiment",
    "inputs.image",
    "inputs.output",
    "inputs.provenance",
    "inputs.request",
    "inputs.round",
    "vars.BUILDX_DEMO_HOSTED_ROLE_ARN",
    "vars.BUILDX_DEMO_IMAGE_REPOSITORY",
  ]);
});

test("hands what the environment says of a build to it, and secrets to that step alone", () => {
  const job = jobOf(
    loadOne({
      build: {
        context: ".",
        args: { A: "1", B: "two words" },
        target: "web",
        secrets: ["PIP_INDEX", "TOKEN"],
        platforms: ["linux/arm64"],
      },
    }),
    "hosted-default",
  );
  expect(job.env).toMatchObject({
    BUILD_ARGS: "A=1\nB=two words\n",
    TARGET: "web",
    PLATFORM: "linux/arm64",
    BUILD_SECRETS: "PIP_INDEX TOKEN",
  });
  const build = stepOf(job, "Build and push");
  expect(build.env).toEqual({
    BUILD_SECRET_PIP_INDEX: secret("PIP_INDEX"),
    BUILD_SECRET_TOKEN: secret("TOKEN"),
  });
  const others = stepsOf(job).filter(({ name }) => name !== "Build and push");
  expect(textsIn([asObject(job.env), ...others]).filter((text) => text.includes("secrets."))).toEqual([]);
});

test("one of several repositories is chosen by an input, with the variable and the warm builder that are its own", () => {
  const repositories = ["web", "jobs/x"];
  const environment = loadOne({
    images: { repositories },
    builders: { mode: "warm", replicas: 2 },
    nodes: { maxSize: 8 },
  });
  const inputs = asObject(asObject(asObject(workflowOf(environment).on).workflow_dispatch).inputs);
  expect(inputs.repository).toMatchObject({ type: "choice", default: "web", options: repositories });
  const chosen = (map: object) => `fromJSON('${JSON.stringify(map)}')[inputs.repository]`;
  const env = asObject(jobOf(environment, "hosted-kubernetes").env);
  const urls = {
    web: "BUILDX_DEMO_IMAGE_REPOSITORY_WEB",
    "jobs/x": "BUILDX_DEMO_IMAGE_REPOSITORY_JOBS_X",
  };
  expect(env.REPOSITORY_URL).toBe(`$${`{{ vars[${chosen(urls)}] }}`}`);
  const builders = Object.fromEntries(
    repositories.map((repository) => [
      repository,
      warmBuilderFor(environment, "hosted-kubernetes", repository),
    ]),
  );
  expect(new Set(Object.values(builders)).size).toBe(2);
  expect(env.BUILDER).toBe(`$${`{{ ${chosen(builders)} }}`}`);
});

const secret = (name: string) => ["$", "{{ secrets.", name, " }}"].join("");

/** Lines that a change of the environment adds to the workflow, without those that only repeat. */
function addedBy(change: Partial<EnvironmentInput>, from: Partial<EnvironmentInput> = {}): string[] {
  const before = new Set(textOf(loadOne(from)).split("\n"));
  const added = textOf(loadOne(change))
    .split("\n")
    .filter((line) => !before.has(line));
  return [...new Set(added.map((line) => line.trim()))];
}

test.each<{
  prop: string;
  from?: Partial<EnvironmentInput>;
  change: Partial<EnvironmentInput>;
  added: string[];
}>([
  {
    prop: "builders.cpu and runners.cpu",
    change: { builders: { cpu: 2.5 }, runners: { cpu: 2.5 } },
    added: ['BUILD_CPUS: "2.5"', "cpu-quota=250000", "requests.cpu=2500m", "limits.cpu=2500m"],
  },
  {
    prop: "builders.memoryGib and runners.memoryGib",
    change: { builders: { memoryGib: 6.5 }, runners: { memoryGib: 6.5 } },
    added: [
      'BUILD_MEMORY_BYTES: "6979321856"',
      "memory=6656m",
      "memory-swap=6656m",
      "requests.memory=6656Mi",
      "limits.memory=6656Mi",
    ],
  },
  { prop: "runners.labels", change: { runners: { labels: ["other"] } }, added: ["- other"] },
  {
    prop: "region",
    change: { region: "eu-west-1" },
    added: [
      "AWS_REGION: eu-west-1",
      "aws-region: eu-west-1",
      "MACHINE_REGION: eu-west-1",
      "run: aws eks update-kubeconfig --region eu-west-1 --name buildx-demo",
    ],
  },
  {
    prop: "builders.volumeGib",
    from: { builders: { mode: "warm" } },
    change: { builders: { mode: "warm", volumeGib: 120 } },
    added: ["persistent-volume-claim.requests.storage=120Gi"],
  },
  {
    prop: "instanceType",
    change: { instanceType: "c5.2xlarge" },
    added: ["MACHINE_TYPE: c5.2xlarge", `MACHINE_MEMORY_BYTES: "${16 * 1024 ** 3}"`],
  },
])("a change of $prop changes these lines and no other", ({ change, added, from }) => {
  expect(addedBy(change, from).sort()).toEqual([...added].sort());
});
