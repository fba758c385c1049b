/** A toleration of Kubernetes, as pods of builds need it. */
export interface Toleration {
  /** Key of the taint. */
  readonly key: string;
  /** `Exists` tolerates every value of the key. */
  readonly operator: "Equal" | "Exists";
  /**
   * Value of the taint.
   * @default - none, as with `Exists`
   */
  readonly value?: string;
  /** Effect of the taint, in Kubernetes' spelling. */
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}
