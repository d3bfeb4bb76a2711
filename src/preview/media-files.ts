/** The bytes of pictures and videos on a page, by parts where a browser asks for parts. */
import type { MediaStore } from "../core/media/store.ts";
import type { MediaSource } from "../core/platform.ts";
import type { PageAnswer } from "./server.ts";

/** A browser asks for the rest of a video as it plays. */
const PART_BYTES_MAX = 8 * 1024 * 1024;

export const NO_MEDIA: PageAnswer = { status: 404, headers: {}, body: "" };

export async function mediaAnswer(
  { mime, byteLength, read }: MediaSource,
  range: string | undefined,
): Promise<PageAnswer> {
  const headers = {
    "content-type": mime,
    "cache-control": "private, max-age=3600",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "accept-ranges": "bytes",
  };
  const [, from, to] = /^bytes=([0-9]{1,15})-([0-9]{0,15})$/.exec(range ?? "") ?? [];
  if (from === undefined && byteLength <= PART_BYTES_MAX)
    return { status: 200, headers, body: await read(0, byteLength) };
  const start = Number(from ?? 0);
  if (start >= byteLength) return { status: 416, headers: { "content-range": `bytes */${byteLength}` }, body: "" };
  const end = Math.min(byteLength, start + PART_BYTES_MAX, to ? Number(to) + 1 : byteLength);
  const body = await read(start, Math.max(start, end));
  return {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${start}-${start + body.length - 1}/${byteLength}` },
    body,
  };
}

/** Kept files as a browser plays them. A source proves its file from the beginning, so each file has one for all of its parts. */
export class KeptFiles {
  readonly #store: Pick<MediaStore, "source">;
  readonly #sources = new Map<string, MediaSource>();

  constructor(store: Pick<MediaStore, "source">) {
    this.#store = store;
  }

  /** @throws what the store and its source throw */
  async answer(item: Parameters<MediaStore["source"]>[0], range: string | undefined): Promise<PageAnswer> {
    const { sha256 } = item;
    const source = this.#sources.get(sha256) ?? (await this.#store.source(item));
    this.#sources.set(sha256, source);
    try {
      return await mediaAnswer(source, range);
    } catch (error) {
      // The store may have repaired it, or can when it is asked.
      this.#sources.delete(sha256);
      throw error;
    }
  }
}
