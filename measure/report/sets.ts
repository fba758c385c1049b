import { CONFIGURATIONS } from "../../environment/configurations";
import { type BuildRecord, subjectOf } from "../record/record";
import { presetOf } from "../record/variant";
import { compareText, printable } from "./format";

/** Records whose times may be compared: of one environment and one variant. */
export interface RecordSet {
  /** What its builds have in common. */
  readonly key: string;
  readonly title: string;
  readonly first: BuildRecord;
  readonly subjects: ReadonlyMap<string, readonly BuildRecord[]>;
}

/** Sets in order of environment; the title names only what distinguishes them. */
export function groupIntoSets(records: readonly BuildRecord[]): RecordSet[] {
  const groups = new Map<string, BuildRecord[]>();
  for (const record of records) {
    const key = JSON.stringify([
      record.kind,
      record.environment,
      record.instanceType,
      record.region,
      Object.entries(record.variant),
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  const firsts = [...groups.values()].flatMap((group) => group[0] ?? []);
  const places = new Set(firsts.map(placeWords));
  return [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([key, group]) => {
      const first = group[0];
      if (first === undefined) return [];
      const title =
        firsts.length === places.size ? placeWords(first) : `${placeWords(first)}, ${settingsWords(first)}`;
      return [{ key, title: printable(title), first, subjects: groupBySubject(group) }];
    });
}

export function placeWords({
  kind,
  environment,
  instanceType,
  region,
}: Pick<BuildRecord, "kind" | "environment" | "instanceType" | "region">): string {
  return `${environment} (${instanceType}, ${region}${kind === "bench" ? ", local measurement" : ""})`;
}

function settingsWords({ variant }: BuildRecord): string {
  const { image, cache, output, scenario, link } = variant;
  const preset = presetOf(variant);
  return [
    ...(preset === undefined
      ? [`image ${image}`, `cache ${cache}`, `output ${output}`]
      : [preset, `cache ${cache}`]),
    ...(scenario === undefined ? [] : [`scenario ${scenario}`]),
    ...(link === undefined ? [] : [`link ${link}`]),
  ].join(", ");
}

/** The four configurations in their own order, then labels by name. */
function groupBySubject(records: readonly BuildRecord[]): Map<string, BuildRecord[]> {
  const groups = new Map<string, BuildRecord[]>();
  for (const record of records) {
    const subject = subjectOf(record);
    const group = groups.get(subject);
    if (group === undefined) groups.set(subject, [record]);
    else group.push(record);
  }
  const ranks = new Map<string, number>(CONFIGURATIONS.map((configuration, index) => [configuration, index]));
  const rank = (subject: string) => ranks.get(subject) ?? CONFIGURATIONS.length;
  return new Map([...groups].sort(([a], [b]) => rank(a) - rank(b) || compareText(a, b)));
}
