import type { Configuration } from "../../config/configurations";
import type { BuildRef } from "./events";
import { lanesOf, type Plan, type PlannedBuild } from "./plan";

/**
 * What is left of an experiment, from the builds that are done. One build's estimate is the mean of its
 * configuration's, or of all of them before the first of its own.
 */
export class Estimate {
  private readonly done: { readonly configuration: Configuration; readonly seconds: number }[] = [];

  constructor(
    private readonly plan: Plan,
    private readonly parallel: boolean,
    private readonly isDone: (build: PlannedBuild) => boolean,
  ) {}

  /** A build that took `seconds` from its dispatch to its end. */
  add(configuration: Configuration, seconds: number): void {
    this.done.push({ configuration, seconds });
  }

  /** Seconds until the end of the plan; null before the first build is done. */
  remaining(current: BuildRef, elapsedSeconds: number): number | null {
    if (this.done.length === 0) return null;
    const left = ({ round, configuration }: PlannedBuild) => {
      const whole = this.expected(configuration);
      const running = round === current.round && configuration === current.configuration;
      return running ? Math.max(0, whole - elapsedSeconds) : whole;
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

  private expected(configuration: Configuration): number {
    const own = this.done.filter((build) => build.configuration === configuration);
    const basis = own.length > 0 ? own : this.done;
    return basis.reduce((sum, { seconds }) => sum + seconds, 0) / basis.length;
  }
}
