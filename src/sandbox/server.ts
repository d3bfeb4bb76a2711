/**
 * The HTTP host of the sandbox: loopback only, real sockets, and real resets when a fault asks for one.
 * It is `node:http` rather than Bun's own server because only there a connection can be reset in mid-answer.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { PsnError } from "../core/errors.ts";
import { bodyOf, listenOn, stopListening } from "../core/utils/local-server.ts";
import type { UserInput } from "./accounts.ts";
import { isOtherPage } from "./other-page.ts";
import { BODY_BYTES_MAX } from "./request.ts";
import { SandboxX } from "./rules.ts";
import type { SettingsChange } from "./settings.ts";
import { openStateFile } from "./state-file.ts";
import type { Dialect, SandboxClock, SandboxRequest, SandboxResponse } from "./types.ts";

export interface StartOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** Only loopback names are accepted. Default 127.0.0.1. */
  host?: string;
  clock?: SandboxClock;
  /** Absent: a new one each time, so that tokens of an earlier run mean nothing. */
  seed?: string | number;
  dialect?: Dialect;
  settings?: SettingsChange;
  users?: UserInput[];
  /** Keeps the timeline here across restarts; written atomically, at most every 200 ms. */
  stateFile?: string;
}

export interface RunningSandbox {
  /** Such as http://127.0.0.1:4010, without a slash at the end. */
  url: string;
  port: number;
  sandbox: SandboxX;
  /** Breaks open connections, writes the state file, frees the port. */
  stop(): Promise<void>;
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);
/** A client that believes to talk to X, and is led here by its agent. Nobody else's page can bear these names. */
const X_HOSTS = new Set(["api.x.com", "x.com", "api.twitter.com"]);
const EVENTS_PATH = "/sandbox/events";
const EVENTS_PAUSE_MS = 250;
const CUT_AFTER_MS = 25;

/**
 * Starts the sandbox. Throws PsnError PORT_IN_USE, SANDBOX_NOT_LOOPBACK, or what the state file throws.
 */
export async function startSandbox(options: StartOptions = {}): Promise<RunningSandbox> {
  const host = options.host ?? "127.0.0.1";
  if (!LOOPBACK.has(host)) {
    throw new PsnError("SANDBOX_NOT_LOOPBACK", `the sandbox does not listen on ${host}`, {
      hint: "It has no real sign-in, so it serves this machine only: 127.0.0.1.",
    });
  }
  const sandbox = new SandboxX({
    clock: options.clock ?? { now: () => new Date() },
    seed: options.seed ?? randomBytes(16).toString("hex"),
    settings: { ...options.settings, ...(options.dialect === undefined ? {} : { dialect: options.dialect }) },
    ...(options.users === undefined ? {} : { users: options.users }),
  });
  const file = options.stateFile === undefined ? null : await openStateFile(options.stateFile, sandbox);
  const sockets = new Set<Socket>();
  const { wait, clear } = makeTimers();

  const server = createServer((incoming, outgoing) => {
    serve(sandbox, incoming, outgoing, wait)
      .then(() => file?.touch())
      .catch(() => {
        // A bug in the rules, or a client that went away while it sent. Either way no answer can be trusted.
        incoming.socket.destroy();
      });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that resets its own end is no event here.
    socket.on("error", () => {});
  });
  const port = await listenOn(server, host, options.port ?? 0).catch(async (error) => {
    await file?.close();
    throw listenError(error, options.port ?? 0);
  });
  return {
    url: `http://${host === "::1" ? "[::1]" : host}:${port}`,
    port,
    sandbox,
    async stop() {
      clear();
      for (const socket of sockets) socket.destroy();
      await stopListening(server);
      await file?.close();
    },
  };
}

