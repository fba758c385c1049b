import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type LocalRegistry, startRegistry } from "../../../measure/bench/registry";
import { findTools } from "../buildkit/tools";
import { type Cleanup, scratchFolder } from "./processes";

export interface RegistryFault {
  readonly method: string;
  /** Of the path without its query. */
  readonly path: RegExp;
  /** How many requests it strikes. */
  readonly times: number;
  /** A status to answer with, or what happens to the connection once the body is under way. */
  readonly act: number | "close";
}

/** A real registry behind a proxy that fails on purpose. */
export class FaultyRegistry {
  /** How often each fault struck. */
  readonly struck: number[];

  private constructor(
    private readonly registry: LocalRegistry,
    private readonly server: Server,
    private readonly faults: readonly RegistryFault[],
  ) {
    this.struck = faults.map(() => 0);
    server.on("request", (incoming: IncomingMessage, response: ServerResponse) => {
      this.receive(incoming, response);
    });
  }

  static async start(context: Cleanup, faults: readonly RegistryFault[]): Promise<FaultyRegistry> {
    const folder = scratchFolder(context);
    const registry = await startRegistry(findTools().registry, folder, new AbortController().signal);
    const server = createServer();
    const faulty = new FaultyRegistry(registry, server, faults);
    context.onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await registry.stop();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return faulty;
  }

  /** HOST:PORT for --registry. */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private receive(incoming: IncomingMessage, response: ServerResponse): void {
    const { method = "", url = "/" } = incoming;
    const path = new URL(url, "http://registry").pathname;
    const index = this.faults.findIndex(
      (fault, place) =>
        fault.method === method && fault.path.test(path) && (this.struck[place] ?? 0) < fault.times,
    );
    const fault = this.faults[index];
    if (fault === undefined) this.forward(incoming, response);
    else {
      this.struck[index] = (this.struck[index] ?? 0) + 1;
      if (typeof fault.act === "number") refuse(incoming, response, fault.act);
      else if (method === "GET") this.forward(incoming, response, true);
      else incoming.once("data", () => incoming.socket.destroy());
    }
  }

  /** @param broken the answer ends before its body does */
  private forward(incoming: IncomingMessage, response: ServerResponse, broken = false): void {
    const { method, url, headers } = incoming;
    const onward = request({ host: "127.0.0.1", port: this.registry.port, method, path: url, headers });
    onward.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (broken) response.write(Buffer.alloc(1), () => response.socket?.destroy());
      else answer.pipe(response);
    });
    onward.once("error", () => response.destroy());
    incoming.pipe(onward);
  }
}

/** Once the whole request is read: a client that still sends would see a broken connection and not the answer. */
function refuse(incoming: IncomingMessage, response: ServerResponse, status: number): void {
  incoming.resume().once("end", () => {
    response
      .writeHead(status, {
        "content-type": "application/json",
        ...(status === 429 && { "retry-after": "1" }),
      })
      .end(JSON.stringify({ errors: [{ code: "UNKNOWN", message: "on purpose" }] }));
  });
}
