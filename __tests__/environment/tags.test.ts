import { describe, expect, it } from "vitest";
import { tagsOf } from "../../environment/tags";

describe("tagsOf", () => {
  it("names project, environment and what manages it", () => {
    expect(tagsOf({ name: "demo", tags: {} })).toEqual({
      Project: "buildx",
      Environment: "demo",
      ManagedBy: "cdktf",
    });
  });

  it("adds the environment's own, which replace none of these", () => {
    expect(tagsOf({ name: "demo", tags: { Team: "build", Environment: "other" } })).toEqual({
      Team: "build",
      Project: "buildx",
      Environment: "demo",
      ManagedBy: "cdktf",
    });
  });
});
