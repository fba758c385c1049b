import { RoleBindingV1 } from "@cdktf/provider-kubernetes/lib/role-binding-v1";
import { RoleV1, type RoleV1Rule } from "@cdktf/provider-kubernetes/lib/role-v1";
import { Construct } from "constructs";
import type { BuildAdmission } from "./build-admission";
import type { BuildNamespace } from "./build-namespace";
import { distinct, validate } from "./validation";

/** Who may use the buildx kubernetes driver: a Kubernetes group, or a service account of the namespace. */
export type BuilderUser =
  | {
      /** Name of the group. */
      readonly group: string;
    }
  | {
      /** Name of the service account. */
      readonly serviceAccount: string;
    };

export interface BuilderAccessProps {
  /** The namespace of the builders. */
  readonly namespace: BuildNamespace;
  /**
   * What pods of the namespace are held to. The rights come after it and go before it.
   * @default - nothing
   */
  readonly admission?: BuildAdmission | undefined;
  /** Name of the Role and of its binding. */
  readonly name: string;
  /** Who gets the rights. */
  readonly user: BuilderUser;
  /**
   * Names of the warm builders that the user may use; none may be created or deleted then.
   * @default - the user makes builders and removes them
   */
  readonly warmBuilders?: readonly string[] | undefined;
}

/**
 * What the buildx kubernetes driver asks of the API server, and nothing else. Watched with buildx 0.37: it lists the
 * pods, but gets none by name, and reads no secret.
 */
export class BuilderAccess extends Construct {
  constructor(scope: Construct, id: string, props: BuilderAccessProps) {
    super(scope, id);
    // RBAC takes an empty list of names as every name.
    validate(this, distinct(1, "warmBuilders", props.warmBuilders ?? ["any"]));
    const { namespace, admission, name, user, warmBuilders } = props;
    const metadata = { name, namespace: namespace.namespaceName };
    const role = new RoleV1(this, "role", {
      metadata,
      rule: warmBuilders ? useExisting(warmBuilders) : makeAndRemove(),
    });
    new RoleBindingV1(this, "binding", {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
      subject: [
        "group" in user
          ? { kind: "Group", name: user.group, apiGroup: "rbac.authorization.k8s.io" }
          : { kind: "ServiceAccount", name: user.serviceAccount, namespace: metadata.namespace },
      ],
      ...(admission && { dependsOn: [admission.binding] }),
    });
  }
}

/** A job's own builder has a name of its own, so these rights concern every pod of the namespace. */
const makeAndRemove = (): RoleV1Rule[] => [
  { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", "create", "delete"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  { apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] },
];

/** A warm builder `<name>` is a StatefulSet `<name>0` of one pod, `<name>0-0`. */
const useExisting = (names: readonly string[]): RoleV1Rule[] => [
  {
    apiGroups: ["apps"],
    resources: ["statefulsets"],
    resourceNames: names.map((name) => `${name}0`),
    verbs: ["get"],
  },
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  {
    apiGroups: [""],
    resources: ["pods/exec"],
    resourceNames: names.map((name) => `${name}0-0`),
    verbs: ["create"],
  },
];
