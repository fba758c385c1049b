import { describe, expect, it } from "vitest";
import { isPrivateNetwork } from "../../constructs/cidr";

describe("isPrivateNetwork", () => {
  it.each(["10.0.0.0/8", "10.1.2.0/24", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fd00::/8"])(
    "holds for %s",
    (cidr) => {
      expect(isPrivateNetwork(cidr)).toBe(true);
    },
  );

  it.each([
    "0.0.0.0/0",
    "10.0.0.0/7",
    "10.0.0.0/0",
    "172.16.0.0/11",
    "192.168.0.0/15",
    "8.8.8.8/32",
    "::/0",
    "2600::/16",
    "fd00::/6",
    "10.0.0.0/33",
    "fd00::/129",
    "10.0.0.0",
    "all",
  ])("does not for %s", (cidr) => {
    expect(isPrivateNetwork(cidr)).toBe(false);
  });
});
