import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Paths of a certificate and of its key. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate that signs others. */
export type Authority = Pair;

/** Longer than any run. */
const DAYS = 2;

interface Request {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly extensions: readonly string[];
  /** @default - signs itself */
  readonly by?: Authority;
}

/** A new authority, in files that begin with `path`. */
export function makeAuthority(path: string, commonName: string): Authority {
  return make(path, {
    commonName,
    extensions: ["basicConstraints = critical, CA:TRUE", "keyUsage = critical, keyCertSign, cRLSign"],
  });
}

/** A server's certificate for addresses and names. */
export function makeServer(
  path: string,
  by: Authority,
  addresses: readonly string[],
  names: readonly string[],
) {
  const alternatives = [...addresses.map((ip) => `IP:${ip}`), ...names.map((name) => `DNS:${name}`)];
  return make(path, {
    commonName: names[0] ?? addresses[0] ?? "server",
    extensions: ["extendedKeyUsage = serverAuth", `subjectAltName = ${alternatives.join(",")}`],
    by,
  });
}

/** A client's certificate: Kubernetes reads the user from its common name and groups from its organizations. */
export function makeClient(
  path: string,
  by: Authority,
  { user, groups }: { readonly user: string; readonly groups: readonly string[] },
): Pair {
  return make(path, {
    commonName: user,
    organizations: groups,
    extensions: ["extendedKeyUsage = clientAuth"],
    by,
  });
}

/** The same as texts, which leave no file. */
export function issueClient(
  by: Authority,
  who: { readonly user: string; readonly groups: readonly string[] },
) {
  const folder = mkdtempSync(join(tmpdir(), "certificate-"));
  try {
    const { certificate, key } = makeClient(join(folder, "client"), by, who);
    return { certificate: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function make(path: string, { commonName, organizations = [], extensions, by }: Request): Pair {
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
      ...["req", "-x509", "-config", config, "-days", String(DAYS), "-nodes"],
      ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...(by ? ["-CA", by.certificate, "-CAkey", by.key] : []),
      ...["-keyout", pair.key, "-out", pair.certificate],
    ],
    { encoding: "utf8" },
  );
  rmSync(config);
  if (error || status !== 0) {
    throw new Error(`openssl made no certificate for ${commonName}: ${error?.message ?? stderr}`);
  }
  return pair;
}
