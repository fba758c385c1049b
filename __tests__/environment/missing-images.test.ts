import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingImages } from "../../environment/missing-images";
import { loadOne } from "../helpers/input";

describe("build.image", () => {
  const project = mkdtempSync(join(tmpdir(), "images-"));
  beforeAll(() => {
    mkdirSync(join(project, "app", "empty"), { recursive: true });
    writeFileSync(join(project, "app", "Dockerfile"), "FROM scratch\n");
    writeFileSync(join(project, "app", "Dockerfile.slim"), "FROM scratch\n");
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const missing = (...images: string[]) =>
    missingImages(
      images.map((image, i) => ({ ...loadOne({ build: { image } }), name: `env${i + 1}` })),
      project,
    );

  it.each(["app", "app/Dockerfile", "app/Dockerfile.slim"])("may be %s", (image) => {
    expect(missing(image)).toEqual([]);
  });

  it.each(["ap", "app/empty", "app/Dockerfile.fat", "app/Dockerfile/x"])(
    "is missed where it is %s",
    (image) => {
      expect(missing(image)).toEqual([
        `env1: build.image is no Dockerfile and no folder with one in this checkout; got "${image}". Jobs would find none either.`,
      ]);
    },
  );

  it("is named once for all environments that have it", () => {
    expect(missing("x", "app", "x")).toEqual([expect.stringMatching(/^env1 and env3: .*got "x"/)]);
  });

  it("is there unless the environment says otherwise", () => {
    expect(missingImages([loadOne()])).toEqual([]);
  });
});
