import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { packageName, readNpmLock } from "../../.ci/scan/npm-lock";

const PROJECT = resolve(__dirname, "../..");

const property = z.object({ name: z.string(), value: z.string() });
/** CycloneDX 1.5 as far as a reader needs it to find a package. */
const bomSchema = z.object({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.literal("1.5"),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f-]{36}$/),
  metadata: z.object({
    timestamp: z.iso.datetime(),
    component: z.object({ purl: z.string().startsWith("pkg:npm/buildx-on-eks@") }),
  }),
  components: z.array(
    z.object({
      "bom-ref": z.string().min(1),
      name: z.string(),
      version: z.string(),
      purl: z.string().startsWith("pkg:npm/"),
      properties: z.array(property),
      hashes: z
        .array(z.object({ alg: z.literal("SHA-512"), content: z.string().regex(/^[0-9a-f]{128}$/) }))
        .optional(),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string() })),
});

function sbom() {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "sbom"], {
    cwd: PROJECT,
    encoding: "utf8",
    maxBuffer: 32 * 1024 * 1024,
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

/** What differs from one run to the next, and nothing else. */
const withoutItsOwnMarks = (bom: string) =>
  bom.replace(/"serialNumber": "[^"]+"/, "").replace(/"timestamp": "[^"]+"/, "");

describe("npm run sbom", () => {
  const first = sbom();
  const bom = bomSchema.parse(JSON.parse(first));
  const has = (component: (typeof bom.components)[number], name: string) =>
    component.properties.some((found) => found.name === `cdx:npm:package:${name}` && found.value === "true");
  const packages = Object.entries(readNpmLock().packages)
    .filter(([folder]) => folder !== "")
    .map(([folder, entry]) => ({ id: `${packageName(folder, entry)}@${entry.version}`, ...entry }));
  const ids = (of: typeof packages) => [...new Set(of.map(({ id }) => id))].sort();

  it("lists every package of the lock, those inside of others too", () => {
    const listed = bom.components.map(({ name, version }) => `${name}@${version}`);
    // Where a folder has another name than the package, npm writes the folder's.
    const aliased = packages.filter(({ name }) => name !== undefined).map(({ id }) => id);
    expect(ids(packages).filter((id) => !listed.includes(id) && !aliased.includes(id))).toEqual([]);
    expect(new Set(bom.components.map((component) => component["bom-ref"])).size).toBe(bom.components.length);
    expect(listed.length).toBeGreaterThan(500);
  });

  it("tells development's packages from those that run", () => {
    const runs = bom.components.filter((component) => !has(component, "development"));
    const direct = ["cdktf", "constructs", "yaml", "zod", "@cdktf/provider-aws"];
    expect(runs.map(({ name }) => name)).toEqual(expect.arrayContaining(direct));
    expect(runs.map(({ name }) => name)).not.toContain("vitest");
  });

  it("gives the hash of every package that has an archive of its own", () => {
    const without = bom.components.filter((component) => !component.hashes && !has(component, "bundled"));
    expect(without.map((component) => component["bom-ref"])).toEqual([]);
  });

  it("is the same again, but for its serial number and its time", () => {
    const second = sbom();
    expect(second).not.toBe(first);
    expect(withoutItsOwnMarks(second)).toBe(withoutItsOwnMarks(first));
  });
});
