import { isNetwork, isPrivateNetwork } from "../cidr";
import type { RenderedStack } from "./rendered-stack";
import type { Finding, PolicyRule } from "./rule";
import { blocks, isFalse, isTrue, isValues, listOf, shown, type Value, type Values } from "./values";

const SOURCES = [
  "cidr_blocks",
  "ipv6_cidr_blocks",
  "cidr_ipv4",
  "cidr_ipv6",
  "prefix_list_ids",
  "prefix_list_id",
] as const;

/** Sources of an ingress rule that are not known to be private. */
function openSources(rule: Values, stack: RenderedStack): string[] {
  const vpcs = stack.all("aws_vpc").map(({ body }) => body.cidr_block);
  return SOURCES.flatMap((key) =>
    listOf(rule[key])
      .filter((source) => !vpcs.includes(source) && !isPrivateSource(source))
      .map((source) => `${key} ${shown(source)}`),
  );
}

const isPrivateSource = (source: Value) =>
  typeof source === "string" &&
  (isPrivateNetwork(source) || /^\$\{aws_vpc\.[\w-]+\.cidr_block\}$/.test(source));

function ingressRules(type: string, body: Values): Values[] {
  switch (type) {
    case "aws_security_group":
    case "aws_default_security_group":
      return blocks(body.ingress);
    case "aws_vpc_security_group_ingress_rule":
      return [body];
    case "aws_security_group_rule":
      return body.type === "egress" ? [] : [body];
    default:
      return [];
  }
}

const ingress: PolicyRule = {
  id: "policy/public-ingress",
  demands:
    "Nothing lets the internet in: no security group, load balancer, service or remote access to nodes.",
  check: ({ type, body }, stack) => [
    ...ingressRules(type, body)
      .flatMap((rule) => openSources(rule, stack))
      .map((source) => ({
        what: `lets in ${source}`,
        fix: "Name private networks, or security groups",
      })),
    ...listeners(type, body),
  ],
};

function listeners(type: string, body: Values): Finding[] {
  if (type === "aws_eks_node_group") {
    return blocks(body.remote_access)
      .filter((access) => listOf(access.source_security_group_ids).length === 0)
      .map(() => ({
        what: "remote_access opens SSH to 0.0.0.0/0",
        fix: "Leave remote_access out, or name source_security_group_ids",
      }));
  }
  if (/^aws_(a?lb|elb)$/.test(type) && !isTrue(body.internal)) {
    return [{ what: `internal is ${shown(body.internal)}`, fix: "Set internal to true" }];
  }
  if (body.publicly_accessible !== undefined && !isFalse(body.publicly_accessible)) {
    return [
      {
        what: `publicly_accessible is ${shown(body.publicly_accessible)}`,
        fix: "Set publicly_accessible to false",
      },
    ];
  }
  const service = kubernetesObject(type, body);
  if (service.kind === "Service" && ["LoadBalancer", "NodePort"].includes(String(service.type))) {
    return [{ what: `is a service of type ${service.type}`, fix: "Use type ClusterIP" }];
  }
  return service.kind === "Ingress"
    ? [{ what: "is an Ingress", fix: "Leave it out: nothing here serves" }]
    : [];
}

function kubernetesObject(type: string, body: Values): { readonly kind: Value; readonly type?: Value } {
  const manifest = type === "kubernetes_manifest" && isValues(body.manifest) ? body.manifest : undefined;
  if (manifest) return { kind: manifest.kind, type: blocks(manifest.spec)[0]?.type };
  if (/^kubernetes_service(_v1)?$/.test(type)) return { kind: "Service", type: blocks(body.spec)[0]?.type };
  return { kind: /^kubernetes_ingress(_v1)?$/.test(type) ? "Ingress" : undefined };
}

const address: PolicyRule = {
  id: "policy/public-address",
  demands: "Nothing has a public address.",
  check: ({ type, body }) => {
    if (type === "aws_eip") return [{ what: "is a public address", fix: "Leave it out" }];
    const interfaces = type === "aws_launch_template" ? blocks(body.network_interfaces) : [body];
    return [
      ...interfaces.map((of) => ["associate_public_ip_address", of.associate_public_ip_address] as const),
      ["map_public_ip_on_launch", body.map_public_ip_on_launch] as const,
    ]
      .filter(([, value]) => value !== undefined && !isFalse(value))
      .map(([key, value]) => ({ what: `${key} is ${shown(value)}`, fix: `Set ${key} to false` }));
  },
};

const endpoint: PolicyRule = {
  id: "policy/public-endpoint",
  demands: "The Kubernetes API has no public endpoint.",
  check: ({ type, body }) => {
    if (type !== "aws_eks_cluster") return [];
    // EKS makes a public endpoint for everybody unless it is told not to.
    return orOne(blocks(body.vpc_config))
      .filter(({ endpoint_public_access: open }) => !isFalse(open))
      .map(({ endpoint_public_access: open, public_access_cidrs: cidrs }) => ({
        what: `vpc_config.endpoint_public_access is ${shown(open)}, for ${shown(cidrs ?? ["0.0.0.0/0"])}`,
        fix: "Leave publicAccessCidrs of Cluster out",
      }));
  },
};

const endpointNetworks: PolicyRule = {
  id: "policy/public-endpoint-networks",
  demands:
    "A public endpoint of the Kubernetes API names the networks that reach it, and there is a private one beside it.",
  check: ({ type, body }) => {
    if (type !== "aws_eks_cluster") return [];
    return orOne(blocks(body.vpc_config)).flatMap((vpc) => {
      const cidrs = listOf(vpc.public_access_cidrs);
      const named = cidrs.length > 0 && cidrs.every((cidr) => typeof cidr === "string" && isNetwork(cidr));
      return [
        ...(isFalse(vpc.endpoint_public_access) || named
          ? []
          : [
              {
                what: `vpc_config.public_access_cidrs is ${shown(vpc.public_access_cidrs)}`,
                fix: "List the networks in publicAccessCidrs of Cluster",
              },
            ]),
        ...(isTrue(vpc.endpoint_private_access)
          ? []
          : [
              {
                what: `vpc_config.endpoint_private_access is ${shown(vpc.endpoint_private_access)}`,
                fix: "Set it to true: nodes reach the API without leaving the VPC",
              },
            ]),
      ];
    });
  },
};

const orOne = (found: readonly Values[]): readonly Values[] => (found.length > 0 ? found : [{}]);

export const INGRESS_RULES: readonly PolicyRule[] = [ingress, address, endpoint, endpointNetworks];
