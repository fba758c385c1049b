import { SYSTEM_INSTANCE_TYPE } from "./aws-facts";

/** The node group of CoreDNS, the EBS CSI controller and actions-runner-controller: two nodes, so that one may fail. */
export const SYSTEM_NODES = {
  instanceType: SYSTEM_INSTANCE_TYPE,
  minSize: 2,
  maxSize: 3,
  volumeGib: 30,
} as const;
