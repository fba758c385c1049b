import { blocks, isValues, type Value, type Values } from "../../constructs/policy/values";

/** Attributes of the providers that hold a map. Every other object in a resource is a block. */
const MAPS: ReadonlySet<string> = new Set([
  "annotations",
  "config",
  "data",
  "data_wo",
  "default",
  "default_request",
  "hard",
  "labels",
  "limits",
  "manifest",
  "match_labels",
  "max",
  "min",
  "node_selector",
  "parameters",
  "requests",
  "tags",
]);

/** Blocks with a label. */
const LABELLED: ReadonlySet<string> = new Set(["backend", "provisioner"]);

/**
 * A stack as cdktf renders it (`cdk.tf.json`), in Terraform's own language. checkov 3 reads the JSON
 * syntax too, but stops at `terraform` and `locals`, and skips policies that are JSON texts. Such a text becomes
 * `jsonencode(...)` here.
 */
export function toHcl(stack: Values): string {
  const lines = entriesOf(stack).flatMap(([section, content]) => sectionLines(section, valuesOf(content)));
  return `${lines.join("\n")}\n`;
}

function sectionLines(section: string, content: Values): string[] {
  switch (section) {
    case "resource":
    case "data":
      return entriesOf(content).flatMap(([type, named]) =>
        labelled(`${section} ${quoted(type)}`, valuesOf(named)).flatMap(([head, body]) => block(head, body)),
      );
    case "provider":
    case "variable":
      return labelled(section, content).flatMap(([head, body]) => block(head, body));
    case "output":
      return labelled(section, content).flatMap(([head, body]) => [`${head} {`, ...attributes(body), "}"]);
    case "locals":
      return ["locals {", ...attributes(content), "}"];
    case "terraform":
      return block("terraform", content);
    default:
      throw new Error(`no rule how to write ${section} of a stack`);
  }
}

/** Heads and contents of blocks by their label: one object for each, or a list of them. */
const labelled = (head: string, content: Values): [string, Values][] =>
  entriesOf(content).flatMap(([label, body]) =>
    blocks(body).map((values): [string, Values] => [`${head} ${quoted(label)}`, values]),
  );

function block(head: string, content: Values): string[] {
  const inner = entriesOf(content).flatMap(([key, value]) => {
    if (LABELLED.has(key) && typeof value === "object") {
      return blocks(value)
        .flatMap((of) => labelled(key, of))
        .flatMap(([head, body]) => block(head, body));
    }
    if (key === "required_providers") return [`${key} {`, ...attributes(valuesOf(value)), "}"];
    return isBlock(key, value) ? blocks(value).flatMap((of) => block(key, of)) : attributes({ [key]: value });
  });
  return [`${head} {`, ...inner.map((line) => `  ${line}`), "}"];
}

const attributes = (values: Values) =>
  entriesOf(values).map(([key, value]) => `${key} = ${expression(value)}`);

const isBlock = (key: string, value: Value) =>
  !MAPS.has(key) && (isValues(value) || (Array.isArray(value) && value.length > 0 && value.every(isValues)));

function expression(value: Value): string {
  if (typeof value === "string") {
    const json = jsonIn(value);
    return json === undefined ? quoted(value) : `jsonencode(${expression(json)})`;
  }
  if (Array.isArray(value)) return `[${value.map((item: Value) => expression(item)).join(", ")}]`;
  if (isValues(value)) {
    return `{${entriesOf(value)
      .map(([key, inner]) => `${quoted(key)} = ${expression(inner)}`)
      .join(", ")}}`;
  }
  return String(value);
}

/** The object or list that a text is the JSON of. */
function jsonIn(text: string): Value | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

/** `${...}` holds an expression, which keeps its quotes. */
const quoted = (text: string) =>
  JSON.stringify(text).replace(/\$\{[^}]*\}/g, (reference) => reference.replaceAll('\\"', '"'));

export const valuesOf = (value: Value): Values => (isValues(value) ? value : {});

/** Without cdktf's comments, and without null: it is unset for Terraform, and a value for checkov. */
const entriesOf = (values: Values): [string, Value][] =>
  Object.entries(values).filter(([key, value]) => key !== "//" && value !== undefined && value !== null);
