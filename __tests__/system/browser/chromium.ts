import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const ANSWER_MS = 30_000;

/** @throws Error that says how to install it */
export function findChromium(): string {
  const { CHROMIUM } = process.env;
  const found = CHROMIUM ?? PATHS.find((path) => existsSync(path));
  if (found === undefined || !existsSync(found)) {
    throw new Error(
      `No Chromium at ${CHROMIUM ?? PATHS.join(", ")}. Install it (apt-get install chromium) or name it: CHROMIUM=/path/to/chromium.`,
    );
  }
  return found;
}

type Json = Readonly<Record<string, unknown>>;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Json;
  readonly error?: { readonly message: string };
  readonly params?: Json;
}

/** A headless Chromium spoken to over a pipe in the DevTools protocol: no port, no further package. */
export class Chromium {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly listeners = new Set<(method: string, params: Json) => void>();
  private nextId = 1;
  private rest = "";

  private constructor(
    private readonly process: ChildProcess,
    private readonly profile: string,
    private readonly commands: Writable,
    answers: Readable,
  ) {
    answers.setEncoding("utf8");
    answers.on("data", (chunk: string) => this.read(chunk));
    process.once("exit", (code) => {
      for (const answer of this.waiting.values())
        answer({ error: { message: `Chromium ended with ${code}` } });
    });
  }

  static launch(): Chromium {
    const profile = mkdtempSync(join(tmpdir(), "chromium-"));
    const child = spawn(
      findChromium(),
      [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--hide-scrollbars",
        // The page loads nothing; were it to try, it must not get out.
        "--host-resolver-rules=MAP * ~NOTFOUND",
        `--user-data-dir=${profile}`,
        "--remote-debugging-pipe",
      ],
      // Chromium reads commands from descriptor 3 and answers on 4.
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
    );
    const [, , , commands, answers] = child.stdio;
    if (!(commands instanceof Writable && answers instanceof Readable))
      throw new Error("Chromium has no pipes");
    return new Chromium(child, profile, commands, answers);
  }

  /** Sends a command, to one page when its session is given. @throws Error with the protocol's message */
  send(method: string, params: Json = {}, sessionId?: string): Promise<Json> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Chromium did not answer ${method}`)), ANSWER_MS);
      this.waiting.set(id, ({ result, error }) => {
        clearTimeout(timer);
        if (error) reject(new Error(error.message));
        else resolve(result ?? {});
      });
      this.commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** Calls back on each event until the returned function is called. */
  listen(listener: (method: string, params: Json) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A new empty page; the returned function sends commands to it. */
  async page(): Promise<(method: string, params?: Json) => Promise<Json>> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    if (typeof sessionId !== "string") throw new Error("Chromium gave no session");
    return (method, params = {}) => this.send(method, params, sessionId);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.send("Browser.close").catch(() => this.process.kill());
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  private read(chunk: string): void {
    const messages = (this.rest + chunk).split("\0");
    this.rest = messages.pop() ?? "";
    for (const message of messages) {
      const answer: Answer = JSON.parse(message);
      const { id, method = "", params = {} } = answer;
      if (id === undefined) {
        for (const listener of this.listeners) listener(method, params);
        continue;
      }
      this.waiting.get(id)?.(answer);
      this.waiting.delete(id);
    }
  }
}
