import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";

/** Paths of a certificate and of its key. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

interface Subject {
  /** Kubernetes reads a client's user from the common name and its groups from the organizations. */
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly extensions: readonly string[];
}

export const AUTHORITY = [
  "basicConstraints = critical, CA:TRUE",
  "keyUsage = critical, keyCertSign, cRLSign",
];
export const CLIENT = ["extendedKeyUsage = clientAuth"];

/**
 * Makes a certificate with openssl.
 *
 * @param path of its files, without their endings
 * @param by who signs it; itself by default
 */
export function makeCertificate(
  path: string,
  { commonName, organizations = [], extensions }: Subject,
  by?: Pair,
): Pair {
  const pair = { certificate: `${path}.crt`, key: `${path}.key` };
  const config = `${path}.cnf`;
  writeFileSync(
    config,
    [
      ...["[req]", "distinguished_name = name", "prompt = no", "x509_extensions = extensions"],
      ...["[name]", ...organizations.map((name, i) => `${i}.O = ${name}`), `CN = ${commonName}`],
      ...["[extensions]", ...extensions, ""],
    ].join("\n"),
  );
  const { status, stderr, error } = spawnSync(
    "openssl",
    [
      ...["req", "-x509", "-config", config, "-days", "2", "-nodes"],
      ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...(by ? ["-CA", by.certificate, "-CAkey", by.key] : []),
      ...["-keyout", pair.key, "-out", pair.certificate],
    ],
    { encoding: "utf8" },
  );
  rmSync(config);
  if (error || status !== 0) throw new Error(`no certificate for ${commonName}: ${error?.message ?? stderr}`);
  return pair;
}
