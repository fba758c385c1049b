/** The constructs of this project, each usable on its own in another cdktf app. See docs/using-a-construct.md. */
export { BuildAdmission, type BuildAdmissionProps } from "./build-admission";
export { BuildNamespace, type BuildNamespaceProps, type PodAllowance } from "./build-namespace";
export { BuilderAccess, type BuilderAccessProps, type BuilderUser } from "./builder-access";
export { BuilderStorageClass, type BuilderStorageClassProps } from "./builder-storage-class";
export { Cluster, type ClusterProps } from "./cluster";
export { ClusterAddon, type ClusterAddonProps } from "./cluster-addon";
export { ClusterProviders, type ClusterProvidersProps } from "./cluster-providers";
export {
  GithubActionsRole,
  type GithubActionsRoleProps,
  type GithubJobs,
  oidcSubjects,
} from "./github-actions-role";
export { GITHUB_APP_KEY_VARIABLE, GithubAppKey } from "./github-app-key";
export { GithubOidcProvider, type GithubOidcProviderProps } from "./github-oidc-provider";
export { grantImagePush } from "./image-push";
export { ImageRepository, type ImageRepositoryProps } from "./image-repository";
export { Network, type NetworkProps } from "./network";
export { NodeGroup, type NodeGroupProps } from "./node-group";
export { NodeRole } from "./node-role";
export { PodIdentityRole, type PodIdentityRoleProps } from "./pod-identity-role";
export { Preflight, type PreflightCheck, type PreflightProps } from "./preflight";
export { type GithubApp, RunnerController, type RunnerControllerProps } from "./runner-controller";
export {
  type ContainerResources,
  RunnerDeployment,
  type RunnerDeploymentProps,
  type Toleration,
} from "./runner-deployment";
export { WarmBuilder, type WarmBuilderProps } from "./warm-builder";
export { WarmBuilders, type WarmBuildersProps } from "./warm-builders";
