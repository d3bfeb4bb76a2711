/** Real files against X's rules, and what becomes of them when their bytes are changed. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PsnError } from "../../src/core/errors.ts";
import { fixPicture } from "../../src/core/media/fix.ts";
import { inspectMedia } from "../../src/core/media/inspect.ts";
import { readImage } from "../../src/core/media/probe/image.ts";
import { notesOf } from "../../src/core/media/probe/rules.ts";
import { fakeMp4 } from "../../src/sandbox/testing.ts";
import { hasTool, makeFiles, REAL_FILES } from "./files.ts";

let folder: string;
let files: Map<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-real-files-"));
  files = await makeFiles(folder);
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const missing: string[] = [];
for (const tool of ["ffmpeg", "sharp"] as const) if (!(await hasTool(tool))) missing.push(tool);
test.skipIf(missing.length > 0)(
  `all files can be made here${missing.length > 0 ? `; not those of ${missing.join(", ")}` : ""}`,
  () => {
    expect(files.size).toBe(REAL_FILES.length);
  },
);

/** "ok", or the code of the refusal. */
async function verdict(path: string): Promise<{ code: string; notes: string[]; message: string; hint: string }> {
  try {
    const { notes } = await inspectMedia(path, "None");
    return { code: "ok", notes: notes.map((note) => note.code), message: "", hint: "" };
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    return { code: error.code, notes: [], message: error.message, hint: error.hint ?? "" };
  }
}

test("scenario 22: each of 60 real files is judged as X's rules say, from its bytes", async () => {
  expect(REAL_FILES.length).toBeGreaterThanOrEqual(60);
  const wrong: string[] = [];
  for (const { name, expected, notes } of REAL_FILES) {
    const path = files.get(name);
    if (!path) continue;
    const found = await verdict(path);
    const seen = found.notes.filter((code) => code !== "media_not_decoded");
    if (found.code !== expected || (found.code === "ok" && notes && JSON.stringify(seen) !== JSON.stringify(notes))) {
      wrong.push(
        `${name}: ${expected} ${JSON.stringify(notes)}, and not ${found.code} ${JSON.stringify(seen)} ${found.message}`,
      );
    }
    if (found.code !== "ok") expect(found.hint).not.toBe("");
  }
  expect(wrong).toEqual([]);
});

describe("scenario 22: bytes that seem to be something else", () => {
  const at = async (name: string, bytes: Uint8Array) => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return await verdict(path);
  };
  const ftyp = (brand: string) =>
    Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(`ftyp${brand}\0\0\0\0${brand}${brand}`)]);

  test("twenty-four bytes of ftyp are no video, and HEIC sequences, CR3 and M4A none either", async () => {
    expect((await at("only.mp4", ftyp("isom"))).code).toBe("MEDIA_BROKEN");
    for (const brand of ["hevc", "msf1", "heic", "mif1", "crx ", "M4A ", "3gp4"]) {
      expect((await at(`${brand.trim()}.mp4`, ftyp(brand))).code).toBe("MEDIA_TYPE");
    }
  });

  test("a JPEG whose frame header lies after 512 kB is a JPEG", async () => {
    const jpeg = files.get("plain.jpg");
    if (!jpeg) return;
    const bytes = Buffer.from(await Bun.file(jpeg).arrayBuffer());
    const segment = Buffer.concat([Buffer.from([0xff, 0xe2, 0xff, 0xff]), Buffer.alloc(65_533, 1)]);
    const padded = Buffer.concat([
      bytes.subarray(0, 2),
      ...Array.from({ length: 9 }, () => segment),
      bytes.subarray(2),
    ]);
    expect(await at("padded.jpg", padded)).toMatchObject({ code: "ok" });
  });

  test("QuickTime without ftyp is a video", async () => {
    const mov = files.get("quick.mov");
    if (!mov) return;
    const bytes = Buffer.from(await Bun.file(mov).arrayBuffer());
    expect(await at("old.mov", bytes.subarray(bytes.readUInt32BE(0)))).toMatchObject({ code: "ok" });
  });

  test("a PNG of 0×0 pixels, and one that asks for 60,000 × 60,000, are refused with the reason", async () => {
    const png = files.get("plain.png");
    if (!png) return;
    const bytes = Buffer.from(await Bun.file(png).arrayBuffer());
    const none = Buffer.from(bytes);
    none.writeUInt32BE(0, 16);
    none.writeUInt32BE(0, 20);
    const found = await at("none.png", none);
    expect(found).toMatchObject({ code: "MEDIA_BROKEN" });
    expect(found.message).toContain("0×0");
    const bomb = Buffer.from(bytes);
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    if (await hasTool("sharp")) expect((await at("bomb.png", bomb)).code).toBe("MEDIA_BROKEN");
  });
});

