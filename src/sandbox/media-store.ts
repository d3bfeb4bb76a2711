/** Uploads and what becomes of them: appended segments, the hash, the processing, the expiry. */
import { createHash } from "node:crypto";
import { newId, sha256Hex } from "./ids.ts";
import { movieOf, wrongGif, wrongImage, wrongSubtitles, wrongVideo } from "./judge-file.ts";
import { type Sniffed, sniff } from "./sniff.ts";
import { CAPS, type OpenUpload, type SandboxMedia, type SandboxUser, type World } from "./state.ts";

const IMAGE_BYTES_MAX = 5 * 1024 * 1024;
const GIF_BYTES_MAX = 15 * 1024 * 1024;
const SUBTITLE_BYTES_MAX = 1024 * 1024;
/** Since 2026-09-01: 8 GB and 20 minutes, 16 GB and 125 minutes for subscribers; messages keep the old limits. */
const VIDEO_BYTES_MAX = 8 * 1024 ** 3;
const VIDEO_BYTES_MAX_PAID = 16 * 1024 ** 3;
const DM_VIDEO_BYTES_MAX = 512 * 1024 ** 2;
export const VIDEO_MINUTES_MAX = 20;
export const VIDEO_MINUTES_MAX_PAID = 125;
/** Enough of a video's start to find its type and movie header. */
const VIDEO_HEAD_BYTES = 256 * 1024;

const KEY_PREFIX: Record<SandboxMedia["kind"], string> = {
  photo: "3",
  animated_gif: "16",
  video: "7",
  subtitles: "31",
};

function kindOf(category: string): SandboxMedia["kind"] {
  if (category === "subtitles") return "subtitles";
  if (category.endsWith("_gif")) return "animated_gif";
  return category.endsWith("_image") ? "photo" : "video";
}

/** The most bytes of one file, by what it is for and who posts it. */
export function maxBytes(category: string, user: SandboxUser): number {
  const kind = kindOf(category);
  if (kind === "photo") return IMAGE_BYTES_MAX;
  if (kind === "animated_gif") return GIF_BYTES_MAX;
  if (kind === "subtitles") return SUBTITLE_BYTES_MAX;
  if (category === "dm_video") return DM_VIDEO_BYTES_MAX;
  return user.subscription === "None" ? VIDEO_BYTES_MAX : VIDEO_BYTES_MAX_PAID;
}

/** A new open upload. The caller has checked sizes and caps. */
export function openUpload(
  world: World,
  user: SandboxUser,
  wanted: { category: string; declaredType: string | null; totalBytes: number; additionalOwners: string[] },
): SandboxMedia {
  const id = newId(world);
  const kind = kindOf(wanted.category);
  const nowMs = world.now.getTime();
  const media: SandboxMedia = {
    id,
    mediaKey: `${wanted.category === "amplify_video" ? "13" : KEY_PREFIX[kind]}_${id}`,
    ownerId: user.id,
    additionalOwners: wanted.additionalOwners,
    category: wanted.category,
    declaredType: wanted.declaredType,
    totalBytes: wanted.totalBytes,
    receivedBytes: 0,
    segments: {},
    state: "open",
    kind,
    mime: null,
    width: null,
    height: null,
    durationMs: null,
    sha256: null,
    altText: null,
    subtitles: [],
    createdAtMs: nowMs,
    processedAtMs: null,
    processingFails: false,
    processingError: null,
    expiresAtMs: nowMs + world.state.settings.mediaTtlSecs * 1000,
  };
  world.state.media[id] = media;
  world.uploads.set(id, {
    hash: createHash("sha256"),
    next: 0,
    head: [],
    headBytes: 0,
    headMax: kind === "video" ? VIDEO_HEAD_BYTES : wanted.totalBytes,
    tail: new Uint8Array(),
    early: new Map(),
  });
  return media;
}

/** Bytes held for uploads that are not finalized. */
export function openBytes(world: World): number {
  let total = 0;
  for (const upload of world.uploads.values()) {
    total += upload.headBytes;
    for (const chunk of upload.early.values()) total += chunk.length;
  }
  return total;
}

function digest(upload: OpenUpload, chunk: Uint8Array): void {
  upload.hash.update(chunk);
  const last = chunk.length >= VIDEO_HEAD_BYTES ? chunk : Buffer.concat([upload.tail, chunk]);
  upload.tail = last.slice(-VIDEO_HEAD_BYTES);
  if (upload.headBytes >= upload.headMax) return;
  const kept = chunk.slice(0, upload.headMax - upload.headBytes);
  upload.head.push(kept);
  upload.headBytes += kept.length;
}

/**
 * Takes one segment. The same segment with the same bytes may come twice, because its first answer can get lost;
 * with other bytes it is a conflict. Returns what was wrong, or null.
 */
