import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bareEnv } from "../../pipeline/workflow/scripts";
import { Daemon } from "../daemon";
import { builtTool, CACHE } from "../programs";
import type { Server } from "./api";
import { AUTHORITY, CLIENT, makeCertificate, type Pair } from "./certificates";

/** Nothing else listens in this network, so the ports are the usual ones. */
const ADDRESS = "127.0.0.1";
const API = `https://${ADDRESS}:6443`;
const ETCD = `http://${ADDRESS}:2379`;
const ETCD_PEERS = `http://${ADDRESS}:2380`;
const KUBELET_PORT = 10250;
/** kwok's own rules for nodes and pods; .ci/tools/install.sh takes them out of its module. */
const KWOK_STAGES = join(CACHE, "kwok-stages");

/** What the tests know about the cluster. */
export interface ClusterFacts extends Server {
  /** May do everything. */
  readonly admin: Pair;
  /** Signs client certificates. */
  readonly authority: Pair;
  /** Programs in this folder run when a command runs in a pod. */
  readonly execFolder: string;
}

/** The part of a kubeconfig that says who asks. */
export type User = Readonly<Record<string, string>>;

export const kubeconfig = ({ url, ca }: Server, user: User) =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: url, "certificate-authority": ca } }],
    users: [{ name: "test", user }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });

export const certificateUser = ({ certificate, key }: Pair): User => ({
  "client-certificate": certificate,
  "client-key": key,
});

/**
 * A Kubernetes control plane on this machine: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, and kwok
 * in place of nodes.
 */
export class ControlPlane {
  readonly facts: ClusterFacts;
  private readonly folder = mkdtempSync(join(tmpdir(), "control-plane-"));
  private readonly daemons: Daemon[] = [];
  private readonly serving: Pair;

  private constructor() {
    const authority = makeCertificate(this.path("ca"), { commonName: "cluster", extensions: AUTHORITY });
    const names = `subjectAltName = IP:${ADDRESS},DNS:localhost,DNS:kubernetes.default.svc`;
    this.serving = makeCertificate(
      this.path("serving"),
      { commonName: "localhost", extensions: ["extendedKeyUsage = serverAuth", names] },
      authority,
    );
    this.facts = {
      url: API,
      ca: authority.certificate,
      authority,
      admin: this.client("admin", authority, "system:masters"),
      execFolder: this.path("exec"),
    };
    mkdirSync(this.facts.execFolder);
  }