describe("what X's documents do not name is a doubt", () => {
  test("H.264 with 10 bits a colour", async () => {
    const told = async (name: string, configuration: number[]) => {
      const file = join(folder, name);
      await writeFile(file, fakeMp4(2_000, 3, { configuration }));
      return (await inspectMedia(file)).notes.map(({ message }) => message).join();
    };
    expect(await told("ten.mp4", [1, 110, 0, 30, 0xff, 0xe0, 0, 0xfd, 0xfa, 0xfa, 0])).toContain("10 bits a colour");
    expect(await told("eight.mp4", [1, 100, 0, 30, 0xff, 0xe0, 0, 0xfd, 0xf8, 0xf8, 0])).toBe("");
    // Files of many writers end before it.
    expect(await told("short.mp4", [1, 100, 0, 30, 0xff, 0xe0, 0, 0, 0])).toBe("");
  });

  test("a JPEG with arithmetic coding", () => {
    const jpeg = (frame: number) =>
      Buffer.from(`ffd8ff${frame.toString(16)}000b080030004001011100ffda0008010100003f0000ffd9`, "hex");
    const told = (frame: number) => {
      const facts = readImage(jpeg(frame), "image/jpeg");
      expect(facts).toMatchObject({ width: 64, height: 48, broken: null });
      return facts ? notesOf(facts, "old.jpg", 40).map(({ message }) => message) : [];
    };
    for (const frame of [0xc9, 0xca]) expect(told(frame).join()).toContain("arithmetic coding");
    for (const frame of [0xc0, 0xc2]) expect(told(frame)).toEqual([]);
  });
});

test("a JPEG that no browser shows is refused for what it is, not as one that was copied badly", async () => {
  const told = async (frame: string, bits: string) => {
    const file = join(folder, `rare-${frame}-${bits}.jpg`);
    await writeFile(file, Buffer.from(`ffd8ff${frame}000b${bits}0030004001011100ffda0008010100003f0000ffd9`, "hex"));
    const refused = await inspectMedia(file).catch((error: PsnError) => error);
    const withFix = await fixPicture(file, refused as PsnError, folder).catch((error: PsnError) => error);
    expect(withFix).toEqual(refused as never);
    return refused;
  };
  for (const [frame, bits, says] of [
    ["c1", "0c", "12 bits a colour"],
    ["c2", "0c", "12 bits a colour"],
    ["c3", "08", "lossless"],
    ["cb", "08", "lossless"],
  ] as const) {
    const refused = await told(frame, bits);
    expect(refused).toMatchObject({ code: "MEDIA_TYPE", hint: expect.stringContaining("magick FILE -depth 8") });
    expect((refused as PsnError).message).toContain(says);
  }
});

/** Deterministic, so that a failing file can be made again. */
function mutant(bytes: Buffer, seed: number): Buffer {
  let state = (seed + 1) * 2_654_435_761;
  const next = (max: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + seed) >>> 0;
    return max === 0 ? 0 : state % max;
  };
  const out = Buffer.from(bytes);
  const head = Math.min(out.length, 600);
  switch (seed % 4) {
    case 0:
      return out.subarray(0, next(out.length));
    case 1:
      for (let count = 0; count < 8; count++) out[next(out.length)] = next(256);
      return out;
    case 2:
      // Lengths that lie stand near the beginning, and at the end of an MP4.
      if (out.length > 8) out.writeUInt32BE([0xffffffff, 0x7fffffff, 0, 1][next(4)] ?? 0, next(head - 4));
      return out;
    default:
      if (out.length > 8) out.writeUInt32BE(next(2 ** 31), Math.max(0, out.length - 4 - next(head - 4)));
      return out;
  }
}

test("changed bytes never crash it, keep it busy or take memory", async () => {
  const count = Number(process.env.PSN_MEDIA_MUTANTS ?? 200);
  const seeds = [...files].filter(([, path]) => Bun.file(path).size < 300_000);
  if (seeds.length === 0) return;
  const path = join(folder, "mutant");
  Bun.gc(true);
  const before = process.memoryUsage().rss;
  let most = 0;
  for (let seed = 0; seed < count; seed++) {
    const [name, from] = seeds[seed % seeds.length] ?? ["", ""];
    await writeFile(path, mutant(Buffer.from(await Bun.file(from).arrayBuffer()), seed));
    await verdict(path).catch((error) => {
      throw new Error(`mutant ${seed} of ${name}: ${String(error)}`);
    });
    most = Math.max(most, process.memoryUsage().rss - before);
  }
  expect(most / 1024 ** 2).toBeLessThan(64);
}, 300_000);
