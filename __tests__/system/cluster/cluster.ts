import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUILD_NAMESPACE, HOSTED_GROUP, RUNNER_SERVICE_ACCOUNT } from "../../../environment/names";
import { asObject, asText, type JsonObject } from "../../helpers/json";
import { issueClient } from "./control-plane/certificates";
import { type ClusterFacts, readFacts } from "./facts";
import { Kubectl, until } from "./kubectl";

/*
 * The cluster that a run of `npm run test:cluster` is about.
 *
 *   let cluster: Cluster;
 *   beforeAll(async () => { cluster = await Cluster.open(); });
 *   afterAll(() => cluster.close());
 *
 *   cluster.admin                          a Kubectl that may do everything
 *   await cluster.addNode({ name, cpu: "7910m", memory: "14162Mi", labels, taints })   ready when it returns
 *   await cluster.as("hosted") / as("runner")    a Kubectl of that identity (see IDENTITIES)
 *   await cluster.reset()                  away with namespaces buildx and actions-runner-system, and the test's nodes
 *
 * One file runs at a time, and each begins and ends with a cluster that is as new: call reset() before and after.
 */

/** Who a job is for the API server, in both places where it runs. */
export const IDENTITIES = ["hosted", "runner"] as const;
export type Identity = (typeof IDENTITIES)[number];

/** Label of every node that a test made. */
const TEST_NODE = { key: "buildx-on-eks/test", value: "node" } as const;
/** How the name of every volume begins that a test made. */
export const TEST_VOLUME = "buildx-on-eks-test-";
const ADMISSION = [
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingAdmissionPolicy",
];
const OWN_ADMISSION = new RegExp(`^(?:actions-runner-controller|${BUILD_NAMESPACE}-)`);
const NAMESPACES = [BUILD_NAMESPACE, "actions-runner-system"];
/** Whatever the role's session is called, rights hang on its group. */
const HOSTED_USER = "hosted-job";
const TOKEN_SECONDS = 3600;

/** A cluster is cleaned up before and after a file's tests. */
export const HOOK_MS = 300_000;

export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "NoExecute" | "PreferNoSchedule";
}

export interface TestNode {
  readonly name: string;
  /** What pods may use, as quantities. */
  readonly cpu: string;
  readonly memory: string;
  /** @default 58 */
  readonly pods?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly NodeTaint[];
}

export class Cluster {
  private readonly folder = mkdtempSync(join(tmpdir(), "identities-"));
  private readonly opened: Kubectl[] = [];

  private constructor(
    readonly admin: Kubectl,
    private readonly facts: ClusterFacts,
  ) {}

  /** @throws Error that says how to run these tests when they have no cluster */
  static async open(): Promise<Cluster> {
    const facts = readFacts(process.env);
    return new Cluster(await Kubectl.open(facts.kubeconfig), facts);
  }

  /** Folder of the programs that run where a command is run in a pod; undefined where none can be. */
  get execFolder(): string | undefined {
    return this.facts.execFolder;
  }

  /** Whether somebody is that identity only by an administrator's impersonation. */
  impersonates(identity: Identity): boolean {
    return identity === "hosted" && this.facts.clientCa === undefined;
  }

  async close(): Promise<void> {
    for (const kubectl of [...this.opened.splice(0), this.admin]) await kubectl.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Makes a node that kwok plays, and waits until pods may be put on it. */
  async addNode({ name, cpu, memory, pods = 58, labels = {}, taints = [] }: TestNode): Promise<void> {
    const amount = { cpu, memory, pods: String(pods), "ephemeral-storage": "200Gi" };
    await this.admin.create({
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        annotations: { "kwok.x-k8s.io/node": "fake" },
        labels: {
          "kubernetes.io/hostname": name,
          "kubernetes.io/os": "linux",
          "kubernetes.io/arch": "amd64",
          [TEST_NODE.key]: TEST_NODE.value,
          ...labels,
        },
      },
      spec: { taints: taints.map((taint) => ({ ...taint })) },
      status: { allocatable: amount, capacity: amount },
    });
    await until(`node ${name} is ready`, async () => {
      const { spec } = asObject(await this.admin.get("v1", "Node", undefined, name));
      const now = (asObject(spec).taints ?? []) as unknown as NodeTaint[];
      return now.every(({ key }) => !key.startsWith("node.kubernetes.io/")) || undefined;
    });
  }

