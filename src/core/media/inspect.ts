/** What a file is, from its bytes and not from its name, and whether X would take it. */
import { basename, dirname } from "node:path";
import { imageSize } from "image-size";
import { PsnError } from "../errors.ts";
import { IMAGES_MAX, MEDIA_LIMITS, type MediaLimit } from "../platform.ts";
import { type FileIdentity, openFile } from "./open-file.ts";

const HEAD_BYTES = 512 * 1024;
const MIB = 1024 * 1024;

export interface InspectedMedia {
  file: string;
  fileName: string;
  mime: string;
  byteLength: number;
  width: number | null;
  height: number | null;
  /** What is stored must still be this. */
  identity: FileIdentity;
}

/**
 * Looks into a media file.
 * @throws PsnError MEDIA_UNREADABLE, MEDIA_EMPTY, MEDIA_TYPE (not one X takes), MEDIA_TOO_LARGE
 */
export async function inspectMedia(file: string): Promise<InspectedMedia> {
  const { head, byteLength, identity } = await readHead(file);
  if (byteLength === 0) throw new PsnError("MEDIA_EMPTY", `${file} is empty.`);
  const seen = sniff(head);
  const limit = seen ? MEDIA_LIMITS.get(seen.mime) : undefined;
  if (!seen || !limit) {
    throw new PsnError("MEDIA_TYPE", `${file} is not an image, GIF or video that X takes.`, {
      hint: "X takes JPEG, PNG, WEBP, GIF and MP4 or MOV video; the bytes decide, not the name.",
    });
  }
  if (byteLength > limit.bytesMax) {
    const says = `${sizeOf(limit.bytesMax)} for ${NAMES[limit.kind]}`;
    throw new PsnError("MEDIA_TOO_LARGE", `${file} has ${(byteLength / MIB).toFixed(1)} MB; X takes ${says}.`);
  }
  const { widthMax = Number.POSITIVE_INFINITY, heightMax = Number.POSITIVE_INFINITY } = limit;
  if ((seen.width ?? 0) > widthMax || (seen.height ?? 0) > heightMax) {
    const says = `${limit.kind === "gif" ? "GIFs" : "files"} up to ${widthMax}×${heightMax}`;
    throw new PsnError("MEDIA_TOO_LARGE", `${file} is ${seen.width}×${seen.height}; X takes ${says}.`);
  }
  return { file, fileName: basename(file).slice(0, 255), byteLength, identity, ...seen };
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

// --- internal ---

const NAMES: Record<MediaLimit["kind"], string> = { image: "an image", gif: "a GIF", video: "a video" };

function sizeOf(bytes: number): string {
  return bytes < 1024 * MIB ? `${bytes / MIB} MB` : `${bytes / (1024 * MIB)} GB`;
}

async function readHead(file: string): Promise<{ head: Uint8Array; byteLength: number; identity: FileIdentity }> {
  try {
    const { handle, identity } = await openFile(file);
    try {
      const byteLength = Number(identity.byteLength);
      const head = Buffer.alloc(Math.min(HEAD_BYTES, byteLength));
      const { bytesRead } = await handle.read(head, 0, head.length, 0);
      return { head: head.subarray(0, bytesRead), byteLength, identity };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new PsnError(
      "MEDIA_UNREADABLE",
      `${file} cannot be read: ${code === "ENOENT" ? "there is no such file" : message}.`,
      {
        hint: `It was looked for in ${dirname(file)}. Paths on the command line count from the folder you are in, those in a file's front matter from that file's folder.`,
        details: { file, folder: dirname(file) },
      },
    );
  }
}

const IMAGE_MIMES: Record<string, string> = {
  jpg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  webp: "image/webp",
};

function sniff(head: Uint8Array): { mime: string; width: number | null; height: number | null } | null {
  const brand = Buffer.from(head.subarray(4, 12)).toString("latin1");
  if (brand.startsWith("ftyp")) {
    // HEIC and AVIF share the container with video; X takes neither.
    if (/^ftyp(hei|avi|mif)/.test(brand)) return null;
    return { mime: brand === "ftypqt  " ? "video/quicktime" : "video/mp4", width: null, height: null };
  }
  try {
    const { type, width, height } = imageSize(head);
    const mime = IMAGE_MIMES[type ?? ""];
    return mime ? { mime, width, height } : null;
  } catch {
    return null;
  }
}
