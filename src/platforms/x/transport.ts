/**
 * One request to X and whatever came of it, as a value. This file only sends and reads; `judge.ts` says what it means.
 *
 * Bounds: one timer spans connecting, sending, waiting and reading the body, and a body is read up to a number of
 * bytes. Redirects are not followed: a 307 would send a create twice, and the second time to a host that should not see
 * the token.
 */
import type { Clock } from "../../core/clock.ts";
import { type ClockReading, clockAhead } from "../../core/platform.ts";
import { readFetchFailure } from "./fetch-failure.ts";

/** What the layer needs of the world. `fetch` is the global one unless a test or the simulation gives another. */
export interface TransportOptions {
  fetch: FetchLike;
  clock: Clock;
}

/** The part of `fetch` that is used, without what each runtime adds to it. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

export interface WireRequest {
  method: "GET" | "POST" | "DELETE";
  url: string;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer> | null;
  /** From the first byte to the last of the answer, in milliseconds. */
  timeoutMs: number;
  /** More bytes than these of an answer (after decompression) are not read. */
  bodyBytesMax: number;
}

/** X, or something in front of it, answered with a status. */
export interface Responded {
  kind: "responded";
  status: number;
  headers: Headers;
  /**
   * json: parsed, whatever the content type said. empty: no byte. other: HTML or the like, hence not X's API speaking.
   * cut: the body broke off or did not end in time. too_large: more than `bodyBytesMax`.
   */
  form: "json" | "empty" | "other" | "cut" | "too_large";
  /** The parsed body when `form` is "json", else undefined. */
  json: unknown;
  /** What its `Date` said of its clock; absent where it has none that can be read. */
  clock?: ClockReading | undefined;
}

/** No status came back. `neverSent` is true only when that is proven. */
export interface Silent {
  kind: "silent";
  neverSent: boolean;
  cause: string;
}

export type Answer = Responded | Silent;

/** 200 to 299. Says nothing of the body. */
export function isSuccess(answer: Responded): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** 400 to 499: X, or what stands in front of it, said no. */
export function isClientError(answer: Responded): boolean {
  return answer.status >= 400 && answer.status < 500;
}

/** A create, a token and an upload answer in a few hundred bytes; a megabyte is an accident. */
export const BODY_BYTES_MAX = 1024 * 1024;

/**
 * Sends one request and reads its answer. Never throws for what the network or X does.
 * @throws the reason of `signal`, when it was aborted before anything was sent.
 * @throws TypeError for a header or a body that cannot be sent, without showing its value: a bug of ours.
 */
export async function exchange(
  request: WireRequest,
  { fetch, clock }: TransportOptions,
  signal?: AbortSignal,
): Promise<Answer> {
  signal?.throwIfAborted();
  assertHeaderValues(request.headers);

  const askedAt = clock.now();
  const stop = new AbortController();
  const stopped = deadline(request.timeoutMs, clock, stop, signal);
  try {
    let response: Response;
    try {
      // The race bounds the wait even for a `fetch` that does not heed its signal.
      response = await Promise.race([
        fetch(request.url, {
          method: request.method,
          headers: request.headers,
          body: request.body,
          redirect: "manual",
          signal: stop.signal,
        }),
        stopped.promise,
      ]);
    } catch (error) {
      // Our own abort says nothing of how far the request had come, whatever error it surfaces as.
      if (stop.signal.aborted) return { kind: "silent", neverSent: false, cause: stopped.cause() };
      const failure = readFetchFailure(error);
      return { kind: "silent", neverSent: failure.neverSent, cause: `no answer (${failure.code})` };
    }
    const stranger = answeredBefore(response, request.url);
    if (stranger !== null) {
      response.body?.cancel().catch(() => {});
      return { kind: "silent", neverSent: true, cause: stranger };
    }
    // The head of the answer has just come; its body may take long.
    const clockRead = readClock(response.headers, request.url, askedAt, clock.now());
    const answer = await readAnswer(response, request.bodyBytesMax, stopped.promise);
    // A page of something on the way has a clock of its own.
    return clockRead && answer.form !== "other" ? { ...answer, clock: clockRead } : answer;
  } finally {
    stopped.release();
  }
}

/**
 * Whether something on the way answered in X's place, such as the sign-in page of a hotel's network: by 511, which no
 * server of its own sends (RFC 6585), or by leading to another host, which X's API never does. X then never saw the
 * request. A page with 200 proves nothing of the kind.
 * @returns why, or null
 */
