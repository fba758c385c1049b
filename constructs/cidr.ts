import { BlockList, isIP } from "node:net";

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

/** Whether a network in CIDR notation holds private addresses only. False for anything else than a network. */
export function isPrivateNetwork(cidr: string): boolean {
  const [, address = "", digits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const family = { 4: "ipv4", 6: "ipv6" }[isIP(address)];
  const prefix = Number(digits);
  return PRIVATE_RANGES.some(([network, bits, of]) => {
    if (of !== family || prefix < bits || prefix > (of === "ipv4" ? 32 : 128)) return false;
    const range = new BlockList();
    range.addSubnet(network, bits, of);
    return range.check(address, of);
  });
}
