import Table from "cli-table3";
import type { painter } from "../../util/terminal";
import type { EnvironmentOverview, Overview, StackOverview } from "./model";

type Paint = ReturnType<typeof painter>;

/** The overview as text for a terminal. */
export function renderOverview({ environments, prices }: Overview, paint: Paint): string {
  const notes = `Prices: US dollars, on demand, ${prices.region}, checked ${prices.checked}. Image storage, logs and traffic come on top.`;
  return [
    ...environments.map((environment) => renderEnvironment(environment, paint)),
    paint("dim", notes),
    "",
  ].join("\n");
}

function renderEnvironment(environment: EnvironmentOverview, paint: Paint): string {
  const { name, instanceType, region } = environment;
  const section = (title: string, ...lines: string[]) => [paint("bold", title), ...lines, ""];
  return [
    paint(["bold", "cyan"], `${name}: ${instanceType} in ${region}`),
    "",
    ...section("Configurations", configurationTable(environment)),
    ...section("Stacks, in the order of deployment", stackTable(environment.stacks)),
    ...(environment.capacity ? section("Pods on nodes", ...capacityLines(environment.capacity)) : []),
    ...section("Cost while it stands, a month", costTable(environment)),
    ...(environment.warnings.length > 0
      ? section(
          "Know before you deploy",
          ...environment.warnings.map((text) => paint("yellow", `  ! ${text}`)),
        )
      : []),
    ...section(
      "Next",
      ...environment.next.map(({ why, command }) => `  ${why}:\n    ${paint("green", command)}`),
    ),
  ].join("\n");
}

const PLAIN = {
  style: { head: [], border: [] },
  chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
};

const usd = (amount: number) => `$${amount.toFixed(2)}`;

function configurationTable({ name, configurations }: EnvironmentOverview): string {
  const minutes = configurations[0]?.build.minutes ?? 0;
  const table = new Table({
    ...PLAIN,
    head: ["configuration", "chosen", "needs stacks", `a ${minutes} min build`],
  });
  for (const { configuration, chosen, stacks, build } of configurations) {
    const short = stacks.map((stack) => stack.replace(`${name}-`, "")).join(", ");
    table.push([configuration, chosen ? "yes" : "no", short, usd(build.usd)]);
  }
  return table.toString();
}

function stackTable(stacks: readonly StackOverview[]): string {
  const table = new Table({
    ...PLAIN,
    head: ["stack", "resources", "slow ones (usual minutes each)"],
    colAligns: ["left", "right"],
    colWidths: [null, null, 66],
    wordWrap: true,
  });
  for (const { name, resources, slow } of stacks) {
    const slowest = slow.map(
      ({ type, count, minutesEach }) =>
        `${count > 1 ? `${count} x ` : ""}${type.replace("aws_", "")} (${minutesEach})`,
    );
    table.push([name, resources, slowest.join(", ")]);
  }
  return table.toString();
}

const cpus = (milliCpu: number) => `${milliCpu / 1000} CPU`;
const gib = (mib: number) => `${Math.floor((mib / 1024) * 10) / 10} GiB`;

function capacityLines(capacity: NonNullable<EnvironmentOverview["capacity"]>): string[] {
  const { node, pods, placement, minNodes, initialNodes, maxNodes } = capacity;
  return [
    `  A node gives ${cpus(node.milliCpu)}, ${gib(node.memoryMib)}, ${node.pods} pods beside the system's; ${minNodes} to ${maxNodes} nodes, ${initialNodes} at first.`,
    ...pods.map((pod) => `  ${pod.count} x ${pod.name}: ${cpus(pod.milliCpu)}, ${gib(pod.memoryMib)}`),
    ...placement.map((held, i) => {
      const list = Object.entries(held).map(([name, count]) => `${count} ${name}`);
      return `  node ${i + 1}: ${list.join(" + ") || "empty"}`;
    }),
  ];
}

function costTable({ monthlyUsd }: EnvironmentOverview): string {
  const table = new Table({ ...PLAIN, head: ["what", "USD"], colAligns: ["left", "right"] });
  for (const { what, usd: amount } of monthlyUsd.items) table.push([what, amount.toFixed(2)]);
  table.push(["together", monthlyUsd.total.toFixed(2)]);
  return table.toString();
}