/** Waits that can be ended all at once; what waits then never goes on. */
function makeTimers(): { wait(ms: number): Promise<void>; clear(): void } {
  const timers = new Set<NodeJS.Timeout>();
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          timers.delete(timer);
          resolve();
        }, ms);
        timers.add(timer);
      }),
    clear() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function listenError(error: unknown, port: number): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return new PsnError("PORT_IN_USE", `port ${port} is in use`, {
      hint: "Another sandbox may be running. Choose another port with --port, or --port 0 for any free one.",
      cause: error,
    });
  }
  if (code === "EACCES") {
    return new PsnError("PORT_NOT_ALLOWED", `this user may not listen on port ${port}`, {
      hint: "Choose a port above 1023.",
      cause: error,
    });
  }
  return error;
}

async function serve(
  sandbox: SandboxX,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  const body = await bodyOf(incoming, BODY_BYTES_MAX);
  if (body === null) {
    // The edge refuses without reading on and without a word.
    outgoing.writeHead(413, { connection: "close" }).end();
    return;
  }
  if (!isFromHere(incoming)) {
    outgoing
      .writeHead(403, { "content-type": "text/plain" })
      .end("Only pages and programs of this machine may use the sandbox.\n");
    return;
  }
  const request = toRequest(incoming, body);
  if (request.path === EVENTS_PATH && request.method === "GET") return followChanges(sandbox, outgoing);
  const beforeMs = sandbox.delayBefore(request);
  // The client may be gone by then. X acts all the same, and so does the sandbox.
  if (beforeMs > 0) await wait(beforeMs);
  const answer = sandbox.handle(request);
  if (answer.delayMs !== undefined) await wait(answer.delayMs);
  await send(incoming, outgoing, answer, wait);
}

/** Server-sent events: the revision, whenever it has grown. Each is an order to ask for the page anew, and says nothing else. */
function followChanges(sandbox: SandboxX, outgoing: ServerResponse): void {
  outgoing.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  let told = -1;
  const tell = () => {
    if (told === sandbox.revision) return;
    told = sandbox.revision;
    outgoing.write(`data: ${told}\n\n`);
  };
  const timer = setInterval(tell, EVENTS_PAUSE_MS);
  // A page that stays open must not keep a program from its end.
  timer.unref();
  outgoing.on("close", () => clearInterval(timer));
  tell();
}

/**
 * A page of another site or of another port can send requests here, and a name of its own can lead here (DNS rebinding). Whoever runs a
 * program on this machine can use the sandbox: it has no sign-in, and a program names no page.
 */
function isFromHere({ headers, method }: IncomingMessage): boolean {
  const { host, origin } = headers;
  const isLoopback =
    URL.canParse(`http://${host}`) && LOOPBACK.has(new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, ""));
  if (host === undefined || !(isLoopback || X_HOSTS.has(host))) return false;
  // A link or a picture of any page may lead here, which reads nothing of it, and acts nothing.
  const isLink = origin === undefined && (method === "GET" || method === "HEAD");
  return isLink || !isOtherPage(headers);
}

function toRequest(incoming: IncomingMessage, body: Uint8Array): SandboxRequest {
  const target = incoming.url ?? "/";
  const mark = target.indexOf("?");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    method: incoming.method ?? "GET",
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1)),
    headers,
    body,
  };
}

function reset(socket: Socket): void {
  // RST, not FIN: the client sees ECONNRESET, as when X's edge drops it.
  if (typeof socket.resetAndDestroy === "function") socket.resetAndDestroy();
  else socket.destroy();
}

async function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: SandboxResponse,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  if (answer.transport === "reset") {
    reset(incoming.socket);
    return;
  }
  const body = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
  const bodiless = answer.status === 204 || answer.status === 304;
  const length: Record<string, string> = bodiless ? {} : { "content-length": String(body.length) };
  outgoing.writeHead(answer.status, { ...answer.headers, ...length });
  if (answer.transport === "cut") {
    // Half of the body must have arrived: a reset also takes back what the client has not read yet.
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)));
    await wait(CUT_AFTER_MS);
    reset(incoming.socket);
    return;
  }
  if (bodiless || incoming.method === "HEAD") outgoing.end();
  else outgoing.end(body);
}
