import { parse } from "yaml";
import type { Configuration } from "../../../environment/configurations";
import type { Environment } from "../../../environment/environment";
import { workflowFiles } from "../../../pipeline/workflow/files";
import { asList, asObject, asText, isObject, type Json, type JsonObject } from "../../helpers/json";

/** The text of one of an environment's files. @throws Error when it has no such file */
export function textOf(environment: Environment, kind: "experiment" | "sweep" = "experiment"): string {
  const path = `.github/workflows/${kind}-${environment.name}.yml`;
  const file = workflowFiles(environment).find((candidate) => candidate.path === path);
  if (!file) throw new Error(`${environment.name} has no ${path}`);
  return file.content;
}

/** A workflow as GitHub reads it. */
export function workflowOf(environment: Environment, kind?: "experiment" | "sweep"): JsonObject {
  return asObject(parse(textOf(environment, kind)) as Json);
}

export function jobsOf(workflow: JsonObject): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    Object.entries(asObject(workflow.jobs)).map(([name, job]) => [name, asObject(job, name)]),
  );
}

export function jobOf(environment: Environment, name: Configuration): JsonObject {
  return asObject(jobsOf(workflowOf(environment))[name], name);
}

export const stepsOf = (job: JsonObject) => asList(job.steps).map((step) => asObject(step));

export function stepOf(job: JsonObject, name: string): JsonObject {
  return asObject(
    stepsOf(job).find((step) => step.name === name),
    `step "${name}"`,
  );
}

/** Values of a key, wherever it stands. */
export function valuesOf(key: string, value: Json): Json[] {
  if (Array.isArray(value)) return value.flatMap((inner: Json) => valuesOf(key, inner));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name === key ? [inner] : []),
    ...valuesOf(key, inner),
  ]);
}

/** `driver-opts` the way setup-buildx-action hands them on: a line is an option, quotes are kept. */
export function driverOptionLines(job: JsonObject): string[] {
  return asText(asObject(stepOf(job, "Create builder").with)["driver-opts"])
    .split("\n")
    .filter((line) => line !== "");
}

/** Fields of one line of CSV, with RFC 4180's quotes: buildx reads each option so. */
function csvFields(line: string): string[] {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const [whole, quoted, bare] = /^(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`no CSV: ${line}`);
    fields.push(quoted?.replaceAll('""', '"') ?? bare ?? "");
    if (whole.length === rest.length) return fields;
    rest = rest.slice(whole.length + 1);
  }
}

/** Driver options as buildx's csvToMap makes them: name to value. */
export function driverOptionsOf(job: JsonObject): Readonly<Record<string, string>> {
  const options: Record<string, string> = {};
  for (const field of driverOptionLines(job).flatMap(csvFields)) {
    const at = field.indexOf("=");
    if (at < 0) throw new Error(`an option without a value: ${field}`);
    const name = field.slice(0, at).toLowerCase();
    if (name in options) throw new Error(`${name} is given twice`);
    options[name] = field.slice(at + 1);
  }
  return options;
}

/** What GitHub puts in for the expressions of a job's `env`. */
export const CONTEXT = {
  "github.sha": "1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c",
  "github.event.repository.default_branch": "main",
  "github.run_id": "4711",
  "github.run_attempt": "2",
  "inputs.experiment": "monday",
  "inputs.round": "3",
  "inputs.image": "pipeline/image",
  "inputs.context": "",
  "inputs.output": "default",
  "inputs.cache": "none",
  "inputs.provenance": "false",
} as const;

/** A job's `env` with the values of this run. @throws Error on an expression that has none */
export function envOf(
  environment: Environment,
  configuration: Configuration,
  context: Readonly<Record<string, string>>,
): Record<string, string> {
  const values: Readonly<Record<string, string>> = { ...CONTEXT, ...context };
  const entries = Object.entries(asObject(jobOf(environment, configuration).env)).map(([name, text]) => [
    name,
    asText(text, name).replace(/\$\{\{ (.+?) \}\}/g, (_, expression: string) => {
      const value = values[expression];
      if (value === undefined) throw new Error(`${name} asks for ${expression}, which has no value`);
      return value;
    }),
  ]);
  return {
    ...Object.fromEntries(entries),
    GITHUB_SHA: CONTEXT["github.sha"],
    GITHUB_SERVER_URL: "https://github.example",
    GITHUB_REPOSITORY: "acme/images",
    GITHUB_REF_NAME: "main",
  };
}
