import type { EnvironmentInput } from "../../../environment/environment";
import { BUILDERS_LABEL } from "../../../environment/names";
import { asObject, asText } from "../../helpers/json";
import { type Cluster, TEST_VOLUME } from "./cluster";
import { until } from "./kubectl";
import { kubernetesStacks } from "./rendered/environments";
import { objectsOf } from "./rendered/objects";
import { ApiSchemas } from "./rendered/openapi";

/** Applies what an environment's stacks hold for the cluster. */
export async function applyStacks({ admin }: Cluster, input: EnvironmentInput): Promise<void> {
  const schemas = await ApiSchemas.read(admin.read);
  for (const object of kubernetesStacks(input).flatMap((stack) => objectsOf(stack, schemas))) {
    await admin.apply(object);
  }
}

/** Adds a node as those of the builders' node group are. */
export const addBuilderNode = (cluster: Cluster, name: string) =>
  cluster.addNode({
    name,
    cpu: "7910m",
    memory: "18898Mi",
    labels: { [BUILDERS_LABEL.key]: BUILDERS_LABEL.value },
    taints: [{ ...BUILDERS_LABEL, effect: "NoSchedule" }],
  });

/**
 * Waits until a StatefulSet's pods are ready, and gives them the volumes that they wait for, as the EBS driver would.
 */
export async function readyStatefulSet({ admin }: Cluster, namespace: string, name: string): Promise<void> {
  await until(`StatefulSet ${name} is ready`, async () => {
    for (const claim of await admin.list("v1", "PersistentVolumeClaim", namespace)) {
      const metadata = asObject(claim.metadata);
      const spec = asObject(claim.spec);
      const chosen = asObject(metadata.annotations ?? {})["volume.kubernetes.io/selected-node"];
      if (spec.volumeName !== undefined || chosen === undefined) continue;
      await admin.apply({
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name: `${TEST_VOLUME}${asText(metadata.uid)}` },
        spec: {
          capacity: asObject(asObject(spec.resources).requests),
          accessModes: spec.accessModes ?? [],
          storageClassName: spec.storageClassName ?? "",
          // Nothing is behind it, so nothing is to be deleted.
          persistentVolumeReclaimPolicy: "Retain",
          hostPath: { path: "/nowhere" },
          claimRef: {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            namespace,
            name: asText(metadata.name),
          },
        },
      });
    }
    const { status } = (await admin.get("apps/v1", "StatefulSet", namespace, name)) ?? {};
    return asObject(status ?? {}).readyReplicas === 1 || undefined;
  });
}
