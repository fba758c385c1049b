import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { show } from "../util/invalid-input";
import { listed } from "../util/words";
import type { Environment } from "./environment";

const PROJECT = resolve(__dirname, "..");

/** What to know of `build.image` where this checkout has no such Dockerfile, a sentence for each image. */
export function missingImages(
  environments: readonly Pick<Environment, "name" | "build">[],
  project = PROJECT,
): string[] {
  const images = [...new Set(environments.map(({ build }) => build.image))];
  return images
    .filter((image) => !isFile(join(project, image)) && !isFile(join(project, image, "Dockerfile")))
    .map((image) => {
      const names = environments.filter(({ build }) => build.image === image).map(({ name }) => name);
      return `${listed(names)}: build.image is no Dockerfile and no folder with one in this checkout; got ${show(image)}. Jobs would find none either.`;
    });
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
