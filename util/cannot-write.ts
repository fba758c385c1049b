/** The disk does not take what has to be written down. What was written before is still there. */
export class CannotWrite extends Error {
  constructor(path: string, cause: unknown) {
    super(`cannot write ${path}: ${reasonOf(cause)}`, { cause });
    this.name = "CannotWrite";
  }
}

/** @throws CannotWrite in place of the system's own errors */
export function orCannotWrite<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw isSystemError(error) ? new CannotWrite(path, error) : error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk; free some",
  EDQUOT: "the disk quota is used up; free some",
  EFBIG: "the file would be larger than allowed",
  EROFS: "the file system is read-only",
  EACCES: "permission denied",
  ENOENT: "there is no such folder",
  EISDIR: "it is a directory",
};

/** What an error of the system means, for a person. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (isSystemError(error) && REASONS[error.code]) || error.message;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}
