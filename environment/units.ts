interface Unit {
  /** The props that have a number of this or a like unit, by the end of their names. */
  readonly prop: RegExp;
  readonly unit: RegExp;
  /** How many of the prop's unit one of these is. */
  readonly each: number;
}

const UNITS: readonly Unit[] = [
  { prop: /Gib$/, unit: /^gi?b?$/i, each: 1 },
  { prop: /Gib$/, unit: /^mi?b?$/i, each: 1 / 1024 },
  { prop: /Gib$/, unit: /^ti?b?$/i, each: 1024 },
  { prop: /cpu$/i, unit: /^(?:v?cpu|core)s?$/i, each: 1 },
  { prop: /cpu$/i, unit: /^m$/, each: 1 / 1000 },
  { prop: /Mibps$/, unit: /^mi?b(?:\/s|ps)$/i, each: 1 },
  { prop: /Iops$/, unit: /^iops$/i, each: 1 },
  { prop: /Days$/, unit: /^d(?:ays?)?$/i, each: 1 },
];

/** The number that a text such as "7Gi" means in a prop such as `builders.memoryGib`; undefined where it means none. */
export function numberMeant(text: string, prop: string): number | undefined {
  const [, digits, unit = ""] = /^\s*(\d{1,15}(?:\.\d{1,4})?)\s*([a-z/]{0,8})\s*$/i.exec(text) ?? [];
  const each = unit === "" ? 1 : UNITS.find((one) => one.prop.test(prop) && one.unit.test(unit))?.each;
  return digits === undefined || each === undefined ? undefined : Number(digits) * each;
}
