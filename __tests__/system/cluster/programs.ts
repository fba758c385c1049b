import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { InvalidInput } from "../../../util/invalid-input";
import { CACHE } from "../buildkit/tools";
import { KWOK_STAGES } from "./control-plane/kwok";

const CONTROL_PLANE = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;
const TESTS = ["kubectl", "kwok", "buildkitd", "buildctl", "buildx", "registry"] as const;
/** Programs of the system, each with what installs it. */
const INSTALLED = {
  openssl: "apt-get install openssl",
  unshare: "apt-get install util-linux",
  mount: "apt-get install mount",
  ip: "apt-get install iproute2",
  docker: "the client alone will do, https://docs.docker.com/engine/install/binaries/",
  runc: "apt-get install runc",
  busybox: "apt-get install busybox-static",
} as const;

const builtPath = (name: string) => join(CACHE, "bin", name);

/** A program that .ci/tools/install.sh built. @throws Error that says how to build it */
export function builtTool(name: string): string {
  const path = builtPath(name);
  if (!existsSync(path)) throw new Error(`${name} is not in ${CACHE}/bin: bash .ci/tools/install.sh ${name}`);
  return path;
}

/** @throws InvalidInput that names all that is missing, each with what installs it */
export function checkPrograms({ embedded }: { readonly embedded: boolean }): void {
  const built = [...(embedded ? CONTROL_PLANE : []), ...TESTS].filter((name) => !existsSync(builtPath(name)));
  if (!built.includes("kwok") && !existsSync(KWOK_STAGES)) built.push("kwok");
  const folders = (process.env.PATH ?? "").split(delimiter);
  const problems = [
    ...(process.platform === "linux" ? [] : [`needs Linux, and this is ${process.platform}`]),
    ...(process.getuid?.() === 0
      ? []
      : ["needs root, for BuildKit and for namespaces of its own: sudo npm run test:cluster"]),
    ...(built.length > 0
      ? [`${built.join(", ")} not in ${CACHE}/bin: bash .ci/tools/install.sh ${built.join(" ")}`]
      : []),
    ...Object.entries(INSTALLED)
      .filter(([name]) => !folders.some((folder) => existsSync(join(folder, name))))
      .map(([name, how]) => `${name} is not on PATH: ${how}`),
  ];
  if (problems.length > 0) throw new InvalidInput("The cluster's tests cannot be run here.", problems);
}
