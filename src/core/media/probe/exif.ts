/** Where a picture was taken, and with which camera, in EXIF and XMP. Pure; what lies about its lengths is read no further. */
import type { Personal } from "./facts.ts";

const ENTRIES_MAX = 1_000;
const GPS_IFD = 0x8825;
const EXIF_IFD = 0x8769;
const GPS_LATITUDE = 2;
/** Owner, body's and lens' serial number (EXIF 2.3). */
const SERIAL_TAGS = new Set([0xa430, 0xa431, 0xa435]);

/** @param tiff a TIFF header and what follows it, without "Exif\0\0" */
export function readExif(tiff: Buffer): Personal {
  const none = { hasLocation: false, hasSerial: false };
  if (tiff.length < 8) return none;
  const order = tiff.toString("latin1", 0, 2);
  if (order !== "II" && order !== "MM") return none;
  const reader = new Tiff(tiff, order === "II");
  const first = reader.entries(reader.u32(4));
  const gps = first.find(({ tag }) => tag === GPS_IFD);
  const exif = first.find(({ tag }) => tag === EXIF_IFD);
  const isGps = gps ? reader.entries(gps.value).some(({ tag }) => tag === GPS_LATITUDE) : false;
  const serials = exif ? reader.entries(exif.value) : [];
  return { hasLocation: isGps, hasSerial: serials.some(({ tag }) => SERIAL_TAGS.has(tag)) };
}

/** Where a video says where it was taken, in the text of a box. */
export const VIDEO_LOCATION = /\xa9xyz|loci|com\.apple\.quicktime\.location/;

/** @param xmp the packet's text */
export function readXmp(xmp: string): Personal {
  return {
    hasLocation: /GPS(?:Latitude|Longitude)/i.test(xmp),
    hasSerial: /(?:Body|Lens)?SerialNumber|CameraOwnerName/i.test(xmp),
  };
}

export function together(all: readonly Personal[]): Personal {
  return { hasLocation: all.some((one) => one.hasLocation), hasSerial: all.some((one) => one.hasSerial) };
}

// --- internal ---

class Tiff {
  private readonly bytes: Buffer;
  private readonly isLittle: boolean;

  constructor(bytes: Buffer, isLittle: boolean) {
    this.bytes = bytes;
    this.isLittle = isLittle;
  }

  u32(at: number): number {
    if (at < 0 || at + 4 > this.bytes.length) return 0;
    return this.isLittle ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  private u16(at: number): number {
    if (at < 0 || at + 2 > this.bytes.length) return 0;
    return this.isLittle ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  /** The entries of one directory; none where `at` is outside. */
  entries(at: number): { tag: number; value: number }[] {
    if (at < 8) return [];
    const count = Math.min(this.u16(at), ENTRIES_MAX, Math.floor((this.bytes.length - at - 2) / 12));
    return Array.from({ length: Math.max(0, count) }, (_, index) => {
      const entry = at + 2 + 12 * index;
      return { tag: this.u16(entry), value: this.u32(entry + 8) };
    });
  }
}
