import { describe, expect, it } from "vitest";
import { zoneNames } from "../../environment/zones";

describe("zoneNames", () => {
  it("takes the first zones of the region when a number is given", () => {
    expect(zoneNames("us-west-2", 3)).toEqual(["us-west-2a", "us-west-2b", "us-west-2c"]);
  });

  it("leaves out zones in which EKS has no control plane", () => {
    expect(zoneNames("us-east-1", 5)).not.toContain("us-east-1e");
    expect(zoneNames("ap-northeast-1", 2)).toEqual(["ap-northeast-1a", "ap-northeast-1c"]);
  });

  it("keeps names as they are given", () => {
    expect(zoneNames("us-west-2", ["us-west-2d", "us-west-2a"])).toEqual(["us-west-2d", "us-west-2a"]);
  });

  it("knows none of a region that is not listed", () => {
    expect(zoneNames("eu-south-2", 2)).toEqual([]);
  });
});
