import { StorageClassV1 } from "@cdktf/provider-kubernetes/lib/storage-class-v1";
import { Construct } from "constructs";

/**
 * The storage class of builders' volumes: encrypted gp3, deleted with its claim. It is the cluster's default, because
 * the buildx kubernetes driver cannot name a class.
 */
export class BuilderStorageClass extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new StorageClassV1(this, "class", {
      metadata: {
        name: "builders-gp3",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      storageProvisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true" },
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    });
  }
}
