import fc from "fast-check";

/** Names that every JavaScript object has, or that its syntax takes for something else. */
export const PROTOTYPE_KEYS = ["constructor", "prototype", "toString", "hasOwnProperty", "valueOf"];

/** What a page, a table, a terminal or a shell would take for more than text. */
const LOADED = [
  "",
  "\u0000",
  "a\r\nb",
  "a\u2028b",
  "\u001b[31mred\u001b[0m",
  "\u202egnp.exe",
  "\ud800",
  "\uffff",
  "<script>alert(1)</script>",
  "]]>&lt;![CDATA[",
  "a|b\\|c`d`",
  "'; touch x; '",
  ...PROTOTYPE_KEYS,
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...LOADED) },
  { weight: 6, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 6, arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("a", "-", "\u{1f600}", "g", "0", "..", "@", "*a"), fc.constantFrom(100, 50_000))
      .map(([unit, count]) => unit.repeat(count)),
  },
);

/** A label that fits on a line of a test's report, and is hostile all the same. */
export const hostileLabel: fc.Arbitrary<string> = hostileText.filter(
  (text) => text.length > 0 && text.length < 200,
);

export const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(...[Number.NaN, Number.POSITIVE_INFINITY, -0, -1, 0.1, 1e-7, 1e21, 2 ** 31, 2 ** 53]),
  fc.double(),
);

/** Values that no file of JSON can hold. */
const foreign: fc.Arbitrary<unknown> = fc
  .constantFrom(
    () => undefined,
    () => Symbol("symbol\n"),
    () => () => undefined,
    () => new Error("an error\nof two lines"),
    () => new Array(4_294_967_295),
  )
  .map((make) => make());

/** Anything at all. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  foreign,
  hostileText,
  hostileNumber,
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], [undefined], {}),
  fc.constantFrom(...PROTOTYPE_KEYS).map((key) => own({}, key, "hostile")),
  fc.array(hostileText, { maxLength: 30 }),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
    withObjectString: true,
    withBoxedValues: true,
  }),
);

/** A copy with one more key of its own, `__proto__` too. */
export function own(object: object, key: PropertyKey, value: unknown): object {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(object));
  return Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
}
