/** What `--fix` makes of pictures that X refuses, what it leaves alone, and what it says where nothing can be made. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PsnError } from "../../src/core/errors.ts";
import { fixPicture } from "../../src/core/media/fix.ts";
import { inspectMedia } from "../../src/core/media/inspect.ts";
import { folderStore } from "../../src/core/media/store.ts";
import { storeAttachments } from "../../src/core/posts/attachments.ts";
import { hasTool } from "./files.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-fix-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const hasSharp = await hasTool("sharp");
const sharpOf = async () => (await import("sharp")).default;
const PERSONAL = { IFD0: { Orientation: "6", Artist: "Somebody" }, IFD3: { GPSLatitude: "52/1 31/1 0/1" } };

async function fixed(name: string, more: { strip?: boolean } = {}) {
  const store = folderStore(join(folder, "store"));
  const attachment = { tweet: 0, file: join(folder, name), altText: "What it shows", fix: true, ...more };
  const [[item] = []] = await storeAttachments(store, [attachment], 1);
  if (!item) throw new Error("nothing was stored");
  return { item, bytes: await readFile(join(folder, "store", item.sha256.slice(0, 2), item.sha256)) };
}

const refusal = (name: string) =>
  fixed(name).then(
    () => null,
    (error: PsnError) => error,
  );

/** Noise, which no encoder makes small. */
async function noise(width: number, height: number, channels: 3 | 4) {
  const sharp = await sharpOf();
  const raw = Buffer.alloc(width * height * channels);
  for (let at = 0, state = 1; at < raw.length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    raw[at] = state >>> 24;
  }
  return sharp(raw, { raw: { width, height, channels } });
}

