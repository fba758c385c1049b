import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import type { Cluster } from "../constructs/cluster";
import { ClusterProviders } from "../constructs/cluster-providers";
import { RunnerDeployment, type RunnerDeploymentProps } from "../constructs/runner-deployment";
import { ProjectStack } from "./project-stack";

export interface RunnersStackProps {
  /** Region of the cluster. */
  readonly region: string;
  readonly cluster: Cluster;
  readonly deployment: RunnerDeploymentProps;
}

/**
 * The self-hosted runners. A stack of its own: Terraform must know the custom resource definitions when it plans, and
 * the controller must be there until the last runner is gone.
 */
export class RunnersStack extends ProjectStack {
  constructor(scope: Construct, id: string, props: RunnersStackProps) {
    super(scope, id);
    new ClusterProviders(this, "providers", { cluster: props.cluster, region: props.region });
    new RunnerDeployment(this, "runners", props.deployment);
    new TerraformOutput(this, "runs_on", {
      description: "Labels that a job's runs-on names to get one of these runners",
      value: ["self-hosted", ...props.deployment.labels],
    });
  }
}