export function appendSegment(world: World, media: SandboxMedia, index: number, chunk: Uint8Array): string | null {
  const upload = world.uploads.get(media.id);
  if (upload === undefined || media.state !== "open") return "The upload is not open.";
  const sha256 = sha256Hex(chunk);
  const earlier = media.segments[String(index)];
  if (earlier !== undefined) {
    return earlier.sha256 === sha256 ? null : `Segment ${index} was already uploaded with other bytes.`;
  }
  if (media.receivedBytes + chunk.length > media.totalBytes) return "More bytes than total_bytes were sent.";
  media.segments[String(index)] = { size: chunk.length, sha256 };
  media.receivedBytes += chunk.length;
  upload.early.set(index, chunk);
  for (let next = upload.early.get(upload.next); next !== undefined; next = upload.early.get(upload.next)) {
    digest(upload, next);
    upload.early.delete(upload.next);
    upload.next += 1;
  }
  return null;
}

const IMAGE_TYPES = new Set(["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"]);
const VIDEO_TYPES = new Set(["video/mp4", "video/quicktime", "video/webm", "video/mp2t"]);

function fits(kind: SandboxMedia["kind"], found: Sniffed | null): boolean {
  if (kind === "subtitles") return true;
  if (found === null) return false;
  if (kind === "photo") return IMAGE_TYPES.has(found.mime);
  if (kind === "animated_gif") return found.mime === "image/gif";
  return VIDEO_TYPES.has(found.mime);
}

/** What is wrong with a small file, by its bytes; null when nothing is. Videos are judged as they are processed. */
function wrongIn(kind: SandboxMedia["kind"], bytes: Buffer, found: Sniffed | null): string | null {
  if (kind === "subtitles") return wrongSubtitles(bytes);
  if (found === null) return null;
  if (kind === "animated_gif") return wrongGif(bytes, found);
  return kind === "photo" ? wrongImage(bytes, found) : null;
}

/** Ends an upload: checks completeness and type, and starts processing. Returns what was wrong, or null. */
export function closeUpload(world: World, media: SandboxMedia, processingFails: boolean): string | null {
  if (media.state !== "open") return null; // a finalize whose answer got lost may come again
  const upload = world.uploads.get(media.id);
  if (upload === undefined) return "The upload is not open.";
  if (media.receivedBytes !== media.totalBytes || upload.early.size > 0) {
    return `Segments do not add up to provided total file size: ${media.receivedBytes} of ${media.totalBytes} bytes.`;
  }
  const head = Buffer.concat(upload.head);
  const found = sniff(head);
  if (!fits(media.kind, found)) return "media type unrecognized.";
  const wrong = wrongIn(media.kind, head, found);
  if (wrong !== null) return wrong;
  const isMovie = found?.mime === "video/mp4" || found?.mime === "video/quicktime";
  const movie = isMovie ? movieOf([head, Buffer.from(upload.tail)]) : null;
  const unprocessed = isMovie ? wrongVideo(movie) : null;
  const nowMs = world.now.getTime();
  const { mediaTtlSecs } = world.state.settings;
  media.sha256 = upload.hash.digest("hex");
  media.mime = found?.mime ?? media.declaredType;
  media.width = found?.width ?? null;
  media.height = found?.height ?? null;
  media.durationMs = movie?.durationMs ?? null;
  media.expiresAtMs = nowMs + mediaTtlSecs * 1000;
  media.processingFails = processingFails || unprocessed !== null;
  media.processingError = unprocessed;
  const needsProcessing = media.kind === "video" || media.kind === "animated_gif";
  media.state = needsProcessing ? "processing" : "ready";
  media.processedAtMs = needsProcessing ? nowMs + processingMsOf(world, media) : null;
  world.uploads.delete(media.id);
  if (media.kind === "photo" || media.kind === "animated_gif") keepBytes(world, media.id, head);
  return null;
}

/** How long a file is processed. */
export function processingMsOf(world: World, { totalBytes }: Pick<SandboxMedia, "totalBytes">): number {
  const { processingMs, processingMsPerMib } = world.state.settings;
  return processingMs + Math.round((processingMsPerMib * totalBytes) / 1024 ** 2);
}

function keepBytes(world: World, id: string, bytes: Uint8Array): void {
  world.bytes.set(id, bytes);
  let total = 0;
  for (const kept of world.bytes.values()) total += kept.length;
  for (const [oldest, kept] of world.bytes) {
    if (total <= CAPS.keptMediaBytes) return;
    world.bytes.delete(oldest);
    total -= kept.length;
  }
}

/** The state of a media at this instant; time alone ends processing. */
export function currentState(world: World, media: SandboxMedia): SandboxMedia["state"] {
  if (media.state === "processing" && world.now.getTime() >= (media.processedAtMs ?? 0)) {
    media.state = media.processingFails ? "failed" : "ready";
  }
  return media.state;
}

export function isOwner(media: SandboxMedia, user: SandboxUser): boolean {
  return media.ownerId === user.id || media.additionalOwners.includes(user.id);
}

/** Forgets uploads that expired unfinished, so that an abandoned one frees its memory. */
export function forgetExpiredUploads(world: World): void {
  const nowMs = world.now.getTime();
  for (const id of world.uploads.keys()) {
    const media = world.state.media[id];
    if (media !== undefined && media.expiresAtMs > nowMs) continue;
    world.uploads.delete(id);
    delete world.state.media[id];
  }
}