describe.skipIf(!hasSharp)("a picture of a kind that X does not take", () => {
  for (const format of ["avif", "tiff"] as const) {
    test(`${format}: becomes a JPEG, upright, in its colours, without place and owner`, async () => {
      const sharp = await sharpOf();
      const create = { width: 60, height: 40, channels: 3 as const, background: "#a40" };
      const name = `turned.${format}`;
      await sharp({ create })
        .withIccProfile("p3")
        .withExifMerge(PERSONAL)
        .withMetadata({ orientation: 6 })
        .toFormat(format, { quality: 95 })
        .toFile(join(folder, name));
      const before = await sharp(join(folder, name)).metadata();
      const { item, bytes } = await fixed(name);
      const after = await sharp(bytes).metadata();
      expect(item).toMatchObject({
        mime: "image/jpeg",
        fileName: "turned.jpg",
        width: after.width,
        altText: "What it shows",
      });
      expect(item.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
      expect([after.width, after.height]).toEqual([before.autoOrient.width, before.autoOrient.height]);
      expect(after.orientation ?? 1).toBe(1);
      expect(after.exif).toBeUndefined();
      expect(bytes.toString("latin1")).not.toMatch(/Somebody/);
      expect(after.icc?.equals(before.icc ?? Buffer.alloc(0))).toBe(true);
      const colour = async (of: string | Buffer) => {
        const { channels } = await sharp(of).stats();
        return channels.map(({ mean }) => mean);
      };
      const [wanted, got] = [await colour(join(folder, name)), await colour(bytes)];
      for (const [index, mean] of wanted.entries()) expect(Math.abs(mean - (got[index] ?? 0))).toBeLessThan(4);
      const [note] = item.notes ?? [];
      expect(note?.code).toBe("media_fixed");
      expect(note?.message).toMatch(
        new RegExp(
          `turned.jpg: --fix made a JPEG of [\\d,]+ bytes, ${after.width}×${after.height} pixels, of an? ${format}`,
          "i",
        ),
      );
    });
  }

  test("an AVIF that moves is refused without advice that would not work, with and without --fix", async () => {
    const sharp = await sharpOf();
    const create = { width: 30, height: 20, channels: 3 as const, background: "#a40" };
    const bytes = await sharp({ create }).avif().toBuffer();
    bytes.write("avis", 8, "latin1");
    const file = join(folder, "moves.avif");
    await writeFile(file, bytes);
    const plain = await inspectMedia(file).catch((error: PsnError) => error);
    expect(plain).toMatchObject({ code: "MEDIA_TYPE", hint: expect.not.stringContaining("--fix") });
    expect(await refusal("moves.avif")).toMatchObject({
      code: "MEDIA_TYPE",
      message: expect.stringContaining("--fix makes still pictures"),
      hint: expect.stringContaining("ffmpeg"),
    });
  });

  test("one with transparent places becomes a PNG that has them", async () => {
    const sharp = await sharpOf();
    const create = { width: 30, height: 20, channels: 4 as const, background: { r: 0, g: 90, b: 200, alpha: 0.5 } };
    await sharp({ create }).tiff({ compression: "lzw" }).toFile(join(folder, "glass.tif"));
    const { item, bytes } = await fixed("glass.tif");
    expect(item).toMatchObject({ mime: "image/png", fileName: "glass.png" });
    expect((await sharp(bytes).stats()).isOpaque).toBe(false);
  });

  test("CMYK and grey become what a screen shows", async () => {
    const sharp = await sharpOf();
    const create = { width: 30, height: 20, channels: 3 as const, background: "#2080c0" };
    await sharp({ create }).toColourspace("cmyk").withIccProfile("cmyk").tiff().toFile(join(folder, "print.tif"));
    await sharp({ create }).greyscale().toColourspace("b-w").tiff().toFile(join(folder, "grey.tif"));
    const print = await fixed("print.tif");
    const { channels } = await sharp(print.bytes).stats();
    for (const [index, value] of [0x20, 0x80, 0xc0].entries())
      expect(Math.abs((channels[index]?.mean ?? 0) - value)).toBeLessThan(45);
    expect((await fixed("grey.tif")).item.mime).toBe("image/jpeg");
  });
});

test.skipIf(!hasSharp)("one picture for two tweets is made for both", async () => {
  const sharp = await sharpOf();
  const create = { width: 60, height: 40, channels: 3 as const, background: "#a40" };
  await sharp({ create }).tiff().toFile(join(folder, "twice.tif"));
  const attachment = { file: join(folder, "twice.tif"), altText: null, fix: true };
  const both = [0, 1].map((tweet) => ({ ...attachment, tweet }));
  const stored = await storeAttachments(folderStore(join(folder, "store")), both, 2);
  expect(stored.flat().map(({ fileName }) => fileName)).toEqual(["twice.jpg", "twice.jpg"]);
});

describe.skipIf(!hasSharp)("a picture of too many bytes", () => {
  test("a PNG that was stored carelessly keeps each pixel", async () => {
    const sharp = await sharpOf();
    const create = { width: 1_600, height: 1_200, channels: 3 as const, background: "#123456" };
    await sharp({ create }).png({ compressionLevel: 0 }).toFile(join(folder, "careless.png"));
    const before = await readFile(join(folder, "careless.png"));
    expect(before.length).toBeGreaterThan(5_242_880);
    const { item, bytes } = await fixed("careless.png");
    expect(item).toMatchObject({ mime: "image/png", fileName: "careless.png", width: 1_600, height: 1_200 });
    expect((await sharp(bytes).raw().toBuffer()).equals(await sharp(before).raw().toBuffer())).toBe(true);
  });

  test("what cannot be smaller with all its pixels has fewer of them, and its transparency", async () => {
    const sharp = await sharpOf();
    await (await noise(1_300, 1_100, 4)).png({ compressionLevel: 0 }).toFile(join(folder, "noise.png"));
    const { item, bytes } = await fixed("noise.png");
    expect(item.mime).toBe("image/png");
    expect(bytes.length).toBeLessThanOrEqual(5_000_000);
    expect((await sharp(bytes).stats()).isOpaque).toBe(false);
    expect(item.width).toBeLessThan(1_300);
    expect((item.width ?? 0) / (item.height ?? 1)).toBeCloseTo(1_300 / 1_100, 2);
    expect(item.notes?.[0]?.message).toContain("1300×1100 pixels");
  });

  test("a JPEG becomes a smaller one", async () => {
    await (await noise(2_600, 2_000, 3)).jpeg({ quality: 100 }).toFile(join(folder, "noise.jpg"));
    const { item, bytes } = await fixed("noise.jpg");
    expect(item.mime).toBe("image/jpeg");
    expect(bytes.length).toBeLessThanOrEqual(5_000_000);
  });
});

describe.skipIf(!hasSharp)("what --fix does not touch", () => {
  test("a picture that fits goes to the byte, or stripped where that is asked, too", async () => {
    const sharp = await sharpOf();
    const create = { width: 60, height: 40, channels: 3 as const, background: "#a40" };
    await sharp({ create }).withExifMerge(PERSONAL).jpeg({ quality: 40 }).toFile(join(folder, "fits.jpg"));
    const before = await readFile(join(folder, "fits.jpg"));
    expect((await fixed("fits.jpg")).bytes.equals(before)).toBe(true);
    const { bytes } = await fixed("fits.jpg", { strip: true });
    expect((await sharp(bytes).raw().toBuffer()).equals(await sharp(before).raw().toBuffer())).toBe(true);
    expect(bytes.toString("latin1")).not.toContain("Somebody");
  });

  test("what cannot be converted is refused as without it, and the tool that can is named", async () => {
    const heic = Buffer.alloc(64);
    heic.writeUInt32BE(24, 0);
    heic.write("ftypheic\0\0\0\0mif1heic", 4, "latin1");
    await writeFile(join(folder, "photo.heic"), heic);
    const sharp = await sharpOf();
    const create = { width: 1_281, height: 20, channels: 3 as const, background: "#a40" };
    await sharp({ create }).gif().toFile(join(folder, "wide.gif"));
    await writeFile(join(folder, "cut.tif"), (await sharp({ create }).tiff().toBuffer()).subarray(0, 300));
    const asked = [await refusal("photo.heic"), await refusal("wide.gif"), await refusal("cut.tif")];
    expect(asked.map((error) => error?.code)).toEqual(["MEDIA_TYPE", "MEDIA_LIMIT", "MEDIA_BROKEN"]);
    expect(asked[0]?.hint).toContain("heif-convert");
    expect(asked[1]?.hint).toContain("gifsicle");
  });

  test("nothing that was made on the way is left behind", async () => {
    const here = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("psn-media-"));
    const before = await here();
    await fixed("turned.tiff");
    await refusal("cut.tif");
    expect((await here()).filter((name) => !before.includes(name))).toEqual([]);
  });
});

test("without sharp --fix says so, and names what helps", async () => {
  const file = join(folder, "none.tif");
  await writeFile(file, Buffer.from("49492a0008000000000000000000", "hex"));
  const refused = await inspectMedia(file).catch((error: PsnError) => error);
  const error = await fixPicture(file, refused as PsnError, folder, async () => null).catch(
    (thrown: PsnError) => thrown,
  );
  expect(error).toMatchObject({ code: "FIX_UNAVAILABLE", message: expect.stringContaining("sharp") });
  expect((error as PsnError).hint).toContain("magick");
});

test("without --fix a picture of another kind is refused, and the hint names it", async () => {
  await writeFile(join(folder, "small.tif"), Buffer.from("49492a0008000000000000000000", "hex"));
  const error = await inspectMedia(join(folder, "small.tif")).catch((refused: PsnError) => refused);
  expect(error).toMatchObject({ code: "MEDIA_TYPE", hint: expect.stringContaining("--fix") });
});
