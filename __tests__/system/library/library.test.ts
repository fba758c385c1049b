import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import libraryJson from "../../../constructs/package.json";
import packageJson from "../../../package.json";

const PROJECT = resolve(__dirname, "../../..");
const LIBRARY = join(PROJECT, "constructs");
/** Pages whose TypeScript is compiled and run, in this order. */
const PAGES = [join(LIBRARY, "README.md"), join(PROJECT, "docs", "using-a-construct.md")];

/** An empty cdktf app outside of the repository. */
const app = mkdtempSync(join(tmpdir(), "library-"));
afterAll(() => rmSync(app, { recursive: true, force: true }));

function run(command: string, args: readonly string[], cwd: string, env = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** The resources of the stack that an example synthesizes. */
function resourcesOf(example: number, stack: string): Record<string, Record<string, unknown>> {
  const outdir = join(app, `out-${example}`);
  run(process.execPath, [`example-${example}.js`], app, { CDKTF_OUTDIR: outdir });
  return JSON.parse(readFileSync(join(outdir, "stacks", stack, "cdk.tf.json"), "utf8")).resource;
}
const only = (resources: Record<string, unknown> = {}) => Object.values(resources)[0];

let packed: string[];

beforeAll(() => {
  run("npm", ["run", "build"], PROJECT);
  const [tarball] = JSON.parse(
    run("npm", ["pack", "--json", "--workspace", libraryJson.name, "--pack-destination", app], PROJECT),
  );
  packed = tarball.files.map(({ path }: { path: string }) => path);

  const { "@cdktf/provider-aws": aws, ...dependencies } = packageJson.dependencies;
  writeFileSync(
    join(app, "package.json"),
    JSON.stringify({
      name: "app",
      private: true,
      dependencies: {
        [libraryJson.name]: `file:${tarball.filename}`,
        "@cdktf/provider-aws": aws,
        "@cdktf/provider-helm": dependencies["@cdktf/provider-helm"],
        "@cdktf/provider-kubernetes": dependencies["@cdktf/provider-kubernetes"],
        cdktf: dependencies.cdktf,
        constructs: dependencies.constructs,
      },
      devDependencies: {
        "@types/node": packageJson.devDependencies["@types/node"],
        typescript: libraryJson.devDependencies.typescript,
      },
    }),
  );
  copyFileSync(
    join(PROJECT, "node_modules", "cdktf-cli", "bundle", "templates", "typescript", "tsconfig.json"),
    join(app, "tsconfig.json"),
  );
  const examples = PAGES.flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code),
  );
  expect(examples).toHaveLength(4);
  for (const [i, code] of examples.entries()) writeFileSync(join(app, `example-${i}.ts`), code);
  writeFileSync(
    join(app, "deep.ts"),
    `export { ImageRepository } from "${libraryJson.name}/lib/image-repository";
     export { POLICY_RULES } from "${libraryJson.name}/lib/policy";`,
  );
  run("npm", ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"], app);
  run("npx", ["tsc"], app);
}, 300_000);

describe("the package", () => {
  it("holds JavaScript, declarations, README and license, and nothing else", () => {
    const sources = readdirSync(LIBRARY).filter((name) => name.endsWith(".ts"));
    expect(packed).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
    const code = packed.filter((path) => path.startsWith("lib/") && !path.startsWith("lib/policy/"));
    expect(code.sort()).toEqual(
      sources
        .map((name) => `lib/${name.replace(/\.ts$/, "")}`)
        .flatMap((path) => [`${path}.d.ts`, `${path}.js`])
        .sort(),
    );
    expect(
      packed.filter((path) => !/^(LICENSE|README\.md|package\.json|lib\/.*(\.d\.ts|\.js))$/.test(path)),
    ).toEqual([]);
  });

  it("can be imported one construct at a time", () => {
    const program =
      "const all = require('./deep'); console.log(all.ImageRepository.name, all.POLICY_RULES.length > 0);";
    expect(run(process.execPath, ["--eval", program], app)).toBe("ImageRepository true\n");
  });
});

