import { StorageClassV1 } from "@cdktf/provider-kubernetes/lib/storage-class-v1";
import { Construct } from "constructs";

export interface BuilderStorageClassProps {
  /**
   * IOPS of each volume.
   * @default 3000, gp3's own
   */
  readonly iops?: number;
  /**
   * Throughput of each volume, MiB/s.
   * @default 125, gp3's own
   */
  readonly throughputMibps?: number;
}

/**
 * The storage class of builders' volumes: encrypted gp3, deleted with its claim. It is the cluster's default, because
 * the buildx kubernetes driver cannot name a class.
 */
export class BuilderStorageClass extends Construct {
  readonly resource: StorageClassV1;

  constructor(scope: Construct, id: string, { iops, throughputMibps }: BuilderStorageClassProps = {}) {
    super(scope, id);
    this.resource = new StorageClassV1(this, "class", {
      metadata: {
        name: "builders-gp3",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      storageProvisioner: "ebs.csi.aws.com",
      parameters: {
        type: "gp3",
        encrypted: "true",
        ...(iops !== undefined && { iops: String(iops) }),
        ...(throughputMibps !== undefined && { throughput: String(throughputMibps) }),
      },
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    });
  }

  get storageClassName(): string {
    return this.resource.metadata.name;
  }
}
