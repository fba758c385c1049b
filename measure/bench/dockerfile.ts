import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installLines, LAYER } from "../../pipeline/layers/render";
import type { Settings } from "./variant";

/** Names that a Dockerfile of the workload takes as build arguments. */
export const BUILD_ARGS = { base: "BASE", uv: "UV", index: "INDEX" } as const;

const VENV = "/opt/venv";

/** One part of the packages. */
export interface Part {
  /** Its lock, in the context. */
  readonly lock: string;
  /** Whether pipeline/image/Dockerfile would install it in a stage of its own. */
  readonly small: boolean;
}

/**
 * The Dockerfile of one variant. Its context holds app/ and the locks of the parts. With uv it installs by the script
 * and the instructions of pipeline/image/Dockerfile. What would need another network is left out: the base has its Python.
 */
export function dockerfileOf(settings: Settings, parts: readonly Part[]): string {
  const { installer, link } = settings;
  const lines = [`ARG ${BUILD_ARGS.base}`];
  if (installer === "uv")
    lines.push(`ARG ${BUILD_ARGS.uv}`, `FROM \${${BUILD_ARGS.uv}} AS installer`, installScript());
  // Early: after a COPY --link it would make BuildKit put the linked layers together on the disk.
  lines.push(`FROM \${${BUILD_ARGS.base}} AS runtime`, "WORKDIR /srv", makeVenv(settings));
  lines.push(`ENV PATH=${VENV}/bin:$PATH PYTHONUNBUFFERED=1`, ...argumentsOf(settings), "");

  const isLinked = ({ small }: Part) => link === "on" || (link === "small" && small);
  const linked = parts.filter(isLinked);
  const straight = parts.filter((part) => !isLinked(part));
  for (const [index, part] of linked.entries()) {
    lines.push(`FROM runtime AS layer-${index + 1}`, ...installOf(settings, part, LAYER), "");
  }
  lines.push("FROM runtime", ...straight.flatMap((part) => installOf(settings, part, "/")));
  lines.push(...linked.map((_, index) => `COPY --link --from=layer-${index + 1} ${LAYER}/ /`));
  lines.push(`COPY ${link === "off" ? "" : "--link "}app/ /srv/app/`);
  lines.push("USER 10001:10001", 'ENTRYPOINT ["python", "-m", "app"]', "");
  return lines.join("\n");
}

/** The instruction of pipeline/image/Dockerfile that writes /install-layer. */
function installScript(): string {
  const dockerfile = readFileSync(join(__dirname, "../../pipeline/image/Dockerfile"), "utf8");
  const [script] = /^COPY \S+ <<'EOF' \/install-layer\n.*?\nEOF$/ms.exec(dockerfile) ?? [];
  if (script === undefined) throw new Error("pipeline/image/Dockerfile writes no /install-layer");
  return script;
}

function argumentsOf({ installer, bytecode }: Settings): string[] {
  const index = `ARG ${BUILD_ARGS.index}`;
  if (installer === "pip") return [index];
  return [
    index,
    `ARG UV_DEFAULT_INDEX=\${${BUILD_ARGS.index}}`,
    // As the locks were resolved.
    "ARG PLATFORM=x86_64-manylinux_2_39",
    `ARG COMPILE_BYTECODE=${bytecode === "on" ? 1 : 0}`,
    "ARG KEEP_WHEELS=0",
  ];
}

function makeVenv({ installer }: Settings): string {
  return `RUN python3 -m venv ${installer === "uv" ? "--without-pip " : ""}${VENV}`;
}

/** @param target the image itself or, in a stage, the folder that is copied */
function installOf(
  { installer, bytecode, layers }: Settings,
  { lock }: Part,
  target: "/" | typeof LAYER,
): string[] {
  if (installer === "uv") return installLines(lock, target);
  const pip = [
    `${VENV}/bin/pip install --no-cache-dir --disable-pip-version-check --index-url "\${${BUILD_ARGS.index}}"`,
    ...(bytecode === "on" ? [] : ["--no-compile"]),
    ...(target === "/" ? [] : [`--prefix ${target}${VENV}`]),
    "--no-deps --only-binary :all: --require-hashes -r",
  ].join(" ");
  // As pipeline/image/Dockerfile.original has it: the lock is copied into the image.
  if (layers === "one" && target === "/") return [`COPY ${lock} ./`, `RUN ${pip} ${lock}`];
  return [`RUN --mount=type=bind,source=${lock},target=/layer.txt ${pip} /layer.txt`];
}
