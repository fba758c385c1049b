import { rmSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "../../util/process";
import { type Builder, createRemoteBuilder, removeState, startBuildkitd } from "./buildkit";
import { cgroupParent, removeCgroups } from "./cgroups";
import type { Cleanup } from "./cleanup";
import type { Tools } from "./tools";
import { slugOf, type Variant } from "./variant";

/** Where builds run. Each builder must be stopped before the next one is asked for. */
export interface Builders {
  /** With nothing in its cache. */
  fresh(variant: Variant): Promise<Builder>;
  /** With what the last kept builder of this variant left. */
  kept(variant: Variant): Promise<Builder>;
  /** Environment for buildx. */
  readonly env: NodeJS.ProcessEnv;
}

export interface OwnBuildersOptions {
  readonly tools: Tools;
  readonly work: string;
  readonly insecure: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly stop: AbortSignal;
  readonly cleanup: Cleanup;
}

/** A buildkitd for each build, on this machine. */
export function ownBuilders({ tools, work, insecure, env, stop, cleanup }: OwnBuildersOptions): Builders {
  // A folder of its own: the user's builders stay as they are.
  const ownEnv = { ...env, BUILDX_CONFIG: join(work, "buildx"), BUILDKIT_HOST: "" };
  // An earlier bench that was killed could not clean up.
  removeCgroups(work);
  cleanup.add("remove control groups", () => removeCgroups(work));
  const start = async ({ settings }: Variant, root: string, keep: boolean): Promise<Builder> => {
    const { concurrency } = settings;
    const remove = keep ? undefined : cleanup.add(`remove ${root}`, () => removeState(root));
    const builder = await startBuildkitd({
      ...{ tools, root, insecure, concurrency, stop },
      ...{ cgroupParent: cgroupParent(work), env: ownEnv },
    });
    const stopNow = cleanup.add("stop buildkitd", () => builder.stop());
    return {
      name: builder.name,
      stop: async () => {
        await stopNow();
        await remove?.();
      },
    };
  };
  return {
    fresh: (variant) => start(variant, join(work, "builder"), false),
    kept: (variant) => start(variant, join(work, `kept-${slugOf(variant.label)}`), true),
    env: ownEnv,
  };
}

/** One builder of the user; new means emptied. */
export async function foreignBuilders(
  given: { readonly name: string } | { readonly address: string },
  { tools, work, env, stop, cleanup }: OwnBuildersOptions,
): Promise<Builders> {
  const buildx = tools.path("buildx");
  let ownEnv = env;
  let name: string;
  if ("name" in given) {
    name = given.name;
    await mustRun(buildx, ["inspect", name], { env, stop });
  } else {
    const folder = join(work, "buildx");
    ownEnv = { ...env, BUILDX_CONFIG: folder, BUILDKIT_HOST: "" };
    name = await createRemoteBuilder(buildx, given.address, ownEnv, stop);
    cleanup.add("forget the builder", () => rmSync(folder, { recursive: true, force: true }));
  }
  const builder: Builder = { name, stop: async () => undefined };
  return {
    fresh: async () => {
      await mustRun(buildx, ["prune", "--builder", name, "--all", "--force"], { env: ownEnv, stop });
      return builder;
    },
    kept: async () => builder,
    env: ownEnv,
  };
}
