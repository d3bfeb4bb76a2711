/** Real media files, made by ffmpeg, cwebp and sharp where they are there: each with what X's rules say of it. */
import { execFile } from "node:child_process";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface RealFile {
  name: string;
  /** "ok", or the code of the refusal. */
  expected: string;
  /** Codes of its notes; not asked of a refused file. */
  notes?: string[];
  make(path: string): Promise<void>;
  needs: "ffmpeg" | "sharp" | "cwebp" | "gif2webp";
}

export async function hasTool(name: RealFile["needs"]): Promise<boolean> {
  if (name === "sharp")
    return await import("sharp").then(
      () => true,
      () => false,
    );
  return await run(name, [name === "ffmpeg" ? "-version" : "-version"]).then(
    () => true,
    () => false,
  );
}

const ffmpeg =
  (...args: string[]) =>
  async (path: string) => {
    await run("ffmpeg", ["-v", "error", "-y", ...args, path]);
  };
const source = (size: string, seconds = 1, rate = 10) => [
  "-f",
  "lavfi",
  "-i",
  `testsrc=size=${size}:rate=${rate}:duration=${seconds}`,
];
const h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
const video = (name: string, expected: string, args: string[], notes?: string[]): RealFile => ({
  name,
  expected,
  ...(notes ? { notes } : {}),
  needs: "ffmpeg",
  make: ffmpeg(...args),
});
const still = (name: string, expected: string, args: string[] = [], notes: string[] = []): RealFile =>
  video(name, expected, [...source("64x48"), "-frames:v", "1", ...args], notes);

/** A file cut after a part of its bytes. */
async function cut(path: string, part: number): Promise<void> {
  const bytes = Buffer.from(await Bun.file(path).arrayBuffer());
  await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * part)));
}
const cutShort = (file: RealFile, name: string, part: number): RealFile => ({
  ...file,
  name,
  expected: "MEDIA_BROKEN",
  make: async (path) => {
    await file.make(path);
    await cut(path, part);
  },
});

type Pipeline = (sharp: typeof import("sharp").default) => { toFile(path: string): Promise<unknown> };
const bySharp = (name: string, expected: string, pipeline: Pipeline, notes: string[] = []): RealFile => ({
  name,
  expected,
  notes,
  needs: "sharp",
  make: async (path) => void (await pipeline((await import("sharp")).default).toFile(path)),
});
const noise = (width: number, height: number, channels: 3 | 4 = 3) => ({
  create: { width, height, channels, background: "#888", noise: { type: "gaussian" as const, mean: 128, sigma: 60 } },
});
const GPS = {
  IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 31/1 0/1", GPSLongitudeRef: "E", GPSLongitude: "13/1 24/1 0/1" },
};

const jpeg = still("plain.jpg", "ok", ["-pix_fmt", "yuvj420p"]);
const png = still("plain.png", "ok");
const mp4 = video("plain.mp4", "ok", [...source("320x240", 2), ...h264], []);
const gif = video("plain.gif", "ok", source("64x48", 1), []);
const DOUBT = ["media_doubtful"];

