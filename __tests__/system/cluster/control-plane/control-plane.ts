import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";
import { bareEnv } from "../../../pipeline/workflow/scripts";
import type { ClusterFacts } from "../facts";
import { builtTool } from "../programs";
import { makeAuthority, makeClient, makeServer, type Pair } from "./certificates";
import { Daemon } from "./daemon";
import { KUBELET_PORT, startKwok } from "./kwok";

/** Nothing else listens in the network namespace that this runs in, so the ports are the usual ones. */
const ADDRESS = "127.0.0.1";
const API_PORT = 6443;
const ETCD_PORT = 2379;
const ETCD_PEER_PORT = 2380;
const CONTROLLER_MANAGER_PORT = 10257;
const SCHEDULER_PORT = 10259;
/** Leads nowhere: the network namespace has no way out. */
const SERVICE_RANGE = "10.96.0.0/16";

/**
 * A Kubernetes control plane of this machine: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, and kwok
 * in the place of nodes. It must run in a network namespace of its own.
 */
export class ControlPlane {
  private readonly daemons: Daemon[] = [];
  private readonly authority: Pair;
  private readonly ca: Buffer;
  private readonly serving: Pair;
  private readonly admin: Pair;

  private constructor(
    private readonly folder: string,
    /** Programs that are run where a pod is asked to run them. */
    private readonly execFolder: string,
  ) {
    mkdirSync(this.path("pki"), { recursive: true });
    this.authority = makeAuthority(this.path("pki", "ca"), "cluster");
    this.ca = readFileSync(this.authority.certificate);
    this.serving = makeServer(
      this.path("pki", "serving"),
      this.authority,
      [ADDRESS],
      ["localhost", "kubernetes.default.svc"],
    );
    this.admin = this.client("admin", "admin", "system:masters");
  }

  /** @throws Error with the end of a program's log when it does not start */
  static async start(folder: string, execFolder: string): Promise<ControlPlane> {
    const controlPlane = new ControlPlane(folder, execFolder);
    try {
      await controlPlane.startAll();
      return controlPlane;
    } catch (error) {
      await controlPlane.stop();
      throw error;
    }
  }

  get facts(): ClusterFacts {
    const { server, user } = access(this.authority, this.admin);
    return {
      kubeconfig: this.path("admin.kubeconfig"),
      cluster: server,
      user,
      clientCa: this.authority,
      execFolder: this.execFolder,
    };
  }

  async stop(): Promise<void> {
    for (const daemon of this.daemons.splice(0).reverse()) await daemon.stop();
  }

  private async startAll(): Promise<void> {
    await this.startEtcd();
    await this.startApiServer();
    const kwok = this.startKwok();
    await Promise.all([this.startControllerManager(), this.startScheduler(), kwok]);
  }

  private async startEtcd(): Promise<void> {
    const url = `http://${ADDRESS}:${ETCD_PORT}`;
    const peers = `http://${ADDRESS}:${ETCD_PEER_PORT}`;
    const etcd = this.run("etcd", [
      ...[`--data-dir=${this.path("etcd")}`, "--unsafe-no-fsync", "--log-level=warn"],
      ...[`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`],
      ...[`--listen-peer-urls=${peers}`, `--initial-advertise-peer-urls=${peers}`],
      `--initial-cluster=default=${peers}`,
    ]);
    await etcd.until(() => this.ready(`${url}/readyz`));
  }

