import type { Finding, PolicyRule } from "./rule";
import { blocks, shown, type Values } from "./values";

const MACHINES = ["aws_launch_template", "aws_instance", "aws_launch_configuration"];

const metadata: PolicyRule = {
  id: "policy/instance-metadata",
  demands:
    "Machines answer for their credentials by IMDSv2 only, and not beyond themselves: a pod is one hop further.",
  check: ({ type, body }) => {
    if (MACHINES.includes(type)) return options(blocks(body.metadata_options)[0] ?? {});
    if (type === "aws_eks_node_group" && blocks(body.launch_template).length === 0) {
      return [
        { what: "has no launch_template, and so leaves it to EKS", fix: "Use NodeGroup, which makes one" },
      ];
    }
    return [];
  },
};

function options({
  http_endpoint: endpoint,
  http_tokens: tokens,
  http_put_response_hop_limit: hops,
}: Values): Finding[] {
  if (endpoint === "disabled") return [];
  return [
    ...(tokens === "required"
      ? []
      : [{ what: `metadata_options.http_tokens is ${shown(tokens)}`, fix: 'Set it to "required"' }]),
    ...(String(hops) === "1"
      ? []
      : [{ what: `metadata_options.http_put_response_hop_limit is ${shown(hops)}`, fix: "Set it to 1" }]),
  ];
}

export const METADATA_RULES: readonly PolicyRule[] = [metadata];
