import type { z } from "zod";
import { InvalidInput, show, showName } from "../util/invalid-input";
import { didYouMean } from "../util/suggest";
import { count, listed } from "../util/words";
import { type Environment, type EnvironmentInput, environmentShape } from "./environment";
import { overlaps, parseCidr } from "./network";
import { type Problem, RULES } from "./rules";
import { numberMeant } from "./units";

/**
 * Validates all environments at once, before anything is made of them.
 *
 * @throws InvalidInput with every problem of every environment: its name, the prop, the rule, the value and the fix
 */
export function loadEnvironments(inputs: readonly EnvironmentInput[]): Environment[] {
  const loaded = inputs.map((input, i) => loadOne(input, i));
  const problems = sentencesOf([
    ...loaded.flatMap(({ label, problems }) => problems.map((problem) => ({ label, problem }))),
    ...problemsBetween(loaded),
  ]);
  if (inputs.length === 0)
    problems.push("environments/index.ts must list at least one environment; got none.");
  if (problems.length > 0) {
    throw new InvalidInput(
      `${count(problems.length, "problem")} in environments/. Nothing was written.`,
      problems,
    );
  }
  return loaded.map(({ environment }) => environment as Environment);
}

interface Loaded {
  /** What its problems are called by. */
  readonly label: string;
  /** The props that have the right shape. */
  readonly environment: Partial<Environment>;
  readonly problems: Problem[];
}

const sentence = (label: string, { prop, message }: Problem) =>
  `${label}: ${prop}${prop && " "}${message}${/[.?]$/.test(message) ? "" : "."}`;

interface LabelledProblem {
  readonly label: string;
  readonly problem: Problem;
}

/** What is wrong in several environments in the same way is one sentence that names them. */
function sentencesOf(found: readonly LabelledProblem[]): string[] {
  const kinds = new Map<string, { readonly problem: Problem; readonly labels: string[] }>();
  for (const { label, problem } of found) {
    const kind = sentence("", problem);
    const known = kinds.get(kind);
    if (known) known.labels.push(label);
    else kinds.set(kind, { problem, labels: [label] });
  }
  return [...kinds.values()].map(({ problem, labels }) => sentence(listed([...new Set(labels)]), problem));
}

function loadOne(input: unknown, index: number): Loaded {
  const fallback = `environment ${index + 1}`;
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return {
      label: fallback,
      environment: {},
      problems: [{ prop: "", message: `must be an object; got ${show(input)}` }],
    };
  }
  const given = new Map<string, unknown>(Object.entries(input));
  const name = given.get("name");
  const label = typeof name === "string" && name !== "" && name.length <= 100 ? showName(name) : fallback;

  const known = Object.keys(environmentShape);
  const problems = [...given.keys()]
    .filter((key) => !Object.hasOwn(environmentShape, key))
    .map((key) => unknownProp(key, known));

  const parsed = new Map<string, unknown>();
  for (const [prop, schema] of Object.entries(environmentShape)) {
    const result = schema.safeParse(given.get(prop));
    if (result.success) parsed.set(prop, result.data);
    else problems.push(...unique(result.error.issues.flatMap((i) => toProblems(prop, given.get(prop), i))));
  }
  // Each value under a key was parsed by that key's own schema; keys that failed are absent.
  const environment = Object.fromEntries(parsed) as Partial<Environment>;
  for (const rule of RULES) {
    if (rule.props.every((prop) => parsed.has(prop))) {
      problems.push(...rule.check(environment as Environment));
    }
  }
  return { label, environment, problems: countRepeats(problems) };
}

/** One value can break a rule in two ways: below the least, and between two steps. It is said once. */
const unique = (problems: readonly Problem[]) =>
  problems.filter(
    ({ prop, message }, i) =>
      problems.findIndex((other) => other.prop === prop && other.message === message) === i,
  );

/** Props of version 0.1 by path, and what they are called now. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["operators", "clusterAdmins"],
  ["nodes.min", "nodes.minSize"],
  ["nodes.max", "nodes.maxSize"],
  ["apiEndpoint.publicCidrs", "apiEndpoint.publicAccessCidrs"],
  ["apiEndpoint.privateCidrs", "apiEndpoint.privateAccessCidrs"],
]);

/** The same problem of many entries of a list is one sentence, with the first entry and how many more there are. */
function countRepeats(problems: readonly Problem[]): Problem[] {
  const kinds = new Map<string, { readonly first: Problem; more: number }>();
  for (const problem of problems) {
    const kind = `${problem.prop.replaceAll(/\[\d+\]/g, "[]")} ${problem.message}`;
    const known = kinds.get(kind);
    if (known) known.more += 1;
    else kinds.set(kind, { first: problem, more: 0 });
  }
  return [...kinds.values()].map(({ first: { prop, message }, more }) => ({
    prop: more > 0 ? `${prop} and ${count(more, "more entry", "more entries")}` : prop,
    message,
  }));
}

function unknownProp(path: string, known: readonly string[]): Problem {
  const word = path.slice(path.lastIndexOf(".") + 1);
  const renamed = RENAMED.get(path);
  const hint =
    (renamed !== undefined && ` It is now called ${renamed}.`) ||
    didYouMean(word, known) ||
    ` Known props: ${known.join(", ")}.`;
  return { prop: showName(path), message: `is not a prop.${hint}` };
}

/** The value at a path of the input, as far as there is one. */
function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

