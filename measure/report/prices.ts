import { BUILDER_INSTANCE_TYPES, PRICE_REGION, PRICES, PRICES_CHECKED } from "../../environment/aws-facts";
import type { CostBasis } from "./cost";

/** The project's price list as the report wants it. */
export function costBasis(options: Pick<CostBasis, "hostedIsFree" | "fixedPerMonth">): CostBasis {
  return {
    ...options,
    prices: PRICES,
    source: `prices of ${PRICE_REGION}, checked ${PRICES_CHECKED}${options.hostedIsFree ? ", hosted runners free (public repository)" : ""}`,
    nodeType: (name) => BUILDER_INSTANCE_TYPES.find((type) => type.name === name),
  };
}
