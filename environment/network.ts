import ipaddr from "ipaddr.js";
import type { ZoneSubnets } from "../constructs/network";

/** An IPv4 block. `address` is its first address as an unsigned 32-bit number. */
export interface Ipv4Block {
  readonly address: number;
  readonly prefix: number;
}

/** @returns undefined unless the text is an IPv4 network in CIDR notation, its host bits all zero */
export function parseCidr(text: string): Ipv4Block | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(text) || !ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) {
    return undefined;
  }
  const [ip, prefix] = ipaddr.IPv4.parseCIDR(text);
  const address = ip.toByteArray().reduce((sum, octet) => sum * 256 + octet, 0);
  return address % 2 ** (32 - prefix) === 0 ? { address, prefix } : undefined;
}

export function formatCidr({ address, prefix }: Ipv4Block): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return `${octets.join(".")}/${prefix}`;
}

export function overlaps(a: Ipv4Block, b: Ipv4Block): boolean {
  const size = 2 ** (32 - Math.min(a.prefix, b.prefix));
  return Math.floor(a.address / size) === Math.floor(b.address / size);
}

/** The `index`th block of `prefix` bits inside `block`. */
function slice(block: Ipv4Block, prefix: number, index: number): Ipv4Block {
  return { address: block.address + index * 2 ** (32 - prefix), prefix };
}

/** A sixteenth of the VPC for each zone's pods and nodes, and of the last sixteenth a sixteenth for its NAT gateway. */
const PRIVATE_BITS = 4;
const PUBLIC_BITS = 8;
const LAST_SIXTEENTH = 15 * 16;

export const MAX_ZONES = 6;

/** The smallest VPC whose public subnets AWS still takes (/28). */
export const LARGEST_VPC_PREFIX = 28 - PUBLIC_BITS;

/** Private first, public last, so that a zone added later moves no subnet. */
export function subnetsOf(vpcCidr: string, zones: readonly string[]): ZoneSubnets[] {
  const vpc = parseCidr(vpcCidr);
  if (!vpc) throw new Error(`vpcCidr must be an IPv4 network; got ${vpcCidr}`);
  return zones.map((zone, i) => ({
    zone,
    privateCidr: formatCidr(slice(vpc, vpc.prefix + PRIVATE_BITS, i)),
    publicCidr: formatCidr(slice(vpc, vpc.prefix + PUBLIC_BITS, LAST_SIXTEENTH + i)),
  }));
}

/** AWS keeps five addresses of each subnet. */
export function privateAddresses(vpcPrefix: number, zones: number): number {
  return zones * (2 ** (32 - vpcPrefix - PRIVATE_BITS) - 5);
}

/** Addresses that a node takes: the VPC CNI keeps a spare network interface of fifteen addresses beside the used one. */
export const ADDRESSES_PER_NODE = 30;
