import { EbsVolume } from "@cdktf/provider-aws/lib/ebs-volume";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import { Instance } from "@cdktf/provider-aws/lib/instance";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { LaunchTemplate, type LaunchTemplateConfig } from "@cdktf/provider-aws/lib/launch-template";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { StorageClassV1 } from "@cdktf/provider-kubernetes/lib/storage-class-v1";
import { S3Backend, type TerraformStack } from "cdktf";
import { describe } from "vitest";
import { type PolicyCase, put, testPolicy } from "../../helpers/refusals";

const IMDSV2 = { httpTokens: "required", httpPutResponseHopLimit: 1 };
const template = (disks: Pick<LaunchTemplateConfig, "blockDeviceMappings">) =>
  put(LaunchTemplate, "template", { metadataOptions: IMDSV2, ...disks });
const disk = (encrypted?: string) =>
  template({
    blockDeviceMappings: [
      { deviceName: "/dev/xvda", ebs: { volumeSize: 8, ...(encrypted && { encrypted }) } },
    ],
  });
const repository = (encryptionType?: string) =>
  put(EcrRepository, "repository", {
    name: "image",
    ...(encryptionType && { encryptionConfiguration: [{ encryptionType }] }),
  });
const cluster = (resources?: string[]) => (stack: TerraformStack) => {
  const key = new KmsKey(stack, "key", {});
  new EksCluster(stack, "cluster", {
    name: "demo",
    roleArn: "arn:aws:iam::444455556666:role/cluster",
    ...(resources && { encryptionConfig: { provider: { keyArn: key.arn }, resources } }),
    vpcConfig: { subnetIds: ["subnet-1"], endpointPublicAccess: false, endpointPrivateAccess: true },
  });
};
const storageClass = (storageProvisioner: string, parameters?: Record<string, string>) =>
  put(StorageClassV1, "class", {
    metadata: { name: "class" },
    storageProvisioner,
    ...(parameters && { parameters }),
  });
const backend = (encrypt: boolean) => (stack: TerraformStack) => {
  stack.node.tryRemoveChild("backend");
  new S3Backend(stack, { bucket: "state", key: "key", region: "us-west-2", encrypt });
};
const encrypt = (stack: TerraformStack, id: string, bucket: string) =>
  new S3BucketServerSideEncryptionConfigurationA(stack, id, {
    bucket,
    rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
  });

const CASES: readonly PolicyCase[] = [
  ["a node's disk that says nothing", disk(), disk("true")],
  [
    "a node's disk that says no",
    disk("false"),
    template({
      blockDeviceMappings: [
        { deviceName: "/dev/xvda", ebs: { encrypted: "true" } },
        { deviceName: "/dev/xvdb", virtualName: "ephemeral0" },
      ],
    }),
  ],
  ["nodes whose image decides", template({}), disk("true")],
  [
    "a machine's disk",
    put(Instance, "machine", {
      metadataOptions: IMDSV2,
      rootBlockDevice: { encrypted: true },
      ebsBlockDevice: [{ deviceName: "/dev/xvdb" }],
    }),
    put(Instance, "machine", { metadataOptions: IMDSV2, rootBlockDevice: { encrypted: true } }),
  ],
  [
    "a volume",
    put(EbsVolume, "volume", { availabilityZone: "us-west-2a", size: 8 }),
    put(EbsVolume, "volume", { availabilityZone: "us-west-2a", size: 8, encrypted: true }),
  ],
  ["an image repository", repository(), repository("KMS")],
  ["Kubernetes secrets without a key", cluster(), cluster(["secrets"])],
  [
    "a bucket",
    (stack) => {
      new S3Bucket(stack, "bucket", { bucket: "cache" });
      encrypt(stack, "encryption", "another");
    },
    (stack) => {
      encrypt(stack, "encryption", new S3Bucket(stack, "bucket", { bucket: "cache" }).bucket);
    },
  ],
  [
    "builders' volumes",
    storageClass("ebs.csi.aws.com", { type: "gp3" }),
    storageClass("ebs.csi.aws.com", { type: "gp3", encrypted: "true" }),
  ],
  [
    "volumes of a provisioner that it does not know",
    storageClass("efs.csi.aws.com"),
    storageClass("kubernetes.io/aws-ebs", { encrypted: "true" }),
  ],
  [
    "a storage class as a manifest",
    put(Manifest, "class", { manifest: { kind: "StorageClass", provisioner: "ebs.csi.aws.com" } }),
    put(Manifest, "class", {
      manifest: { kind: "StorageClass", provisioner: "ebs.csi.aws.com", parameters: { encrypted: "true" } },
    }),
  ],
  ["Terraform's state in S3", backend(false), backend(true)],
];

describe("the policy on what keeps data", () => {
  testPolicy("encryption", CASES);
});