  /** @throws Error with the end of a program's log if it does not start */
  static async start(): Promise<ControlPlane> {
    const controlPlane = new ControlPlane();
    try {
      await controlPlane.startEtcd();
      await controlPlane.startApiServer();
      await Promise.all([
        controlPlane.startControllerManager(),
        controlPlane.startScheduler(),
        controlPlane.startKwok(),
      ]);
      return controlPlane;
    } catch (error) {
      await controlPlane.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const daemon of this.daemons.splice(0).reverse()) await daemon.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private startEtcd(): Promise<void> {
    return this.run("etcd", `${ETCD}/readyz`, [
      ...[`--data-dir=${this.path("etcd")}`, "--unsafe-no-fsync", "--log-level=warn"],
      ...[`--listen-client-urls=${ETCD}`, `--advertise-client-urls=${ETCD}`],
      ...[`--listen-peer-urls=${ETCD_PEERS}`, `--initial-advertise-peer-urls=${ETCD_PEERS}`],
      `--initial-cluster=default=${ETCD_PEERS}`,
    ]);
  }

  private startApiServer(): Promise<void> {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(this.path("accounts.pub"), publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(this.path("accounts.key"), privateKey.export({ type: "pkcs8", format: "pem" }));
    const kubelet = this.client("kubelet-client", this.facts.authority, "system:masters");
    return this.run("kube-apiserver", `${API}/readyz`, [
      ...[`--etcd-servers=${ETCD}`, `--client-ca-file=${this.facts.ca}`],
      ...[`--bind-address=${ADDRESS}`, `--advertise-address=${ADDRESS}`],
      // An address of loopback cannot be an endpoint of the service `kubernetes`.
      ...["--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.96.0.0/16"],
      ...this.servingFlags(),
      // As on EKS, beside the default admission (PodSecurity, ResourceQuota, LimitRanger and others).
      ...["--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction"],
      ...["--allow-privileged=true", "--service-account-issuer=https://kubernetes.default.svc"],
      `--service-account-key-file=${this.path("accounts.pub")}`,
      `--service-account-signing-key-file=${this.path("accounts.key")}`,
      "--kubelet-preferred-address-types=InternalIP",
      `--kubelet-certificate-authority=${this.facts.ca}`,
      ...[`--kubelet-client-certificate=${kubelet.certificate}`, `--kubelet-client-key=${kubelet.key}`],
    ]);
  }

  private startControllerManager(): Promise<void> {
    return this.run("kube-controller-manager", `https://${ADDRESS}:10257/healthz`, [
      ...[`--kubeconfig=${this.kubeconfigOf("system:kube-controller-manager")}`, "--leader-elect=false"],
      ...["--use-service-account-credentials=true", `--bind-address=${ADDRESS}`, ...this.servingFlags()],
      `--root-ca-file=${this.facts.ca}`,
      `--service-account-private-key-file=${this.path("accounts.key")}`,
    ]);
  }

  private startScheduler(): Promise<void> {
    return this.run("kube-scheduler", `https://${ADDRESS}:10259/readyz`, [
      ...[`--kubeconfig=${this.kubeconfigOf("system:kube-scheduler")}`, "--leader-elect=false"],
      ...[`--bind-address=${ADDRESS}`, ...this.servingFlags()],
    ]);
  }

  /** Each pod on a node with the annotation `kwok.x-k8s.io/node: fake` is ready at once. */
  private startKwok(): Promise<void> {
    const admin = this.write("admin.kubeconfig", kubeconfig(this.facts, certificateUser(this.facts.admin)));
    const exec = {
      apiVersion: "kwok.x-k8s.io/v1alpha1",
      kind: "ClusterExec",
      metadata: { name: "here" },
      spec: { execs: [{ local: {} }] },
    };
    const options = {
      apiVersion: "config.kwok.x-k8s.io/v1alpha1",
      kind: "KwokConfiguration",
      options: {
        // Options that are left out of the file would be 0.
        cidr: "10.0.0.1/16",
        podPlayStageParallelism: 4,
        nodePlayStageParallelism: 4,
        podsOnNodeSyncParallelism: 4,
        nodeLeaseParallelism: 4,
        nodeLeaseDurationSeconds: 40,
        manageNodesWithAnnotationSelector: "kwok.x-k8s.io/node=fake",
        nodeIP: ADDRESS,
        enableDebuggingHandlers: true,
        nodePort: KUBELET_PORT,
        serverAddress: `${ADDRESS}:${KUBELET_PORT}`,
        tlsCertFile: this.serving.certificate,
        tlsPrivateKeyFile: this.serving.key,
      },
    };
    const stages = readdirSync(KWOK_STAGES).sort();
    const config = this.write(
      "kwok.yaml",
      [
        JSON.stringify(options),
        JSON.stringify(exec),
        ...stages.map((name) => readFileSync(join(KWOK_STAGES, name), "utf8")),
      ].join("\n---\n"),
    );
    return this.run("kwok", `https://${ADDRESS}:${KUBELET_PORT}/healthz`, [
      ...[`--kubeconfig=${admin}`, `--config=${config}`],
    ]);
  }

  /** Starts a program, and waits until it says that it is ready. */
  private async run(name: string, ready: string, args: readonly string[]): Promise<void> {
    const env = bareEnv();
    // kwok looks for a pod's programs where it looks for its own.
    const path = `${this.facts.execFolder}:${env.PATH}`;
    const daemon = new Daemon(name, builtTool(name), args, { ...env, PATH: path });
    this.daemons.push(daemon);
    await daemon.until(() => this.isReady(ready));
  }

  private isReady(url: string): Promise<true | undefined> {
    const ask = url.startsWith("https:") ? https : http;
    return new Promise((resolve) => {
      ask
        .get(url, { ca: readFileSync(this.facts.ca), agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode === 200 || undefined);
        })
        .once("error", () => resolve(undefined));
    });
  }

  private servingFlags(): string[] {
    return [`--tls-cert-file=${this.serving.certificate}`, `--tls-private-key-file=${this.serving.key}`];
  }

  private client(user: string, authority: Pair, ...groups: string[]): Pair {
    const subject = { commonName: user, organizations: groups, extensions: CLIENT };
    return makeCertificate(this.path(user), subject, authority);
  }

  private kubeconfigOf(user: string): string {
    const client = this.client(user, this.facts.authority);
    return this.write(`${user}.kubeconfig`, kubeconfig(this.facts, certificateUser(client)));
  }

  private write(name: string, text: string): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
}
