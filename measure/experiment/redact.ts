/** A text without the token. */
export type Redact = (text: string) => string;

/**
 * Whatever leaves the process (terminal, records, journal) goes through this: a proxy or a server may repeat
 * a request's headers in its error message.
 */
export function redactor(token: string | undefined): Redact {
  return token === undefined || token === "" ? (text) => text : (text) => text.replaceAll(token, "***");
}
