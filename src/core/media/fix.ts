/**
 * `--fix`: of a picture that X refuses for its kind or its bytes, another one that X takes. Only what sharp decodes whole; what X takes
 * as it is, is never encoded anew. Orientation is applied, the colour profile stays, and all other metadata is left out.
 */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import type { Sharp, SharpOptions } from "sharp";
import { readAt } from "../config/open-file.ts";
import { PsnError } from "../errors.ts";
import { openFile } from "./open-file.ts";
import { loadSharp, PIXELS_MAX } from "./probe/decode.ts";
import { isMovingAvif, mimeOf } from "./probe/kind.ts";

/** The smaller reading of X's "5 MB", about which nobody can be in doubt. */
const BYTES_WANTED = 5_000_000;
const SOURCE_BYTES_MAX = 1024 ** 3;
const HEAD_BYTES = 64 * 1024;
const QUALITIES = [92, 85, 78];
/** Each round has about half the pixels of the one before at most. */
const ROUNDS_MAX = 12;

const KINDS: Record<string, string> = {
  "image/avif": "an AVIF",
  "image/tiff": "a TIFF",
  "image/webp": "a WebP",
  "image/png": "a PNG",
  "image/apng": "a PNG",
  "image/jpeg": "a JPEG",
};

/** A picture that was made of another. */
export interface Fixed {
  path: string;
  fileName: string;
  /** What was made of what. */
  message: string;
}

/**
 * Makes a picture in `folder` that X takes.
 * @param refused why X does not take the file; thrown where nothing can be made of it
 * @throws PsnError FIX_UNAVAILABLE without sharp, MEDIA_BROKEN, MEDIA_CHANGED, and `refused`
 */
export async function fixPicture(
  file: string,
  refused: PsnError,
  folder: string,
  load: typeof loadSharp = loadSharp,
): Promise<Fixed> {
  if (refused.code !== "MEDIA_TYPE" && refused.code !== "MEDIA_TOO_LARGE") throw refused;
  const { mime, head, identity } = await headOf(file);
  const kind = KINDS[mime];
  const isMoving = isMovingAvif(head) || head.includes("acTL", 0, "latin1") || head.includes("ANIM", 0, "latin1");
  // A JPEG is refused for its kind where sharp does not read it either.
  if (kind === undefined || (mime === "image/jpeg" && refused.code === "MEDIA_TYPE")) throw refused;
  if (isMoving && mime !== "image/jpeg") throw beyond(refused, "It moves, and --fix makes still pictures.");
  const byteLength = Number(identity.byteLength);
  if (byteLength > SOURCE_BYTES_MAX) throw refused;
  const sharp = await load();
  if (!sharp) throw withoutSharp(refused);
  if (mime === "image/avif" && isWideAvif(head)) throw beyond(refused, "--fix would change its wide or HDR colours.");
  const options: SharpOptions = { failOn: "truncated", limitInputPixels: PIXELS_MAX, sequentialRead: true };
  const open = () => sharp(file, options);
  try {
    const source = await open().metadata();
    const made = await encoded(open, source, mime);
    // It was read by its name, several times: all of that must have been the same file.
    await (await openFile(file, identity)).handle.close();
    const ending = made.format === "jpeg" ? ".jpg" : ".png";
    const fileName = `${basename(file, extname(file)).slice(0, 250)}${ending}`;
    // The same picture may be made for two tweets; what was made before stays as it was seen.
    const path = join(folder, `${randomBytes(8).toString("hex")}${ending}`);
    await writeFile(path, made.bytes, { mode: 0o600 });
    const { width, height } = source.autoOrient;
    const result = `${made.format === "jpeg" ? "a JPEG" : "a PNG"} of ${number(made.bytes.length)} bytes, ${made.width}×${made.height} pixels`;
    const first = (source.pages ?? 1) > 1 ? `, of which it is the first of ${source.pages} pictures` : "";
    const message = `${fileName}: --fix made ${result}, of ${kind} of ${number(byteLength)} bytes, ${width}×${height} pixels${first}.`;
    return { path, fileName, message };
  } catch (error) {
    if (error instanceof PsnError) throw error;
    const [line = ""] = String((error as Error).message).split("\n");
    throw new PsnError("MEDIA_BROKEN", `${file} cannot be made into another picture: ${line.slice(0, 120)}.`, {
      hint: "Export or copy it again, as it may not have been copied to its end, or convert it: magick FILE -depth 8 out.jpg.",
      details: { file },
    });
  }
}

