import type { EnvironmentInput } from "../environment/environment";
import { c5n } from "./c5n";

/** The same on c5.2xlarge, so that the two compare instance types and nothing else. */
export const c5: EnvironmentInput = {
  ...c5n,
  name: "c5",
  vpcCidr: "10.21.0.0/16",
  instanceType: "c5.2xlarge",
};
