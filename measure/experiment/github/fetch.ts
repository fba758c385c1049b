/** Larger answers are refused. An artifact of one build holds about 1 MB. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * fetch with a deadline for the whole answer, body included. A connection that breaks inside the body is an error,
 * so that the client repeats the request; Octokit alone would see an empty body.
 */
export function fetchWhole(timeoutMs: number): typeof fetch {
  return async (input, init) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const response = await fetch(input, {
      ...init,
      signal: init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline,
    });
    const body = await readAll(response);
    const whole = new Response(body, {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
    // A Response that is made and not fetched has no url, and the pagination plugin parses it.
    return Object.defineProperty(whole, "url", { value: response.url });
  };
}

/** null for an empty body: a Response with status 204 or 304 must have none. */
async function readAll(response: Response): Promise<Buffer<ArrayBuffer> | null> {
  if (response.body === null) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return size === 0 ? null : Buffer.concat(chunks, size);
}
