import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import type { IAspect } from "cdktf";
import type { IConstruct } from "constructs";

/** What EC2 makes from a launch template, outside Terraform's sight. */
const LAUNCHED = ["instance", "volume", "network-interface"];

/**
 * Tags everything that can be tagged: through each AWS provider's default tags, and through the launch templates for
 * the instances, volumes and network interfaces that an auto scaling group makes of them.
 */
export class Tags implements IAspect {
  constructor(private readonly tags: Readonly<Record<string, string>>) {}

  visit(node: IConstruct): void {
    if (node instanceof AwsProvider) {
      node.defaultTags = [{ tags: { ...this.tags } }];
    }
    if (node instanceof LaunchTemplate) {
      node.putTagSpecifications(LAUNCHED.map((resourceType) => ({ resourceType, tags: { ...this.tags } })));
    }
  }
}
