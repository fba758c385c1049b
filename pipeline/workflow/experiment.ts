import { CACHES } from "../../environment/caches";
import { type Configuration, needsOf } from "../../environment/configurations";
import type { Environment } from "../../environment/environment";
import { CACHE_TAG_PREFIX, namesOf, runnerLabels } from "../../environment/names";
import { gibToMib } from "../../environment/pods";
import { BUILDX_VERSION } from "../../environment/toolchain";
import { VARIANTS } from "../../environment/variants";
import { warmBuilderFor } from "../../environment/warm-builders";
import { BUILDKITD_FLAGS, buildResources, driverOptions, machineFacts } from "./driver";
import { assumeRole, checkOut, type Step } from "./steps";
import { ACTIONS, HOSTED_RUNNER, uses } from "./toolchain";
import { variableNames } from "./variables";

/** Longer than any build of the experiment: the original's slowest took under ten minutes. */
export const JOB_TIMEOUT_MINUTES = 60;
const ARTIFACT_DAYS = 14;
/** The unpacked size that the experiment's own image must have. */
const IMAGE_SIZE = "3.5GB..5.5GB";
/** Only the experiment's own image has that size, whichever way it is built. */
const OWN_IMAGES = Object.values(VARIANTS).map(({ image }) => image);

/** The workflow that builds one image in each asked configuration and keeps what each build was measured by. */
export function experimentWorkflow(environment: Environment): object {
  return {
    name: `Experiment ${environment.name}`,
    "run-name": "Experiment ${{ inputs.experiment }} round ${{ inputs.round }} [${{ inputs.request }}]",
    on: { workflow_dispatch: { inputs: inputs(environment) } },
    permissions: {},
    // Runs of the same configurations wait for each other, others do not. What runs is never cancelled; of those that
    // wait GitHub keeps only the newest, so dispatch one after the other.
    concurrency: {
      group: `experiment-${environment.name}-\${{ inputs.configurations }}`,
      "cancel-in-progress": false,
    },
    jobs: Object.fromEntries(
      environment.configurations.map((configuration) => [configuration, job(environment, configuration)]),
    ),
  };
}

function inputs({ configurations, build, images }: Environment) {
  const text = (description: string, value: string) => ({
    description,
    type: "string",
    required: true,
    default: value,
  });
  return {
    experiment: text("Name that all builds of one experiment share", "by-hand"),
    round: text("Number of the round", "1"),
    request: text("Unique mark of this dispatch, by which its run is found", "by-hand"),
    configurations: text("Configurations to build, separated by commas", configurations.join(",")),
    image: text("Folder with a Dockerfile, or the path of one", build.image),
    context: {
      description: "Folder that the build may read; the Dockerfile's own without one",
      type: "string",
      required: false,
      default: build.context ?? "",
    },
    output: text(
      'Attributes of the image exporter, such as compression=zstd,force-compression=true, or "default"',
      build.output,
    ),
    cache: {
      description:
        "Build cache: none measures a build from scratch, registry-min is the fast one for pipeline/image/Dockerfile, local uses what a warm builder kept",
      type: "choice",
      required: true,
      default: build.cache,
      options: [...CACHES],
    },
    // GitHub shows a choice of one as a question without an answer.
    ...(images.repositories.length > 1 && {
      repository: {
        description: "Image repository to push to",
        type: "choice",
        required: true,
        default: images.repositories[0],
        options: [...images.repositories],
      },
    }),
    provenance: {
      description: "Provenance attestation",
      type: "choice",
      required: true,
      default: "false",
      options: ["false", "min", "max"],
    },
  };
}

function job(environment: Environment, configuration: Configuration): object {
  const hosted = needsOf([configuration]).hostedRole;
  return {
    name: configuration,
    if: `contains(format(',{0},', inputs.configurations), ',${configuration},')`,
    "runs-on": hosted
      ? HOSTED_RUNNER
      : ["self-hosted", ...runnerLabels(environment.name, environment.runners.labels)],
    "timeout-minutes": JOB_TIMEOUT_MINUTES,
    permissions: { contents: "read", ...(hosted && { "id-token": "write" }) },
    env: jobEnv(environment, configuration),
    steps: [
      checkOut,
      ...(hosted ? [assumeRole(environment)] : []),
      { name: "Log in to ECR", uses: uses(ACTIONS.ecrLogin), with: { "mask-password": "true" } },
      ...(configuration === "hosted-kubernetes" ? [findCluster(environment)] : []),
      createBuilder(environment, configuration),
      buildAndPush(environment),
      assertSize(),
      { name: "Write down the facts", run: "python3 pipeline/scripts/facts.py" },
      keepRecord(configuration),
      ...(isWarm(environment, configuration) ? [] : [removeBuilder]),
    ],
  };
}

/** Also after a cancel: a builder that is left holds its node's memory. */
const removeBuilder: Step = {
  name: "Remove builder",
  if: "always()",
  run: 'docker buildx rm --force "$BUILDER" || true',
};

const isWarm = ({ builders }: Environment, configuration: Configuration) =>
  builders.mode === "warm" && configuration.endsWith("-kubernetes");

function builderName(environment: Environment, configuration: Configuration): string {
  return isWarm(environment, configuration)
    ? expression(
        byRepository(environment, (repository) => warmBuilderFor(environment, configuration, repository)),
      )
    : `build-\${{ github.run_id }}-\${{ github.run_attempt }}-${configuration}`;
}

/** An expression, or a text for the workflow as it is. */
type Chosen = { readonly expression: string } | { readonly text: string };

