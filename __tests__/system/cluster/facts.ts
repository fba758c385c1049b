import { type JsonObject, parseJson } from "../../helpers/json";
import type { Authority } from "./control-plane/certificates";

/** The environment variable in which the tests find {@link ClusterFacts}, as JSON. */
export const FACTS = "BUILDX_ON_EKS_CLUSTER";

/** What a run tells its tests about the cluster. */
export interface ClusterFacts {
  /** Path of a kubeconfig that may do everything. */
  readonly kubeconfig: string;
  /** Address and CA, as a kubeconfig has them. */
  readonly cluster: JsonObject;
  /** Credentials of whoever may do everything, as a kubeconfig has them. */
  readonly user: JsonObject;
  /** Who signs client certificates; a given cluster keeps that to itself, and is asked by impersonation. */
  readonly clientCa?: Authority;
  /**
   * Folder of the programs that run where a command is run in a pod; undefined where none can be, because the API
   * server does not reach kwok on this machine.
   */
  readonly execFolder?: string;
}

/** @throws Error that says how to run the tests when they have no cluster */
export function readFacts(env: Readonly<Record<string, string | undefined>>): ClusterFacts {
  const text = env[FACTS];
  if (text === undefined) {
    throw new Error("these tests have no cluster: run them with `npm run test:cluster -- --embedded`");
  }
  return parseJson(text) as unknown as ClusterFacts;
}
