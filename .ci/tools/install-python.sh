#!/usr/bin/env bash
# Installs the checkers that come from PyPI, each with its dependencies into an environment of its own, pinned by the
# hashes beside this file: ${XDG_CACHE_HOME:-~/.cache}/buildx-on-eks. What is there already is not installed again.
#
# Usage: .ci/tools/install-python.sh TOOL...   (zizmor, checkov)
# Exit code 0: all are there; 1: Python is missing or an installation failed; 2: no such tool.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/buildx-on-eks"

# Environment and file of hashes.
describe() { # tool
  case "$1" in
    zizmor) echo "python requirements.txt" ;;
    checkov) echo "checkov checkov/requirements.txt" ;;
    *) return 1 ;;
  esac
}

missing() { # what, how to install it
  printf '%s is missing. %s\n' "$1" "$2" >&2
  exit 1
}

install_tool() { # tool
  local tool=$1 folder requirements venv stamp started=$SECONDS
  read -r folder requirements <<<"$(describe "$tool")"
  venv="$cache/$folder"
  stamp="$(python3 -c 'import sys; print(sys.version_info[:2])') $(sha256sum "$here/$requirements" | cut -d' ' -f1)"
  if [[ -x "$venv/bin/$tool" && "$(cat "$venv/stamp" 2>/dev/null)" == "$stamp" ]]; then
    printf '%s is there\n' "$tool"
    return
  fi
  printf '%s: installing\n' "$tool"
  rm -rf "$venv"
  python3 -m venv "$venv" || missing "Python's venv" "Install it: apt-get install python3-venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --requirement "$here/$requirements"
  printf '%s\n' "$stamp" >"$venv/stamp"
  printf '%s: installed in %d s\n' "$tool" "$((SECONDS - started))"
}

[[ $# -gt 0 ]] || {
  echo "name a tool: zizmor, checkov" >&2
  exit 2
}
for tool in "$@"; do
  describe "$tool" >/dev/null || {
    printf 'there is no tool %q; there are zizmor, checkov\n' "$tool" >&2
    exit 2
  }
done
command -v python3 >/dev/null || missing python3 "Install Python 3.9 or newer."
for tool in "$@"; do install_tool "$tool"; done
