/** What is worth something to an attacker. */
export const ASSETS = {
  images: "Images in ECR, and whatever runs them",
  cache: "Build caches in ECR, which later builds take layers from",
  repository: "The GitHub repository: its code, its settings and the tokens of its jobs",
  appKey: "The private key of the GitHub App, which may administer the repository",
  builds: "Builds that run: their source, their secrets, their logins",
  nodes: "The nodes, their kernel and their IAM role",
  cluster: "The cluster: who may do what in it",
  account: "The AWS account, and the bill",
  state: "Terraform's state, plans and rendered files",
  workstation: "The deployer's machine and its login",
  measurements: "The experiment's records, and what is concluded from them",
} as const;

export type Asset = keyof typeof ASSETS;

/** A line across which somebody trusts less than on this side of it. */
export interface Boundary {
  readonly from: string;
  readonly to: string;
  /** What passes, and what decides about it. */
  readonly words: string;
}

export const BOUNDARIES: readonly Boundary[] = [
  {
    from: "GitHub",
    to: "AWS",
    words: "A hosted job's OIDC token. The role's trust policy compares issuer, audience and subject.",
  },
  {
    from: "the internet",
    to: "the Kubernetes API",
    words:
      "Only with hosted-kubernetes, else the endpoint is private. An IAM identity with an access entry, then Kubernetes' RBAC.",
  },
  {
    from: "GitHub",
    to: "a runner in the cluster",
    words:
      "Whatever job names the runner's labels, of any branch. GitHub decides, by repository (or runner group); nothing here can.",
  },
  {
    from: "a job",
    to: "a builder",
    words:
      "Commands through the API server (exec). A Role in namespace buildx, for one group or one service account.",
  },
  {
    from: "namespace buildx",
    to: "the rest of the cluster",
    words:
      "RBAC, quota, limits and network policy. Not a line that holds against a privileged pod: see T-node-root.",
  },
  {
    from: "pods",
    to: "AWS",
    words:
      "Pod Identity for three service accounts; the node's metadata is out of reach of a pod's own network.",
  },
  {
    from: "the deployer",
    to: "everything",
    words: "The operator role, the App's key and the state. Whoever has these has the environment.",
  },
];

/** Shows that a control is there: a test by its title, or a command of package.json. */
export type Evidence = { readonly file: string; readonly test: string } | { readonly command: string };

export interface Control {
  readonly words: string;
  readonly evidence: readonly [Evidence, ...Evidence[]];
}

export interface Threat {
  readonly id: `T-${string}`;
  readonly who: string;
  /** What they could try. */
  readonly tries: string;
  readonly assets: readonly [Asset, ...Asset[]];
  readonly controls: readonly [Control, ...Control[]];
  /** What is left when every control holds. */
  readonly residual: string;
}

/** Tests of a file below __tests__, by their titles. */
const at = (file: string, first: string, ...others: readonly string[]): [Evidence, ...Evidence[]] => [
  { file: `__tests__/${file}`, test: first },
  ...others.map((test) => ({ file: `__tests__/${file}`, test })),
];