export const REAL_FILES: RealFile[] = [
  jpeg,
  png,
  gif,
  mp4,
  cutShort(jpeg, "cut.jpg", 0.5),
  cutShort(jpeg, "cut-header.jpg", 0.1),
  cutShort(png, "cut.png", 0.6),
  cutShort(gif, "cut.gif", 0.6),
  cutShort(mp4, "cut.mp4", 0.5),
  still("named-as.png", "ok", ["-f", "image2", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"]),
  still("one-frame.gif", "ok", [], DOUBT),
  still("grey.jpg", "ok", ["-pix_fmt", "gray"]),
  still("alpha.png", "ok", ["-pix_fmt", "rgba"]),
  still("palette.png", "ok", ["-pix_fmt", "pal8"]),
  still("deep.png", "ok", ["-pix_fmt", "rgb48be"]),
  still("bitmap.bmp", "MEDIA_TYPE"),
  still("scan.tiff", "MEDIA_TYPE"),
  still("tiny.png", "ok", ["-vf", "scale=1:1"]),
  video("animated.apng", "ok", [...source("64x48", 1), "-plays", "0"], DOUBT),
  video("wide.gif", "MEDIA_LIMIT", [...source("1282x64", 0.2)]),
  video("high.gif", "MEDIA_LIMIT", [...source("64x1082", 0.2)]),
  video("many.gif", "MEDIA_LIMIT", [...source("16x16", 18, 20)]),
  video("limit.gif", "ok", [...source("16x16", 17.5, 20)], []),
  video("pixels.gif", "MEDIA_LIMIT", ["-f", "lavfi", "-i", "color=size=1280x1080:rate=20:duration=11"]),
  video("moov-first.mp4", "ok", [...source("320x240", 2), ...h264, "-movflags", "+faststart"], []),
  video("fragments.mp4", "ok", [...source("320x240", 2), ...h264, "-movflags", "frag_keyframe+empty_moov"], DOUBT),
  video("quick.mov", "ok", [...source("320x240", 2), ...h264], []),
  video(
    "sound.mp4",
    "ok",
    [...source("320x240", 2), "-f", "lavfi", "-i", "sine=duration=2", ...h264, "-c:a", "aac"],
    [],
  ),
  video("short.mp4", "MEDIA_LIMIT", [...source("320x240", 0.3), ...h264]),
  video("half.mp4", "ok", [...source("320x240", 0.5), ...h264], []),
  video("fast.mp4", "MEDIA_LIMIT", [...source("320x240", 1, 120), ...h264]),
  video("sixty.mp4", "ok", [...source("320x240", 1, 60), ...h264], []),
  video("small.mp4", "MEDIA_LIMIT", [...source("16x16", 1), ...h264]),
  video("least.mp4", "ok", [...source("32x32", 1), ...h264], []),
  video("bar.mp4", "MEDIA_LIMIT", [...source("640x64", 1), ...h264]),
  video("three.mp4", "ok", [...source("384x128", 1), ...h264], []),
  video("large.mp4", "ok", [...source("1920x1080", 1), ...h264], DOUBT),
  video("portrait.mp4", "ok", [...source("720x1280", 1), ...h264], []),
  video("chroma422.mp4", "ok", [...source("320x240", 1), "-c:v", "libx264", "-pix_fmt", "yuv422p"], DOUBT),
  video("chroma444.mp4", "ok", [...source("320x240", 1), "-c:v", "libx264", "-pix_fmt", "yuv444p"], DOUBT),
  video(
    "hevc.mp4",
    "ok",
    [
      ...source("320x240", 1),
      "-c:v",
      "libx265",
      "-x265-params",
      "log-level=none",
      "-pix_fmt",
      "yuv420p",
      "-tag:v",
      "hvc1",
    ],
    DOUBT,
  ),
  video("mpeg4.mp4", "ok", [...source("320x240", 1), "-c:v", "mpeg4"], DOUBT),
  video(
    "mp3.mp4",
    "ok",
    [...source("320x240", 1), "-f", "lavfi", "-i", "sine=duration=1", ...h264, "-c:a", "ac3"],
    DOUBT,
  ),
  video(
    "place.mp4",
    "ok",
    [...source("320x240", 1), ...h264, "-metadata", "location=+52.5200+013.4050/"],
    ["media_location"],
  ),
  video("long.mp4", "MEDIA_LIMIT", ["-f", "lavfi", "-i", "color=size=32x32:rate=1:duration=1260", ...h264]),
  video("twenty.mp4", "ok", ["-f", "lavfi", "-i", "color=size=32x32:rate=1:duration=1200", ...h264], []),
  video("song.m4a", "MEDIA_TYPE", ["-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac"]),
  video("song.mp4", "MEDIA_TYPE", ["-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac"]),
  video("phone.3gp", "MEDIA_TYPE", [...source("176x144", 1, 15), "-c:v", "h263"]),
  video("web.webm", "MEDIA_TYPE", [...source("64x64", 1), "-c:v", "libvpx", "-deadline", "realtime"]),
  video("film.mkv", "MEDIA_TYPE", [...source("64x64", 1), ...h264]),
  video("film.avi", "MEDIA_TYPE", [...source("64x64", 1), "-c:v", "mpeg4"]),
  video("film.ts", "MEDIA_TYPE", [...source("64x64", 1), ...h264]),
  bySharp("plain.webp", "ok", (sharp) => sharp(noise(64, 48)).webp()),
  bySharp("lossless.webp", "ok", (sharp) => sharp(noise(64, 48)).webp({ lossless: true })),
  bySharp("alpha.webp", "ok", (sharp) => sharp(noise(64, 48, 4)).webp()),
  bySharp("progressive.jpg", "ok", (sharp) => sharp(noise(64, 48)).jpeg({ progressive: true })),
  bySharp("cmyk.jpg", "ok", (sharp) => sharp(noise(64, 48)).toColourspace("cmyk").jpeg()),
  bySharp("place.jpg", "ok", (sharp) => sharp(noise(64, 48)).withExif(GPS).jpeg(), ["media_location"]),
  bySharp("place.png", "ok", (sharp) => sharp(noise(64, 48)).withExif(GPS).png(), ["media_location"]),
  bySharp("place.webp", "ok", (sharp) => sharp(noise(64, 48)).withExif(GPS).webp(), ["media_location"]),
  bySharp(
    "serial.jpg",
    "ok",
    (sharp) =>
      sharp(noise(64, 48))
        .withExif({ IFD2: { BodySerialNumber: "123456" } })
        .jpeg(),
    ["media_serial"],
  ),
  bySharp("picture.avif", "MEDIA_TYPE", (sharp) => sharp(noise(64, 48)).avif({ effort: 0 })),
  bySharp("large.png", "MEDIA_TOO_LARGE", (sharp) => sharp(noise(1400, 1400)).png({ compressionLevel: 0 })),
  bySharp("nearly.png", "ok", (sharp) => sharp(noise(1310, 1310)).png({ compressionLevel: 0 }), DOUBT),
];

/** Makes the files whose tools are here. @returns their paths by name */
export async function makeFiles(folder: string): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  const tools = new Map<RealFile["needs"], boolean>();
  const lanes = Array.from({ length: 4 }, async (_, lane) => {
    for (const [index, file] of REAL_FILES.entries()) {
      if (index % 4 !== lane) continue;
      const has = tools.get(file.needs) ?? (await hasTool(file.needs));
      tools.set(file.needs, has);
      if (!has) continue;
      const path = join(folder, file.name);
      await file.make(path);
      if ((await stat(path)).size > 0) made.set(file.name, path);
    }
  });
  await Promise.all(lanes);
  return made;
}
