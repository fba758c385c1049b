import { BlockList, isIPv4, isIPv6 } from "node:net";

/** The range from which Kubernetes gives service addresses; EKS would else choose one by the VPC's own range. */
export const SERVICE_CIDR = "172.20.0.0/16";

/**
 * Networks that no router of the internet knows: private use, carrier-grade NAT, link local, loopback.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const PRIVATE_RANGES = [
  ["10.0.0.0", 8, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["::1", 128, "ipv6"],
] as const;

interface IpNetwork {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

function parse(cidr: string): IpNetwork | undefined {
  const [, address = "", digits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const prefix = Number(digits);
  if (isIPv4(address) && prefix <= 32) return { address, prefix, family: "ipv4" };
  return isIPv6(address) && prefix <= 128 ? { address, prefix, family: "ipv6" } : undefined;
}

/** Whether a text is an IPv4 or IPv6 network in CIDR notation. */
export const isNetwork = (text: string): boolean => parse(text) !== undefined;

/** Whether a network in CIDR notation holds private addresses only. False for anything that is no network. */
export function isPrivateNetwork(cidr: string): boolean {
  const network = parse(cidr);
  return PRIVATE_RANGES.some(([start, bits, family]) => {
    if (network?.family !== family || network.prefix < bits) return false;
    const range = new BlockList();
    range.addSubnet(start, bits, family);
    return range.check(network.address, family);
  });
}