/** Who could do what, what stops it, and what is left. Each control names what shows it. */
export const THREATS: readonly Threat[] = [
  {
    id: "T-other-repository",
    who: "A workflow of another repository, owner, branch or fork",
    tries:
      "Assumes the role of hosted jobs with its own OIDC token: a name that begins alike, a wildcard, another audience, a name that somebody gave up.",
    assets: ["images", "cache", "cluster"],
    controls: [
      {
        words:
          "The trust policy names exact subjects and the audience, compared by StringEquals; no wildcard.",
        evidence: [
          ...at(
            "constructs/github-actions-role.test.ts",
            "never holds a wildcard",
            "trusts the audience of STS and the exact subjects, compared by equality",
          ),
          ...at("security/trust.test.ts", "$id is $expected where $trusts is trusted"),
        ],
      },
      {
        words: "With both numeric ids, the form of new repositories names owner and repository by id.",
        evidence: at("constructs/github-actions-role.test.ts", "with ids is both forms, each exact"),
      },
      {
        words: "No other role can be assumed by a token of GitHub's.",
        evidence: at(
          "security/trust.test.ts",
          "open no role but that of hosted jobs: $words",
          "concerns every role",
        ),
      },
    ],
    residual:
      "The form without ids stays trusted too, because older repositories send it: whoever gets the owner's name after it was given up, and an old-form repository under it, gets in. `deploymentEnvironments` are as narrow as the rules that GitHub keeps for them.",
  },
  {
    id: "T-pull-request",
    who: "Somebody who opens a pull request, from a fork or a branch",
    tries:
      "Runs code of the pull request with rights of the repository: in CI, in the experiment's workflows, through a title or a file name in a script.",
    assets: ["repository", "images", "account"],
    controls: [
      {
        words:
          "The workflows that build and push start by hand (or a schedule) only, never by a pull request.",
        evidence: at(
          "workflow/experiment.test.ts",
          "starts only by hand or by the experiment's program, which finds its run by its name",
        ),
      },
      {
        words:
          "Every workflow begins with no permissions; a job gets what it names, and only hosted build jobs an identity token.",
        evidence: at(
          "workflow/experiment.test.ts",
          "the workflow itself may do nothing, and what runs is never cancelled by another run",
          "$label: only hosted jobs get an identity token",
        ),
      },
      {
        words:
          "What people type reaches a shell as a variable, never as text of the script; the checkout leaves no token behind.",
        evidence: at(
          "workflow/experiment.test.ts",
          "no expression stands in a script: what a person types reaches the shell as a variable only",
          "the password of the registry is masked, and the checkout leaves no token in the workspace",
        ),
      },
      {
        words:
          "Every workflow is looked through by zizmor and actionlint: dangerous triggers, injections, permissions.",
        evidence: [{ command: "npm run check:security" }],
      },
      {
        words: "A pull request's token opens no role.",
        evidence: at("security/trust.test.ts", "$id is $expected where $trusts is trusted"),
      },
    ],
    residual:
      "CI runs the pull request's code on GitHub's machine with a token that may read. The job that comments runs none of it, but posts what it printed, for branches of the repository itself. With self-hosted runners see T-branch: on a public repository a pull request may change a workflow so that it asks for one.",
  },
  {
    id: "T-branch",
    who: "Somebody who may push a branch, where runners stand in the cluster",
    tries:
      "Pushes a workflow that names the runners' labels, and so runs on the builder nodes as the runners' service account.",
    assets: ["images", "cache", "builds", "nodes"],
    controls: [
      {
        words:
          "A runner takes one job of one repository and goes; its labels end with the environment's own.",
        evidence: at(
          "constructs/runner-deployment.test.ts",
          "takes the jobs of one repository that name its labels",
          "serves one job with each runner, from an image that follows GitHub's releases",
        ),
      },
      {
        words:
          "Its role may push to and pull from this environment's repositories, and nothing else; only its service account in this cluster may assume it.",
        evidence: [
          ...at(
            "stacks/cluster-stack.test.ts",
            "lets runners push to this environment's repositories, and nothing else",
            "and runners assume their role as themselves only: %s",
          ),
          ...at("security/iam.test.ts", "$expected: $identity to $words, $action on $resource"),
        ],
      },
      {
        words: "In the cluster it may use builders and nothing else.",
        evidence: at("cluster/identities.test.ts", "what a job asks for: %s: %s"),
      },
      {
        words: "`npm start` warns of it before anything is made.",
        evidence: at("config/warnings.test.ts", "warns of %s"),
      },
    ],
    residual:
      "GitHub hands jobs to runners by repository and label, not by branch: everyone with write access may push images, and on a public repository anyone with a pull request that GitHub runs. Never give self-hosted runners to a public repository. A runner group can limit an organization's runners to named workflows.",
  },
  {
    id: "T-inputs",
    who: "Somebody who may dispatch the experiment's workflow",
    tries:
      "Hands in an image, output or cache that runs a command, leaves the checkout, or pushes elsewhere or nothing.",
    assets: ["images", "measurements", "builds"],
    controls: [
      {
        words:
          "Every input is checked against a pattern before anything is built; only attributes of layers get through.",
        evidence: at(
          "workflow/build-script.test.ts",
          "%s %j is refused before anything is built",
          "all that is wrong is one line, also where a value brings a line break of its own",
        ),
      },
      {
        words: "BuildKit grants builds neither the host's network nor privileges.",
        evidence: at(
          "buildkit/driver.test.ts",
          "a daemon that grants neither the host's network nor privileges",
          "the workflow's flags refuse the host's network",
        ),
      },
    ],
    residual:
      "Dispatching needs write access, and whoever has that may change the workflow on a branch. See T-branch.",
  },
  {
    id: "T-stolen-session",
    who: "Somebody who got a job's tokens: from a log, an artifact, a process beside it",
    tries:
      "Uses the AWS session, the login of ECR, the cluster token or the job's GitHub token from elsewhere.",
    assets: ["images", "cache", "cluster", "repository"],
    controls: [
      {
        words: "No key is stored anywhere: AWS sessions of hosted jobs last an hour.",
        evidence: [
          ...at("constructs/github-actions-role.test.ts", "gives its sessions one hour"),
          ...at(
            "workflow/experiment.test.ts",
            "no key, secret or password is written or read, and no account number",
          ),
        ],
      },
      {
        words:
          "A session may push to and pull from this environment's repositories; it deletes no image and assumes no role.",
        evidence: [
          ...at(
            "security/iam.test.ts",
            "$expected: $identity to $words, $action on $resource",
            "lists every right that %s has in a policy of its own",
          ),
          ...at("constructs/image-repository.test.ts", "allows no deletion and no wildcard of actions"),
        ],
      },
      {
        words:
          "In the cluster it may use builders of namespace buildx: no Secret, no other namespace, no wider rights.",
        evidence: at(
          "cluster/identities.test.ts",
          "what a job asks for: %s: %s",
          "nothing has changed for all that was tried",
        ),
      },
      {
        words: "The job's GitHub token may read the code and no more.",
        evidence: at(
          "workflow/files.test.ts",
          "%s: explicit machines, timeouts and permissions, no moving release",
        ),
      },
    ],
    residual:
      "Nothing ties a session to the machine that it was made for, and a login of ECR stays valid for up to twelve hours. The audit log of the cluster and CloudTrail show its use afterwards.",
  },
  {
    id: "T-build-step",
    who: "A Dockerfile's step, or code that a build downloads",
    tries: "Reaches the node, its IAM role, the API server or other builds from inside of a builder.",
    assets: ["nodes", "builds", "account"],
    controls: [
      {
        words: "Builders have no service account token and no Pod Identity.",
        evidence: [
          ...at("constructs/build-namespace.test.ts", "gives its default service account no token"),
          ...at(
            "stacks/warm-builders.test.ts",
            "get what a builder of a job gets, on the same nodes, with no token",
          ),
        ],
      },
      {
        words: "The node's credentials are out of reach: network policy, IMDSv2 and a hop limit of one.",
        evidence: [
          ...at(
            "constructs/build-namespace.test.ts",
            "lets nobody connect in, and pods connect everywhere but to the node's metadata",
          ),
          ...at(
            "stacks/cluster-stack.test.ts",
            "of group %s keep their credentials and encrypt their disk",
            "enforce network policies",
          ),
        ],
      },
      {
        words:
          "BuildKit grants steps neither the host's network nor privileges, so a step starts as a container of its own.",
        evidence: at("buildkit/driver.test.ts", "what a build may ask the daemon for"),
      },
      {
        words: "`builders.rootless` takes the builder's privileges away.",
        evidence: at(
          "stacks/warm-builders.test.ts",
          "are privileged, or rootless where the environment asks for it",
        ),
      },
      {
        words:
          "Quota and limits bound a build's CPU, memory, pods and volumes; not its node's disk and network.",
        evidence: at(
          "constructs/build-namespace.test.ts",
          "has a quota that is the sum of its pods",
          "limits each container to the largest that is known, in CPU and in memory",
        ),
      },
    ],
    residual:
      "A step that breaks out of runc stands in a privileged pod, and that is root on the node (not with rootless). The CNI enforces a policy a moment after a pod starts. Builds reach the internet: what they read can leave.",
  },
  {
    id: "T-neighbour-job",
    who: "A job beside another one in namespace buildx",
    tries:
      "Runs commands in another job's builder or runner, deletes its builder, reads the registration tokens of runners.",
    assets: ["builds", "images", "repository"],
    controls: [
      {
        words:
          "No job reads a Secret, a pod by name, a log or a Runner, nor changes what is not its own kind of object.",
        evidence: at("cluster/identities.test.ts", "what a job asks for: %s: %s"),
      },
      {
        words: "With warm builders a job may run commands in those of its class alone, and delete none.",
        evidence: [
          ...at(
            "constructs/build-namespace.test.ts",
            "allows to use the warm builders that are named, and neither others nor to make any",
          ),
          ...at(
            "stacks/warm-builders.test.ts",
            "may be used by the jobs of their class, which can create, change and delete none",
          ),
          ...at(
            "cluster/builders.test.ts",
            "warm builder of %s: adopted, used, and still there when the job would remove it",
            "warm builder of %s: not that of the other class",
            "with warm builders, %s: no new one",
          ),
        ],
      },
    ],
    residual:
      "The driver lists pods and runs commands in them, and a job's own builder has a name that no Role can know. So with builders of jobs, a job may run commands in any pod of the namespace, other builders and runners included, and delete any builder there. In both modes it may list pods, whose environment holds each runner's registration token: within the hour a runner can be registered with it. All jobs that reach the cluster trust each other.",
  },
  {
    id: "T-node-root",
    who: 'A job that may create builders (`builders.mode: "per-job"`)',
    tries:
      "Creates a Deployment that is no builder: privileged, with the host's files and network, under the runners' account, on a system node, where the controller keeps the App's key.",
    assets: ["nodes", "appKey", "repository", "cluster", "account"],
    controls: [
      {
        words:
          "Only Deployments, only in namespace buildx, only within its quota; no pod, no other workload, nowhere else.",
        evidence: [
          ...at(
            "constructs/build-namespace.test.ts",
            "allows what buildx asks for, and nothing else",
            "holds in its namespace, and not in the whole cluster",
          ),
          ...at("cluster/identities.test.ts", "what a job asks for: %s: %s"),
        ],
      },
      {
        words:
          "The API server keeps pods of the namespace on the builders' nodes, without the host's namespaces and files, and Deployments without the runners' account. No right to create comes before that policy.",
        evidence: [
          ...at(
            "constructs/build-admission.test.ts",
            "asks every pod for the label of the builders' nodes",
            "refuses what breaks it, and everything while it cannot be judged",
            "comes before the rights of those it holds",
          ),
          ...at("cluster/identities.test.ts", "what a job asks for: %s: %s"),
        ],
      },
      {
        words: "What is below the baseline is admitted, audited and warned about.",
        evidence: at(
          "constructs/build-namespace.test.ts",
          "admits privileged pods, which BuildKit is, and reports what is below the baseline",
        ),
      },
      {
        words:
          '`builders.mode: "warm"` takes the right to create away: a job then gets no further than the builder nodes.',
        evidence: [
          ...at(
            "stacks/warm-builders.test.ts",
            "may be used by the jobs of their class, which can create, change and delete none",
          ),
          ...at(
            "cluster/builders.test.ts",
            "warm builder of %s: not that of the other class",
            "with warm builders, %s: no new one",
          ),
        ],
      },
      {
        words:
          "The node's own role pulls images and joins the cluster; the CNI's and the CSI driver's rights are roles of their own, which take the token of their pod.",
        evidence: at(
          "stacks/cluster-stack.test.ts",
          "use the same few rights in both groups",
          "have the policy of AWS that each is meant to have, through Pod Identity",
        ),
      },
    ],
    residual:
      "A privileged pod is root on its builder node, and so is what runs there: every image of the account that nodes may pull, the network interfaces that the CNI's role may rearrange with its pod's token, and Secrets of namespace buildx that somebody put there, which a pod may mount. With warm builders the EBS CSI driver runs on these nodes, and its account may change nodes: who is root beside it, in a privileged builder or a Docker sidecar, can make the scheduler move other pods, the controller with the App's key too. Rootless builders and custom-kubernetes alone give no such root. An App installed on this repository alone bounds what its key is worth.",
  },
  {
    id: "T-runner-pod",
    who: "A job on a runner whose Docker sidecar is privileged (custom-default)",
    tries: "Leaves the sidecar for the node, stays for the next job, takes the next job's tokens.",
    assets: ["nodes", "builds", "repository"],
    controls: [
      {
        words: "A runner is a pod for one job; nothing of it stays for the next.",
        evidence: at(
          "constructs/runner-deployment.test.ts",
          "serves one job with each runner, from an image that follows GitHub's releases",
        ),
      },
      {
        words: "A sidecar is there only where custom-default is chosen, and is bounded.",
        evidence: at(
          "stacks/runners-stack.test.ts",
          "have a bounded Docker sidecar with custom-default",
          "have no Docker without custom-default",
        ),
      },
      {
        words:
          "Runners stand on builder nodes, apart from the controller and its key, and get a cluster token only where they make builders.",
        evidence: at(
          "stacks/runners-stack.test.ts",
          "come only to the nodes that build, whose taint they tolerate",
          "get a token of their account with %s: %s",
        ),
      },
    ],
    residual:
      "A privileged sidecar is root on its node, and other runners and builders stand on the same one.",
  },
  {
    id: "T-neighbour-namespace",
    who: "A pod of another namespace, or somebody else's workload in the same cluster",
    tries:
      "Connects to BuildKit or Docker in namespace buildx, or to the controller; takes the namespace's room.",
    assets: ["builds", "images"],
    controls: [
      {
        words: "Nobody may connect to a pod of namespace buildx; jobs come through the API server.",
        evidence: at(
          "constructs/build-namespace.test.ts",
          "lets nobody connect in, and pods connect everywhere but to the node's metadata",
        ),
      },
      {
        words: "The controller answers at its webhooks' port only, in a namespace of restricted pods.",
        evidence: at(
          "constructs/runner-controller.test.ts",
          "can be reached at its webhooks' port only",
          "stands in a namespace that admits restricted pods only",
        ),
      },
      {
        words: "Builder nodes are kept for builds.",
        evidence: at("stacks/cluster-stack.test.ts", "that build are kept for builds"),
      },
    ],
    residual:
      "Whoever may create privileged pods in any namespace has the nodes. Run nothing else in this cluster, and give nobody else rights in it.",
  },
  {
    id: "T-cache",
    who: "A job of one branch, against the builds of another",
    tries:
      "Pushes a poisoned build cache under the tag that the default branch, or every branch, takes layers from.",
    assets: ["cache", "images"],
    controls: [
      {
        words: "The cache is off unless asked for: the experiment builds from scratch.",
        evidence: at("workflow/build-script.test.ts", "without a cache nothing is taken from one"),
      },
      {
        words:
          "A branch writes a tag of its own and only reads the default branch's. This keeps accidents apart, not attackers.",
        evidence: at(
          "workflow/build-script.test.ts",
          "a branch writes a cache of its own, and reads the default branch's after it",
          "branches that a tag cannot tell apart have different caches",
        ),
      },
      {
        words: "Only jobs of this environment can push at all; hosted ones of the named branches.",
        evidence: at("security/trust.test.ts", "$id is $expected where $trusts is trusted"),
      },
    ],
    residual:
      "Nothing in AWS tells the tags of one repository apart: ECR has no condition for a tag, and `cache-*` can be overwritten. So any job that may push writes the default branch's cache too, and with runners that is a job of any branch. A later build takes those layers as they are. Build what you release with `cache: none`, or where only the default branch's hosted jobs may push.",
  },
  {
    id: "T-images",
    who: "A job that may push",
    tries:
      "Overwrites or deletes an image, takes a tag before its owner does, or pushes until old images expire.",
    assets: ["images", "account"],
    controls: [
      {
        words: "Tags cannot be overwritten, but for `cache-*`.",
        evidence: [
          ...at("constructs/image-repository.test.ts", "exempts one prefix of tags from immutability"),
          ...at("stacks/registry-stack.test.ts", "lets builds overwrite the cache's tags only"),
        ],
      },
      {
        words: "No job may delete an image or change a repository.",
        evidence: [
          ...at("constructs/image-repository.test.ts", "allows no deletion and no wildcard of actions"),
          ...at("security/iam.test.ts", "$expected: $identity to $words, $action on $resource"),
        ],
      },
      {
        words: "Every push is scanned, and the facts of a build name its image by digest.",
        evidence: [
          ...at(
            "constructs/image-repository.test.ts",
            "scans every push, keeps tags and is not deleted with its images",
          ),
          ...at(
            "workflow/facts-script.test.ts",
            "measures the image of this build, whatever its tag has become",
          ),
        ],
      },
    ],
    residual:
      "A job may push any tag that is still free, so a tag says nothing about who built it: deploy by digest. ECR keeps the newest images of each configuration (`images.keepPerConfiguration`), so a job that pushes more than that makes it delete the older ones. No image is signed.",
  },
  {
    id: "T-npm",
    who: "An npm package, direct or not, that turns malicious",
    tries:
      "Runs when it is installed, or at synthesis and deploy, where the deployer's login and the App's key are in the environment.",
    assets: ["workstation", "appKey", "account", "state"],
    controls: [
      {
        words: "Exact versions, and a sha512 hash of every package, from the public registry.",
        evidence: at(
          "supply-chain/lock.test.ts",
          "says which bytes every package has, from the public registry, and names each install script",
          "is asked for by exact versions",
        ),
      },
      {
        words: "No install script runs, whatever npm's version.",
        evidence: at(
          "supply-chain/install-scripts.test.ts",
          "do not run with this project's settings, whatever npm's version",
          "would run without them",
        ),
      },
      {
        words:
          "Few direct dependencies, each with its reason; known vulnerabilities of those that run are looked up.",
        evidence: [
          ...at("docs/dependencies.test.ts", "are each described once, and nothing else is"),
          { command: "npm run check:security" },
        ],
      },
      {
        words:
          "The same commit renders the same bytes on another machine, so a tampered synthesis shows in a diff.",
        evidence: at("stacks/elsewhere.test.ts", "writes the same bytes under %s"),
      },
    ],
    residual:
      "A package that runs is trusted: `cdktf deploy` runs it with the operator's login. A hash says that bytes are the same as yesterday, not that they are good. Update on purpose, look at the plan, and set the App's key only for a deploy.",
  },
  {
    id: "T-action",
    who: "A GitHub action whose repository was taken over",
    tries: "Moves a tag to code that reads a job's tokens.",
    assets: ["repository", "images"],
    controls: [
      {
        words: "Every action is named by commit, one for all workflows; what is not cannot be rendered.",
        evidence: at(
          "workflow/files.test.ts",
          "%s: each action by commit, its release beside it",
          "an action has one commit in all workflows",
          "an action that is not pinned cannot be rendered",
        ),
      },
      {
        words: "No action leaves a program in a cache that the next job runs.",
        evidence: at(
          "workflow/driver.test.ts",
          "%s: the builder's driver, version and flags, and no endpoint",
        ),
      },
    ],
    residual:
      "The pinned commit itself is trusted. setup-buildx-action downloads buildx by version, setup-terraform Terraform.",
  },
  {
    id: "T-image-supply",
    who: "Whoever can push BuildKit's, Docker's, the runner's or the base image, or the controller's chart",
    tries: "Moves a tag to an image that reads source and logins, or changes what is pushed.",
    assets: ["builds", "images", "nodes", "appKey"],
    controls: [
      {
        words:
          "Images and chart are named by exact version; one that moves has an exception with its reason.",
        evidence: [
          ...at(
            "aspects/policy/images.test.ts",
            "refuses $name",
            "takes what jobs of $configuration hand to buildx, rootless $rootless",
          ),
          ...at(
            "aspects/policy/project.test.ts",
            "keeps to its policy: $name",
            "uses each of its policy exceptions somewhere",
          ),
          ...at("constructs/runner-controller.test.ts", "installs a pinned chart"),
        ],
      },
      {
        words: "Base image and installer can be given by digest; the build fetches no frontend.",
        evidence: at(
          "image/dockerfile.test.ts",
          "names base and installer by release, each replaceable",
          "fetches no frontend before it begins",
        ),
      },
    ],
    residual:
      "A version is a tag, and a tag can be moved; no digest is pinned and no signature checked. The runner's image must move, or GitHub gives it no jobs. A bad BuildKit, Docker or runner image sees every build that runs in it.",
  },
  {
    id: "T-python-package",
    who: "A package of the large image that turns malicious",
    tries: "Runs while it is installed, or is not the one that was locked.",
    assets: ["images", "builds"],
    controls: [
      {
        words: "Every package by version and hash, wheels only, so that no code of theirs runs at install.",
        evidence: [
          ...at(
            "image/lock.test.ts",
            "pins every package once, by version and by hash",
            "holds nothing but pins, hashes and comments: no index, no link",
          ),
          ...at(
            "image/dockerfile.test.ts",
            "installs as the lock was resolved: its platform, wheels only, by hash, nothing beside it",
          ),
        ],
      },
      {
        words: "The image runs as a user of its own, not as root.",
        evidence: at("image/dockerfile.test.ts", "runs as a user that it made, not as root"),
      },
    ],
    residual:
      "Packages of the distribution come unpinned from its archive, by its signature. What is in a locked wheel is trusted when the image runs.",
  },
  {
    id: "T-workstation",
    who: "Somebody with the deployer's machine or login",
    tries: "Does everything: changes roles, reads Secrets, destroys, deploys to another account.",
    assets: ["workstation", "account", "cluster", "appKey", "state"],
    controls: [
      {
        words:
          "No long-lived key: the AWS CLI makes a token when a provider needs one, and nothing keeps it.",
        evidence: at(
          "stacks/every-stack.test.ts",
          "gets a token from the AWS CLI whenever it needs one",
          "holds no token that a provider could read from it",
        ),
      },
      {
        words:
          "The App's key is an ephemeral variable and a write-only attribute: in no file, no state, no plan.",
        evidence: [
          ...at(
            "terraform/deploy.test.ts",
            "leaves the private key in no file: no state, no plan, no rendered JSON, no log",
          ),
          ...at(
            "constructs/runner-controller.test.ts",
            "takes the App's key from the ephemeral variable into a write-only attribute",
          ),
        ],
      },
      {
        words:
          "Only the roles under `operators` administer the cluster, not whoever created it; an environment deploys to its own account only.",
        evidence: [
          ...at("stacks/cluster-stack.test.ts", "makes the operators administrators, and nobody else"),
          ...at("stacks/every-stack.test.ts", "can be deployed to its own account only"),
        ],
      },
      {
        words: "The control plane's audit log is kept.",
        evidence: at("stacks/cluster-stack.test.ts", "keeps logs as long as asked"),
      },
    ],
    residual:
      "An operator is administrator of the cluster and of what the role may in the account: a stolen login is everything, for as long as it lasts. While it deploys, the key is in the environment of its processes. Keep operators few, behind a second factor.",
  },
  {
    id: "T-state",
    who: "Somebody who reads state, plans, rendered files, logs, or the repository",
    tries: "Finds a secret in them.",
    assets: ["state", "appKey", "account"],
    controls: [
      {
        words: "Nothing that looks like a secret is rendered, and none is in the repository.",
        evidence: [
          ...at(
            "stacks/determinism.test.ts",
            "writes nothing that looks like a secret",
            "finds one that is planted in a rendered stack",
          ),
          { command: "npm run check:security" },
        ],
      },
      {
        words: "State in S3 is encrypted and locked, a key for each stack; providers hold no token.",
        evidence: at(
          "stacks/every-stack.test.ts",
          "keeps its state under a key of its own in S3, with native locking",
          "holds no token that a provider could read from it",
        ),
      },
      {
        words: "Kubernetes secrets are encrypted with a rotated key of the cluster's own.",
        evidence: at("aspects/policy/encryption.test.ts", "refuses $name"),
      },
    ],
    residual:
      "State names accounts, roles, addresses and the cluster's certificate authority. Whoever may write it decides what the next apply does; a local state is a file like any other.",
  },
  {
    id: "T-api-endpoint",
    who: "Anybody on the internet, where hosted-kubernetes is chosen",
    tries: "Talks to the public API endpoint: guesses, floods, uses a hole in it.",
    assets: ["cluster"],
    controls: [
      {
        words: "There is a public endpoint only with hosted-kubernetes, for the networks that are named.",
        evidence: at(
          "stacks/cluster-stack.test.ts",
          "is public only with hosted-kubernetes: $name",
          "is public to the networks that are named",
        ),
      },
      {
        words: "It is the one ingress that the policy lets be public, by a named exception.",
        evidence: at("aspects/policy/ingress.test.ts", "refuses $name"),
      },
      {
        words:
          "It asks for an IAM identity with an access entry; hosted jobs have a group without any policy of AWS.",
        evidence: at(
          "stacks/cluster-stack.test.ts",
          "knows hosted jobs as a group without any policy of AWS",
        ),
      },
    ],
    residual:
      "GitHub's machines have too many addresses to list, so the default is the whole internet. Unauthenticated requests get the version and health; a hole in the API server would be open to everybody. Without hosted-kubernetes there is none.",
  },
  {
    id: "T-records",
    who: "A job, or whoever answers in GitHub's place, against the machine that runs the experiment",
    tries:
      "Hands in an artifact, a log or an answer that crashes the tools, fills the disk or becomes a wrong time.",
    assets: ["measurements", "workstation"],
    controls: [
      {
        words: "An artifact counts only when it says that it is this very build's.",
        evidence: at("experiment/run/artifact.test.ts", "of a build with another value than %j is refused"),
      },
      {
        words: "Answers, records and logs of any shape end in a result or in one clear error.",
        evidence: [
          ...at("properties/github.test.ts", "GitHub's API"),
          ...at("properties/records.test.ts", "result records"),
          ...at("properties/build-logs.test.ts", "build logs"),
        ],
      },
    ],
    residual:
      "A job writes its own facts: somebody who may push a branch can lie about a time of a build of that branch. Queue and step times come from GitHub.",
  },
];
