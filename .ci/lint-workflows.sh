#!/usr/bin/env bash
# Checks the GitHub workflows and every shell script: actionlint (with shellcheck for the scripts in workflows), zizmor
# and shellcheck. Known findings stand with their reasons in .ci/tools/zizmor.yml and beside the line that they concern.
# Installs actionlint and zizmor into the cache; needs Go, Python 3 with venv, and shellcheck.
#
# Exit code 0: nothing found; 1: a finding, or something is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/buildx-on-eks"

missing() { # what, how to install it
  printf '%s is missing. %s\n' "$1" "$2" >&2
  exit 1
}
# actionlint would leave scripts in workflows unchecked, and say nothing.
command -v shellcheck >/dev/null || missing shellcheck "Install it: apt-get install shellcheck"
command -v python3 >/dev/null || missing python3 "Install Python 3.9 or newer."

bash .ci/tools/install.sh actionlint

venv="$cache/python"
stamp=$(sha256sum .ci/tools/requirements.txt | cut -d' ' -f1)
if [[ -x "$venv/bin/zizmor" && "$(cat "$venv/stamp" 2>/dev/null)" == "$stamp" ]]; then
  echo "zizmor is there"
else
  started=$SECONDS
  echo "zizmor: installing"
  rm -rf "$venv"
  python3 -m venv "$venv" || missing "Python's venv" "Install it: apt-get install python3-venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --requirement .ci/tools/requirements.txt
  printf '%s\n' "$stamp" >"$venv/stamp"
  printf 'zizmor: installed in %d s\n' "$((SECONDS - started))"
fi

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

# Files that are not committed yet count too; whatever their names, what names a shell in its first line is a script.
scripts=()
while IFS= read -r -d '' file; do
  [[ -f "$file" ]] || continue
  IFS= read -r first <"$file" || true
  if [[ "$first" =~ ^#!.*[/\ ](ba)?sh([[:space:]]|$) ]]; then scripts+=("$file"); fi
done < <(git ls-files --cached --others --exclude-standard -z)

check actionlint "$cache/bin/actionlint" -shellcheck=shellcheck
check zizmor "$venv/bin/zizmor" --offline --quiet --strict-collection --persona auditor --config .ci/tools/zizmor.yml .github
check "shellcheck of ${scripts[*]}" shellcheck "${scripts[@]}"
exit "$failed"
