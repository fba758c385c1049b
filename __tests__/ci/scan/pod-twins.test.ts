import { expect, it } from "vitest";
import { twinned, withPodTwins } from "../../../.ci/scan/pod-twins";

const SET = { spec: { template: {} } };

it("puts a Deployment beside each StatefulSet, and keeps those that are there", () => {
  const stack = {
    resource: {
      kubernetes_stateful_set_v1: { a: SET },
      kubernetes_deployment_v1: { b: { spec: {} } },
      aws_vpc: { c: {} },
    },
  };
  expect(withPodTwins(stack)).toEqual({
    resource: { ...stack.resource, kubernetes_deployment_v1: { a: SET, b: { spec: {} } } },
  });
});

it("changes nothing where there is no StatefulSet", () => {
  const stack = { resource: { aws_vpc: { c: {} } }, output: {} };
  expect(withPodTwins(stack)).toEqual(stack);
});

it("names the StatefulSet in findings about its twin, and a Deployment in those about itself", () => {
  const known = new Map([
    ["kubernetes_stateful_set_v1.a", "x"],
    ["kubernetes_deployment_v1.b", "y"],
  ]);
  expect(twinned("kubernetes_deployment_v1.a", known)).toBe("kubernetes_stateful_set_v1.a");
  expect(twinned("kubernetes_deployment_v1.b", known)).toBe("kubernetes_deployment_v1.b");
  expect(twinned("aws_vpc.c", known)).toBe("aws_vpc.c");
});
