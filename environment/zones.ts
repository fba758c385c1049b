import { REGION_ZONES } from "./aws-facts";

/** The zones' names. Empty when a number is given for a region whose zones are not known. */
export function zoneNames(region: string, zones: number | readonly string[]): readonly string[] {
  if (typeof zones !== "number") return zones;
  return (REGION_ZONES.get(region) ?? []).slice(0, zones).map((letter) => `${region}${letter}`);
}
