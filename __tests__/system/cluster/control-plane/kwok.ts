import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "../../buildkit/tools";
import type { Pair } from "./certificates";
import { Daemon } from "./daemon";

/** kwok's own rules for what nodes and pods do; .ci/tools/install.sh takes them out of its module. */
export const KWOK_STAGES = join(CACHE, "kwok-stages");
export const KUBELET_PORT = 10250;
const LOOPBACK = "127.0.0.1";

export interface KwokProps {
  readonly program: string;
  /** Where it writes. */
  readonly folder: string;
  readonly kubeconfig: string;
  /** @default - no API server reaches it, so no command can be run in pods */
  readonly kubelet?: {
    /** Address under which the API server reaches it. */
    readonly address: string;
    readonly serving: Pair;
    /** Programs that are run where a pod is asked to run them. */
    readonly execFolder: string;
  };
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Plays nodes and what runs on them, for nodes that are annotated `kwok.x-k8s.io/node: fake`: each pod becomes ready
 * at once, and a command that is run in one runs on this machine.
 */
export function startKwok(props: KwokProps): Daemon {
  const config = join(props.folder, "kwok.yaml");
  const { kubelet } = props;
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
      // A file's options are taken as they are: what it leaves out would be 0.
      cidr: "10.0.0.1/16",
      podPlayStageParallelism: 4,
      nodePlayStageParallelism: 4,
      podsOnNodeSyncParallelism: 4,
      nodeLeaseParallelism: 4,
      nodeLeaseDurationSeconds: 40,
      manageNodesWithAnnotationSelector: "kwok.x-k8s.io/node=fake",
      nodeIP: kubelet?.address ?? LOOPBACK,
      ...(kubelet && {
        enableDebuggingHandlers: true,
        nodePort: KUBELET_PORT,
        serverAddress: `${kubelet.address}:${KUBELET_PORT}`,
        tlsCertFile: kubelet.serving.certificate,
        tlsPrivateKeyFile: kubelet.serving.key,
      }),
    },
  };
  const stages = readdirSync(KWOK_STAGES)
    .sort()
    .map((name) => readFileSync(join(KWOK_STAGES, name), "utf8"));
  writeFileSync(config, [JSON.stringify(options), JSON.stringify(exec), ...stages].join("\n---\n"));
  return new Daemon({
    name: "kwok",
    program: props.program,
    args: [`--kubeconfig=${props.kubeconfig}`, `--config=${config}`],
    // It looks for the programs of a pod where it would look for its own.
    env: { ...props.env, ...(kubelet && { PATH: `${kubelet.execFolder}:${props.env.PATH}` }) },
    logFile: join(props.folder, "kwok.log"),
  });
}
