import { readFileSync, statSync } from "node:fs";

/** What the user's own Dockerfile is given, each as buildx takes it. */
export interface BuildInputs {
  /** `NAME=value`, or `NAME` for the environment's value. */
  readonly buildArgs: readonly string[];
  readonly target: string | undefined;
  /** `id=NAME,env=VARIABLE` or `id=NAME,src=FILE`. */
  readonly secrets: readonly string[];
}

/** What buildx would find too late, or take for nothing. */
export function checkInputs({ buildArgs, target, secrets }: BuildInputs, env: NodeJS.ProcessEnv): string[] {
  const problems: string[] = [];
  for (const argument of buildArgs) {
    const name = nameOf(argument);
    // The rest may be a value that nobody else should read.
    if (name === "") problems.push("--build-arg must be NAME=value or NAME; got one without a name");
    else if (!argument.includes("=") && env[name] === undefined) {
      problems.push(
        `--build-arg ${name} takes the environment's value, and ${name} is not set; set it, or give NAME=value`,
      );
    }
  }
  if (target === "") problems.push("--target must be the name of a stage; got an empty one");
  for (const secret of secrets) {
    const { id, variable, file } = readSecret(secret, env);
    if (id === "") {
      problems.push(`--secret must be id=NAME,env=VARIABLE or id=NAME,src=FILE; got one without an id`);
    } else if (variable !== undefined && env[variable] === undefined) {
      problems.push(`--secret id=${id}: the environment variable ${variable} is not set`);
    } else if (file !== undefined && !isFile(file)) {
      problems.push(`--secret id=${id}: src must be a file, from where you stand; there is no file ${file}`);
    }
  }
  return problems;
}

export function inputArguments({ buildArgs, target, secrets }: BuildInputs): string[] {
  return [
    ...buildArgs.flatMap((argument) => ["--build-arg", argument]),
    ...(target === undefined ? [] : ["--target", target]),
    ...secrets.flatMap((secret) => ["--secret", secret]),
  ];
}

/** Names alone: `build arguments A and B, target prod, secrets npmrc`; undefined where there is none. */
export function describeInputs({ buildArgs, target, secrets }: BuildInputs): string | undefined {
  const parts = [
    ...(buildArgs.length === 0 ? [] : [`build arguments ${buildArgs.map(nameOf).join(", ")}`]),
    ...(target === undefined ? [] : [`target ${target}`]),
    ...(secrets.length === 0 ? [] : [`secrets ${secrets.map((each) => readSecret(each, {}).id).join(", ")}`]),
  ];
  return parts.length === 0 ? undefined : parts.join("; ");
}

/** A shorter value is in any text by chance, and no secret. */
const SHORTEST_HIDDEN = 4;

/** A failed step's own words, without the values of arguments and secrets: they may have been printed. */
export function hideValues(
  text: string,
  { buildArgs, secrets }: BuildInputs,
  env: NodeJS.ProcessEnv,
): string {
  const values = [
    ...buildArgs.map((argument) => argument.split("=").slice(1).join("=") || (env[nameOf(argument)] ?? "")),
    ...secrets.flatMap((secret) => {
      const { variable, file } = readSecret(secret, env);
      const known = variable === undefined ? "" : (env[variable] ?? "");
      // A step shows a file line by line.
      return `${known}\n${file !== undefined && isFile(file) ? readFileSync(file, "utf8") : ""}`.split(
        /\r?\n/,
      );
    }),
  ];
  return [...new Set(values.map((value) => value.trim()))]
    .filter((value) => value.length >= SHORTEST_HIDDEN)
    .sort((a, b) => b.length - a.length)
    .reduce((shown, value) => shown.replaceAll(value, "***"), text);
}

const nameOf = (argument: string) => argument.split("=", 1)[0]?.trim() ?? "";

interface Secret {
  readonly id: string;
  readonly variable: string | undefined;
  readonly file: string | undefined;
}

/** As buildx reads it: an id alone names a variable or else a file, and `type=env` makes src a variable. */
function readSecret(text: string, env: NodeJS.ProcessEnv): Secret {
  const fields = new Map(
    text.split(",").map((field) => {
      const [key = "", ...value] = field.split("=");
      return [key.toLowerCase(), value.join("=")] as const;
    }),
  );
  const id = fields.get("id") ?? "";
  const source = fields.get("src") ?? fields.get("source");
  const variable = fields.get("env") ?? (fields.get("type") === "env" ? source : undefined);
  if (variable !== undefined) return { id, variable, file: undefined };
  if (source === undefined && env[id] !== undefined) return { id, variable: id, file: undefined };
  return { id, variable: undefined, file: source ?? id };
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
