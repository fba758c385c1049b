import { describe, expect, it } from "vitest";
import { ClusterAddon } from "../../constructs/cluster-addon";
import { newCluster } from "../helpers/parts";
import { synthesizeConstruct } from "../helpers/synth";

describe("ClusterAddon", () => {
  const addons = synthesizeConstruct((scope) => {
    const cluster = newCluster(scope);
    new ClusterAddon(scope, "pinned", {
      cluster,
      name: "coredns",
      version: "v1.12.4-eksbuild.1",
      configuration: { replicaCount: 2 },
    });
    new ClusterAddon(scope, "plain", { cluster, name: "kube-proxy" });
  });

  it("has the version and configuration that were asked for", () => {
    expect(addons.body("aws_eks_addon", "pinned/addon")).toMatchObject({
      addon_name: "coredns",
      addon_version: "v1.12.4-eksbuild.1",
      configuration_values: '{"replicaCount":2}',
    });
  });

  it("has EKS's default version, and depends on nothing, where nothing was asked for", () => {
    expect(addons.body("aws_eks_addon", "plain/addon")).toEqual({
      addon_name: "kube-proxy",
      cluster_name: "<aws_eks_cluster.cluster/cluster.name>",
      resolve_conflicts_on_create: "OVERWRITE",
      resolve_conflicts_on_update: "OVERWRITE",
    });
  });
});
