/** AWS services whose traffic stays in the VPC: the registry with pushed layers, its API, and credentials. */
export const INTERFACE_SERVICES = ["ecr.api", "ecr.dkr", "sts"] as const;
