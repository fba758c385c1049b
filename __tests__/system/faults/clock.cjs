/**
 * Loaded before a program (NODE_OPTIONS=--require): its local time is off by the milliseconds that the file
 * CLOCK_SHIFT_FILE holds, as soon as it holds any. "3600000 or 0" lets each reading be off or not, by chance: a
 * clock that is set again and again. Timers and performance.now() are monotonic and stay as they are.
 */
const { readFileSync } = require("node:fs");

const RealDate = Date;

function shift() {
  let words;
  try {
    words = readFileSync(process.env.CLOCK_SHIFT_FILE, "utf8").split(" or ");
  } catch {
    return 0;
  }
  return Number(words[Math.floor(Math.random() * words.length)]);
}

const now = () => RealDate.now() + shift();

globalThis.Date = new Proxy(RealDate, {
  construct: (target, words) => Reflect.construct(target, words.length === 0 ? [now()] : words),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});
