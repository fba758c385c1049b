/** A finding that stays, and why. */
export interface SecurityException {
  /** Ids of the checks that find it: checkov's, such as CKV_AWS_39, or the project's own, such as policy/privileged. */
  readonly checks: readonly [string, ...string[]];
  readonly reason: string;
}

/** Every finding that stays. Resources name the entry that covers them: {@link ../constructs/security-exception}. */
export const SECURITY_EXCEPTIONS = {} as const satisfies Record<string, SecurityException>;

export type SecurityExceptionName = keyof typeof SECURITY_EXCEPTIONS;
