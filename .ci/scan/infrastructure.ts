import type { Values } from "../../constructs/policy/values";
import { loadEnvironments } from "../../environment/load";
import { createApp } from "../../main";
import { type CheckovReport, runCheckov } from "./checkov";
import { SCANNED_APPS, type ScannedApp } from "./environments";
import { toHcl } from "./hcl";
import { type JudgedStack, judge, type OpenFinding } from "./judge";
import { twinned, withPodTwins } from "./pod-twins";
import { type RenderedStack, renderApp } from "./render";
import { type ScanResult, scanResult } from "./scan";

/** Renders apps of environments, as `cdktf synth` does. */
export const renderAll = (apps: readonly ScannedApp[] = SCANNED_APPS): RenderedStack[] =>
  apps.flatMap(({ name, environments }) =>
    renderApp(name, (outdir) => createApp(loadEnvironments(environments), { outdir })),
  );

/** checkov (the path of its program) over rendered stacks, against the exceptions at their resources. */
export async function scanInfrastructure(
  checkov: string,
  stacks: readonly RenderedStack[],
): Promise<ScanResult> {
  // Many environments render the same registry or cluster: equal texts are scanned once.
  const texts = [...new Set(stacks.map(({ text }) => text))];
  const report = await runCheckov(
    checkov,
    texts.map((text) => toHcl(withPodTwins(JSON.parse(text) as Values))),
  );
  const judgement = judge(stacks.map((stack) => judged(stack, texts.indexOf(stack.text), report)));
  const apps = new Set(stacks.map(({ app }) => app)).size;
  return scanResult(
    "infrastructure",
    `checkov ${report.version}: ${report.checks} checks of ${stacks.length} stacks (${texts.length} different) in ${apps} sets of environments`,
    [...unlooked(stacks, texts, report), ...judgement.open.map(described), ...judgement.unused],
    judgement.exceptions,
  );
}

function judged(stack: RenderedStack, index: number, { findings }: CheckovReport): JudgedStack {
  return {
    ...stack,
    findings: findings
      .filter((finding) => finding.index === index)
      .map((finding) => ({ ...finding, address: twinned(finding.address, stack.paths) })),
  };
}

/** Stacks of AWS of which checkov checked nothing: it did not understand them, and that is no pass. */
function unlooked(
  stacks: readonly RenderedStack[],
  texts: readonly string[],
  { checked }: CheckovReport,
): string[] {
  const names = stacks
    .filter(({ text }) => /"aws_/.test(text) && !checked.has(texts.indexOf(text)))
    .map(({ name }) => name);
  return [...new Set(names)].map((name) => `checkov checked nothing of the stack ${name}.`);
}

function described({ check, title, resource, apps }: OpenFinding): string {
  const more = apps.length > 1 ? ` and ${apps.length - 1} more` : "";
  return `${check}: ${title}\n${resource}\nin ${apps[0]}${more}`;
}
