#!/usr/bin/env bash
# Prints, as Markdown, how the synthesized stacks differ between a commit and the checkout: what a plan would start
# from, without an account. Usage: synth-diff.sh COMMIT
set -euo pipefail

base=${1:?usage: synth-diff.sh COMMIT}
# GitHub takes 65,536 characters a comment.
limit=60000
folder=$(mktemp -d)
trap 'git worktree remove --force "$folder/base" 2>/dev/null || true; rm -rf "$folder"' EXIT

synth() { # checkout, where to
  (cd "$1" && npm ci --no-audit --no-fund >&2 && CDKTF_OUTDIR="$2" node_modules/.bin/tsx main.ts >&2)
}

git worktree add --detach "$folder/base" "$base" >&2
synth "$folder/base" "$folder/before"
synth "$PWD" "$folder/after"

# Exit code 1 says that there are differences.
compare() { git -C "$folder" diff --no-index --no-color "$@" before/stacks after/stacks || [[ $? -eq 1 ]]; }
diff=$(compare)
if [[ -z "$diff" ]]; then
  echo "The synthesized stacks are the same as on the base."
  exit 0
fi
echo "### Synthesized stacks against the base"
echo
compare --stat | sed 's/^/    /'
echo
echo "<details><summary>Diff</summary>"
echo
echo '````diff'
echo "${diff:0:$limit}"
[[ ${#diff} -le $limit ]] || echo "... cut; the whole diff: bash pipeline/scripts/synth-diff.sh $base"
echo '````'
echo
echo "</details>"
