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
import { type PolicyCase, testPolicy } from "../../helpers/refusals";

const IMDSV2 = { httpTokens: "required", httpPutResponseHopLimit: 1 };
const template = (disks: Pick<LaunchTemplateConfig, "blockDeviceMappings">) => (stack: TerraformStack) => {
  new LaunchTemplate(stack, "template", { metadataOptions: IMDSV2, ...disks });
};
const disk = (encrypted?: string) =>
  template({
    blockDeviceMappings: [
      { deviceName: "/dev/xvda", ebs: { volumeSize: 8, ...(encrypted && { encrypted }) } },
    ],
  });
const repository = (encryptionType?: string) => (stack: TerraformStack) => {
  new EcrRepository(stack, "repository", {
    name: "image",
    ...(encryptionType && { encryptionConfiguration: [{ encryptionType }] }),
  });
};
const cluster = (resources?: string[]) => (stack: TerraformStack) => {
  const key = new KmsKey(stack, "key", {});
  new EksCluster(stack, "cluster", {
    name: "demo",
    roleArn: "arn:aws:iam::444455556666:role/cluster",
    ...(resources && { encryptionConfig: { provider: { keyArn: key.arn }, resources } }),
    vpcConfig: { subnetIds: ["subnet-1"], endpointPublicAccess: false, endpointPrivateAccess: true },
  });
};
const storageClass =
  (storageProvisioner: string, parameters?: Record<string, string>) => (stack: TerraformStack) => {
    new StorageClassV1(stack, "class", {
      metadata: { name: "class" },
      storageProvisioner,
      ...(parameters && { parameters }),
    });
  };
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
  {
    name: "a node's disk that says nothing",
    bad: disk(),
    good: disk("true"),
  },
  {
    name: "a node's disk that says no",
    bad: disk("false"),
    good: template({
      blockDeviceMappings: [
        { deviceName: "/dev/xvda", ebs: { encrypted: "true" } },
        { deviceName: "/dev/xvdb", virtualName: "ephemeral0" },
      ],
    }),
  },
  {
    name: "nodes whose image decides",
    bad: template({}),
    good: disk("true"),
  },
  {
    name: "a machine's disk",
    bad: (stack) => {
      new Instance(stack, "machine", {
        metadataOptions: IMDSV2,
        rootBlockDevice: { encrypted: true },
        ebsBlockDevice: [{ deviceName: "/dev/xvdb" }],
      });
    },
    good: (stack) => {
      new Instance(stack, "machine", { metadataOptions: IMDSV2, rootBlockDevice: { encrypted: true } });
    },
  },
  {
    name: "a volume",
    bad: (stack) => {
      new EbsVolume(stack, "volume", { availabilityZone: "us-west-2a", size: 8 });
    },
    good: (stack) => {
      new EbsVolume(stack, "volume", { availabilityZone: "us-west-2a", size: 8, encrypted: true });
    },
  },
  {
    name: "an image repository",
    bad: repository(),
    good: repository("KMS"),
  },
  {
    name: "Kubernetes secrets without a key",
    bad: cluster(),
    good: cluster(["secrets"]),
  },
  {
    name: "a bucket",
    bad: (stack) => {
      new S3Bucket(stack, "bucket", { bucket: "cache" });
      encrypt(stack, "encryption", "another");
    },
    good: (stack) => {
      encrypt(stack, "encryption", new S3Bucket(stack, "bucket", { bucket: "cache" }).bucket);
    },
  },
  {
    name: "builders' volumes",
    bad: storageClass("ebs.csi.aws.com", { type: "gp3" }),
    good: storageClass("ebs.csi.aws.com", { type: "gp3", encrypted: "true" }),
  },
  {
    name: "volumes of a provisioner that it does not know",
    bad: storageClass("efs.csi.aws.com"),
    good: storageClass("kubernetes.io/aws-ebs", { encrypted: "true" }),
  },
  {
    name: "a storage class as a manifest",
    bad: (stack) => {
      new Manifest(stack, "class", { manifest: { kind: "StorageClass", provisioner: "ebs.csi.aws.com" } });
    },
    good: (stack) => {
      new Manifest(stack, "class", {
        manifest: { kind: "StorageClass", provisioner: "ebs.csi.aws.com", parameters: { encrypted: "true" } },
      });
    },
  },
  {
    name: "Terraform's state in S3",
    bad: backend(false),
    good: backend(true),
  },
];

describe("the policy on what keeps data", () => {
  testPolicy("encryption", CASES);
});
