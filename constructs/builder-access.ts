import { RoleBindingV1 } from "@cdktf/provider-kubernetes/lib/role-binding-v1";
import { RoleV1 } from "@cdktf/provider-kubernetes/lib/role-v1";
import { Construct } from "constructs";
import type { BuildNamespace } from "./build-namespace";

export interface BuilderAccessProps {
  readonly namespace: BuildNamespace;
  /**
   * Builders keep their state on a volume, and so are StatefulSets.
   * @default false
   */
  readonly volumes?: boolean;
  /**
   * Builders are there already: they may be used, not created or deleted.
   * @default false
   */
  readonly existingOnly?: boolean;
}

/** Who may use the buildx kubernetes driver: a Kubernetes group, or a service account of the namespace. */
export type BuilderUser = { readonly group: string } | { readonly serviceAccount: string };

/**
 * What the buildx kubernetes driver asks of the API server to create, use and remove a builder, and nothing else.
 * Watched with buildx 0.37: it lists the pods, but gets none by name, and reads no secret.
 */
export class BuilderAccess extends Construct {
  private readonly role: RoleV1;
  private readonly namespaceName: string;
  private readonly bound = new Set<string>();

  constructor(
    scope: Construct,
    id: string,
    { namespace, volumes = false, existingOnly = false }: BuilderAccessProps,
  ) {
    super(scope, id);
    this.namespaceName = namespace.namespace.metadata.name;
    const verbs = existingOnly ? ["get"] : ["get", "create", "delete"];
    this.role = new RoleV1(this, "role", {
      metadata: { name: "buildx", namespace: this.namespaceName },
      rule: [
        ...(existingOnly ? [] : [{ apiGroups: ["apps"], resources: ["deployments"], verbs }]),
        ...(volumes ? [{ apiGroups: ["apps"], resources: ["statefulsets"], verbs }] : []),
        { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
        { apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] },
      ],
    });
  }

  /** @throws Error when the user has access already */
  addUser(id: string, user: BuilderUser): void {
    const key = JSON.stringify(user);
    if (this.bound.has(key)) throw new Error(`${key} may use the builders already`);
    this.bound.add(key);
    new RoleBindingV1(this, id, {
      metadata: { name: `buildx-${id}`, namespace: this.namespaceName },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: this.role.metadata.name },
      subject: [
        "group" in user
          ? { kind: "Group", name: user.group, apiGroup: "rbac.authorization.k8s.io" }
          : { kind: "ServiceAccount", name: user.serviceAccount, namespace: this.namespaceName },
      ],
    });
  }
}
