import type { BuildRecord } from "../record/record";
import type { NamedVariant } from "../record/variant";
import type { PlannedBuild } from "./plan";

/** Which build an event is about. */
export interface BuildRef extends PlannedBuild {
  readonly attempt: number;
}

/** How far a build is. */
export interface BuildProgress extends BuildRef {
  /** `dispatched` until GitHub shows a run, then the run's own status. */
  readonly status: string;
  /** The step under way. */
  readonly step: string | null;
  /** Waiting for a runner, so far or in all. */
  readonly queueSeconds: number | null;
  /** Since the dispatch. */
  readonly elapsedSeconds: number;
  /** Of the whole experiment, from the builds done so far; null before the first one. */
  readonly remainingSeconds: number | null;
}

/** All events of the runner; `--json` prints one per line. */
export type RunEvent =
  | {
      readonly event: "plan";
      readonly experiment: string;
      readonly environment: string;
      readonly seed: number;
      readonly variants: readonly NamedVariant[];
      readonly rounds: readonly (readonly Pick<PlannedBuild, "configuration" | "variant">[])[];
      readonly builds: number;
      readonly done: number;
      readonly dryRun: boolean;
      /** null when the environment has no price for a configuration of the plan. */
      readonly costUsd: number | null;
    }
  | ({ readonly event: "dispatched"; readonly request: string } & BuildRef)
  | ({ readonly event: "run"; readonly runId: number; readonly url: string } & BuildRef)
  | ({ readonly event: "progress" } & BuildProgress)
  | ({ readonly event: "record"; readonly record: BuildRecord } & BuildRef)
  | { readonly event: "wait"; readonly reason: string; readonly seconds: number }
  | { readonly event: "warning"; readonly message: string }
  | { readonly event: "interrupted"; readonly message: string }
  | { readonly event: "error"; readonly message: string }
  | {
      readonly event: "finished";
      readonly succeeded: number;
      readonly builds: number;
      readonly failed: readonly PlannedBuild[];
      readonly results: string;
    };

export type Emit = (event: RunEvent) => void;