  /** Takes away everything that the project's stacks and these tests make. */
  async reset(): Promise<void> {
    for (const object of await this.admission()) await this.admin.delete(object);
    await this.admin.deleteNamespaces(...NAMESPACES);
    const query = { labelSelector: `${TEST_NODE.key}=${TEST_NODE.value}` };
    for (const node of await this.admin.list("v1", "Node", undefined, query)) {
      const name = asText(asObject(node.metadata).name);
      await this.admin.delete({ apiVersion: "v1", kind: "Node", metadata: { name } });
    }
    for (const volume of await this.admin.list("v1", "PersistentVolume")) {
      const name = asText(asObject(volume.metadata).name);
      if (!name.startsWith(TEST_VOLUME)) continue;
      await this.admin.delete({ apiVersion: "v1", kind: "PersistentVolume", metadata: { name } });
    }
  }

  /** Path of a kubeconfig with which somebody is that identity. */
  async kubeconfigOf(identity: Identity): Promise<string> {
    const path = join(this.folder, `${identity}.kubeconfig`);
    writeFileSync(path, JSON.stringify(this.kubeconfig(await this.userOf(identity))), { mode: 0o600 });
    return path;
  }

  /** @param identity must exist: the runners' service account is part of the platform stack */
  async as(identity: Identity): Promise<Kubectl> {
    const kubectl = await Kubectl.open(await this.kubeconfigOf(identity));
    this.opened.push(kubectl);
    return kubectl;
  }

  private async userOf(identity: Identity): Promise<JsonObject> {
    if (identity === "runner") return { token: await this.tokenOf(RUNNER_SERVICE_ACCOUNT) };
    const { clientCa } = this.facts;
    if (clientCa) {
      const { certificate, key } = issueClient(clientCa, { user: HOSTED_USER, groups: [HOSTED_GROUP] });
      return {
        "client-certificate-data": Buffer.from(certificate).toString("base64"),
        "client-key-data": Buffer.from(key).toString("base64"),
      };
    }
    return { ...this.facts.user, as: HOSTED_USER, "as-groups": [HOSTED_GROUP] };
  }

  /** A token such as the kubelet mounts into a runner's pod. */
  private async tokenOf(serviceAccount: string): Promise<string> {
    const path = `/api/v1/namespaces/${BUILD_NAMESPACE}/serviceaccounts/${serviceAccount}/token`;
    const { status, body } = await this.admin.request("POST", path, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: TOKEN_SECONDS },
    });
    if (status >= 400) throw new Error(`no token for ${serviceAccount}: ${body.message}`);
    return asText(asObject(body.status).token);
  }

  private kubeconfig(user: JsonObject): JsonObject {
    return {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "test", cluster: this.facts.cluster }],
      users: [{ name: "test", user }],
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      "current-context": "test",
    };
  }

  /**
   * What decides about requests: webhooks of the controller, which fail closed where no controller runs, and policies of
   * namespace buildx.
   */
  private async admission() {
    const apiVersion = "admissionregistration.k8s.io/v1";
    const found = await Promise.all(
      ADMISSION.map(async (kind) =>
        (await this.admin.list(apiVersion, kind)).map(({ metadata }) => ({
          apiVersion,
          kind,
          metadata: { name: asText(asObject(metadata).name) },
        })),
      ),
    );
    return found.flat().filter(({ metadata }) => OWN_ADMISSION.test(metadata.name));
  }
}
