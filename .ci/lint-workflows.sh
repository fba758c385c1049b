#!/usr/bin/env bash
# Checks the GitHub workflows and every shell script: actionlint (with shellcheck for the scripts in workflows), zizmor
# and shellcheck. Known findings are listed with their reasons in .ci/tools/zizmor.yml and beside their lines.
# Installs actionlint and zizmor into the cache; needs Go, Python 3 with venv, and shellcheck.
#
# Exit code 0: nothing found; 1: a finding, or something is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/buildx-on-eks"

# actionlint would leave scripts in workflows unchecked, and say nothing.
command -v shellcheck >/dev/null || {
  echo "shellcheck is missing. Install it: apt-get install shellcheck" >&2
  exit 1
}

bash .ci/tools/install.sh actionlint
bash .ci/tools/install-python.sh zizmor

failed=0
check() { # name, command...
  local name=$1
  shift
  if "$@"; then
    printf '%s: nothing found\n' "$name"
  else
    printf '%s: see above\n' "$name" >&2
    failed=1
  fi
}

# Every file whose first line names a shell, also if it is not committed yet.
scripts=()
while IFS= read -r -d '' file; do
  [[ -f "$file" ]] || continue
  IFS= read -r first <"$file" || true
  if [[ "$first" =~ ^#!.*[/\ ](ba)?sh([[:space:]]|$) ]]; then scripts+=("$file"); fi
done < <(git ls-files --cached --others --exclude-standard -z)

check actionlint "$cache/bin/actionlint" -shellcheck=shellcheck
check zizmor "$cache/python/bin/zizmor" --offline --quiet --strict-collection --persona auditor --config .ci/tools/zizmor.yml .github
check "shellcheck of ${scripts[*]}" shellcheck "${scripts[@]}"
exit "$failed"
