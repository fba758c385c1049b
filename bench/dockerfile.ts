import type { Settings } from "./variant";

/** Names that a Dockerfile of the workload takes as build arguments. */
export const BUILD_ARGS = { base: "BASE", uv: "UV", index: "INDEX" } as const;

const VENV = "/opt/venv";
/** Where a stage of its own installs, so that COPY takes nothing but the packages. */
const STAGING = "/layer";

/**
 * The Dockerfile of one variant. Its context holds requirements.txt, app/, and for several layers
 * layers/1.txt and so on. It follows image/Dockerfile, without what would need another network: the base has
 * its Python already, and no frontend image is named.
 */
export function dockerfileOf(settings: Settings, layers: number): string {
  const lines = [`ARG ${BUILD_ARGS.base}`];
  if (settings.installer === "uv") lines.push(`ARG ${BUILD_ARGS.uv}`, `FROM \${${BUILD_ARGS.uv}} AS uv`);
  // Early: after a COPY --link it would make BuildKit put the linked layers together on the disk.
  lines.push(`FROM \${${BUILD_ARGS.base}} AS base`, "WORKDIR /srv", "");
  const parts = layers === 1 ? ["requirements.txt"] : numbers(layers).map((n) => `layers/${n}.txt`);
  lines.push(...(settings.link === "on" ? linked(settings, parts) : straight(settings, parts)));
  lines.push(`ENV PATH=${VENV}/bin:$PATH PYTHONUNBUFFERED=1`);
  lines.push(`COPY ${settings.link === "off" ? "" : "--link "}app/ /srv/app/`);
  lines.push("USER 10001:10001", 'ENTRYPOINT ["python", "-m", "app"]', "");
  return lines.join("\n");
}

/** Every RUN is a layer of the image. */
function straight(settings: Settings, parts: readonly string[]): string[] {
  const [only] = parts;
  if (settings.installer === "pip" && parts.length === 1 && only !== undefined) {
    // As image/Dockerfile does it: the file is copied into the image.
    return [
      makeVenv(settings),
      `ARG ${BUILD_ARGS.index}`,
      `COPY ${only} ./`,
      `RUN ${install(settings, only, undefined)}`,
    ];
  }
  return [
    makeVenv(settings),
    `ARG ${BUILD_ARGS.index}`,
    ...parts.map((part) => `RUN ${mounts(settings, part)} ${install(settings, `/tmp/lock.txt`, undefined)}`),
  ];
}

/** Stages side by side; the image gets one COPY --link a stage. */
function linked(settings: Settings, parts: readonly string[]): string[] {
  const stages = parts.flatMap((part, index) => [
    `FROM venv AS layer-${index + 1}`,
    `ARG ${BUILD_ARGS.index}`,
    `RUN ${mounts(settings, part)} ${install(settings, "/tmp/lock.txt", `${STAGING}${VENV}`)}`,
    "",
  ]);
  return [
    "FROM base AS venv",
    makeVenv(settings),
    "",
    ...stages,
    "FROM base",
    `COPY --link --from=venv ${VENV} ${VENV}`,
    ...parts.map((_, index) => `COPY --link --from=layer-${index + 1} ${STAGING}/ /`),
  ];
}

function makeVenv({ installer }: Settings): string {
  return `RUN python3 -m venv ${installer === "uv" ? "--without-pip " : ""}${VENV}`;
}

function mounts({ installer }: Settings, part: string): string {
  return [
    ...(installer === "uv" ? ["--mount=type=bind,from=uv,source=/uv,target=/usr/local/bin/uv"] : []),
    `--mount=type=bind,source=${part},target=/tmp/lock.txt`,
  ].join(" ");
}

/** @param prefix another place than the venv, whose Python is used all the same */
function install({ installer, bytecode }: Settings, lock: string, prefix: string | undefined): string {
  const common = ["--no-deps", "--only-binary :all:", "--require-hashes", `-r ${lock}`];
  const index = `"\${${BUILD_ARGS.index}}"`;
  if (installer === "pip") {
    return [
      `${VENV}/bin/pip install --no-cache-dir --disable-pip-version-check --index-url ${index}`,
      ...(bytecode === "on" ? [] : ["--no-compile"]),
      ...(prefix === undefined ? [] : [`--prefix ${prefix}`]),
      ...common,
    ].join(" ");
  }
  return [
    // Its temporary cache lies on the file system of the target, so a file is unpacked once and linked.
    `uv pip install --no-config --no-cache --link-mode hardlink --default-index ${index} --python ${VENV}/bin/python`,
    ...(bytecode === "on" ? ["--compile-bytecode"] : []),
    ...(prefix === undefined ? [] : [`--prefix ${prefix}`]),
    ...common,
  ].join(" ");
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