interface Reflection {
  readonly name: string;
  readonly flags?: { readonly isOptional?: boolean };
  readonly comment?: {
    readonly summary: readonly unknown[];
    readonly blockTags?: readonly { readonly tag: string }[];
  };
  readonly type?: {
    readonly declaration?: Reflection;
    readonly types?: readonly { readonly declaration?: Reflection }[];
  };
  readonly children?: readonly Reflection[];
}

describe("the documentation of the props", () => {
  /** Props below one, those of objects written in place included, by their path. */
  const propsOf = ({ children = [], type }: Reflection, path: string): [string, Reflection][] => [
    ...children.flatMap((child): [string, Reflection][] => [
      [`${path}.${child.name}`, child],
      ...propsOf(child, `${path}.${child.name}`),
    ]),
    ...[type, ...(type?.types ?? [])].flatMap((of) => (of?.declaration ? propsOf(of.declaration, path) : [])),
  ];

  it("says what each is, and what an optional one is by default", () => {
    const json = join(app, "api.json");
    run("npm", ["run", "api", "--", "--json", json, "--out", join(app, "api")], LIBRARY);
    const modules: Reflection[] = JSON.parse(readFileSync(json, "utf8")).children;
    const props = modules
      .flatMap(({ children = [] }) => children)
      .filter(({ name }) => name.endsWith("Props"))
      .flatMap((of) => propsOf(of, of.name));
    expect(props.length).toBeGreaterThan(100);
    const silent = props.filter(([, { comment }]) => !comment?.summary.length);
    expect(silent.map(([path]) => path)).toEqual([]);
    const open = props.filter(
      ([, { flags, comment }]) =>
        flags?.isOptional && !comment?.blockTags?.some(({ tag }) => tag === "@default"),
    );
    expect(open.map(([path]) => path)).toEqual([]);
  });
});

describe("the pages' examples, compiled by tsc with cdktf's own settings", () => {
  it("make a repository that one branch can push to", () => {
    const resources = resourcesOf(0, "images");
    expect(only(resources.aws_ecr_repository)).toMatchObject({
      name: "service",
      image_tag_mutability: "IMMUTABLE_WITH_EXCLUSION",
    });
    expect(JSON.stringify(resources.aws_iam_role)).toContain(
      "repo:your-organization/service:ref:refs/heads/main",
    );
  });

  it("make a warm builder in an existing cluster, and let a group use it", () => {
    const resources = resourcesOf(1, "builder");
    expect(only(resources.kubernetes_stateful_set_v1)).toMatchObject({
      metadata: { name: "warm0" },
      spec: { template: { spec: { container: [{ image: "moby/buildkit:v0.31.2" }] } } },
    });
    expect(JSON.stringify(resources.kubernetes_role_v1)).toContain("warm0-0");
    expect(Object.keys(resources).filter((type) => type.startsWith("aws_"))).toEqual([]);
  });

  it("make a cluster with its network, add-ons and nodes", () => {
    const resources = resourcesOf(2, "cluster");
    expect(only(resources.aws_eks_cluster)).toMatchObject({ name: "builds", version: "1.35" });
    expect(only(resources.aws_eks_node_group)).toMatchObject({
      instance_types: ["c5n.2xlarge"],
      scaling_config: { min_size: 1, max_size: 4, desired_size: 1 },
    });
    expect(
      Object.values(resources.aws_iam_role ?? {})
        .map((role) => (role as { name: string }).name)
        .sort(),
    ).toEqual(["builds-cluster", "builds-node", "builds-vpc-cni"]);
    expect(Object.keys(resources.aws_eks_addon ?? {})).toHaveLength(4);
  });

  it("make an encrypted repository that the policy passes, with tags", () => {
    const resources = resourcesOf(3, "images");
    expect(only(resources.aws_ecr_repository)).toMatchObject({
      name: "team/service",
      encryption_configuration: [{ encryption_type: "KMS" }],
    });
  });
});
