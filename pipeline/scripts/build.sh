#!/usr/bin/env bash
# Builds one image and pushes it, and keeps BuildKit's own record of it. Reads everything from the environment that
# the experiment's workflow sets; exits with 2 when a value is not usable and with buildx's own code when a build fails.
set -euo pipefail

# A folder or file of the repository: no option and no way out of the checkout.
path_pattern='^[A-Za-z0-9._@+(~][A-Za-z0-9 ._@+()~/-]*$'
is_path() { [[ "$1" =~ $path_pattern && "/$1/" != */../* && "$1" != *' ' ]]; }
# How layers are written, and nothing else: type=local, push=false or name=... would win over what comes before them,
# and a build that pushes nothing, or elsewhere, would count as a fast one.
attribute='(compression=(uncompressed|gzip|estargz|zstd)|compression-level=[0-9]{1,2}|(force-compression|oci-mediatypes|rewrite-timestamp)=(true|false))'
output_pattern="^(default|$attribute(,$attribute)*)\$"
problems=()
is_path "$IMAGE" || problems+=("image must be a folder of this repository, or the path of a Dockerfile; got '$IMAGE'")
[[ "$OUTPUT" =~ $output_pattern ]] || problems+=("output must be default or attributes of layers such as compression=zstd,compression-level=3,force-compression=true; got '$OUTPUT'")
[[ "$CACHE" =~ ^(none|local|inline|registry-min|registry)$ ]] || problems+=("cache must be none, local, inline, registry-min or registry; got '$CACHE'")
[[ "$PROVENANCE" =~ ^(false|min|max)$ ]] || problems+=("provenance must be false, min or max; got '$PROVENANCE'")
# The facts need them, and would miss them only after the build.
[[ "$ROUND" =~ ^[1-9][0-9]{0,5}$ ]] || problems+=("round must be a number from 1; got '$ROUND'")
[[ -n "$EXPERIMENT" ]] || problems+=("experiment must be a name; got nothing")
[[ -n "$REPOSITORY_URL" ]] || problems+=("the repository variable of the image repository is not set. Set it: npx buildx-on-eks workflow $ENVIRONMENT --variables outputs.json")
dockerfile=$IMAGE
[[ ! -d "$IMAGE" ]] || dockerfile=${IMAGE%/}/Dockerfile
[[ -z "$CONTEXT" ]] || is_path "$CONTEXT" || problems+=("context must be a folder of this repository; got '$CONTEXT'")
settings=()
while IFS= read -r arg; do
  [[ -z "$arg" ]] || settings+=(--build-arg "$arg")
done <<<"${BUILD_ARGS:-}"
[[ -z "${TARGET:-}" ]] || settings+=(--target "$TARGET")
[[ -z "${PLATFORM:-}" ]] || settings+=(--platform "$PLATFORM")
for secret in ${BUILD_SECRETS:-}; do
  variable=BUILD_SECRET_$secret
  [[ -n "${!variable:-}" ]] || problems+=("the secret $secret is not set in this repository. Set it: gh secret set $secret")
  settings+=(--secret "id=$secret,env=$variable")
done
if [[ ${#problems[@]} -eq 0 && ! -f "$dockerfile" ]]; then
  problems+=("there is no $dockerfile in this commit")
fi
if [[ ${#problems[@]} -eq 0 && -n "$CONTEXT" && ! -d "$CONTEXT" ]]; then
  problems+=("there is no folder $CONTEXT in this commit")
fi
if [[ ${#problems[@]} -gt 0 ]]; then
  message=$(printf '; %s' "${problems[@]}")
  # As workflow commands are escaped: a value with a line break would write a command of its own.
  message=${message//%/%25} message=${message//$'\r'/%0D} message=${message//$'\n'/%0A}
  printf '::error::%s\n' "${message#; }"
  exit 2
fi

# Another Dockerfile, or layers written in another way, have nothing to take from this one's cache and would overwrite it.
variant=$(printf '%s\n%s' "$dockerfile" "$OUTPUT" | sha256sum | cut -c1-8)

# A branch has a cache of its own, and begins with the default branch's.
cache_ref() { # branch
  local name
  name=$(printf '%s' "$1" | tr -c 'A-Za-z0-9_.-' '-')
  # Another branch may read the same, and a tag has 128 characters at most.
  if [[ "$name" != "$1" || ${#name} -gt 60 ]]; then
    name="${name:0:51}-$(printf '%s' "$1" | sha256sum | cut -c1-8)"
  fi
  printf '%s:%s-%s-%s' "$REPOSITORY_URL" "$CACHE_TAG" "$variant" "$name"
}

names="$REPOSITORY_URL:$TAG"
options=()
own_cache=$(cache_ref "$GITHUB_REF_NAME")
case "$CACHE" in
  none) options+=(--no-cache) ;;
  # What a warm builder kept, and nothing from elsewhere; so that there is something, downloads stay too.
  local) options+=(--build-arg KEEP_WHEELS=1) ;;
  inline | registry-min | registry)
    options+=(--cache-from "type=registry,ref=$own_cache")
    if [[ "$GITHUB_REF_NAME" != "$DEFAULT_BRANCH" ]]; then
      options+=(--cache-from "type=registry,ref=$(cache_ref "$DEFAULT_BRANCH")")
    fi
    ;;&
  # The cache lies in the image itself, so the image gets the cache's tag too.
  inline)
    names+=",$own_cache"
    options+=(--cache-to type=inline)
    ;;
  registry-min | registry)
    # Of all stages, or of the final image alone: where stages hold what is copied from them, that is the same bytes once.
    mode=max
    [[ "$CACHE" == registry ]] || mode=min
    # Layers are compressed as the image's are: those that both have are stored and sent once. The other attributes are
    # the image's alone: a cache is an OCI manifest in any case, and oci-mediatypes=false would end the build.
    cache_to="type=registry,ref=$own_cache,mode=$mode,image-manifest=true,oci-mediatypes=true"
    IFS=, read -ra pairs <<<"$OUTPUT"
    for pair in "${pairs[@]}"; do
      [[ "$pair" != *compression* ]] || cache_to+=",$pair"
    done
    options+=(--cache-to "$cache_to")
    ;;
esac
case "$PROVENANCE" in
  false) options+=(--provenance=false) ;;
  *) options+=("--provenance=mode=$PROVENANCE") ;;
esac
attributes=""
[[ "$OUTPUT" == default ]] || attributes=",$OUTPUT"

mkdir -p "$RECORD"
progress=$RECORD/progress.rawjson
# What a RUN prints may hold a secret, and the record becomes an artifact, which GitHub does not mask.
[[ -z "${BUILD_SECRETS:-}" ]] || progress=$RECORD/progress.private
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
created=$(now)
now > "$RECORD/started"
code=0
docker buildx build \
  --builder "$BUILDER" \
  --file "$dockerfile" \
  --build-arg "REVISION=$GITHUB_SHA" \
  --label "org.opencontainers.image.source=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" \
  --label "org.opencontainers.image.revision=$GITHUB_SHA" \
  --label "org.opencontainers.image.created=$created" \
  --output "type=image,\"name=$names\",push=true$attributes" \
  --metadata-file "$RECORD/metadata.json" \
  --progress=rawjson \
  ${settings[@]+"${settings[@]}"} \
  "${options[@]}" \
  "${CONTEXT:-$(dirname "$dockerfile")}" 2> "$progress" || code=$?
now > "$RECORD/finished"
if [[ -n "${BUILD_SECRETS:-}" ]]; then
  python3 - "$progress" <<'PYTHON' > "$RECORD/progress.rawjson"
import json, sys
for line in open(sys.argv[1], encoding="utf-8", errors="replace"):
    try:
        status = json.loads(line)
    except ValueError:
        continue
    if isinstance(status, dict):
        status.pop("logs", None)
        print(json.dumps(status, separators=(",", ":")))
PYTHON
fi

if [[ $code -ne 0 ]]; then
  echo "::error::docker buildx build ended with code $code; its last words:"
  # What BuildKit logged, and what buildx said outside of its record.
  python3 - "$progress" <<'PYTHON' | tail -n 60
import base64, json, sys
for line in open(sys.argv[1], encoding="utf-8", errors="replace"):
    try:
        status = json.loads(line)
    except ValueError:
        status = None
    if not isinstance(status, dict):
        print(line, end="")
        continue
    for log in status.get("logs") or []:
        print(base64.b64decode(log.get("data") or "").decode(errors="replace"), end="")
    for vertex in status.get("vertexes") or []:
        if vertex.get("error"):
            print(vertex["error"])
PYTHON
fi
exit "$code"
