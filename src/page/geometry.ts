/**
 * The measures of X's web client, in CSS pixels, as data: the style sheet is written from them, and the tests in a browser hold the
 * page against them.
 */
export const GEOMETRY = {
  /** Width of the column between its borders. */
  column: 598,
  padding: 16,
  /** Above and below a tweet. */
  gap: 12,
  /** Of a tweet in a thread, and of one that was opened. */
  avatar: 40,
  avatarOpened: 48,
  avatarGap: 8,
  text: { size: 15, line: 20 },
  textOpened: { size: 17, line: 24 },
  media: { gap: 2, radius: 16, heightMax: 510, ratioMin: 0.75, gridRatio: 16 / 9 },
  replyLine: 2,
} as const;

/** The part of a picture that X shows, in pixels of the picture. */
export interface Crop {
  x: number;
  y: number;
  width: number;
  height: number;
  /** How much of the picture is not seen, from 0 to 1. */
  lost: number;
}

/**
 * The place of picture `index` of `count` in X's grid, as its width divided by its height: one picture keeps its own, though none is
 * narrower than 3:4; two stand side by side; of three the first takes both rows; four are two by two.
 */
export function boxRatio(count: number, index: number, own: number | null): number {
  const { ratioMin, gridRatio } = GEOMETRY.media;
  if (count === 1) return Math.max(own ?? gridRatio, ratioMin);
  const isHigh = count === 2 || (count === 3 && index === 0);
  return isHigh ? gridRatio / 2 : gridRatio;
}

/** What of a picture is seen in a box of that ratio, which shows its middle; null when all of it is. */
export function cropOf(width: number, height: number, ratio: number): Crop | null {
  if (width <= 0 || height <= 0) return null;
  const own = width / height;
  // Two in a hundred are the rounding of a pixel, and nobody sees them.
  const lost = 1 - Math.min(own / ratio, ratio / own);
  if (lost < 0.02) return null;
  if (own > ratio) {
    const shown = height * ratio;
    return { x: (width - shown) / 2, y: 0, width: shown, height, lost };
  }
  const shown = width / ratio;
  return { x: 0, y: (height - shown) / 2, width, height: shown, lost };
}
