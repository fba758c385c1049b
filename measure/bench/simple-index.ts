import { createReadStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { normalizedName } from "../../pipeline/layers/lock";
import type { Wheel } from "./wheels";

export interface SimpleIndex {
  /** Ends with /simple/. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves wheels on loopback as PEP 503 says, with hashes, and with ranges, because uv reads a wheel's metadata
 * from its end. Every variant installs from here: neither PyPI nor the way there is part of what is measured.
 */
export async function serveWheels(wheels: readonly Wheel[]): Promise<SimpleIndex> {
  const byFile = new Map(wheels.map((wheel) => [wheel.fileName, wheel]));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://index").pathname);
    const project = /^\/simple\/([^/]+)\/?$/.exec(path)?.[1];
    const file = /^\/files\/([^/]+)$/.exec(path)?.[1];
    const wheel = file === undefined ? undefined : byFile.get(file);
    if (wheel !== undefined) sendFile(wheel, request, response);
    else if (project !== undefined) {
      const listed = wheels.filter(({ name }) => name === normalizedName(project));
      sendPage(response, listed.length === 0 ? 404 : 200, listed.map(link));
    } else sendPage(response, path === "/simple/" ? 200 : 404, []);
  });
  // Installers keep their connections; they must not be dropped while a large wheel is unpacked.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/simple/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function link({ fileName, sha256 }: Wheel): string {
  return `<a href="/files/${encodeURIComponent(fileName)}#sha256=${sha256}">${fileName}</a>`;
}

function sendPage(response: ServerResponse, status: number, links: readonly string[]): void {
  response.writeHead(status, { "content-type": "text/html" });
  response.end(`<!DOCTYPE html><html><body>${links.join("\n")}</body></html>`);
}

function sendFile({ path }: Wheel, request: IncomingMessage, response: ServerResponse): void {
  const { size } = statSync(path);
  const range = parseRange(request.headers.range, size);
  if (range === "unsatisfiable") {
    response.writeHead(416, { "content-range": `bytes */${size}` }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  response.writeHead(range === undefined ? 200 : 206, {
    "content-type": "application/octet-stream",
    "content-length": end - start + 1,
    "accept-ranges": "bytes",
    ...(range === undefined ? {} : { "content-range": `bytes ${start}-${end}/${size}` }),
  });
  if (request.method === "HEAD") response.end();
  // A client that hangs up ends the reading; it has nobody to be told.
  else pipeline(createReadStream(path, { start, end, highWaterMark: 1 << 20 }), response, () => undefined);
}

/** One range as RFC 9110 has it; undefined for none or several, which the whole file answers too. */
export function parseRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const [, from, to] = match;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(size - 1, Number(to));
  return start >= size || start > end ? "unsatisfiable" : { start, end };
}
