import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, LocalBackend, TerraformStack } from "cdktf";
import type { EnvironmentInput } from "../../environment/environment";
import { loadEnvironments } from "../../environment/load";
import { createApp } from "../../main";
import { asList, asObject, asText, isObject, type Json, type JsonObject, parseJson } from "./json";

/**
 * One resource as Terraform would read it, without cdktf's comment. References are written in angle brackets and by
 * construct path instead of by logical id: `<aws_eks_cluster.cluster/cluster.name>`, and
 * `<demo-registry:aws_iam_role.hosted-jobs/role.arn>` where they lead into another stack.
 */
export interface Resource {
  readonly type: string;
  /** Construct path within the stack. */
  readonly path: string;
  readonly body: JsonObject;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export class SynthesizedStack {
  readonly resources: readonly Resource[];

  constructor(
    readonly name: string,
    /** The file's own text. */
    readonly text: string,
    /** The same with readable references. */
    readonly json: JsonObject,
  ) {
    this.resources = Object.entries(asObject(json.resource ?? {})).flatMap(([type, of]) =>
      Object.values(asObject(of)).map((value) => {
        const { "//": comment, ...body } = asObject(value);
        const path = asText(asObject(asObject(comment).metadata).path);
        return { type, path: path.slice(path.indexOf("/") + 1), body };
      }),
    );
  }

  get types(): string[] {
    return [...new Set(this.resources.map(({ type }) => type))].sort();
  }

  all(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** @throws Error unless there is exactly one of the type (at the path, if one is given) */
  one(type: string, path?: string): Resource {
    const found = this.all(type).filter((resource) => path === undefined || resource.path === path);
    const [only] = found;
    if (!only || found.length > 1) {
      const there = this.all(type).map((resource) => resource.path);
      throw new Error(`${this.name} has ${found.length} ${type} ${path ?? ""}; it has ${there.join(", ")}`);
    }
    return only;
  }

  body(type: string, path?: string): JsonObject {
    return this.one(type, path).body;
  }

  /** Statements of a policy of a resource. */
  statements(type: string, path: string, attribute = "policy"): Statement[] {
    const document = asObject(parseJson(asText(this.body(type, path)[attribute])));
    if (document.Version !== "2012-10-17") throw new Error(`unknown policy version of ${path}`);
    return asList(document.Statement) as unknown as Statement[];
  }

  dependencies(type: string, path: string): string[] {
    return asList(this.body(type, path).depends_on ?? []).map((address) => asText(address));
  }

  /** Outputs that somebody wrote: without those that cdktf adds to pass values between stacks. */
  get outputs(): Record<string, JsonObject> {
    return Object.fromEntries(
      Object.entries(asObject(this.json.output ?? {}))
        .filter(([name]) => !name.startsWith("cross-stack-output-"))
        .map(([name, value]) => [name, asObject(value)]),
    );
  }

  provider(name: string): JsonObject {
    const [only, ...others] = asList(asObject(this.json.provider)[name], `provider ${name}`);
    if (others.length > 0) throw new Error(`${this.name} has more than one ${name} provider`);
    return asObject(only);
  }

  get terraform(): JsonObject {
    return asObject(this.json.terraform);
  }
}

export interface Synthesized {
  readonly stacks: ReadonlyMap<string, SynthesizedStack>;
  /** Stacks by the stacks that must be deployed before them, as the manifest has them. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** Texts of all files that were written, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** @throws Error when there is no such stack */
  stack(name: string): SynthesizedStack;
}

function filesBelow(folder: string, path = ""): string[] {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(folder, join(path, entry.name)) : [join(path, entry.name)],
  );
}

/** Runs `write` on a new folder and reads what it wrote there. */
function inFolder(write: (outdir: string) => void): Map<string, string> {
  const outdir = mkdtempSync(join(tmpdir(), "synth-"));
  try {
    write(outdir);
    return new Map(filesBelow(outdir).map((path) => [path, readFileSync(join(outdir, path), "utf8")]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const ADDRESS = /\b((?:aws|kubernetes|helm|terraform)_\w+)\.([\w-]+)/g;
const CROSS_STACK =
  /\$\{data\.terraform_remote_state\.cross-stack-reference-input-([\w-]+?)\.outputs\.([\w-]+)\}/g;
const CROSS_STACK_IN_CALL =
  /data\.terraform_remote_state\.cross-stack-reference-input-([\w-]+?)\.outputs\.([\w-]+)/g;

/** Rewrites the references of a stack's JSON, see {@link Resource}. */
function readable(name: string, raw: ReadonlyMap<string, JsonObject>): JsonObject {
  const paths = once(
    (stack: string) =>
      new Map<string, string>(
        Object.entries(asObject(raw.get(stack)?.resource ?? {})).flatMap(([type, of]) =>
          Object.entries(asObject(of)).map(([id, body]) => {
            const path = asText(asObject(asObject(asObject(body)["//"]).metadata).path);
            return [`${type}.${id}`, `${type}.${path.slice(path.indexOf("/") + 1)}`] as const;
          }),
        ),
      ),
  );
  const local = (stack: string, text: string) => {
    const known = paths(stack);
    return text.replace(ADDRESS, (address) => known.get(address) ?? address);
  };
  const outputOf = (stack: string, output: string) => {
    const value = asText(asObject(asObject(raw.get(stack)?.output)[output], output).value);
    return `${stack}:${local(stack, value.slice(2, -1))}`;
  };
  const inText = (text: string) =>
    local(
      name,
      text
        .replace(CROSS_STACK, (_, stack: string, output: string) => `\${${outputOf(stack, output)}}`)
        .replace(CROSS_STACK_IN_CALL, (_, stack: string, output: string) => outputOf(stack, output)),
    ).replace(/\$\{([^{}]*)\}/g, "<$1>");
  const inValue = (value: Json): Json => {
    if (typeof value === "string") return inText(value);
    if (Array.isArray(value)) return value.map((inner: Json) => inValue(inner));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inValue(inner)]));
  };
  return asObject(inValue(raw.get(name) ?? {}));
}

function read(files: ReadonlyMap<string, string>): Synthesized {
  const texts = new Map(
    [...files]
      .filter(([path]) => path.endsWith("cdk.tf.json"))
      .map(([path, text]) => [path.split("/")[1] ?? "", text] as const),
  );
  const raw = new Map([...texts].map(([name, text]) => [name, asObject(parseJson(text))]));
  const stacks = new Map(
    [...texts].map(([name, text]) => [name, new SynthesizedStack(name, text, readable(name, raw))]),
  );
  const manifest = asObject(asObject(parseJson(files.get("manifest.json") ?? "{}")).stacks);
  const dependencies = new Map(
    Object.entries(manifest).map(([name, stack]) => [
      name,
      asList(asObject(stack).dependencies).map((dependency) => asText(dependency)),
    ]),
  );
  return {
    files,
    stacks,
    dependencies,
    stack(name) {
      const stack = stacks.get(name);
      if (!stack) throw new Error(`no stack ${name}; there are ${[...stacks.keys()].join(", ")}`);
      return stack;
    },
  };
}

/** Makes something once for each argument, told apart by JSON. */
export function once<T, R>(make: (of: T) => R): (of: T) => R {
  const made = new Map<string, R>();
  return (of) => {
    const key = JSON.stringify(of);
    const result = made.has(key) ? (made.get(key) as R) : make(of);
    made.set(key, result);
    return result;
  };
}

/** Synthesizes environments the way `cdktf synth` does, into a folder of its own. */
export function synthesizeAnew(inputs: readonly EnvironmentInput[]): Synthesized {
  return read(inFolder((outdir) => createApp(loadEnvironments(inputs), { outdir }).synth()));
}

const synthesizeOnce = once(synthesizeAnew);

/** The same, once for each input. */
export const synthesize = (...inputs: readonly EnvironmentInput[]): Synthesized => synthesizeOnce(inputs);

/** A stack that holds what `build` puts into it, and the three providers. */
export function synthesizeConstruct(build: (stack: TerraformStack) => void): SynthesizedStack {
  const files = inFolder((outdir) => {
    const app = new App({ outdir });
    const stack = new TerraformStack(app, "test");
    new LocalBackend(stack, { path: "test.tfstate" });
    new AwsProvider(stack, "aws", { region: "us-west-2" });
    new KubernetesProvider(stack, "kubernetes", {});
    new HelmProvider(stack, "helm", {});
    build(stack);
    app.synth();
  });
  return read(files).stack("test");
}
