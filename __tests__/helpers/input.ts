import { CONFIGURATION_SETS, CONFIGURATIONS, type Configuration } from "../../environment/configurations";
import type { Environment, EnvironmentInput } from "../../environment/environment";
import { loadEnvironments } from "../../environment/load";

/** A valid environment that holds none of the example's values. Everything that may be left out is left out. */
export const DEMO: EnvironmentInput = {
  name: "demo",
  accountId: "444455556666",
  region: "us-west-2",
  vpcCidr: "10.30.0.0/16",
  configurations: [...CONFIGURATIONS],
  instanceType: "c5n.2xlarge",
  github: {
    owner: "acme",
    repository: "images",
    branches: ["main"],
    app: { id: 4711, installationId: 815 },
  },
  clusterAdmins: ["arn:aws:iam::444455556666:role/operator"],
};

export const demo = (change: Partial<EnvironmentInput> = {}): EnvironmentInput => ({ ...DEMO, ...change });

/** The demo environment with only these configurations. */
export const demoWith = (...configurations: Configuration[]): EnvironmentInput => demo({ configurations });

export function loadOne(change: Partial<EnvironmentInput> = {}): Environment {
  const [environment] = loadEnvironments([demo(change)]);
  if (!environment) throw new Error("nothing was loaded");
  return environment;
}

export const SUBSETS = CONFIGURATION_SETS;