/** What belongs to the image repository that is pushed to: one value where all have the same. */
function byRepository({ images }: Environment, belonging: (repository: string) => string): Chosen {
  const values = images.repositories.map((repository) => [repository, belonging(repository)] as const);
  const [first, ...others] = new Set(values.map(([, value]) => value));
  if (others.length === 0) return { text: first ?? "" };
  return { expression: `fromJSON('${JSON.stringify(Object.fromEntries(values))}')[inputs.repository]` };
}

const expression = (chosen: Chosen) => ("text" in chosen ? chosen.text : `\${{ ${chosen.expression} }}`);

function repositoryUrl(environment: Environment): string {
  const { imageRepositories } = variableNames(environment);
  const variable = byRepository(environment, (repository) => imageRepositories.get(repository) ?? "");
  return `\${{ ${"text" in variable ? `vars.${variable.text}` : `vars[${variable.expression}]`} }}`;
}

function jobEnv(environment: Environment, configuration: Configuration): Readonly<Record<string, string>> {
  const { cpu, memoryGib } = buildResources(environment, configuration);
  return {
    AWS_REGION: environment.region,
    // The zone's own endpoint, which a private subnet reaches inside the VPC.
    AWS_STS_REGIONAL_ENDPOINTS: "regional",
    BUILDER: builderName(environment, configuration),
    ENVIRONMENT: environment.name,
    CONFIGURATION: configuration,
    EXPERIMENT: "${{ inputs.experiment }}",
    ROUND: "${{ inputs.round }}",
    IMAGE: "${{ inputs.image }}",
    CONTEXT: "${{ inputs.context }}",
    ...buildSettings(environment),
    OUTPUT: "${{ inputs.output }}",
    CACHE: "${{ inputs.cache }}",
    PROVENANCE: "${{ inputs.provenance }}",
    REPOSITORY_URL: repositoryUrl(environment),
    // Unique, because tags are immutable and a commit is built in many rounds.
    TAG: `${configuration}-\${{ github.sha }}-\${{ github.run_id }}-\${{ github.run_attempt }}`,
    CACHE_TAG: `${CACHE_TAG_PREFIX}${configuration}`,
    DEFAULT_BRANCH: "${{ github.event.repository.default_branch }}",
    // Not in the checkout, which may be the build's context.
    RECORD: `/tmp/build-record-\${{ github.run_id }}-\${{ github.run_attempt }}-${configuration}`,
    BUILD_CPUS: String(cpu),
    BUILD_MEMORY_BYTES: String(gibToMib(memoryGib) * 1024 * 1024),
    ...machineFacts(environment, configuration),
  };
}

/** What every build gets beside the inputs; nothing where the environment says nothing. */
function buildSettings({ build }: Environment): Readonly<Record<string, string>> {
  const args = Object.entries(build.args).map(([name, value]) => `${name}=${value}\n`);
  return {
    ...(args.length > 0 && { BUILD_ARGS: args.join("") }),
    ...(build.target !== undefined && { TARGET: build.target }),
    ...(build.platforms && { PLATFORM: build.platforms.join(",") }),
    ...(build.secrets.length > 0 && { BUILD_SECRETS: build.secrets.join(" ") }),
  };
}

/** This step alone sees the secrets. The prefix keeps their names apart from those of the job's own variables. */
function buildAndPush({ build }: Environment): Step {
  const secrets = build.secrets.map((name) => [`BUILD_SECRET_${name}`, `\${{ secrets.${name} }}`] as const);
  return {
    name: "Build and push",
    ...(secrets.length > 0 && { env: Object.fromEntries(secrets) }),
    run: "bash pipeline/scripts/build.sh",
  };
}

function findCluster({ name, region }: Environment): Step {
  return {
    name: "Find the cluster",
    run: `aws eks update-kubeconfig --region ${region} --name ${namesOf(name).cluster.value}`,
  };
}

function createBuilder(environment: Environment, configuration: Configuration): Step {
  return {
    name: "Create builder",
    uses: uses(ACTIONS.setupBuildx),
    with: {
      version: BUILDX_VERSION,
      name: "${{ env.BUILDER }}",
      driver: configuration.endsWith("-kubernetes") ? "kubernetes" : "docker-container",
      "driver-opts": `${driverOptions(environment, configuration).join("\n")}\n`,
      "buildkitd-flags": BUILDKITD_FLAGS,
      // Saves seconds in a step that is not measured, and would let one job leave a binary for the next.
      "cache-binary": false,
      // A warm builder is not this job's to remove, and it has no right to.
      ...(isWarm(environment, configuration) && { cleanup: false }),
    },
  };
}

/** Streams all layers once more, so once for each experiment and configuration, outside of what is timed. */
function assertSize(): Step {
  return {
    name: "Assert the image's size",
    if: `inputs.round == '1' && contains(fromJSON('${JSON.stringify(OWN_IMAGES)}'), inputs.image)`,
    run: [
      // The runner image of the cluster has none, and layers may be zstd.
      "command -v zstd || { sudo apt-get update -qq && sudo apt-get install -y -qq zstd; }",
      `python3 pipeline/image/measure.py "$REPOSITORY_URL:$TAG" --platform "\${PLATFORM:-linux/amd64}" --assert-unpacked ${IMAGE_SIZE} > "$RECORD/size.json"`,
      "",
    ].join("\n"),
  };
}

function keepRecord(configuration: Configuration): Step {
  return {
    name: "Keep the record",
    // A failed build's progress tells why.
    if: "always()",
    uses: uses(ACTIONS.uploadArtifact),
    with: {
      name: `build-${configuration}-\${{ inputs.round }}`,
      path: "${{ env.RECORD }}/facts.json\n${{ env.RECORD }}/progress.rawjson\n",
      "if-no-files-found": "error",
      "retention-days": ARTIFACT_DAYS,
    },
  };
}
