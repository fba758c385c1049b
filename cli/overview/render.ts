import { drawTable } from "../../util/table";
import type { painter } from "../../util/terminal";
import { wrap, wrapBelow } from "../../util/wrap";
import type { EnvironmentOverview, Overview, StackOverview } from "./model";

type Paint = ReturnType<typeof painter>;

/** The overview as text for a terminal; only commands, which are copied, may be wider than `width`. */
export function renderOverview(
  { environments, warnings, prices }: Overview,
  paint: Paint,
  width: number,
): string {
  const notes = `Prices: US dollars, on demand, ${prices.region}, checked ${prices.checked}. Image storage, logs and traffic come on top.`;
  return [
    ...environments.map((environment) => renderEnvironment(environment, paint, width)),
    ...warnings.map((text) => paint("yellow", wrapBelow("! ", text, width))),
    ...wrap(notes, width).map((line) => paint("dim", line)),
    "",
  ].join("\n");
}

function renderEnvironment(environment: EnvironmentOverview, paint: Paint, width: number): string {
  const { name, instanceType, region, capacity, warnings, next } = environment;
  const section = (title: string, ...lines: string[]) => [paint("bold", title), ...lines, ""];
  return [
    paint(["bold", "cyan"], `${name}: ${instanceType} in ${region}`),
    "",
    ...section("Configurations", configurationTable(environment, width)),
    ...section("Stacks, in the order of deployment", stackTable(environment.stacks, width)),
    ...(capacity
      ? section("Pods on nodes", ...capacityLines(capacity).map((line) => wrapBelow("  ", line, width)))
      : []),
    ...section("Cost while idle, a month", costTable(environment, width)),
    ...(warnings.length > 0
      ? section(
          "Know before you deploy",
          ...warnings.map((text) => paint("yellow", wrapBelow("  ! ", text, width))),
        )
      : []),
    ...section("Next", ...next.map(({ why, command }) => `  ${why}:\n    ${paint("green", command)}`)),
  ].join("\n");
}

const usd = (amount: number) => `$${amount.toFixed(2)}`;

function configurationTable({ name, configurations }: EnvironmentOverview, width: number): string {
  const minutes = configurations[0]?.build.minutes ?? 0;
  return drawTable(
    ["configuration", "chosen", "needs stacks", `a ${minutes} min build`],
    configurations.map(({ configuration, chosen, stacks, build }) => [
      configuration,
      chosen ? "yes" : "no",
      stacks.map((stack) => stack.replace(`${name}-`, "")).join(", "),
      usd(build.usd),
    ]),
    { width },
  );
}

function stackTable(stacks: readonly StackOverview[], width: number): string {
  return drawTable(
    ["stack", "resources", "slow ones (usual minutes each)"],
    stacks.map(({ name, resources, slow }) => [
      name,
      String(resources),
      slow
        .map(
          ({ type, count, minutesEach }) =>
            `${count > 1 ? `${count} x ` : ""}${type.replace("aws_", "")} (${minutesEach})`,
        )
        .join(", "),
    ]),
    { width, aligns: ["left", "right", "left"] },
  );
}

const cpus = (milliCpu: number) => `${milliCpu / 1000} CPU`;
const gib = (mib: number) => `${Math.floor((mib / 1024) * 10) / 10} GiB`;

function capacityLines(capacity: NonNullable<EnvironmentOverview["capacity"]>): string[] {
  const { node, pods, placement, minNodes, initialNodes, maxNodes } = capacity;
  return [
    `A node gives ${cpus(node.milliCpu)}, ${gib(node.memoryMib)}, ${node.pods} pods beside the system's; ${minNodes} to ${maxNodes} nodes, ${initialNodes} to begin with.`,
    ...pods.map((pod) => `${pod.count} x ${pod.name}: ${cpus(pod.milliCpu)}, ${gib(pod.memoryMib)}`),
    ...placement.map((held, i) => {
      const list = Object.entries(held).map(([name, count]) => `${count} ${name}`);
      return `node ${i + 1}: ${list.join(" + ") || "empty"}`;
    }),
  ];
}

function costTable({ monthlyUsd }: EnvironmentOverview, width: number): string {
  return drawTable(
    ["what", "USD"],
    [
      ...monthlyUsd.items.map(({ what, usd: amount }) => [what, amount.toFixed(2)]),
      ["together", monthlyUsd.total.toFixed(2)],
    ],
    { width, aligns: ["left", "right"] },
  );
}
