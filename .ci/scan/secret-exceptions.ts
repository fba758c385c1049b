/** Something that looks like a secret and is none. */
export interface SecretException {
  /** Gitleaks' rule that finds it. */
  readonly rule: string;
  /** File of the repository that holds it. */
  readonly file: string;
  /** SHA-256 of exactly what was found, in hexadecimal. */
  readonly sha256: string;
  readonly reason: string;
}

/** Everything of the kind, in the repository and its history. */
export const SECRET_EXCEPTIONS: readonly SecretException[] = [
  {
    rule: "jwt",
    file: "__tests__/stacks/determinism.test.ts",
    sha256: "3789e1d2638e04cc7a774b5b4039090e7feb475c40e6dd40a02cfbea566996ad",
    reason: "An example that the project's own detector of secrets must find. Nobody signed it.",
  },
];
