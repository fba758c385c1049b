import { randomInt } from "node:crypto";
import { type Random, seededRandom } from "../../../measure/record/random";

/** FAULTS_CASES=<n>: random cases for each row that has them; the gate takes the few of each row. */
const WANTED = process.env.FAULTS_CASES;
/** FAULTS_SEED=<n>: the first seed, which a failed test names. */
const FIRST = Number(process.env.FAULTS_SEED ?? randomInt(1_000_000));

if (WANTED !== undefined && !/^[1-9]\d{0,3}$/.test(WANTED))
  throw new Error(`FAULTS_CASES must be a whole number from 1 to 9999; got "${WANTED}"`);
if (!Number.isSafeInteger(FIRST) || FIRST < 0)
  throw new Error(`FAULTS_SEED must be a whole number from 0; got "${process.env.FAULTS_SEED}"`);

/** Seeds of the random cases of a row, which has none in the gate when it is long; tests have them in their names. */
export function seeds(few: number): readonly number[] {
  const cases = WANTED === undefined ? few : Number(WANTED);
  return Array.from({ length: cases }, (_, index) => FIRST + index);
}

export interface Dice {
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number;
}

export function dice(seed: number): Dice {
  const random: Random = seededRandom(seed);
  return { whole: (least, most) => least + Math.floor(random() * (most - least + 1)) };
}
