/**
 * A page of one's own on this machine. It listens on loopback at a port of its own, answers only under its own name, and only to a browser
 * that was let in by a key: any program and any web page of this machine can reach a port, and nobody else may read or approve a draft.
 *
 * All of it lies below a root, a path that nobody can guess. A browser keeps the key as a cookie, and would send one of the whole host to every
 * port of it, so also to a server of another user; the cookie of a path goes to addresses below that path alone. Addresses on a page are
 * therefore relative to its root, and no page, log or header says the root to anybody else.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { explainHubError } from "../core/db/errors.ts";
import { PsnError } from "../core/errors.ts";
import { bodyOf, listenOn, stopListening } from "../core/utils/local-server.ts";
import { html } from "../page/html.ts";
import { pageHeaders, plainPageOf } from "../page/shell.ts";

const HOST = "127.0.0.1";
const COOKIE = "psn-page";
/** A larger file is attached by the command line, which reads it where it lies. */
export const BODY_BYTES_MAX = 64 * 1024 * 1024;
const GZIP_BYTES_MIN = 1_400;
const EVENTS_PAUSE_MS = 500;
const STREAMS_MAX = 50;

export interface PageRequest {
  method: string;
  /** Below the root, as the addresses on the page are: nothing for the page itself, else such as `act`. */
  path: string;
  query: URLSearchParams;
  /** Its type with the boundary of a form. */
  contentType: string;
  range: string | undefined;
  /** A name of its own that a page's script gives to an act: the same name is the same act once more. */
  once: string | undefined;
  /** What the page's script says that it shows, to be answered with what is not so any more; absent where nobody has a page yet. */
  shown: string | undefined;
  body: Buffer;
}

export interface PageAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** What is served. Its pages stand in the root, and name other addresses relative to it: `act`, and `./` for the page itself. */
export interface Site {
  answer(request: PageRequest): Promise<PageAnswer>;
  /** Changes whenever the page has to be asked for anew; absent for one that never changes. */
  version?(): Promise<string>;
}

export interface RunningPage {
  /** Lets a browser in, which then keeps a cookie: whoever has this address can read and approve. */
  url: string;
  /** The page itself, and the cookie that a browser of one's own needs for it. */
  address: string;
  cookie: { name: string; value: string; path: string };
  /** When a browser last asked. */
  lastAskedAt(): Date;
  stop(): Promise<void>;
}

/** Serves until it is stopped. @throws PsnError PAGE_NOT_SERVED */
export async function servePage(site: Site, now: () => Date): Promise<RunningPage> {
  const key = randomBytes(32).toString("base64url");
  const root = `/${randomBytes(16).toString("base64url")}/`;
  let askedAt = now();
  let streams = 0;
  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  const port = await listenOn(server, HOST, 0).catch((cause) => {
    throw new PsnError("PAGE_NOT_SERVED", "The page could not be served on this machine.", { cause });
  });

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const refusal = refusalOf(incoming, port);
    if (refusal !== null) return send(incoming, outgoing, refusal);
    const url = new URL(incoming.url ?? "/", `http://${HOST}:${port}`);
    // A browser asks for it at the host's root by itself.
    if (url.pathname === "/favicon.ico") return send(incoming, outgoing, { status: 204, headers: {}, body: "" });
    if (!isSame(url.pathname.slice(0, root.length), root)) return send(incoming, outgoing, shut(404));
    const path = url.pathname.slice(root.length);
    const isIn = isSame(cookieOf(incoming), key);
    if (path === "open" && incoming.method === "GET") {
      const isLetIn = isIn || isSame(url.searchParams.get("key") ?? "", key);
      return send(incoming, outgoing, isLetIn ? letIn(key, root, url.searchParams.get("theme")) : shut(403));
    }
    if (!isIn) return send(incoming, outgoing, shut(403));
    askedAt = now();
    if (path === "events" && incoming.method === "GET") return follow(outgoing);
    const body = await bodyOf(incoming, BODY_BYTES_MAX);
    if (body === null) return send(incoming, outgoing, TOO_LARGE);
    const request: PageRequest = {
      method: incoming.method ?? "GET",
      path,
      query: url.searchParams,
      contentType: incoming.headers["content-type"] ?? "",
      range: incoming.headers.range,
      once: /^[0-9a-f-]{36}$/.exec(String(incoming.headers["x-psn-once"] ?? ""))?.[0],
      shown: /^[\w-]{1,40}$/.exec(String(incoming.headers["x-psn-shown"] ?? ""))?.[0],
      body,
    };
    send(incoming, outgoing, await site.answer(request).catch(away));
  }

  /** Server-sent events: the site's version, whenever it is another one, and that it cannot be read, whenever that is so. */
  function follow(outgoing: ServerResponse): void {
    if (site.version === undefined || streams >= STREAMS_MAX) return void outgoing.writeHead(204).end();
    streams += 1;
    outgoing.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    let told: string | null = null;
    let failures = 0;
    let timer: NodeJS.Timeout | null = null;
    const tell = async () => {
      const says = await site.version?.().then(
        (version) => ({ words: `data: ${version}\n\n`, failures: 0 }),
        (error) => ({ words: `event: away\ndata: ${wordsOf(error)}\n\n`, failures: failures + 1 }),
      );
      if (outgoing.destroyed || says === undefined) return;
      askedAt = now();
      failures = says.failures;
      // A hub that is away for a moment is asked again.
      if (says.words !== told && failures !== 1) {
        outgoing.write(says.words);
        told = says.words;
      }
      timer = setTimeout(tell, EVENTS_PAUSE_MS);
      timer.unref();
    };
    outgoing.on("close", () => {
      streams -= 1;
      if (timer) clearTimeout(timer);
    });
    void tell();
  }

  return {
    url: `http://${HOST}:${port}${root}open?key=${key}`,
    address: `http://${HOST}:${port}${root}`,
    cookie: { name: COOKIE, value: key, path: root },
    lastAskedAt: () => askedAt,
    stop: () => stopListening(server),
  };
}

