#!/usr/bin/env bash
# Builds the programs that checks and tests need from their Go modules, pinned by the go.mod and go.sum beside this
# file: ${XDG_CACHE_HOME:-~/.cache}/buildx-on-eks/bin. buildx also becomes a plugin of the docker CLI, in the cache's
# own DOCKER_CONFIG (.../buildx-on-eks/docker); ~/.docker is not touched. What is there already is not built again.
#
# Usage: .ci/tools/install.sh [TOOL...]   (all of them when none is named)
# Exit code 0: all are there; 1: Go is missing or a build failed; 2: no such tool.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/buildx-on-eks"
ALL=(buildkitd buildctl buildx registry actionlint gitleaks etcd kube-apiserver kube-controller-manager kube-scheduler kwok)

# Module folder, package, and the variable that holds the version: a plain `go build` leaves "unknown" in it, and the
# facts of a build name the versions that it ran with.
describe() { # tool
  case "$1" in
    buildkitd | buildctl) echo "buildkit github.com/moby/buildkit cmd/$1 github.com/moby/buildkit/version.Version" ;;
    buildx) echo "buildx github.com/docker/buildx cmd/buildx github.com/docker/buildx/version.Version" ;;
    registry) echo "registry github.com/distribution/distribution/v3 cmd/registry github.com/distribution/distribution/v3/version.version" ;;
    actionlint) echo "actionlint github.com/rhysd/actionlint cmd/actionlint github.com/rhysd/actionlint.version" ;;
    gitleaks) echo "gitleaks github.com/zricethezav/gitleaks/v8 . github.com/zricethezav/gitleaks/v8/version.Version" ;;
    # etcd parses its version, so the tag goes where a commit would.
    etcd) echo "etcd go.etcd.io/etcd/server/v3 . go.etcd.io/etcd/api/v3/version.GitSHA" ;;
    kube-apiserver | kube-controller-manager | kube-scheduler)
      echo "kubernetes k8s.io/kubernetes cmd/$1 k8s.io/component-base/version.gitVersion"
      ;;
    kwok) echo "kwok sigs.k8s.io/kwok cmd/kwok sigs.k8s.io/kwok/pkg/consts.Version" ;;
    *) return 1 ;;
  esac
}

# What kwok's nodes and pods do is not in the program: its module has the rules as files.
take_stages() { # module version
  local source partial
  [[ "$(cat "$cache/stamps/kwok-stages" 2>/dev/null)" != "$2" || ! -d "$cache/kwok-stages" ]] || return 0
  source=$(cd "$here/kwok" && go list -m -f '{{.Dir}}' "$1")/kustomize/stage
  partial=$(mktemp -d "$cache/.kwok-stages.XXXXXX")
  cp "$source"/node/fast/node-*.yaml "$source"/node/heartbeat-with-lease/node-*.yaml "$source"/pod/fast/pod-*.yaml "$partial"
  chmod -R u=rwX,go=rX "$partial"
  rm -rf "$cache/kwok-stages"
  mv "$partial" "$cache/kwok-stages"
  printf '%s\n' "$2" >"$cache/stamps/kwok-stages"
}

install_tool() { # tool
  local tool=$1 folder module package variable target version stamp partial started=$SECONDS
  read -r folder module package variable <<<"$(describe "$tool")"
  target="$module/$package"
  version=$(awk -v module="$module" '$1 == module { print $2 } $1 == "require" && $2 == module { print $3 }' "$here/$folder/go.mod")
  stamp="$version $(go env GOVERSION GOOS GOARCH | tr '\n' ' ')$variable $(cat "$here/$folder/go.mod" "$here/$folder/go.sum" | sha256sum | cut -d' ' -f1)"
  if [[ -x "$cache/bin/$tool" && "$(cat "$cache/stamps/$tool" 2>/dev/null)" == "$stamp" ]]; then
    printf '%s %s is there\n' "$tool" "$version"
  else
    printf '%s %s: building\n' "$tool" "$version"
    mkdir -p "$cache/bin" "$cache/stamps"
    partial=$(mktemp "$cache/bin/.$tool.XXXXXX")
    # shellcheck disable=SC2064  # the name of this very file
    trap "rm -f '$partial'" EXIT
    # Without cgo: one static file, no C compiler.
    (cd "$here/$folder" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X $variable=$version" -o "$partial" "${target%/.}")
    chmod 755 "$partial"
    # Renamed when whole: a build that was stopped leaves the old one, and a process that runs it is not disturbed.
    mv -f "$partial" "$cache/bin/$tool"
    trap - EXIT
    printf '%s\n' "$stamp" >"$cache/stamps/$tool"
    printf '%s %s: built in %d s\n' "$tool" "$version" "$((SECONDS - started))"
  fi
  if [[ "$tool" == kwok ]]; then take_stages "$module" "$version"; fi
  if [[ "$tool" == buildx ]]; then
    mkdir -p "$cache/docker/cli-plugins"
    ln -sfn ../../bin/buildx "$cache/docker/cli-plugins/docker-buildx"
  fi
}

tools=("$@")
[[ ${#tools[@]} -gt 0 ]] || tools=("${ALL[@]}")
for tool in "${tools[@]}"; do
  describe "$tool" >/dev/null || {
    printf 'there is no tool %q; there are %s\n' "$tool" "${ALL[*]}" >&2
    exit 2
  }
done
command -v go >/dev/null || {
  echo "go is not on PATH. Install Go 1.26 or newer: https://go.dev/dl/" >&2
  exit 1
}
for tool in "${tools[@]}"; do install_tool "$tool"; done
