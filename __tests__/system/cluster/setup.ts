import { readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { parse } from "yaml";
import { asObject } from "../../helpers/json";
import { crdFolder } from "../crds/openapi";
import { BUILDKIT_PROGRAMS, requirePrograms } from "../programs";
import { Api, type KubernetesObject, until } from "./api";
import { type ClusterFacts, ControlPlane } from "./control-plane";

declare module "vitest" {
  interface ProvidedContext {
    cluster: ClusterFacts;
  }
}

const BUILT = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;
const FOR_BUILDS = ["buildkitd", "buildctl", "buildx", "registry"] as const;

/** Starts a control plane that knows the kinds of actions-runner-controller. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const others = Object.values(networkInterfaces()).flat();
  if (others.some((address) => address?.internal === false)) {
    throw new Error("These servers need a network of their own: npm run test:cluster");
  }
  requirePrograms([...BUILT, ...FOR_BUILDS], { openssl: "apt-get install openssl", ...BUILDKIT_PROGRAMS });
  const definitions = crdFolder(process.env);
  const controlPlane = await ControlPlane.start();
  try {
    await define(new Api(controlPlane.facts, controlPlane.facts.admin), definitions);
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
  project.provide("cluster", controlPlane.facts);
  return () => controlPlane.stop();
}

/** Applies the custom resource definitions, and waits until they are served. */
async function define(admin: Api, folder: string): Promise<void> {
  const definitions = [
    ...readdirSync(folder).map((name) => parse(readFileSync(join(folder, name), "utf8")) as KubernetesObject),
    ...["Runner", "RunnerReplicaSet"].map(looseDefinition),
  ];
  for (const definition of definitions) await admin.apply(definition);
  for (const { spec } of definitions) {
    const { group, names } = asObject(spec);
    const path = `/apis/${group}/v1alpha1/${asObject(names).plural}`;
    await until(
      `${path} is served`,
      async () => (await admin.request("GET", path)).status === 200 || undefined,
    );
  }
}

/** A kind that the controller alone writes: takes any spec. */
function looseDefinition(kind: string): KubernetesObject {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.actions.summerwind.dev` },
    spec: {
      group: "actions.summerwind.dev",
      scope: "Namespaced",
      names: { kind, plural },
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
