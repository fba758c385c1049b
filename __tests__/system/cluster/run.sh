#!/bin/sh
# Runs the cluster tests in a network, a process tree and a temporary folder of their own: nobody else reaches the
# servers, and nothing is left behind, however the run ends. Arguments are vitest's: parts of test files' names.
set -eu
cd "$(dirname "$0")/../../.."
if [ "$(id -u)" != 0 ]; then
  echo "The cluster tests need root for namespaces of their own: sudo npm run test:cluster" >&2
  exit 1
fi
export TMPDIR="${XDG_CACHE_HOME:-$HOME/.cache}/buildx-on-eks/cluster"
mkdir -p "$TMPDIR"
# shellcheck disable=SC2016  # the inner shell expands them
exec unshare --mount --net --pid --fork --kill-child --mount-proc sh -euc '
  mount -t tmpfs -o mode=0700 cluster-tests "$TMPDIR"
  ip link set lo up
  exec node node_modules/vitest/vitest.mjs run --project cluster "$@"' cluster "$@"
