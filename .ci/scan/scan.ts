import type { ExceptionUse } from "./judge";

/** What one scan came to. */
export interface ScanResult {
  readonly scan: string;
  /** `not checked`: what it needs is not there, and that is not a failure. */
  readonly status: "passed" | "failed" | "not checked";
  /** What was looked at, or why it was not. */
  readonly summary: string;
  /** Everything found, and everything that kept it from looking. */
  readonly problems: readonly string[];
  readonly exceptions?: readonly ExceptionUse[];
}

export const scanResult = (
  scan: string,
  summary: string,
  problems: readonly string[],
  exceptions?: readonly ExceptionUse[],
): ScanResult => ({
  scan,
  status: problems.length > 0 ? "failed" : "passed",
  summary,
  problems,
  ...(exceptions && { exceptions }),
});
