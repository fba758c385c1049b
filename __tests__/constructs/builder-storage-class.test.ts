import { describe, expect, it } from "vitest";
import { BuilderStorageClass } from "../../constructs/builder-storage-class";
import { synthesizeConstruct } from "../helpers/synth";

describe("BuilderStorageClass", () => {
  it("is the default class, encrypted, and deletes a volume with its claim", () => {
    const storage = synthesizeConstruct((scope) => {
      new BuilderStorageClass(scope, "storage");
    });
    expect(storage.body("kubernetes_storage_class_v1")).toEqual({
      metadata: {
        name: "builders-gp3",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      storage_provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true" },
      reclaim_policy: "Delete",
      volume_binding_mode: "WaitForFirstConsumer",
      allow_volume_expansion: true,
    });
  });
});