function answeredBefore({ status, headers }: Response, url: string): string | null {
  if (status === 511) return "the network wants a sign-in of its own (HTTP 511)";
  const location = status >= 300 && status < 400 ? headers.get("location") : null;
  if (location === null || !URL.canParse(location, url)) return null;
  const host = new URL(location, url).hostname;
  if (host === new URL(url).hostname) return null;
  return `something on the way leads to ${host.slice(0, 100)} (HTTP ${status})`;
}

/**
 * Reads a response into an answer. JSON is parsed whatever its content type, since X has sent it as `text/plain` and
 * HTML as JSON. Never throws.
 * @param interrupted rejects when the caller no longer wants to wait.
 */
export async function readAnswer(
  response: Response,
  bodyBytesMax: number = BODY_BYTES_MAX,
  interrupted?: Promise<never>,
): Promise<Responded> {
  const { status, headers } = response;
  const as = (form: Responded["form"], json?: unknown): Responded => ({
    kind: "responded",
    status,
    headers,
    form,
    json,
  });
  const body = await readBody(response, bodyBytesMax, interrupted);
  if (body === "cut" || body === "too_large") return as(body);
  const text = body.trim();
  if (text === "") return as("empty");
  try {
    return as("json", JSON.parse(text));
  } catch {
    // A declared JSON body that does not parse was cut by somebody on the way, without an error of the connection.
    return as(/json/i.test(headers.get("content-type") ?? "") ? "cut" : "other");
  }
}

async function readBody(
  response: Response,
  bodyBytesMax: number,
  interrupted?: Promise<never>,
): Promise<string | "cut" | "too_large"> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder(); // drops a byte order mark
  let text = "";
  let byteCount = 0;
  try {
    while (true) {
      const next = await (interrupted ? Promise.race([reader.read(), interrupted]) : reader.read());
      if (next.done) return text + decoder.decode();
      byteCount += next.value.byteLength;
      if (byteCount > bodyBytesMax) {
        reader.cancel().catch(() => {});
        return "too_large";
      }
      text += decoder.decode(next.value, { stream: true });
    }
  } catch {
    reader.cancel().catch(() => {});
    return "cut";
  }
}

/** The one date form that HTTP requires of senders: `Date.parse` alone would also take "5" or "2 days" for a year. */
export function httpDate(value: string | null | undefined): Date | null {
  if (!value || !/^[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : new Date(time);
}

function readClock(headers: Headers, url: string, askedAt: Date, gotAt: Date): ClockReading | null {
  const date = httpDate(headers.get("date")?.trim());
  // A clock that was set back in between measures nothing.
  return date && gotAt >= askedAt ? { host: new URL(url).host, date, askedAt, gotAt } : null;
}

/** Aborts `stop` after `timeoutMs` or with the caller's signal, and rejects `promise` at the same moment. */
function deadline(timeoutMs: number, clock: Clock, stop: AbortController, signal: AbortSignal | undefined) {
  const over = new AbortController(); // frees the timer once the exchange has ended
  let cause = "";
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<never>((_, fail) => {
    reject = fail;
  });
  promise.catch(() => {}); // Nobody may be racing it any more.

  const end = (why: string) => {
    if (over.signal.aborted || stop.signal.aborted) return;
    cause = why;
    const reason = new DOMException(why, "AbortError");
    stop.abort(reason);
    reject(reason);
  };
  const onAbort = () => end("stopped while waiting for the answer");
  signal?.addEventListener("abort", onAbort, { once: true });
  clock.sleep(timeoutMs, over.signal).then(() => end(`no answer within ${timeoutMs} ms`));

  return {
    promise,
    cause: () => cause,
    release: () => {
      over.abort("over"); // with a word: without one this makes an error and its stack, for nobody
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

/** Node puts a refused header value, our token, into the message of its error. */
function assertHeaderValues(headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\x20-\x7e]*$/.test(value)) throw new TypeError(`the value of header ${name} cannot be sent`);
  }
}

const LOOPBACK_HOST = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Checks an address that a token or the client secret will be sent to, and gives it back without a trailing slash.
 * Plain http is for this machine only, where the sandbox and tests listen.
 * @throws TypeError otherwise: the address comes from configuration that was validated before.
 */
export function secureUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || (parsed.protocol !== "https:" && parsed.protocol !== "http:")) {
    throw new TypeError("the address of X's API is not an http(s) URL");
  }
  if (parsed.protocol === "http:" && !LOOPBACK_HOST.test(parsed.hostname)) {
    throw new TypeError(`${parsed.host} must be reached by https: a token would travel in the clear`);
  }
  return url.replace(/\/+$/, "");
}

/** How far the host's clock was ahead of this machine's when it answered, in ms; 0 where it did not say. */
export function aheadMsOf({ clock }: Responded): number {
  return clock ? clockAhead(clock).aheadMs : 0;
}
