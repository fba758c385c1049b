export { count, duration } from "../../util/words";

export function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
