import type { BuildRef } from "./events";
import { lanesOf, type Plan, type PlannedBuild, sameBuild } from "./plan";

/** What decides how long a build takes. */
type Pair = Pick<PlannedBuild, "configuration" | "variant">;

/**
 * What is left of an experiment, from the builds that are done. One build's estimate is the mean of those of
 * its configuration and variant; before the first of these, of its variant's; before that, of all.
 */
export class Estimate {
  private readonly done: (Pair & { readonly seconds: number })[] = [];

  constructor(
    private readonly plan: Plan,
    private readonly parallel: boolean,
    private readonly isDone: (build: PlannedBuild) => boolean,
  ) {}

  /** A build that took `seconds` from its dispatch to its end. */
  add({ configuration, variant }: Pair, seconds: number): void {
    this.done.push({ configuration, variant, seconds });
  }

  /** Seconds until the end of the plan; null before the first build is done. */
  remaining(current: BuildRef, elapsedSeconds: number): number | null {
    if (this.done.length === 0) return null;
    const left = (build: PlannedBuild) => {
      const whole = this.expected(build);
      return sameBuild(build, current) ? Math.max(0, whole - elapsedSeconds) : whole;
    };
    let total = 0;
    for (const round of this.plan) {
      const lanes = lanesOf(round, this.parallel).map((lane) =>
        lane.filter((build) => !this.isDone(build)).reduce((sum, build) => sum + left(build), 0),
      );
      total += Math.max(0, ...lanes);
    }
    return Math.round(total);
  }

  private expected({ configuration, variant }: Pair): number {
    const alike = this.done.filter((build) => build.variant === variant);
    const own = alike.filter((build) => build.configuration === configuration);
    const basis = [own, alike].find((builds) => builds.length > 0) ?? this.done;
    return basis.reduce((sum, { seconds }) => sum + seconds, 0) / basis.length;
  }
}
