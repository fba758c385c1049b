/** Thrown where the runner waits once somebody asked it to stop. Not an error of the experiment. */
export class Stopped extends Error {
  constructor() {
    super("stopped");
    this.name = "Stopped";
  }
}

/** Waits `ms`, or rejects with Stopped at once when the signal fires. */
export async function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) throw new Stopped();
  await new Promise<void>((resolve, reject) => {
    const onStop = () => {
      clearTimeout(timer);
      reject(new Stopped());
    };
    const timer = setTimeout(() => {
      stop.removeEventListener("abort", onStop);
      resolve();
    }, ms);
    stop.addEventListener("abort", onStop, { once: true });
  });
}

/**
 * The promise's result; after a stop it may take `graceMs` more, then Stopped. For work that is better
 * finished than dropped (a dispatch, a download) but may sit in a long wait for a rate limit.
 */
export async function withGrace<T>(work: Promise<T>, stop: AbortSignal, graceMs: number): Promise<T> {
  // Nobody listens to work that outlives its grace.
  work.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  let onStop: (() => void) | undefined;
  const cut = new Promise<never>((_, reject) => {
    onStop = () => {
      timer = setTimeout(() => reject(new Stopped()), graceMs);
    };
    if (stop.aborted) onStop();
    else stop.addEventListener("abort", onStop, { once: true });
  });
  try {
    return await Promise.race([work, cut]);
  } finally {
    clearTimeout(timer);
    if (onStop !== undefined) stop.removeEventListener("abort", onStop);
  }
}