// --- internal ---

async function headOf(file: string) {
  const { handle, identity } = await openFile(file);
  try {
    const head = await readAt(handle, 0, HEAD_BYTES);
    return { mime: await mimeOf(head), head, identity };
  } finally {
    await handle.close();
  }
}

interface Made {
  format: "jpeg" | "png";
  bytes: Buffer;
  width: number;
  height: number;
}

type Metadata = Awaited<ReturnType<Sharp["metadata"]>>;

/** With all pixels if that fits, else with as many as fit. */
async function encoded(open: () => Sharp, source: Metadata, mime: string): Promise<Made> {
  const isOpaque = !source.hasAlpha || (await open().stats()).isOpaque;
  const full = source.autoOrient.width;
  // Only a profile of RGB describes what is written; pixels of other kinds are converted to sRGB.
  const isRgb = source.channels >= 3 && /^s?rgb(16)?$/.test(source.space ?? "");
  const upright = (width: number) => {
    const turned = open().autoOrient();
    const sized = width < full ? turned.resize({ width }) : turned;
    return isRgb && source.icc ? sized.keepIccProfile() : sized;
  };
  const jpeg = (width: number, quality: number) =>
    upright(width).jpeg({ quality, chromaSubsampling: quality > 90 ? "4:4:4" : "4:2:0" });
  const png = (width: number) => upright(width).png({ compressionLevel: 9, adaptiveFiltering: true });
  const make = async (format: Made["format"], pipeline: Sharp): Promise<Made> => {
    const { data: bytes, info } = await pipeline.toBuffer({ resolveWithObject: true });
    return { format, bytes, width: info.width, height: info.height };
  };
  const fits = ({ bytes }: Made) => bytes.length <= BYTES_WANTED;
  const isPng = /png$/.test(mime);
  if (isPng || !isOpaque) {
    const same = await make("png", png(full));
    if (fits(same)) return same;
    if (!isOpaque) return await smaller(same, (width) => make("png", png(width)));
  }
  let made: Made | null = null;
  for (const quality of QUALITIES) {
    made = await make("jpeg", jpeg(full, quality));
    if (fits(made)) return made;
  }
  return await smaller(made as Made, (width) => make("jpeg", jpeg(width, 85)));
}

/** Fewer pixels until it fits: the bytes of a picture go with its pixels, nearly. */
async function smaller(first: Made, make: (width: number) => Promise<Made>): Promise<Made> {
  let made = first;
  for (let round = 0; round < ROUNDS_MAX && made.bytes.length > BYTES_WANTED; round++) {
    const factor = Math.sqrt(BYTES_WANTED / made.bytes.length) * 0.97;
    made = await make(Math.max(1, Math.floor(made.width * Math.max(factor, 0.5))));
  }
  return made;
}

/** Colours that a `nclx` box names and no profile: sharp reads them as sRGB, which they are not (ITU-T H.273: BT.709 is 1, PQ 16, HLG 18). */
function isWideAvif(head: Buffer): boolean {
  const at = head.indexOf("colrnclx", 0, "latin1");
  if (at < 0 || at + 12 > head.length || /colr(?:prof|rICC)/.test(head.toString("latin1"))) return false;
  const [primaries, transfer] = [head.readUInt16BE(at + 8), head.readUInt16BE(at + 10)];
  return ![1, 2, 5, 6].includes(primaries) || transfer === 16 || transfer === 18;
}

/** Where --fix was asked for and makes nothing of it. */
function beyond({ code, message, hint: refusedHint, details }: PsnError, why: string): PsnError {
  // Where what is refused has advice of its own that is not --fix, that advice is the better one.
  const hint =
    refusedHint && !refusedHint.includes("--fix")
      ? refusedHint
      : "Convert it with another program, such as ImageMagick: magick FILE out.jpg.";
  return new PsnError(code, `${message} ${why}`, { hint, ...(details ? { details } : {}) });
}

function withoutSharp(refused: PsnError): PsnError {
  const message = `${refused.message} --fix needs the library sharp, which is not installed here.`;
  return new PsnError("FIX_UNAVAILABLE", message, {
    hint: `Install PSN with its optional libraries (npm install --include=optional), or do it yourself. ${refused.hint ?? ""}`.trim(),
    ...(refused.details ? { details: refused.details } : {}),
  });
}

const number = (value: number) => value.toLocaleString("en-US");
