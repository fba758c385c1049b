#!/usr/bin/env bash
# Prints the section of CHANGELOG.md of one version. Fails unless both package.json have that version.
set -euo pipefail
cd "$(dirname "$0")/.."

version="${1:?usage: release-notes.sh X.Y.Z}"
for file in package.json constructs/package.json; do
  found="$(node -p "require('./$file').version")"
  if [[ "$found" != "$version" ]]; then
    echo "$file has version $found, and $version is to be released" >&2
    exit 1
  fi
done
notes="$(awk -v version="$version" '/^## /{ inside = ($2 == version) ; next } inside' CHANGELOG.md)"
if [[ -z "${notes//[[:space:]]/}" ]]; then
  echo "CHANGELOG.md has no section of $version" >&2
  exit 1
fi
printf '%s\n' "$notes"
