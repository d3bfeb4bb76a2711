/** Helpers of this folder's tests: real HTTP on port 0, and answers as X has been seen to give them. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { Clock } from "../../core/clock.ts";
import type { Responded } from "./transport.ts";

/** One request as it arrived. */
export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

export interface TestServer {
  url: string;
  seen: Seen[];
  close(): Promise<void>;
}

/** Serves until closed; `handle` gets each request with its whole body. */
export async function serve(handle: (seen: Seen, response: ServerResponse) => unknown): Promise<TestServer> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const url = new URL(request.url ?? "/", "http://server");
    const one: Seen = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(parts),
    };
    seen.push(one);
    await handle(one, response);
  });
  return { url: await listen(server), seen, close: () => closeOf(server, () => server.closeAllConnections()) };
}

/**
 * Serves raw TCP: `handle` gets the socket once the whole head of a request, and something of its body, has arrived.
 */
export async function serveRaw(handle: (socket: Socket) => void): Promise<{ url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => handle(socket));
  });
  return {
    url: await listen(server),
    close: () =>
      closeOf(server, () => {
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** An address of this machine that refuses connections. */
export async function refusingUrl(): Promise<string> {
  const server = createTcpServer(() => {});
  const url = await listen(server);
  await closeOf(server, () => {});
  return url;
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`);
    });
  });
}

function closeOf(server: Server, drop: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    drop();
  });
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** An answer as `readAnswer` makes it. A text body stands for a page of something that is not X's API. */
export function answered(status: number, body: unknown = undefined, headers: Record<string, string> = {}): Responded {
  const form = body === undefined ? "empty" : typeof body === "string" ? "other" : "json";
  return { kind: "responded", status, headers: new Headers(headers), form, json: form === "json" ? body : undefined };
}

/** Time that passes only by sleeping; every sleep ends at once, and `slept` tells how long each would have been. */
export function fastClock(start: Date): Clock & { slept: number[] } {
  let nowMs = start.getTime();
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(nowMs),
    sleep: (ms, signal) => {
      // Deadlines are told from pauses by their signal's being fresh and their length: they must not fire here.
      if (ms >= DEADLINE_MS) return new Promise((resolve) => signal?.addEventListener("abort", () => resolve()));
      slept.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
  };
}

/** Give clients on a `fastClock` timeouts of at least this, so that only pauses are skipped. */
export const DEADLINE_MS = 3_600_000;

/** Looks like a token and is none. */
export const TOKEN = "test-access-token-0123456789";
export const NOW = new Date("2026-11-21T10:00:00Z");
