#!/usr/bin/env bash
# npm test on the newer Node versions that package.json allows. npm's packages node-linux-* carry the programs, so no
# version manager is needed; they are kept in the user's cache folder.
set -euo pipefail
cd "$(dirname "$0")/.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/buildx-on-eks/node"
case "$(uname -m)" in
x86_64) arch=x64 ;;
aarch64 | arm64) arch=arm64 ;;
*)
  echo "there is no Node package for $(uname -m); there are x86_64 and aarch64" >&2
  exit 1
  ;;
esac

for version in 22.23.3 24.9.0; do
  node="$cache/$version/node_modules/node-linux-$arch/bin"
  if [[ ! -x "$node/node" ]]; then
    npm install --prefix "$cache/$version" --ignore-scripts --no-audit --no-fund --silent "node-linux-$arch@$version"
  fi
  export PATH="$node:$PATH"
  printf 'Node %s\n' "$(node --version)"
  npm test
done
