import { describe, expect, test } from "vitest";
import { BUILDKITD_FLAGS } from "../../../pipeline/workflow/driver";
import { BuildKit } from "./buildkit";

describe("what a build may ask the daemon for", () => {
  test.each([
    ["the workflow's flags refuse", BUILDKITD_FLAGS, { code: 1, said: "network.host is not allowed" }],
    ["other flags grant", "--allow-insecure-entitlement=network.host", { code: 0, said: "" }],
  ])("%s the host's network", async (_, flags, { code, said }) => {
    const buildkit = await BuildKit.start(flags);
    try {
      const base = await buildkit.pushBase(1);
      buildkit.scratch.write("host/Dockerfile", `FROM ${base}\nRUN --network=host true\n`);
      const finished = await buildkit.docker(
        ...["buildx", "build", "--builder", buildkit.builder, "--allow", "network.host", "--no-cache"],
        ...["--output", "type=cacheonly", buildkit.scratch.path("host")],
      );
      expect(finished.code).toBe(code);
      expect(finished.stderr).toContain(said);
    } finally {
      await buildkit.stop();
    }
  });
});