export function pageAnswer(status: number, page: { html: string; policy: string }): PageAnswer {
  return {
    status,
    headers: { "content-type": "text/html; charset=utf-8", ...pageHeaders(page.policy) },
    body: page.html,
  };
}

/** A part of a page, for its script. To pack it would take longer than to send it: it stays on this machine. */
export function partAnswer(status: number, markup: string): PageAnswer {
  const headers = { "content-type": "text/html; charset=utf-8", ...pageHeaders("default-src 'none'") };
  return { status, headers, body: Buffer.from(markup) };
}

export function jsonAnswer(status: number, value: unknown): PageAnswer {
  return {
    status,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
    body: JSON.stringify(value),
  };
}

/** To an address relative to the page's root, as on a page. */
export function goTo(location: string): PageAnswer {
  return { status: 303, headers: { location, "cache-control": "no-store" }, body: "" };
}

// --- internal ---

/** What keeps the site from any answer, such as a hub that is away. Everything else is a bug. */
function away(error: unknown): PageAnswer {
  if (knownOf(error) === null) throw error;
  return plain(503, wordsOf(error));
}

const knownOf = (error: unknown) => (error instanceof PsnError ? error : explainHubError(error));

/** In a line. */
function wordsOf(error: unknown): string {
  const words = knownOf(error)?.message ?? "The page's program failed.";
  return words.replace(/\s+/g, " ");
}

const TOO_LARGE = plain(413, "This is too large for the page. psn post attach takes larger files.");

function plain(status: number, words: string): PageAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: `${words}\n` };
}

/** Another name that leads here (DNS rebinding), and another site's request (CSRF), are refused before anything is read. */
function refusalOf({ headers, method }: IncomingMessage, port: number): PageAnswer | null {
  const own = [`${HOST}:${port}`, `localhost:${port}`];
  const { host = "", origin } = headers;
  if (!own.includes(host)) return plain(421, "This page answers under its own address only.");
  const isReading = method === "GET" || method === "HEAD";
  const isOwn = origin === `http://${host}`;
  const isFromPage = headers["sec-fetch-site"] === undefined || headers["sec-fetch-site"] === "same-origin";
  if (isReading ? origin === undefined || isOwn : isOwn && isFromPage) return null;
  return plain(403, "Only the page itself may ask for that.");
}

/** Of several by this name a browser sends the one of the longest path first: another server of this host can only set one of a shorter path. */
function cookieOf({ headers }: IncomingMessage): string {
  const wanted = `${COOKIE}=`;
  const found = (headers.cookie ?? "").split("; ").find((one) => one.startsWith(wanted));
  return found?.slice(wanted.length) ?? "";
}

function isSame(given: string, key: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(key)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/**
 * Gives the cookie, and goes on by a link of the page's own: a redirect would still count as another site's, and a strict cookie would not
 * come with it.
 */
function letIn(key: string, root: string, theme: string | null): PageAnswer {
  const url = theme === null ? "./" : `./?theme=${encodeURIComponent(theme)}`;
  const page = plainPageOf({
    title: "PSN",
    main: html`<main class="empty"><meta http-equiv="refresh" content="0;url=${url}"><a class="tag" href="${url}">To the page</a></main>`,
  });
  const answer = pageAnswer(200, page);
  const cookie = `${COOKIE}=${key}; HttpOnly; SameSite=Strict; Path=${root}`;
  return { ...answer, headers: { ...answer.headers, "set-cookie": cookie, "referrer-policy": "no-referrer" } };
}

function shut(status: 403 | 404): PageAnswer {
  const main = html`<main class="empty"><h1>This page is not open here</h1><p>Open the address that <code>psn</code> printed. It belongs to the command that runs.</p></main>`;
  return pageAnswer(status, plainPageOf({ title: "Not open · PSN", main }));
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, { status, headers, body }: PageAnswer): void {
  const whole = typeof body === "string" ? Buffer.from(body) : body;
  const isText = typeof body === "string" && whole.length >= GZIP_BYTES_MIN;
  const isZipped = isText && /\bgzip\b/.test(String(incoming.headers["accept-encoding"] ?? ""));
  const bytes = isZipped ? gzipSync(whole, { level: 3 }) : whole;
  const encoding: Record<string, string> = isZipped ? { "content-encoding": "gzip", vary: "accept-encoding" } : {};
  outgoing.writeHead(status, { ...headers, ...encoding, "content-length": String(bytes.length) });
  outgoing.end(incoming.method === "HEAD" ? undefined : bytes);
}
