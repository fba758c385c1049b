import type { Configuration } from "../../environment/configurations";
import type { Plan } from "./plan";

/** US dollars of a plan, every build as slow as the slowest way and succeeding at once; null when one of its configurations has no price. */
export function costOf(
  plan: Plan,
  prices: Readonly<Partial<Record<Configuration, number>>> | undefined,
): number | null {
  let total = 0;
  for (const { configuration } of plan.flat()) {
    const price = prices?.[configuration];
    if (price === undefined) return null;
    total += price;
  }
  return total;
}
