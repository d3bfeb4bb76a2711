/**
 * sharp, where it is installed: it decodes a picture to its end, and makes another of it. It is optional: its library has 20 MB,
 * and is not there for every machine.
 */
type Sharp = typeof import("sharp").default;

let loading: Promise<Sharp | null> | undefined;

/** @returns null where it is not installed, or cannot be loaded on this machine */
export function loadSharp(): Promise<Sharp | null> {
  loading ??= import("sharp").then(
    (module) => {
      const sharp = module.default;
      // What was decoded is not needed again, and memory is.
      sharp.cache(false);
      sharp.concurrency(1);
      return sharp;
    },
    () => null,
  );
  return loading;
}

/** More than X takes of a GIF, and than a camera makes: a file of few bytes may ask for any memory. */
export const PIXELS_MAX = 300_000_000;

export type Decoded = "whole" | "not_decoded" | { broken: string };

/** Decodes a picture line by line, and keeps nothing of it. */
export async function decodeWhole(bytes: Buffer): Promise<Decoded> {
  const sharp = await loadSharp();
  if (!sharp) return "not_decoded";
  try {
    const options = { failOn: "truncated", limitInputPixels: PIXELS_MAX, sequentialRead: true } as const;
    await sharp(bytes, options).resize(8, 8, { fit: "fill", kernel: "nearest" }).raw().toBuffer();
    return "whole";
  } catch (error) {
    const [line = ""] = String((error as Error).message).split("\n");
    if (/exceeds pixel limit/i.test(line)) return { broken: "it has more pixels than can be looked at" };
    return { broken: `its pixels cannot be read (${line.slice(0, 120)})` };
  }
}