  private async startApiServer(): Promise<void> {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const accounts = { public: this.path("pki", "accounts.pub"), private: this.accountsKey };
    writeFileSync(accounts.public, publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(accounts.private, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    const apiServer = this.run("kube-apiserver", [
      ...[`--etcd-servers=http://${ADDRESS}:${ETCD_PORT}`, `--client-ca-file=${this.authority.certificate}`],
      ...[`--bind-address=${ADDRESS}`, `--advertise-address=${ADDRESS}`, `--secure-port=${API_PORT}`],
      // No endpoint of the service `kubernetes`: an address of loopback is none.
      ...["--endpoint-reconciler-type=none", `--service-cluster-ip-range=${SERVICE_RANGE}`],
      ...this.servingFlags(),
      // As EKS has them, beside the default admission (PodSecurity, ResourceQuota, LimitRanger and others).
      ...["--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction"],
      "--allow-privileged=true",
      ...["--service-account-issuer=https://kubernetes.default.svc", "--profiling=false"],
      `--service-account-key-file=${accounts.public}`,
      `--service-account-signing-key-file=${accounts.private}`,
      "--kubelet-preferred-address-types=InternalIP",
      `--kubelet-certificate-authority=${this.authority.certificate}`,
      ...clientFlags(this.client("apiserver-kubelet", "kube-apiserver", "system:masters")),
    ]);
    await apiServer.until(() => this.ready(`https://${ADDRESS}:${API_PORT}/readyz`));
    this.writeKubeconfig("admin", this.admin);
  }

  private async startControllerManager(): Promise<void> {
    const kubeconfig = this.kubeconfigOf("controller-manager", "system:kube-controller-manager");
    const manager = this.run("kube-controller-manager", [
      ...[`--kubeconfig=${kubeconfig}`, "--leader-elect=false", "--use-service-account-credentials=true"],
      ...[`--bind-address=${ADDRESS}`, `--secure-port=${CONTROLLER_MANAGER_PORT}`, ...this.servingFlags()],
      ...[`--root-ca-file=${this.authority.certificate}`],
      `--service-account-private-key-file=${this.accountsKey}`,
    ]);
    await manager.until(() => this.ready(`https://${ADDRESS}:${CONTROLLER_MANAGER_PORT}/healthz`));
  }

  private async startScheduler(): Promise<void> {
    const kubeconfig = this.kubeconfigOf("scheduler", "system:kube-scheduler");
    const scheduler = this.run("kube-scheduler", [
      ...[`--kubeconfig=${kubeconfig}`, "--leader-elect=false"],
      ...[`--bind-address=${ADDRESS}`, `--secure-port=${SCHEDULER_PORT}`, ...this.servingFlags()],
    ]);
    await scheduler.until(() => this.ready(`https://${ADDRESS}:${SCHEDULER_PORT}/readyz`));
  }

  private async startKwok(): Promise<void> {
    const kwok = startKwok({
      program: builtTool("kwok"),
      folder: this.folder,
      kubeconfig: this.path("admin.kubeconfig"),
      kubelet: { address: ADDRESS, serving: this.serving, execFolder: this.execFolder },
      env: bareEnv(),
    });
    this.daemons.push(kwok);
    await kwok.until(() => this.ready(`https://${ADDRESS}:${KUBELET_PORT}/healthz`));
  }

  /** Whether a program says that it is ready. */
  private ready(url: string): Promise<boolean> {
    const ask = url.startsWith("https:") ? https : http;
    return new Promise((resolve) => {
      ask
        .get(url, { ca: this.ca, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode === 200);
        })
        .once("error", () => resolve(false));
    });
  }

  private run(name: string, args: readonly string[]): Daemon {
    const daemon = new Daemon({
      name,
      program: builtTool(name),
      args,
      env: bareEnv(),
      logFile: this.path(`${name}.log`),
    });
    this.daemons.push(daemon);
    return daemon;
  }

  private path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  private get accountsKey(): string {
    return this.path("pki", "accounts.key");
  }

  private servingFlags(): string[] {
    return [`--tls-cert-file=${this.serving.certificate}`, `--tls-private-key-file=${this.serving.key}`];
  }

  private client(name: string, user: string, ...groups: string[]): Pair {
    return makeClient(this.path("pki", name), this.authority, { user, groups });
  }

  private kubeconfigOf(name: string, user: string): string {
    return this.writeKubeconfig(name, this.client(name, user));
  }

  private writeKubeconfig(name: string, client: Pair): string {
    const path = this.path(`${name}.kubeconfig`);
    const { server, user } = access(this.authority, client);
    writeFileSync(
      path,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "embedded", cluster: server }],
        users: [{ name, user }],
        contexts: [{ name: "embedded", context: { cluster: "embedded", user: name } }],
        "current-context": "embedded",
      }),
      { mode: 0o600 },
    );
    return path;
  }
}

const clientFlags = ({ certificate, key }: Pair) => [
  `--kubelet-client-certificate=${certificate}`,
  `--kubelet-client-key=${key}`,
];

/** A cluster and a user as a kubeconfig has them. */
const access = (authority: Pair, client: Pair) => ({
  server: { server: `https://${ADDRESS}:${API_PORT}`, "certificate-authority": authority.certificate },
  user: { "client-certificate": client.certificate, "client-key": client.key },
});
