#!/usr/bin/env bash
# Whether `npm test` stays green after a user's edits: copies the project's files to a new folder, replaces the examples in
# environments/ by three others, renders the workflows and runs the tests there.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

cd "$project"
# Files that are deleted but not yet committed are still in the index.
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
  [[ ! -e "$file" ]] || printf '%s\0' "$file"
done | tar --create --null --files-from=- | tar --extract --directory "$copy"
# Its programs and workspace links lead back here: neither depends on environments/.
ln -s "$project/node_modules" "$copy/node_modules"

cd "$copy"
rm environments/*.ts .github/workflows/experiment-*.yml .github/workflows/sweep-*.yml
cat > environments/index.ts <<'EOF'
import type { EnvironmentInput } from "../environment/environment";

const shared = {
  accountId: "210987654321",
  region: "eu-central-1",
  tags: { team: "images", "cost-center": "4711" },
} as const;
const github = { owner: "acme", repository: "services", branches: ["trunk"] };
const app = { id: 815, installationId: 4712 };
const clusterAdmins = ["arn:aws:iam::210987654321:role/Admin"];

const hosted: EnvironmentInput = {
  ...shared,
  name: "hosted",
  vpcCidr: "10.40.0.0/16",
  configurations: ["hosted-default"],
  instanceType: "c5.2xlarge",
  github,
};

const small: EnvironmentInput = {
  ...shared,
  name: "small",
  vpcCidr: "10.41.0.0/16",
  configurations: ["custom-default", "custom-kubernetes"],
  instanceType: "c5n.2xlarge",
  github: { ...github, app },
  clusterAdmins,
};

const warm: EnvironmentInput = {
  ...shared,
  name: "warm",
  vpcCidr: "10.42.0.0/16",
  configurations: ["hosted-kubernetes", "custom-kubernetes"],
  instanceType: "c5n.2xlarge",
  github: { ...github, app },
  builders: { mode: "warm" },
  clusterAdmins,
};

export const environments: readonly EnvironmentInput[] = [hosted, small, warm];
EOF
git init --quiet
git add --all
npx tsc
node cli/bin.mjs overview >/dev/null
node cli/bin.mjs workflow >/dev/null
node cli/bin.mjs workflow --check
npm test
