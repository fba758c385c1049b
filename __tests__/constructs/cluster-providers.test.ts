import { describe, expect, it } from "vitest";
import { ClusterProviders } from "../../constructs/cluster-providers";
import { textsIn } from "../helpers/json";
import { newCluster } from "../helpers/parts";
import { synthesizeConstruct } from "../helpers/synth";

describe("ClusterProviders", () => {
  const providersOf = (helm: boolean) => {
    let texts: string[] = [];
    const stack = synthesizeConstruct((scope) => {
      new ClusterProviders(scope, "providers", { cluster: newCluster(scope), region: "us-west-2", helm });
    });
    texts = textsIn(stack.json.provider ?? null);
    return { provider: stack.json.provider, texts };
  };
  const connection = {
    host: "<aws_eks_cluster.cluster/cluster.endpoint>",
    cluster_ca_certificate: "<base64decode(aws_eks_cluster.cluster/cluster.certificate_authority[0].data)>",
  };
  const exec = {
    api_version: "client.authentication.k8s.io/v1beta1",
    command: "aws",
    args: [
      "eks",
      "get-token",
      "--cluster-name",
      "<aws_eks_cluster.cluster/cluster.name>",
      "--region",
      "us-west-2",
      "--output",
      "json",
    ],
  };

  it("ask the AWS CLI for a token whenever they need one", () => {
    expect(providersOf(false).provider).toMatchObject({
      kubernetes: [{}, { ...connection, exec: [exec] }],
    });
  });

  it("hold Helm's connection as an attribute, which its version 3 asks for", () => {
    expect(providersOf(true).provider).toMatchObject({ helm: [{}, { kubernetes: { ...connection, exec } }] });
  });

  it("are without Helm by default", () => {
    expect(providersOf(false).provider).toMatchObject({ helm: [{}] });
  });

  it("hold no token", () => {
    expect(providersOf(true).texts.filter((text) => /^token$|client_key|password/.test(text))).toEqual([]);
  });
});