const joinPath = (prop: string, path: readonly PropertyKey[]) =>
  path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}.${showName(String(key))}`),
    prop,
  );

function toProblems(prop: string, value: unknown, issue: z.core.$ZodIssue): Problem[] {
  const path = joinPath(prop, issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = knownKeysAt(prop, issue.path, valueAt(value, issue.path));
    return issue.keys.map((key) => unknownProp(`${path}.${key}`, known));
  }
  const received = valueAt(value, issue.path);
  const wanted = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const options = issue.code === "invalid_value" ? issue.values.filter((v) => typeof v === "string") : [];
  const number = numberFor(received, path, schemaAt(prop, issue.path));
  const suggestion = typeof received === "string" ? didYouMean(received, options) : "";
  const hint = number === undefined ? suggestion : ` Write ${number}`;
  return [{ prop: path, message: `${wanted}; got ${show(received)}${hint && `.${hint}`}` }];
}

/** The number to write in place of a text with a unit, where the prop takes it. */
function numberFor(received: unknown, path: string, schema: unknown): number | undefined {
  const number = typeof received === "string" ? numberMeant(received, path) : undefined;
  return number !== undefined && isSchema(schema) && schema.safeParse(number).success ? number : undefined;
}

const isSchema = (schema: unknown): schema is z.ZodType =>
  typeof schema === "object" && schema !== null && "safeParse" in schema;

/** The props that an object at this path may have; where it has a choice of shapes, those of the one it chose. */
function knownKeysAt(prop: string, path: readonly PropertyKey[], value: unknown): string[] {
  const schema = schemaAt(prop, path);
  const chosen = hasOptions(schema) ? schema.options.find((option) => isChosen(option, value)) : schema;
  return hasShape(chosen) ? Object.keys(chosen.shape) : [];
}

function schemaAt(prop: string, path: readonly PropertyKey[]): unknown {
  let schema: unknown = environmentShape[prop as keyof typeof environmentShape];
  for (const key of [undefined, ...path]) {
    if (key !== undefined) schema = child(schema, key);
    schema = unwrap(schema);
  }
  return schema;
}

/** By their `type`, as in every union of shapes here. */
const isChosen = (option: z.ZodType, value: unknown): boolean =>
  hasShape(option) &&
  (option.shape.type as z.ZodType | undefined)?.safeParse(valueAt(value, ["type"])).success === true;

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (typeof inner === "object" && inner !== null && "def" in inner) {
    const def = inner.def as { innerType?: unknown };
    if (def.innerType === undefined) break;
    inner = def.innerType;
  }
  return inner;
}

function child(schema: unknown, key: PropertyKey): unknown {
  if (hasShape(schema)) return schema.shape[String(key)];
  if (typeof schema === "object" && schema !== null && "element" in schema) return schema.element;
  return undefined;
}

const hasOptions = (schema: unknown): schema is { options: readonly z.ZodType[] } =>
  typeof schema === "object" && schema !== null && "options" in schema && Array.isArray(schema.options);

const hasShape = (schema: unknown): schema is { shape: Record<string, unknown> } =>
  typeof schema === "object" && schema !== null && "shape" in schema && typeof schema.shape === "object";

/** What must hold between environments. */
function problemsBetween(loaded: readonly Loaded[]): LabelledProblem[] {
  const problems: LabelledProblem[] = [];
  loaded.forEach(({ label, environment: later }, i) => {
    for (const { label: earlierLabel, environment: earlier } of loaded.slice(0, i)) {
      const report = (prop: string, message: string) => problems.push({ label, problem: { prop, message } });
      const alike = (prop: string, a: unknown, b: unknown) => {
        if (JSON.stringify(a) !== JSON.stringify(b)) {
          report(
            prop,
            `must be the same in all environments, which share the account stack; got ${show(b)}, and ${earlierLabel} has ${show(a)}`,
          );
        }
      };
      if (later.name !== undefined && earlier.name !== undefined) {
        if (later.name === earlier.name) {
          report(
            "name",
            `must be given once; got ${show(later.name)} in environments ${loaded.findIndex((l) => l.environment === earlier) + 1} and ${i + 1}`,
          );
        } else if (
          `${later.name}-`.startsWith(`${earlier.name}-`) ||
          `${earlier.name}-`.startsWith(`${later.name}-`)
        ) {
          const [short, long] =
            later.name.length < earlier.name.length ? [later.name, earlier.name] : [earlier.name, later.name];
          report(
            "name",
            `must not continue another's name with a hyphen; got ${show(later.name)} beside ${show(earlier.name)}: cdktf destroy '${short}-*' would take ${long} too`,
          );
        }
      }
      const [a, b] = [earlier.vpcCidr, later.vpcCidr].map((c) => (c === undefined ? c : parseCidr(c)));
      if (a && b && earlier.region === later.region && overlaps(a, b)) {
        report(
          "vpcCidr",
          `must not overlap that of ${earlierLabel} (${earlier.vpcCidr}), or the two could never be peered; got ${show(later.vpcCidr)}`,
        );
      }
      if (earlier.accountId && later.accountId) alike("accountId", earlier.accountId, later.accountId);
      if (earlier.state && later.state) alike("state", earlier.state, later.state);
      if (earlier.github && later.github && earlier.github.issuer === later.github.issuer) {
        alike("github.oidcProviderArn", earlier.github.oidcProviderArn, later.github.oidcProviderArn);
      }
    }
  });
  return problems;
}
