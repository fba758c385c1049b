import type { Command } from "commander";
import { CACHES } from "../../environment/caches";
import { CONFIGURATIONS } from "../../environment/configurations";
import { InvalidInput, show } from "../../util/invalid-input";
import { didYouMean } from "../../util/suggest";
import { VARIANT_NAMES } from "../../environment/variants";

export const SHELLS = ["bash", "zsh"] as const;

/** The command that npm's `npm run experiment --` hides; a shell completes only a word of its own. */
const PROGRAM = "experiment";

/** Values of an option, by its long flag. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "--cache": CACHES,
  "--configurations": CONFIGURATIONS,
  "--variants": [...VARIANT_NAMES, VARIANT_NAMES.join(",")],
};

/** A completion script for sub-commands, options, their values and environment names. Throws InvalidInput. */
export function completionScript(
  shell: string,
  commands: readonly Command[],
  environments: readonly string[],
): string {
  if (!SHELLS.some((known) => known === shell)) {
    throw new InvalidInput("cannot complete:", [
      `the shell must be one of ${SHELLS.join(", ")}; got ${show(shell)}.${didYouMean(shell, SHELLS)}`,
    ]);
  }
  const setup = `# ${PROGRAM} completion for ${shell}. Load it with: source <(npm run --silent experiment -- completion ${shell})
# It completes the word "${PROGRAM}"; this alias makes it one:
alias ${PROGRAM}="npm run --silent experiment --"
`;
  const zsh =
    shell === "zsh"
      ? "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n"
      : "";
  return `${setup}${zsh}${functionText(commands, environments)}`;
}

function functionText(commands: readonly Command[], environments: readonly string[]): string {
  const names = commands.map((command) => command.name());
  const values = Object.entries(VALUES).map(
    ([flag, words]) => `    ${flag}) COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$word")); return ;;`,
  );
  const cases = commands.map((command) => {
    const options = command.options.flatMap(({ long }) => (long == null ? [] : [long]));
    const words = [...options, "--help", ...argumentsOf(command.name(), environments)];
    return `    ${command.name()}) words="${words.join(" ")}" ;;`;
  });
  return `_${PROGRAM}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  case "$before" in
${values.join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${names.join(" ")} --help"; fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _${PROGRAM} ${PROGRAM}
`;
}

/** Files are completed by the shell itself (`-o default`), which is what `report` takes. */
function argumentsOf(command: string, environments: readonly string[]): readonly string[] {
  if (command === "run") return environments;
  return command === "completion" ? SHELLS : [];
}
