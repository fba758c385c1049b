/** EKS, ECR, buildx and runners as constructs, each usable on its own in any cdktf app. */
export { BuildAdmission, type BuildAdmissionProps } from "./build-admission";
export { BuildNamespace, type BuildNamespaceProps, type PodAllowance } from "./build-namespace";
export { BuilderAccess, type BuilderAccessProps, type BuilderUser } from "./builder-access";
export { BuilderStorageClass, type BuilderStorageClassProps } from "./builder-storage-class";
export { isNetwork, isPrivateNetwork, SERVICE_CIDR } from "./cidr";
export { Cluster, type ClusterProps } from "./cluster";
export { ClusterAddon, type ClusterAddonProps } from "./cluster-addon";
export { ClusterProviders, type ClusterProvidersProps } from "./cluster-providers";
export {
  GithubActionsRole,
  type GithubActionsRoleProps,
  type GithubJobs,
  oidcSubjects,
} from "./github-actions-role";
export { GITHUB_APP_KEY_VARIABLE, GithubAppKey, SET_GITHUB_APP_KEY } from "./github-app-key";
export { GithubOidcProvider, type GithubOidcProviderProps } from "./github-oidc-provider";
export { grantImagePush, type PushingRole } from "./image-push";
export { ImageRepository, type ImageRepositoryProps } from "./image-repository";
export { Network, type NetworkProps, type ZoneSubnets } from "./network";
export { NodeGroup, type NodeGroupProps, type Taint } from "./node-group";
export { NodeRole, type NodeRoleProps } from "./node-role";
export { PodIdentityRole, type PodIdentityRoleProps } from "./pod-identity-role";
export { type Finding, POLICY_RULES, Policy, type PolicyRule } from "./policy";
export { type PolicyStatement, policyDocument, serviceTrust } from "./policy-document";
export { Preflight, type PreflightCheck, type PreflightProps } from "./preflight";
export { cpuQuantity, memoryQuantity, type Resources } from "./quantity";
export { type GithubApp, RunnerController, type RunnerControllerProps } from "./runner-controller";
export { RunnerDeployment, type RunnerDeploymentProps } from "./runner-deployment";
export { except, type SecurityExceptionName } from "./security-exception";
export { Tags } from "./tags";
export type { Toleration } from "./toleration";
export { WARM_LABEL, WarmBuilder, type WarmBuilderProps } from "./warm-builder";
export { WarmBuilders, type WarmBuildersProps } from "./warm-builders";
