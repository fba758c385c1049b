/*
 * Environment markers (PEP 508), for Linux on x86_64 with CPython: which lines of a lock that was made for several
 * platforms hold for the image. The tests compare this with `packaging`.
 */

/** @param python version of the image's Python, `3.12` or `3.12.4`; without a patch release it is the first */
export function markerHolds(marker: string, python: string): boolean {
  const tokens = marker.match(/'[^']*'|"[^"]*"|\(|\)|[<>=!~]=?=?|[A-Za-z_][A-Za-z0-9_.]*|\S/g) ?? [];
  return new Parser(tokens, variables(python)).parse();
}

/** A marker that this does not understand; its message says why. */
export class UnknownMarker extends Error {}

function variables(python: string): Readonly<Record<string, string>> {
  const [major = "", minor = "", patch = "0"] = python.split(".");
  return {
    os_name: "posix",
    sys_platform: "linux",
    platform_system: "Linux",
    platform_machine: "x86_64",
    platform_python_implementation: "CPython",
    implementation_name: "cpython",
    implementation_version: `${major}.${minor}.${patch}`,
    python_version: `${major}.${minor}`,
    python_full_version: `${major}.${minor}.${patch}`,
    extra: "",
  };
}

const VERSIONS = new Set(["python_version", "python_full_version", "implementation_version"]);

class Parser {
  private at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly known: Readonly<Record<string, string>>,
  ) {}

  parse(): boolean {
    const value = this.or();
    if (this.at < this.tokens.length) throw new UnknownMarker(`${this.tokens[this.at]} is not expected`);
    return value;
  }

  private or(): boolean {
    let value = this.and();
    while (this.took("or")) value = this.and() || value;
    return value;
  }

  private and(): boolean {
    let value = this.one();
    while (this.took("and")) value = this.one() && value;
    return value;
  }

  private one(): boolean {
    if (this.took("(")) {
      const value = this.or();
      if (!this.took(")")) throw new UnknownMarker("a ) is missing");
      return value;
    }
    const left = this.operand();
    const operator = this.took("not") ? `not ${this.next()}` : this.next();
    const right = this.operand();
    const isVersion = VERSIONS.has(left.name ?? right.name ?? "");
    return isVersion ? versions(left.text, operator, right.text) : texts(left.text, operator, right.text);
  }

  private operand(): { readonly name?: string; readonly text: string } {
    const token = this.next();
    if (/^['"]/.test(token)) return { text: token.slice(1, -1) };
    const text = this.known[token];
    if (text === undefined) throw new UnknownMarker(`${token} is not known here`);
    return { name: token, text };
  }

  private next(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new UnknownMarker("it ends too early");
    return token;
  }

  private took(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }
}

function texts(left: string, operator: string, right: string): boolean {
  switch (operator) {
    case "==":
    case "===":
      return left === right;
    case "!=":
      return left !== right;
    case "in":
      return right.includes(left);
    case "not in":
      return !right.includes(left);
    default:
      throw new UnknownMarker(`${operator} does not compare texts`);
  }
}

/** Numbers of final releases, as Python's are. */
function versions(left: string, operator: string, right: string): boolean {
  if (operator === "in" || operator === "not in") {
    return right.split(/[\s,|]+/).includes(left) === (operator === "in");
  }
  const wildcard = right.endsWith(".*");
  const wanted = right.replace(/\.\*$/, "").split(".").map(Number);
  const given = left.split(".").map(Number);
  if (wanted.some(Number.isNaN)) throw new UnknownMarker(`${right} is no release of Python`);
  const compared = compare(wildcard ? given.slice(0, wanted.length) : given, wanted);
  switch (operator) {
    case "==":
    case "===":
      return compared === 0;
    case "!=":
      return compared !== 0;
    case "<":
      return compared < 0;
    case "<=":
      return compared <= 0;
    case ">":
      return compared > 0;
    case ">=":
      return compared >= 0;
    case "~=":
      return compared >= 0 && compare(given.slice(0, wanted.length - 1), wanted.slice(0, -1)) === 0;
    default:
      throw new UnknownMarker(`${operator} does not compare versions`);
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
