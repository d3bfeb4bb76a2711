/** What a file is, from its bytes and not from its name, and whether X would take it: asked before anything is stored. */
import type { FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { NO_FILE, readAt } from "../config/open-file.ts";
import { PsnError } from "../errors.ts";
import { IMAGES_MAX, MEDIA_LIMITS } from "../platform.ts";
import { changed, type FileIdentity, openFile } from "./open-file.ts";
import { decodeWhole } from "./probe/decode.ts";
import type { MediaFileFacts, ReadAt } from "./probe/facts.ts";
import { readImage } from "./probe/image.ts";
import { kindOf } from "./probe/kind.ts";
import {
  type Entitled,
  entitlementRefusal,
  type MediaNote,
  notesOf,
  type Refusal,
  refusalOf,
  tooManyBytes,
} from "./probe/rules.ts";
import { readVideo } from "./probe/video.ts";

export type { MediaNote } from "./probe/rules.ts";

/** Enough to tell every kind of file. */
const HEAD_BYTES = 4_100;
/** Who may post the longest and the largest videos. */
const MOST_ENTITLED = "Premium";

export interface InspectedMedia {
  file: string;
  fileName: string;
  mime: string;
  byteLength: number;
  width: number | null;
  height: number | null;
  durationMs: number | null;
  /** What its author should know before approving. */
  notes: MediaNote[];
  /** What is stored must still be this. */
  identity: FileIdentity;
}

/**
 * Looks into a media file. Of a video only headers are read; a picture is decoded where sharp is installed.
 * @param subscription of the account that would post it; where that is not known, what no account may post is refused
 * @throws PsnError MEDIA_UNREADABLE, MEDIA_EMPTY, MEDIA_TYPE (not one X takes), MEDIA_TOO_LARGE, MEDIA_LIMIT (X's other limits),
 *   MEDIA_BROKEN, MEDIA_CHANGED
 */
export async function inspectMedia(file: string, subscription: string | null = MOST_ENTITLED): Promise<InspectedMedia> {
  const { handle, identity } = await openFile(file).catch((error) => {
    throw unreadable(file, error);
  });
  try {
    const byteLength = Number(identity.byteLength);
    if (byteLength === 0) throw new PsnError("MEDIA_EMPTY", `${file} is empty.`);
    const { facts, notes } = await look(handle, file, byteLength);
    const durationMs = facts.kind === "video" ? facts.durationMs : null;
    const { mime, width, height } = facts;
    const refused = entitlementRefusal({ mime, byteLength, durationMs }, subscription);
    if (refused) throw refusedAs(file, refused);
    return { file, fileName: nameOf(file), mime, byteLength, width, height, durationMs, notes, identity };
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    await handle.close();
  }
}

/**
 * Whether X takes these together in one tweet: four images, or one GIF, or one video.
 * @throws PsnError MEDIA_MIX
 */
export function requireMix(media: readonly { mime: string; fileName: string }[]): void {
  const moving = media.filter(({ mime }) => MEDIA_LIMITS.get(mime)?.kind !== "image");
  if (media.length <= 1 || (media.length <= IMAGES_MAX && moving.length === 0)) return;
  const withOne = moving.length > 0 ? ` with ${moving[0]?.fileName}` : "";
  throw new PsnError(
    "MEDIA_MIX",
    `X takes four images, or one GIF, or one video in a tweet; not ${media.length} files${withOne}.`,
    { hint: "Spread them over several tweets with --media N:FILE." },
  );
}

/**
 * Whether an account may post these: a video may be too long, or too large, without Premium.
 * @throws PsnError MEDIA_LIMIT, MEDIA_TOO_LARGE
 */
export function requireEntitled(media: readonly (Entitled & { fileName: string })[], subscription: string | null) {
  for (const item of media) {
    const refused = entitlementRefusal(item, subscription);
    if (refused) throw refusedAs(item.fileName, refused);
  }
}

/** A refusal, as it is met by who names the file. */
export function refusedAs(file: string, { code, says, hint }: Refusal): PsnError {
  return new PsnError(code, `${file} ${says}.`, { hint, details: { file } });
}

// --- internal ---

const nameOf = (file: string) => basename(file).slice(0, 255);

async function look(
  handle: FileHandle,
  file: string,
  byteLength: number,
): Promise<{ facts: MediaFileFacts; notes: MediaNote[] }> {
  const read: ReadAt = (position, length) => readAt(handle, position, length);
  const kind = await kindOf(await read(0, HEAD_BYTES));
  if ("refused" in kind) throw refusedAs(file, kind.refused);
  const mime = "image" in kind ? kind.image : kind.video;
  const limit = MEDIA_LIMITS.get(mime);
  const large = limit && tooManyBytes(byteLength, limit);
  if (large) throw refusedAs(file, large);
  const fileName = nameOf(file);
  if ("video" in kind) {
    const facts = await readVideo(read, byteLength, kind.video);
    return { facts: accepted(file, facts), notes: facts ? notesOf(facts, fileName, byteLength) : [] };
  }
  const bytes = await read(0, byteLength);
  if (bytes.length !== byteLength) throw changed(file);
  const facts = accepted(file, readImage(bytes, kind.image));
  const decoded = await decodeWhole(bytes);
  if (typeof decoded === "object") accepted(file, { ...facts, broken: decoded.broken });
  const notes = notesOf(facts, fileName, byteLength);
  if (decoded === "not_decoded") {
    const message = `${fileName}: sharp is not installed here, so its headers were checked and not its pixels.`;
    notes.push({ code: "media_not_decoded", message });
  }
  return { facts, notes };
}

function accepted<T extends MediaFileFacts>(file: string, facts: T | null): T {
  const broken: Refusal = {
    code: "MEDIA_BROKEN",
    says: "cannot be read as what its first bytes say that it is",
    hint: "Export or copy it again.",
  };
  const refused = facts ? refusalOf(facts) : broken;
  if (refused || !facts) throw refusedAs(file, refused ?? broken);
  return facts;
}

function unreadable(file: string, error: unknown): unknown {
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  const isOfTheFile = code !== undefined || syscall !== undefined || message === NO_FILE;
  if (error instanceof PsnError || !isOfTheFile) return error;
  return new PsnError(
    "MEDIA_UNREADABLE",
    `${file} cannot be read: ${code === "ENOENT" ? "there is no such file" : message}.`,
    {
      hint: `It was looked for in ${dirname(file)}. Paths on the command line count from the folder you are in, those in a file's front matter from that file's folder.`,
      details: { file, folder: dirname(file) },
    },
  );
}
