import { describe, expect, it } from "vitest";
import type { EnvironmentInput } from "../../environment/environment";
import { environments } from "../helpers/example-environments";
import { DEMO, demo, demoWith } from "../helpers/input";
import { asList, asObject, asText, parseJson } from "../helpers/json";
import { synthesize } from "../helpers/synth";

const registry = (change: Partial<EnvironmentInput> = {}) => synthesize(demo(change)).stack("demo-registry");
const subjects = (github: Partial<EnvironmentInput["github"]>) => {
  const [trust] = registry({ github: { ...DEMO.github, ...github } }).statements(
    "aws_iam_role",
    "hosted-jobs/role",
    "assume_role_policy",
  );
  return trust?.Condition;
};

describe("registry: images", () => {
  it("makes a repository of each name in the environment's namespace", () => {
    const names = registry({ images: { repositories: ["app", "team/tool"] } })
      .all("aws_ecr_repository")
      .map(({ path, body }) => [path, body.name]);
    expect(names.sort()).toEqual([
      ["image-app/repository", "demo/app"],
      ["image-team--tool/repository", "demo/team/tool"],
    ]);
  });

  it("lets builds overwrite the cache's tags only", () => {
    expect(registry().body("aws_ecr_repository")).toMatchObject({
      image_tag_mutability: "IMMUTABLE_WITH_EXCLUSION",
      image_tag_mutability_exclusion_filter: [{ filter: "cache-*", filter_type: "WILDCARD" }],
    });
  });

  it("keeps so many images of each configuration that was chosen, and a cache for as long as it is pushed", () => {
    const stack = synthesize({
      ...demoWith("hosted-default", "custom-kubernetes"),
      images: { keepPerConfiguration: 3 },
    }).stack("demo-registry");
    const policy = asObject(parseJson(asText(stack.body("aws_ecr_lifecycle_policy").policy)));
    const rules = asList(policy.rules).map((rule) => asObject(asObject(rule).selection));
    expect(rules.map(({ tagPrefixList, countNumber }) => [tagPrefixList, countNumber])).toEqual([
      [undefined, 7],
      [["hosted-default-"], 3],
      [["custom-kubernetes-"], 3],
      [["cache-"], 30],
    ]);
  });

  it("encrypts with one rotated key of the environment where KMS is asked for", () => {
    const stack = registry({ images: { encryption: "KMS", repositories: ["a", "b"] } });
    for (const { body } of stack.all("aws_ecr_repository")) {
      expect(body.encryption_configuration).toEqual([
        { encryption_type: "KMS", kms_key: "<aws_kms_key.images-key.arn>" },
      ]);
    }
    expect(stack.body("aws_kms_key")).toMatchObject({ enable_key_rotation: true });
    expect(stack.body("aws_kms_alias").name).toBe("alias/buildx-demo-images");
  });

  it.each([
    ["destroy", true, 7],
    ["retain", false, 30],
  ] as const)(
    "with removal policy %s, deletes images: %s, and their key after %d days",
    (removalPolicy, forced, days) => {
      const stack = registry({ removalPolicy, images: { encryption: "KMS" } });
      expect(stack.body("aws_ecr_repository").force_delete).toBe(forced);
      expect(stack.body("aws_kms_key").deletion_window_in_days).toBe(days);
    },
  );
});

describe("registry: hosted jobs", () => {
  it("trust both forms of every branch and GitHub environment where ids are given", () => {
    const condition = subjects({
      ownerId: 1001,
      repositoryId: 2002,
      branches: ["main", "next"],
      deploymentEnvironments: ["production"],
    });
    expect(condition).toMatchObject({
      StringEquals: {
        "token.actions.githubusercontent.com:sub": [
          "repo:acme/images:ref:refs/heads/main",
          "repo:acme/images:ref:refs/heads/next",
          "repo:acme/images:environment:production",
          "repo:acme@1001/images@2002:ref:refs/heads/main",
          "repo:acme@1001/images@2002:ref:refs/heads/next",
          "repo:acme@1001/images@2002:environment:production",
        ],
      },
    });
  });

  it("are trusted through the provider of the account stack", () => {
    const [trust] = registry().statements("aws_iam_role", "hosted-jobs/role", "assume_role_policy");
    expect(trust?.Principal).toEqual({
      Federated: "<account:aws_iam_openid_connect_provider.github/provider.arn>",
    });
  });

  it("may ask for the address of this cluster with hosted-kubernetes", () => {
    expect(registry().statements("aws_iam_role_policy", "hosted-jobs-cluster")).toEqual([
      {
        Sid: "FindCluster",
        Effect: "Allow",
        Action: ["eks:DescribeCluster"],
        Resource: ["arn:aws:eks:us-west-2:444455556666:cluster/buildx-demo"],
      },
    ]);
  });

  it("may not ask for it without", () => {
    const stack = synthesize(demoWith("hosted-default", "custom-kubernetes")).stack("demo-registry");
    expect(stack.all("aws_iam_role_policy").map(({ path }) => path)).toEqual(["hosted-jobs-push"]);
  });

  it("have no role where none is hosted", () => {
    const stack = synthesize(demoWith("custom-default")).stack("demo-registry");
    expect(stack.types.filter((type) => type.startsWith("aws_iam"))).toEqual([]);
    expect(stack.outputs).not.toHaveProperty("hosted_role_arn");
  });
});

describe("registry: before anything is made", () => {
  const preconditions = (...inputs: EnvironmentInput[]) => {
    const [input] = inputs;
    const stack = synthesize(...inputs).stack(`${input?.name}-registry`);
    const lifecycle = asObject(stack.body("terraform_data", "preflight/conditions").lifecycle);
    return asList(lifecycle.precondition).map((condition) => asObject(condition));
  };

  it("asks an apply for the private key where runners register, and says how to give it", () => {
    expect(preconditions(demo())[0]).toEqual({
      condition: '<!terraform.applying || startswith(trimspace(var.github_app_private_key), "-----BEGIN")>',
      error_message:
        'Set the private key of the GitHub App first: export TF_VAR_github_app_private_key="$(cat your-app.private-key.pem)"',
    });
  });

  it("asks for no private key where none register", () => {
    const conditions = preconditions(demoWith("hosted-default", "hosted-kubernetes"));
    expect(conditions).toHaveLength(1);
    expect(synthesize(demoWith("hosted-default")).stack("demo-registry").json).not.toHaveProperty("variable");
  });

  it("finds no example's value in an environment of one's own", () => {
    expect(Object.values(asObject(registry().json.locals))).toEqual([[]]);
  });

  it("names the values that the examples leave to be replaced", () => {
    expect(preconditions(...environments)[1]?.error_message).toBe(
      "Replace the example's values first: accountId (111122223333); github.owner (your-organization); github.app.id (1); github.app.installationId (1); clusterAdmins (111122223333).",
    );
  });
});

describe("registry: outputs", () => {
  it("say where to push, from where, and as which role", () => {
    const values = Object.entries(registry().outputs).map(([name, { value }]) => [name, value]);
    expect(Object.fromEntries(values)).toEqual({
      repository_urls: {
        "large-python-container":
          "<aws_ecr_repository.image-large-python-container/repository.repository_url>",
      },
      region: "us-west-2",
      hosted_role_arn: "<aws_iam_role.hosted-jobs/role.arn>",
    });
  });
});
