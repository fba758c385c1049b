import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { asList, asObject, isObject, type Json } from "../../../helpers/json";
import { crdFolder } from "../../crds/openapi";
import { type Kubectl, type Sendable, until } from "../kubectl";

/** actions-runner-controller's own kinds, as far as the tests' folder does not define them. */
const MADE_BY_CONTROLLER = ["Runner", "RunnerReplicaSet"];
const GROUP = "actions.summerwind.dev";

/** Custom resource definitions in the folder that CRDS names. @throws Error that says how to give the folder */
function definitionsIn(env: Readonly<Record<string, string | undefined>>): Sendable[] {
  const folder = crdFolder(env);
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => parse(readFileSync(join(folder, name), "utf8")) as Json)
    .filter((value) => isObject(value) && value.kind === "CustomResourceDefinition") as unknown as Sendable[];
}

/** A definition that takes any spec, for kinds that nobody but the controller writes. */
function looseDefinition(kind: string): Sendable {
  const singular = kind.toLowerCase();
  const plural = `${singular}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular },
      versions: [
        {
          name: "v1alpha1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  };
}

/** Defines the kinds of actions-runner-controller, and waits until the API server serves them. */
export async function define(
  admin: Kubectl,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Sendable[]> {
  const real = definitionsIn(env);
  const names = new Set(real.map(({ spec }) => asObject(asObject(spec).names).kind));
  const all = [...real, ...MADE_BY_CONTROLLER.filter((kind) => !names.has(kind)).map(looseDefinition)];
  for (const definition of all) await admin.apply(definition);
  for (const { apiVersion, kind, metadata } of all) {
    await until(`${metadata.name} is served`, async () => {
      const { status } = (await admin.get(apiVersion, kind, undefined, metadata.name)) ?? {};
      const conditions = asList(asObject(status ?? {}).conditions ?? []).map((one) => asObject(one));
      return conditions.some(({ type, status: is }) => type === "Established" && is === "True") || undefined;
    });
  }
  return all;
}

/** Takes the definitions away, with all that is made from them. */
export async function undefine(admin: Kubectl, definitions: readonly Sendable[]): Promise<void> {
  for (const definition of definitions) await admin.delete(definition);
  for (const definition of definitions) await admin.gone(definition);
}
