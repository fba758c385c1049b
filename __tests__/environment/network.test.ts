import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatCidr,
  type Ipv4Block,
  LARGEST_VPC_PREFIX,
  MAX_ZONES,
  overlaps,
  parseCidr,
  privateAddresses,
  subnetsOf,
} from "../../environment/network";

const ZONES = ["a", "b", "c", "d", "e", "f"];
const block = (text: string): Ipv4Block => {
  const parsed = parseCidr(text);
  if (!parsed) throw new Error(`${text} is no network`);
  return parsed;
};
const end = ({ address, prefix }: Ipv4Block) => address + 2 ** (32 - prefix);
const inside = (inner: Ipv4Block, outer: Ipv4Block) =>
  inner.address >= outer.address && end(inner) <= end(outer);

/** A VPC's range of an allowed size, its host bits zero. */
const vpcs = fc
  .tuple(fc.integer({ min: 16, max: LARGEST_VPC_PREFIX }), fc.nat(0xffff))
  .map(([prefix, n]) =>
    formatCidr({ address: (10 * 2 ** 24 + (n % 2 ** (prefix - 8)) * 2 ** (32 - prefix)) >>> 0, prefix }),
  );

describe("parseCidr", () => {
  it.each([
    ["10.20.0.0/16", 169_082_880, 16],
    ["0.0.0.0/0", 0, 0],
    ["255.255.255.255/32", 4_294_967_295, 32],
    ["192.168.1.128/25", 3_232_235_904, 25],
  ])("reads %s", (text, address, prefix) => {
    expect(parseCidr(text)).toEqual({ address, prefix });
  });

  it.each([
    ["host bits", "10.20.0.1/16"],
    ["no prefix", "10.20.0.0"],
    ["a prefix above 32", "10.20.0.0/33"],
    ["an octet above 255", "10.256.0.0/16"],
    ["three octets", "10.20.0/16"],
    ["five octets", "10.20.0.0.0/16"],
    ["an octal octet", "010.20.0.0/16"],
    ["a hexadecimal octet", "0xa.20.0.0/16"],
    ["IPv6", "fd00::/16"],
    ["space before", " 10.20.0.0/16"],
    ["a line end", "10.20.0.0/16\n"],
    ["a sign", "10.20.0.0/+16"],
    ["digits of another script", "١٠.20.0.0/16"],
    ["nothing", ""],
  ])("refuses %s", (_, text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  it("reads back what formatCidr wrote", () => {
    fc.assert(
      fc.property(vpcs, (cidr) => {
        expect(formatCidr(block(cidr))).toBe(cidr);
      }),
      { seed: 1 },
    );
  });
});

describe("overlaps", () => {
  it.each([
    ["the same network", "10.20.0.0/16", "10.20.0.0/16", true],
    ["one inside the other", "10.0.0.0/8", "10.20.0.0/16", true],
    ["neighbours", "10.20.0.0/16", "10.21.0.0/16", false],
    ["everything", "0.0.0.0/0", "172.20.0.0/16", true],
  ])("%s", (_, a, b, expected) => {
    expect([overlaps(block(a), block(b)), overlaps(block(b), block(a))]).toEqual([expected, expected]);
  });

  it("says what comparing first and last addresses says", () => {
    fc.assert(
      fc.property(vpcs, vpcs, (a, b) => {
        const [x, y] = [block(a), block(b)];
        expect(overlaps(x, y)).toBe(x.address < end(y) && y.address < end(x));
      }),
      { seed: 1 },
    );
  });
});

describe("subnetsOf", () => {
  it("gives each zone a sixteenth for pods and a 256th for its gateway", () => {
    expect(subnetsOf("10.20.0.0/16", ["us-west-2a", "us-west-2b"])).toEqual([
      { zone: "us-west-2a", privateCidr: "10.20.0.0/20", publicCidr: "10.20.240.0/24" },
      { zone: "us-west-2b", privateCidr: "10.20.16.0/20", publicCidr: "10.20.241.0/24" },
    ]);
  });

  const networks = (cidr: string, zones: number) =>
    subnetsOf(cidr, ZONES.slice(0, zones)).flatMap(({ privateCidr, publicCidr }) => [
      block(privateCidr),
      block(publicCidr),
    ]);
  const zoneCounts = fc.integer({ min: 2, max: MAX_ZONES });

  it("makes networks that do not overlap", () => {
    fc.assert(
      fc.property(vpcs, zoneCounts, (cidr, zones) => {
        const all = networks(cidr, zones);
        const pairs = all.flatMap((a, i) => all.slice(i + 1).map((b) => [a, b] as const));
        expect(pairs.filter(([a, b]) => overlaps(a, b))).toEqual([]);
      }),
      { seed: 1 },
    );
  });

  it("makes networks inside the VPC, none smaller than the /28 that AWS asks for", () => {
    fc.assert(
      fc.property(vpcs, zoneCounts, (cidr, zones) => {
        for (const network of networks(cidr, zones)) {
          expect(inside(network, block(cidr))).toBe(true);
          expect(network.prefix).toBeLessThanOrEqual(28);
        }
      }),
      { seed: 1 },
    );
  });

  it("moves none when a zone is added", () => {
    fc.assert(
      fc.property(vpcs, fc.integer({ min: 2, max: MAX_ZONES - 1 }), (cidr, zones) => {
        const before = subnetsOf(cidr, ZONES.slice(0, zones));
        expect(subnetsOf(cidr, ZONES.slice(0, zones + 1)).slice(0, zones)).toEqual(before);
      }),
      { seed: 1 },
    );
  });

  it("refuses what is no network", () => {
    expect(() => subnetsOf("10.20.0.1/16", ["us-west-2a"])).toThrow(
      "vpcCidr must be an IPv4 network; got 10.20.0.1/16",
    );
  });
});

describe("privateAddresses", () => {
  it("counts what AWS leaves of each zone's sixteenth", () => {
    expect(privateAddresses(16, 2)).toBe(2 * (4096 - 5));
    expect(privateAddresses(20, 3)).toBe(3 * (256 - 5));
  });
});
