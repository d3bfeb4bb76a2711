/** A Chromium of this machine, driven over a pipe by its DevTools protocol: nothing listens, and no address stands in its arguments. */
import { type ChildProcess, spawn } from "node:child_process";
import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import { PsnError } from "../core/errors.ts";

type Env = Record<string, string | undefined>;

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable"];
const ON_MAC = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const ANSWER_MS_MAX = 30_000;
const MESSAGE_BYTES_MAX = 256 * 1024 * 1024;

/**
 * The path of a Chromium: CHROMIUM_PATH, else the first that is found.
 * @throws PsnError CHROMIUM_MISSING
 */
export async function findChromium(env: Env): Promise<string> {
  const named = env.CHROMIUM_PATH;
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  const candidates = named
    ? [named]
    : [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...ON_MAC];
  for (const path of candidates) {
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new PsnError(
    "CHROMIUM_MISSING",
    named ? `There is no Chromium at ${named}.` : "No Chromium was found on this machine.",
    {
      hint: "A picture needs one: apt-get install chromium, or CHROMIUM_PATH=/path/to/chrome. --open shows the same page in any browser.",
    },
  );
}

const Message = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** One browser with one page. */
export class Chromium {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #answers = new Map<number, (message: z.infer<typeof Message>) => void>();
  readonly #events = new Map<string, () => void>();
  #id = 0;
  #sessionId: string | undefined;
  #rest = "";

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child;
    this.#profile = profile;
    const output = child.stdio[4] as Readable;
    output.setEncoding("utf8");
    output.on("data", (chunk: string) => this.#hear(chunk));
  }

  /** @throws PsnError CHROMIUM_FAILED */
  static async start(path: string): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), "psn-chromium-"));
    // As root Chromium refuses its sandbox; what it opens is PSN's own page alone.
    const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    const quiet = [
      "--no-first-run",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ];
    const args = [
      "--headless",
      "--remote-debugging-pipe",
      `--user-data-dir=${profile}`,
      "--hide-scrollbars",
      ...quiet,
      ...asRoot,
    ];
    const child = spawn(path, args, {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      env: { ...process.env, HOME: profile },
    });
    child.on("error", () => {});
    const browser = new Chromium(child, profile);
    try {
      const { targetId } = await browser.call("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await browser.call("Target.attachToTarget", { targetId, flatten: true });
      browser.#sessionId = String(sessionId);
      await browser.call("Page.enable");
      return browser;
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** One command of the DevTools protocol. @throws PsnError CHROMIUM_FAILED */
  async call(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    const sessionId = this.#sessionId === undefined ? {} : { sessionId: this.#sessionId };
    const answered = new Promise<z.infer<typeof Message>>((resolve) => this.#answers.set(id, resolve));
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...sessionId })}\0`);
    const { result, error } = await this.#inTime(answered, method);
    if (error) throw failed(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** Waits for an event that a command brings about. */
  async after(event: string, act: () => Promise<unknown>): Promise<void> {
    const come = new Promise<void>((resolve) => this.#events.set(event, resolve));
    await act();
    await this.#inTime(come, event);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.pid !== undefined) {
      const ended = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
      this.#child.kill("SIGKILL");
      await ended;
    }
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  // --- internal ---

  #hear(chunk: string): void {
    const parts = (this.#rest + chunk).split("\0");
    this.#rest = parts.pop() ?? "";
    if (this.#rest.length > MESSAGE_BYTES_MAX) this.#child.kill("SIGKILL");
    for (const part of parts) {
      const message = Message.parse(JSON.parse(part));
      if (message.id !== undefined) {
        this.#answers.get(message.id)?.(message);
        this.#answers.delete(message.id);
      } else if (message.method !== undefined) this.#events.get(message.method)?.();
    }
  }

  async #inTime<T>(wanted: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    let onExit: (() => void) | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(failed(`${what} got no answer`)), ANSWER_MS_MAX);
      onExit = () => reject(failed("it ended by itself"));
      this.#child.once("exit", onExit);
      this.#child.once("error", onExit);
    });
    try {
      return await Promise.race([wanted, late]);
    } finally {
      clearTimeout(timer);
      if (onExit) this.#child.off("exit", onExit).off("error", onExit);
    }
  }
}

function failed(why: string): PsnError {
  return new PsnError("CHROMIUM_FAILED", `Chromium could not draw the page: ${why}.`, {
    hint: "CHROMIUM_PATH names another one; --open shows the page in any browser.",
  });
}
