/** The demo's image, drawn by code so that no binary lies in git: a lighthouse at dusk, as a PNG of about 18 kB. */
import { crc32, deflateSync } from "node:zlib";

export const PICTURE_ALT =
  "A white and red lighthouse on a dark rock at dusk, its beam reaching left over a calm sea under the first stars.";

const WIDTH = 800;
const HEIGHT = 450;
const HORIZON = 300;
const LAMP = { x: 590, y: 118 };

type Colour = readonly [red: number, green: number, blue: number];

/** The picture's bytes; the same at every call. */
export function drawPicture(): Uint8Array {
  const rows = Buffer.alloc(HEIGHT * (1 + WIDTH * 3));
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    rows[at++] = SUB;
    let left: Colour = [0, 0, 0];
    for (let x = 0; x < WIDTH; x++) {
      const colour = colourAt(x, y);
      for (const channel of [0, 1, 2] as const) rows[at++] = (colour[channel] - left[channel]) & 0xff;
      left = colour;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  // 8 bits a channel, red green blue, no interlacing.
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** PNG's filter 1: each byte as the difference to the pixel on its left, which makes level gradients all zeros. */
const SUB = 1;

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

const mix = (a: Colour, b: Colour, share: number): Colour => {
  const part = Math.min(1, Math.max(0, share));
  const of = (channel: 0 | 1 | 2) => Math.round(a[channel] + (b[channel] - a[channel]) * part);
  return [of(0), of(1), of(2)];
};

const NIGHT: Colour = [18, 24, 58];
const DUSK: Colour = [222, 132, 92];
const DEEP: Colour = [10, 20, 40];
const LIGHT: Colour = [255, 240, 190];
const ROCK: Colour = [20, 18, 26];
const WHITE: Colour = [236, 230, 220];
const RED: Colour = [178, 58, 52];

function colourAt(x: number, y: number): Colour {
  return lighthouse(x, y) ?? (isRock(x, y) ? ROCK : behind(x, y));
}

function behind(x: number, y: number): Colour {
  const isSea = y > HORIZON;
  const plain = isSea ? mix(mix(DUSK, DEEP, 0.55), DEEP, (y - HORIZON) / 90) : mix(NIGHT, DUSK, (y / HORIZON) ** 2.2);
  if (isSea) return (y * 7 + (x >> 5) * 3) % 11 === 0 ? mix(plain, DUSK, 0.18) : plain;
  if (isStar(x, y)) return mix(plain, LIGHT, 0.9 - y / 260);
  return mix(plain, LIGHT, beam(x, y));
}

/** How bright the beam is at a point: a wedge to the left of the lamp that fades with the distance. */
function beam(x: number, y: number): number {
  const far = LAMP.x - x;
  if (far <= 0) return 0;
  const off = Math.abs(y - LAMP.y + far * 0.04) / (8 + far * 0.09);
  return off >= 1 ? 0 : 0.6 * (1 - off) * (1 - far / 760);
}

/** Scattered by a fixed hash, denser towards the top. */
function isStar(x: number, y: number): boolean {
  if (y > 210) return false;
  const hash = (Math.imul(x, 73_856_093) ^ Math.imul(y, 19_349_663)) >>> 0;
  return hash % 1_900 === 0;
}

function lighthouse(x: number, y: number): Colour | null {
  const off = Math.abs(x - LAMP.x);
  if (y >= 92 && y < 104 && off <= (y - 92) * 1.4) return RED;
  if (y >= 104 && y < 132) return off <= 12 ? LIGHT : off <= 15 ? ROCK : null;
  if (y >= 132 && y < 138) return off <= 26 ? ROCK : null;
  if (y < 138 || y > 330 || off > 17 + (y - 138) * 0.07) return null;
  const plain = Math.floor((y - 138) / 39) % 2 === 0 ? WHITE : RED;
  return mix(plain, NIGHT, (x - LAMP.x + 32) / 90);
}

function isRock(x: number, y: number): boolean {
  const off = (x - LAMP.x - 30) / 190;
  return y > 318 + 75 * off * off + 5 * Math.sin(x / 9) + 3 * Math.sin(x / 3.7);
}
