import { z } from "zod";
import { environmentSchema } from "./environment";

/** As much of JSON Schema as zod writes for an environment. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

/** A Markdown table of every prop of an environment: its type, its default and what it means. */
export function propsTable(): string {
  const schema = z.toJSONSchema(environmentSchema, { io: "input", unrepresentable: "any" }) as Schema;
  const rows = rowsOf(schema, "");
  return ["| Prop | Type | Default | Meaning |", "|---|---|---|---|", ...rows].join("\n");
}

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${prefix}${name}`;
    const inner = schema.type === "array" && schema.items?.properties ? schema.items : schema;
    const own = `| \`${path}\` | ${typeOf(schema)} | ${defaultOf(schema, required.includes(name))} | ${schema.description ?? ""} |`;
    const nested = inner.properties ? rowsOf(inner, `${path}${inner === schema ? "." : "[]."}`) : [];
    return [own, ...nested];
  });
}

const code = (value: unknown) => `\`${JSON.stringify(value)}\``;

function typeOf(schema: Schema): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices)
    return choices.map((choice) => (choice.properties ? shapeOf(choice) : typeOf(choice))).join(" or ");
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum)
    return schema.enum.length > 6 ? "one of the values AWS takes" : schema.enum.map(code).join(" or ");
  if (schema.type === "array") return `list of ${schema.items ? typeOf(schema.items) : "values"}`;
  if (schema.type === "integer") return "whole number";
  if (schema.type === "object")
    return typeof schema.additionalProperties === "object" ? "object of strings" : "object";
  return schema.type ?? "value";
}

/** One of several shapes of an object: its props, those that may be left out with a question mark. */
function shapeOf({ properties = {}, required = [] }: Schema): string {
  const props = Object.entries(properties).map(([name, { const: value }]) => {
    const key = required.includes(name) ? name : `${name}?`;
    return value === undefined ? key : `${key}: ${JSON.stringify(value)}`;
  });
  return `\`{ ${props.join(", ")} }\``;
}

function defaultOf(schema: Schema, required: boolean): string {
  if (schema.default !== undefined && JSON.stringify(schema.default) !== "{}") return code(schema.default);
  return required ? "required" : "-";
}
