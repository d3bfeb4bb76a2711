/** What the sandbox's own tests share: a sandbox on a free port with a clock that stands still, and small files. */
import { createHash, randomBytes } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";
import { type RunningSandbox, type StartOptions, startSandbox } from "./server.ts";
import { SANDBOX_CALLBACK_URL, SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET, SANDBOX_SCOPES } from "./types.ts";

export const START = Date.parse("2026-11-21T09:00:00Z");

/** A clock that moves only when it is set. */
export class StillClock {
  ms: number = START;
  now(): Date {
    return new Date(this.ms);
  }
  pass(ms: number): void {
    this.ms += ms;
  }
}

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON, or the raw text when it is none. */
  json: unknown;
  text: string;
  /** A value inside `json`, such as `data.0.id`; undefined when there is none. */
  at(path: string): unknown;
}

export interface TestSandbox extends RunningSandbox {
  clock: StillClock;
  /** A request as the given account (default sandbox_author); a plain object becomes JSON. */
  api(method: string, path: string, body?: unknown, handle?: string): Promise<Answer>;
  /** The id of a new post; fails the test when X refuses. */
  post(text: string, more?: Record<string, unknown>, handle?: string): Promise<string>;
  token(handle?: string): string;
  userId(handle?: string): string;
}

/** Starts a sandbox for one test file or test. Stop it in `afterAll` or `finally`. */
export async function testSandbox(options: StartOptions = {}): Promise<TestSandbox> {
  const clock = new StillClock();
  const running = await startSandbox({ clock, seed: "test", ...options });
  const tokens = new Map<string, string>();
  const token = (handle = "sandbox_author"): string => {
    const known = tokens.get(handle) ?? running.sandbox.signIn(handle).access_token;
    tokens.set(handle, known);
    return known;
  };
  const api = async (method: string, path: string, body?: unknown, handle?: string): Promise<Answer> => {
    const headers: Record<string, string> = { authorization: `Bearer ${token(handle)}` };
    const isForm = body instanceof FormData;
    if (body !== undefined && !isForm) headers["content-type"] = "application/json";
    const sent = body === undefined ? null : isForm ? body : JSON.stringify(body);
    return readAnswer(await fetch(`${running.url}${path}`, { method, headers, body: sent }));
  };
  return {
    ...running,
    clock,
    token,
    api,
    userId: (handle = "sandbox_author") => running.sandbox.report().accounts[handle]?.id ?? "",
    async post(text, more = {}, handle) {
      const answer = await api("POST", "/2/tweets", { text, ...more }, handle);
      if (answer.status !== 201) throw new Error(`X refused: ${answer.status} ${answer.text}`);
      return String(answer.at("data.id"));
    },
  };
}

export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  let json: unknown = text;
  try {
    json = JSON.parse(text);
  } catch {
    // HTML and empty bodies are answers too.
  }
  const at = (path: string): unknown =>
    path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], json);
  return { status: response.status, headers: response.headers, json, text, at };
}

/** A PNG of one colour that every reader accepts. */
export function tinyPng(width = 8, height = 6, colour: [number, number, number] = [200, 90, 30]): Uint8Array {
  const row = Buffer.concat([
    Buffer.from([0]),
    Buffer.concat(Array.from({ length: width }, () => Buffer.from(colour))),
  ]);
  const chunk = (type: string, data: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(named), 4);
    return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A GIF of one transparent pixel. */
export const TINY_GIF = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

/** An MP4 of one H.264 track with all headers, which lasts so long; its pictures are a pattern. */
export function fakeMp4(
  bytes: number,
  seconds = 3,
  more: { width?: number; height?: number; moovLast?: boolean; configuration?: number[] } = {},
): Uint8Array {
  const { width = 640, height = 360, moovLast = false } = more;
  const box = (type: string, ...parts: Uint8Array[]) => {
    const body = Buffer.concat(parts);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + body.length, 0);
    head.write(type, 4, "latin1");
    return Buffer.concat([head, body]);
  };
  const words = (...values: number[]) => {
    const out = Buffer.alloc(4 * values.length);
    for (const [index, value] of values.entries()) out.writeUInt32BE(value >>> 0, 4 * index);
    return out;
  };
  const durationMs = Math.round(seconds * 1000);
  const matrix = words(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
  const entry = Buffer.alloc(78);
  entry.writeUInt16BE(1, 6);
  entry.writeUInt16BE(width, 24);
  entry.writeUInt16BE(height, 26);
  const avcC = box("avcC", Buffer.from(more.configuration ?? [1, 66, 0, 30, 0xff, 0xe0, 0]));
  const table = box(
    "stbl",
    box("stsd", words(0, 1), box("avc1", entry, avcC)),
    box("stts", words(0, 1, Math.max(1, Math.round(seconds * 30)), 33)),
  );
  const media = box(
    "mdia",
    box("mdhd", words(0, 0, 0, 1000, durationMs, 0)),
    box("hdlr", words(0, 0), Buffer.from("vide"), words(0, 0, 0)),
    box("minf", table),
  );
  const track = box(
    "trak",
    box("tkhd", words(0, 0, 0, 1, 0, durationMs, 0, 0, 0, 0), matrix, words(width << 16, height << 16)),
    media,
  );
  const movie = box(
    "moov",
    box("mvhd", words(0, 0, 0, 1000, durationMs, 0x10000, 0, 0, 0), matrix, words(0, 0, 0, 0, 0, 0, 2)),
    track,
  );
  const type = box("ftyp", Buffer.from("isom"), words(512), Buffer.from("isomavc1"));
  const data = box("mdat", Buffer.alloc(Math.max(0, bytes - type.length - movie.length - 8), 7));
  return moovLast ? Buffer.concat([type, data, movie]) : Buffer.concat([type, movie, data]);
}

/** A fresh PKCE pair. */
export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** The authorize address with every parameter right; `change` replaces or, with null, drops some. */
export function authorizeUrl(base: string, challenge: string, change: Record<string, string | null> = {}): string {
  const url = new URL(`${base}/i/oauth2/authorize`);
  const parameters: Record<string, string | null> = {
    response_type: "code",
    client_id: SANDBOX_CLIENT_ID,
    redirect_uri: SANDBOX_CALLBACK_URL,
    scope: SANDBOX_SCOPES.join(" "),
    state: "state-1",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...change,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
}

export const BASIC = `Basic ${Buffer.from(`${SANDBOX_CLIENT_ID}:${SANDBOX_CLIENT_SECRET}`).toString("base64")}`;

/** A call of the token or the revoke endpoint. */
export async function oauthCall(
  base: string,
  form: Record<string, string>,
  more: { path?: string; authorization?: string | null } = {},
): Promise<Answer> {
  const headers: Record<string, string> = { "content-type": "application/x-www-form-urlencoded" };
  const authorization = more.authorization === undefined ? BASIC : more.authorization;
  if (authorization !== null) headers.authorization = authorization;
  const body = new URLSearchParams(form).toString();
  return readAnswer(await fetch(`${base}${more.path ?? "/2/oauth2/token"}`, { method: "POST", headers, body }));
}
