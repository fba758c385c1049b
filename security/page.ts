import { POLICY_RULES } from "../constructs/policy";
import { SECURITY_EXCEPTIONS } from "../constructs/security-exceptions";
import { CLUSTER_ACCESS, type ClusterAccess } from "../__tests__/system/cluster/cluster-access";
import { ATTACHED_POLICIES, IAM_CASES, IDENTITIES, type IdentityId } from "../__tests__/security/iam/cases";
import { ASSETS, BOUNDARIES, type Evidence, THREATS, type Threat } from "./threats";
import { TRUST_CASES, TRUST_SETUPS } from "../__tests__/security/trust/cases";
import { SERVICE_TRUST_CASES } from "../__tests__/security/trust/service-cases";

/** docs/security.md: the threat model, and the tables that tests hold the stacks to. */
export function securityPage(): string {
  return `${[
    "<!-- Made by `npm run docs` from security/, aspects/policy and constructs/security-exceptions.ts. -->",
    "# Security",
    "Who could do what, which control stops it, which test shows the control, and what is left. How to report a problem stands in [SECURITY.md](../SECURITY.md). The tables are data that tests read: a row that does not hold, a right of a role that no row names, a control without its test and an exception that nothing needs each fail.",
    "## What is worth something",
    table(["asset", "what it is"], Object.entries(ASSETS)),
    "## Where trust changes",
    table(
      ["from", "to", "what passes, and what decides"],
      BOUNDARIES.map(({ from, to, words }) => [from, to, words]),
    ),
    "## Threats",
    table(
      ["threat", "who", "what they could try", "reaches for"],
      THREATS.map(({ id, who, tries, assets }) => [
        `[${id}](#${id.toLowerCase()})`,
        who,
        tries,
        assets.join(", "),
      ]),
    ),
    ...THREATS.map(threatSection),
    "## Who may assume the role of hosted jobs",
    `Tokens of GitHub's OIDC provider against the role's trust policy, with IAM's own rules of comparison: ${TRUST_CASES.length} tokens, ${TRUST_SETUPS.length} environments. What an environment trusts stands above its column.`,
    trustTable(),
    "## Who may assume the other roles",
    `${SERVICE_TRUST_CASES.length} callers against each role.`,
    table(
      ["who comes", "gets"],
      SERVICE_TRUST_CASES.map(({ words, admittedBy }) => [words, admittedBy.join(", ") || "nothing"]),
    ),
    "## What each role may do in AWS",
    `${IAM_CASES.length} requests against the policies that the stacks render. "AWS's policy" means that the role's own policies neither allow nor deny it, and that it holds a policy of AWS, which is not simulated.`,
    ...(Object.keys(IDENTITIES) as IdentityId[]).map(iamSection),
    "## What a job may do in the cluster",
    `${CLUSTER_ACCESS.length} requests to a real API server of Kubernetes 1.34 (environments run 1.35 or 1.36; \`__tests__/system/cluster/identities.test.ts\`). What is not said concerns namespace \`buildx\`.`,
    clusterTable(),
    "## What the rendered stacks are held to",
    "These rules are an aspect: `cdktf synth` refuses what breaks them, and a resource that may stands under an exception below.",
    table(
      ["rule", "demands"],
      POLICY_RULES.map(({ id, demands }) => [code(id), demands]),
    ),
    "## Exceptions",
    "Findings of these rules and of checkov that stay, each marked at the resource that it concerns. One that nothing needs fails the scan.",
    table(
      ["exception", "checks", "reason"],
      Object.entries(SECURITY_EXCEPTIONS).map(([name, { checks, reason }]) => [
        code(name),
        checks.map(code).join(", "),
        reason,
      ]),
    ),
  ].join("\n\n")}\n`;
}

const code = (text: string) => `\`${text}\``;
/** A table's cell can hold neither the line that divides cells nor the end of a line. */
const cell = (text: string) =>
  text
    .replaceAll("|", "\\|")
    .replaceAll("\n", "\\n")
    .replace(/<(?=[a-z])/g, "&lt;");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

function threatSection({ id, who, tries, controls, residual }: Threat): string {
  return [
    `### ${id}`,
    `**${who}.** ${tries}`,
    controls.map(({ words, evidence }) => `- ${words}${shown(evidence)}`).join("\n"),
    `**What is left.** ${residual}`,
  ].join("\n\n");
}

/** Tests by their file, each file once. */
function shown(evidence: readonly Evidence[]): string {
  const files = new Map<string, string[]>();
  const commands: string[] = [];
  for (const one of evidence) {
    if ("command" in one) commands.push(code(one.command));
    else files.set(one.file, [...(files.get(one.file) ?? []), one.test]);
  }
  const tests = [...files].map(
    ([file, titles]) =>
      `[${file.replace("__tests__/", "")}](../${file}): ${titles.map((title) => `"${title.replaceAll("$", "\\$")}"`).join(", ")}`,
  );
  return [...tests, ...commands].map((line) => `\n  - ${line}`).join("");
}

function trustTable(): string {
  return table(
    ["who comes", "subject", ...TRUST_SETUPS.map(({ words }) => words), "why"],
    TRUST_CASES.map(({ words, token, admittedBy, why }) => [
      words,
      code(token.subject),
      ...TRUST_SETUPS.map(({ id }) => (admittedBy.includes(id) ? "**in**" : "out")),
      why,
    ]),
  );
}

const DECISIONS = { allow: "**yes**", deny: "no", unknown: "AWS's policy" } as const;

function iamSection(identity: IdentityId): string {
  const rows = IAM_CASES.filter((one) => one.identity === identity);
  const attached = ATTACHED_POLICIES[identity].map((arn) => code(arn.slice(arn.indexOf("policy/") + 7)));
  return [
    `### ${IDENTITIES[identity]} (\`${identity}\`)`,
    attached.length > 0 ? `Holds AWS's own ${attached.join(", ")}.` : "Holds no policy of AWS.",
    table(
      ["may it", "action", "resource", ""],
      rows.map(({ words, action, resource, expected }) => [
        words,
        code(action),
        code(resource),
        DECISIONS[expected],
      ]),
    ),
  ].join("\n\n");
}

const COLUMNS = [
  ["per-job", "hosted"],
  ["per-job", "runner"],
  ["warm", "hosted"],
  ["warm", "runner"],
] as const;

/** One row for each action, and whether each identity may do it with each kind of builder. */
function clusterTable(): string {
  const actionOf = ({ id }: ClusterAccess) => id.slice(id.lastIndexOf("/") + 1);
  const actions = new Map(CLUSTER_ACCESS.map((row) => [actionOf(row), row.words]));
  const verdict = (action: string, mode: string, identity: string) => {
    const row = CLUSTER_ACCESS.find(({ id }) => id === `${mode}/${identity}/${action}`);
    return row === undefined ? "-" : row.expected === "allowed" ? "**yes**" : "no";
  };
  return table(
    ["may a job", ...COLUMNS.map(([mode, identity]) => `${identity}, builders ${mode}`)],
    [...actions].map(([action, words]) => [
      words,
      ...COLUMNS.map(([mode, identity]) => verdict(action, mode, identity)),
    ]),
  );
}
