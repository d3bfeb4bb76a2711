/** What `--strip` leaves out, and what stays. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectMedia } from "../../src/core/media/inspect.ts";
import { folderStore } from "../../src/core/media/store.ts";
import { storeAttachments } from "../../src/core/posts/attachments.ts";
import { fakeMp4, TINY_GIF } from "../../src/sandbox/testing.ts";
import { hasTool, REAL_FILES } from "./files.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-strip-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const hasSharp = await hasTool("sharp");
const hasFfmpeg = await hasTool("ffmpeg");

async function stripped(file: string) {
  const store = folderStore(join(folder, "store"));
  const [[item] = []] = await storeAttachments(store, [{ tweet: 0, file, altText: null, strip: true }], 1);
  if (!item) throw new Error("nothing was stored");
  return { item, bytes: await readFile(join(folder, "store", item.sha256.slice(0, 2), item.sha256)) };
}

for (const name of ["place.jpg", "place.png", "place.webp", "serial.jpg", "place.mp4"]) {
  const isHere = name.endsWith(".mp4") ? hasFfmpeg : hasSharp;
  test.skipIf(!isHere)(`${name} goes without it, whole, and is not encoded anew`, async () => {
    const file = join(folder, name);
    await REAL_FILES.find((real) => real.name === name)?.make(file);
    expect((await inspectMedia(file)).notes.map(({ code }) => code)).not.toEqual([]);
    const before = await readFile(file);
    const { item, bytes } = await stripped(file);
    expect(item.fileName).toBe(name);
    expect(item.notes?.filter(({ code }) => code !== "media_not_decoded")).toEqual([]);
    expect(bytes.toString("latin1")).not.toMatch(/GPSLatitude|123456|\+52\.52/);
    expect((await readFile(file)).equals(before)).toBe(true);
    if (name.endsWith(".mp4")) return expect(bytes.length).toBe(before.length);
    const { default: sharp } = await import("sharp");
    const pixels = async (of: Buffer) => await sharp(of).raw().toBuffer();
    expect((await pixels(bytes)).equals(await pixels(before))).toBe(true);
  });
}

test("a GIF with a place in its XMP, and a comment, is told and goes without them, its loop and pictures whole", async () => {
  const blocks = (label: number, ...parts: Buffer[]) =>
    Buffer.concat([Buffer.of(0x21, label), ...parts.map((part) => Buffer.concat([Buffer.of(part.length), part]))]);
  const end = Buffer.of(0);
  const xmp = Buffer.from('<x:xmpmeta exif:GPSLatitude="48,51.0N" aux:SerialNumber="123456"/>', "latin1");
  // XMP stands there as it is, and ends so that who reads it as blocks comes to its end (XMP specification, part 3, 1.1.2).
  const trailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, at) => 255 - at), 0]);
  const loop = Buffer.concat([blocks(0xff, Buffer.from("NETSCAPE2.0"), Buffer.of(1, 0, 0)), end]);
  const [head, picture] = [TINY_GIF.subarray(0, 19), TINY_GIF.subarray(19, -1)];
  const file = join(folder, "placed.gif");
  const place = Buffer.concat([blocks(0xff, Buffer.from("XMP DataXMP")), xmp, trailer]);
  const comment = Buffer.concat([blocks(0xfe, Buffer.from("Home")), end]);
  await writeFile(file, Buffer.concat([head, loop, comment, place, picture, Buffer.of(0x3b), Buffer.from("behind")]));
  const codes = (await inspectMedia(file)).notes.map(({ code }) => code).filter((code) => /location|serial/.test(code));
  expect(codes).toEqual(["media_location", "media_serial"]);
  const { bytes } = await stripped(file);
  expect(bytes.equals(Buffer.concat([head, loop, picture, Buffer.of(0x3b)]))).toBe(true);
});

test.skipIf(!hasSharp)(
  "what stands behind a picture is told and left out: another one with a place, a clip with a place",
  async () => {
    const { default: sharp } = await import("sharp");
    const create = { width: 60, height: 40, channels: 3 as const, background: "#a40" };
    const plain = await sharp({ create }).jpeg({ progressive: true }).toBuffer();
    const placed = await sharp({ create })
      .withExif({ IFD3: { GPSLatitude: "52/1 31/1 0/1" } })
      .jpeg()
      .toBuffer();
    const clip = Buffer.concat([
      Buffer.from(fakeMp4(2_000)),
      Buffer.from("\0\0\0\x20udta\0\0\0\x18\xa9xyz\0\x0c\x15\xc7+52.5200/", "latin1"),
    ]);
    for (const [name, behind] of Object.entries({ "two.jpg": placed, "moving.jpg": clip })) {
      const file = join(folder, name);
      await writeFile(file, Buffer.concat([plain, behind]));
      expect((await inspectMedia(file)).notes.map(({ code }) => code)).toContain("media_location");
      expect((await stripped(file)).bytes.equals(plain)).toBe(true);
    }
  },
);

test("XMP of a video, in a box of its own, is told and emptied", async () => {
  const packet = Buffer.from('<x:xmpmeta><rdf:Description exif:GPSLatitude="52,31N"/></x:xmpmeta>');
  const head = Buffer.from("0000000075756964be7acfcb97a942e89c71999491e3afac", "hex");
  head.writeUInt32BE(head.length + packet.length, 0);
  const file = join(folder, "xmp.mp4");
  await writeFile(file, Buffer.concat([Buffer.from(fakeMp4(2_000)), head, packet]));
  expect((await inspectMedia(file)).notes.map(({ code }) => code)).toContain("media_location");
  const { bytes } = await stripped(file);
  expect(bytes.includes("GPSLatitude")).toBe(false);
  expect(bytes.length).toBe((await readFile(file)).length);
});

test.skipIf(!hasSharp)("a picture that is stored on its side stays upright, and keeps its colours", async () => {
  const { default: sharp } = await import("sharp");
  const create = { width: 60, height: 40, channels: 3 as const, background: "#a40" };
  for (const format of ["jpeg", "png", "webp"] as const) {
    const file = join(folder, `turned.${format}`);
    const exif = { IFD0: { Orientation: "6", Artist: "Somebody" }, IFD3: { GPSLatitude: "52/1 31/1 0/1" } };
    await sharp({ create })
      .withIccProfile("p3")
      .withExifMerge(exif)
      .withMetadata({ orientation: 6 })
      .toFormat(format)
      .toFile(file);
    const before = await sharp(file).metadata();
    const { bytes } = await stripped(file);
    const after = await sharp(bytes).metadata();
    expect([after.orientation, after.icc?.length]).toEqual([before.orientation, before.icc?.length]);
    expect(bytes.includes("Somebody")).toBe(false);
  }
});
