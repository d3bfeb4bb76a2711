/** The sandbox as a `fetch`, without a socket: what the simulation gives to the X client. */
import type { SandboxX } from "./rules.ts";
import type { SandboxRequest, SandboxResponse } from "./types.ts";

/** The error a real `fetch` throws when the peer resets the connection. */
class ConnectionReset extends TypeError {
  readonly code = "ECONNRESET";
  constructor() {
    super("fetch failed: the connection was reset");
  }
}

/** The part of `fetch` that the sandbox plays. */
export type SandboxFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` whose peer is `sandbox`. `wait` stands for time passing on the way (delays of faults) and comes from the
 * caller, as everything about time does. Throws ConnectionReset where a socket would be reset, and the signal's reason
 * as soon as it aborts: X goes on without the caller and may act later, as it may in the world.
 */
export function sandboxFetch(sandbox: SandboxX, wait: (ms: number) => Promise<void>): SandboxFetch {
  return async (input, init) => {
    const request = input instanceof Request ? new Request(input, init) : new Request(String(input), init);
    const { signal } = request;
    signal.throwIfAborted();
    const url = new URL(request.url);
    const call: SandboxRequest = {
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      headers: Object.fromEntries(request.headers),
      body: new Uint8Array(await request.arrayBuffer()),
    };
    return toResponse(await orAborted(answerInTime(sandbox, call, wait), signal));
  };
}

async function answerInTime(
  sandbox: SandboxX,
  call: SandboxRequest,
  wait: (ms: number) => Promise<void>,
): Promise<SandboxResponse> {
  const beforeMs = sandbox.delayBefore(call);
  if (beforeMs > 0) await wait(beforeMs);
  const answer = sandbox.handle(call);
  if (answer.delayMs !== undefined) await wait(answer.delayMs);
  return answer;
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function toResponse(answer: SandboxResponse): Response {
  const { status, headers } = answer;
  if (answer.transport === "reset") throw new ConnectionReset();
  if (answer.transport === "cut") {
    // The head arrives; reading the body fails.
    const broken = new ReadableStream({ start: (controller) => controller.error(new ConnectionReset()) });
    return new Response(broken, { status, headers });
  }
  const bodiless = status === 204 || status === 304;
  const body = typeof answer.body === "string" ? answer.body : new Uint8Array(answer.body);
  return new Response(bodiless ? null : body, { status, headers });
}
