/** What kind of file it is, by its first bytes. The name and its ending prove nothing. */
import { fileTypeFromBuffer } from "file-type";
import type { ImageFacts, VideoFacts } from "./facts.ts";
import type { Refusal } from "./rules.ts";

export type Kind = { image: ImageFacts["mime"] } | { video: VideoFacts["mime"] } | { refused: Refusal };

/** @param head the first 4 KiB, or all of a smaller file */
export async function kindOf(head: Buffer): Promise<Kind> {
  const mime = await mimeOf(head);
  if (mime === "image/jpeg" || mime === "image/png" || mime === "image/gif" || mime === "image/webp")
    return { image: mime };
  if (mime === "image/apng") return { image: "image/png" };
  if (mime === "video/quicktime") return { video: mime };
  if (mime === "video/mp4" || mime === "video/x-m4v") return { video: "video/mp4" };
  // A JPEG whose first segment is one that the library does not know.
  if (head.length > 3 && head.readUInt16BE(0) === 0xffd8 && head[2] === 0xff) return { image: "image/jpeg" };
  return { refused: refusal(mime, head) };
}

/** Pictures that move are a sequence, which its file names first (AV1 Image File Format 1.1, §6.3: the brand `avis`). */
export const isMovingAvif = (head: Buffer): boolean => head.toString("latin1", 4, 12) === "ftypavis";

/** The MIME type that the first bytes tell; empty where they tell none. */
export async function mimeOf(head: Buffer): Promise<string> {
  // What it cannot read to its end is no error of ours: some kinds are told apart by more than their first bytes.
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  if (found) return found.mime;
  // The directory of a TIFF, which the library asks for, may stand at the file's end.
  return ["49492a00", "4d4d002a"].includes(head.toString("hex", 0, 4)) ? "image/tiff" : "";
}

// --- internal ---

const FIX_HINT = "--fix makes a JPEG of it, or magick FILE out.jpg.";
const TAKEN = "X takes JPEG, PNG, WEBP, GIF and MP4 or MOV video; the bytes decide, not the name.";

function refusal(mime: string, head: Buffer): Refusal {
  const [says, hint] = words(mime, head);
  return { code: "MEDIA_TYPE", says, hint: `${hint}${hint ? " " : ""}${TAKEN}` };
}

function words(mime: string, head: Buffer): [says: string, hint: string] {
  if (/^image\/hei[cf]/.test(mime)) {
    return [
      "is a HEIC picture, which X does not take",
      "Convert it: heif-convert FILE out.jpg, or on a Mac sips -s format jpeg FILE --out out.jpg.",
    ];
  }
  if (mime === "image/avif" && isMovingAvif(head)) {
    return ["is an AVIF that moves, which X does not take", "Convert it: ffmpeg -i FILE -pix_fmt yuv420p out.mp4."];
  }
  if (mime === "image/avif") return ["is an AVIF picture, which X does not take", FIX_HINT];
  if (mime === "image/tiff") return ["is a TIFF picture, which X does not take", FIX_HINT];
  if (mime.startsWith("audio/")) return [`is a sound (${mime})`, "X takes sound only as the track of a video."];
  if (mime.startsWith("video/")) {
    return [
      `is a video of a kind that X does not take (${mime})`,
      "Convert it: ffmpeg -i FILE -c:v libx264 -pix_fmt yuv420p -c:a aac out.mp4.",
    ];
  }
  if (mime.startsWith("image/")) {
    return [`is a picture of a kind that X does not take (${mime})`, "Convert it: magick FILE out.jpg."];
  }
  return [`is not an image, GIF or video that X takes${mime ? ` (${mime})` : ""}`, ""];
}
