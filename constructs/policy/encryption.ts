import type { RenderedStack } from "./rendered-stack";
import type { Finding, PolicyRule } from "./rule";
import { blocks, isTrue, isValues, listOf, shown, type Value, type Values } from "./values";

/** The attribute that says so, of everything that keeps data and is not looked at more closely below. */
const FLAGS: Readonly<Record<string, string>> = {
  aws_ebs_volume: "encrypted",
  aws_efs_file_system: "encrypted",
  aws_ebs_snapshot_copy: "encrypted",
  aws_db_instance: "storage_encrypted",
  aws_rds_cluster: "storage_encrypted",
  "backend.s3": "encrypt",
};

const EBS_PROVISIONERS = ["ebs.csi.aws.com", "kubernetes.io/aws-ebs"];
const ECR_ENCRYPTION = ["AES256", "KMS", "KMS_DSSE"];

const encryption: PolicyRule = {
  id: "policy/encryption",
  demands:
    "Everything that keeps data says that it is encrypted: disks of nodes, volumes of builders, images, Kubernetes secrets, buckets, Terraform's state in S3. (CloudWatch encrypts every log group by itself.)",
  check: ({ type, address, body }, stack) => {
    const flag = FLAGS[type];
    if (flag !== undefined) return flagged(flag, body[flag]);
    switch (type) {
      case "aws_launch_template":
        return disks(
          body.block_device_mappings,
          "block_device_mappings",
          (mapping) => blocks(mapping.ebs)[0],
        );
      case "aws_instance":
      case "aws_launch_configuration":
        return [
          ...disks(body.root_block_device, "root_block_device", (disk) => disk),
          ...blocks(body.ebs_block_device).flatMap((disk) =>
            flagged("ebs_block_device.encrypted", disk.encrypted),
          ),
        ];
      case "aws_ecr_repository":
        return repository(body);
      case "aws_eks_cluster":
        return secrets(body);
      case "aws_s3_bucket":
        return bucket(address, body, stack);
      case "kubernetes_storage_class":
      case "kubernetes_storage_class_v1":
        return storageClass(body.storage_provisioner, body.parameters);
      case "kubernetes_manifest": {
        const manifest: Values = isValues(body.manifest) ? body.manifest : {};
        return manifest.kind === "StorageClass"
          ? storageClass(manifest.provisioner, manifest.parameters)
          : [];
      }
      default:
        return [];
    }
  },
};

function flagged(path: string, value: Value): Finding[] {
  return isTrue(value) ? [] : [{ what: `${path} is ${shown(value)}`, fix: "Set it to true" }];
}

/** A machine's disks. Without any, its image says how they are: not encrypted. */
function disks(value: Value, path: string, diskOf: (mapping: Values) => Values | undefined): Finding[] {
  const mappings = blocks(value);
  if (mappings.length === 0) {
    return [{ what: `has no ${path}`, fix: "Name the root volume and set its encrypted to true" }];
  }
  return mappings.flatMap((mapping, i) => {
    const disk = diskOf(mapping);
    // An instance store or a device that is left out has no EBS volume.
    return disk ? flagged(`${path}[${i}] encrypted`, disk.encrypted) : [];
  });
}

function repository({ encryption_configuration: value }: Values): Finding[] {
  const types = blocks(value).map(({ encryption_type: type }) => type);
  return types.some((type) => typeof type === "string" && ECR_ENCRYPTION.includes(type))
    ? []
    : [{ what: `encryption_configuration is ${shown(value)}`, fix: "Set encryption_type to AES256 or KMS" }];
}

function secrets({ encryption_config: value }: Values): Finding[] {
  return blocks(value).some(({ resources }) => listOf(resources).includes("secrets"))
    ? []
    : [{ what: `encryption_config is ${shown(value)}`, fix: "Name a KMS key for the resources secrets" }];
}

function bucket(address: string, { bucket: name }: Values, stack: RenderedStack): Finding[] {
  const names: readonly Value[] = [`\${${address}.bucket}`, `\${${address}.id}`, ...listOf(name)];
  const configured = stack
    .all("aws_s3_bucket_server_side_encryption_configuration")
    .some(({ body }) => names.includes(body.bucket));
  return configured
    ? []
    : [
        {
          what: "has no aws_s3_bucket_server_side_encryption_configuration",
          fix: "Add one for this bucket",
        },
      ];
}

function storageClass(provisioner: Value, parameters: Value): Finding[] {
  if (!EBS_PROVISIONERS.includes(String(provisioner))) {
    return [
      {
        what: `the provisioner ${shown(provisioner)} is not known`,
        fix: `Use ${EBS_PROVISIONERS[0]}, or teach constructs/policy/encryption.ts how that one encrypts`,
      },
    ];
  }
  return flagged("parameters.encrypted", isValues(parameters) ? parameters.encrypted : undefined);
}

export const ENCRYPTION_RULES: readonly PolicyRule[] = [encryption];
