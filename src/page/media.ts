/** Pictures, GIFs and videos in X's grid, with what X crops, and the alt text behind its badge. */
import { boxRatio, type Crop, cropOf, GEOMETRY } from "./geometry.ts";
import { type Html, html, NOTHING } from "./html.ts";
import type { MediaView } from "./views.ts";

/** X shows no more in one tweet. */
const SHOWN_MAX = 4;

/** The grid of a tweet's media; nothing when it has none. */
export function mediaHtml(key: string, media: readonly MediaView[]): Html {
  if (media.length === 0) return NOTHING;
  const shown = media.slice(0, SHOWN_MAX);
  const items = shown.map((item, index) => itemHtml(`${key}-media-${index + 1}`, item, index, shown.length));
  const crops = shown.flatMap((item, index) => cropNote(item, index, shown.length));
  return html`<div class="media of-${shown.length}">${items}</div>${crops}`;
}

// --- internal ---

const KINDS = { photo: "picture", gif: "GIF", video: "video" } as const;

function itemHtml(key: string, item: MediaView, index: number, count: number): Html {
  const { altText } = item;
  const alt =
    altText === null
      ? html`<span class="badge no-alt">No alt text</span>`
      : html`<details class="alt" id="${key}-alt"><summary aria-label="Alt text of the ${KINDS[item.kind]}">ALT</summary><p dir="auto">${altText}</p></details>`;
  const moving = item.kind === "gif" ? html`<span class="badge gif">GIF</span>` : NOTHING;
  const space = count === 1 ? spaceHtml(item) : NOTHING;
  return html`<div class="item" id="${key}">${space}${pictureHtml(item, index, count)}<div class="badges">${moving}${alt}</div></div>`;
}

function pictureHtml(item: MediaView, index: number, count: number): Html {
  const { url, kind, altText, fileName } = item;
  if (url === null) return html`<div class="blank"><span>${fileName}</span></div>`;
  if (kind === "video") {
    return html`<video src="${url}" controls preload="metadata" aria-label="${altText ?? fileName}"></video>`;
  }
  const lazy = index > 0 || count > 1 ? html` loading="lazy"` : NOTHING;
  return html`<img src="${url}" alt="${altText ?? ""}"${lazy} decoding="async">`;
}

/**
 * The place of a picture that stands alone: its own ratio, as large as the column and X's height allow. It is taken before the bytes are
 * there, and where there are none.
 */
function spaceHtml({ width, height }: MediaView): Html {
  const isKnown = width !== null && height !== null && width > 0 && height > 0;
  const ratio = boxRatio(1, 0, isKnown ? width / height : null);
  const widthMax = GEOMETRY.column - 2 * GEOMETRY.padding - GEOMETRY.avatar - GEOMETRY.avatarGap;
  const boxHeight = Math.min(widthMax / ratio, GEOMETRY.media.heightMax);
  const [across, down] = [Math.round(boxHeight * ratio), Math.round(boxHeight)];
  const guessed = isKnown ? "" : " is-guessed";
  return html`<svg class="space${guessed}" width="${across}" height="${down}" viewBox="0 0 ${across} ${down}" aria-hidden="true" focusable="false"></svg>`;
}

function cropNote(item: MediaView, index: number, count: number): Html[] {
  const { width, height, kind, url, fileName } = item;
  if (width === null || height === null || kind === "video") return [];
  const crop = cropOf(width, height, boxRatio(count, index, width / height));
  if (crop === null) return [];
  const which = count === 1 ? "the picture" : `picture ${index + 1}`;
  const percent = Math.round(crop.lost * 100);
  const sides = crop.x > 0 ? "left and right" : "top and bottom";
  return [
    html`<details class="crop"><summary>X crops ${which}: ${percent} % is not seen, at ${sides}</summary>${url === null ? NOTHING : wholePicture(url, width, height, crop, fileName)}</details>`,
  ];
}

/** The whole picture, with what the timeline leaves out in the shade. */
function wholePicture(url: string, width: number, height: number, crop: Crop, fileName: string): Html {
  const outer = `M0 0H${width}V${height}H0Z`;
  const inner = `M${crop.x} ${crop.y}V${crop.y + crop.height}H${crop.x + crop.width}V${crop.y}Z`;
  const line = Math.max(width, height) / 200;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="All of ${fileName}; what X crops is in the shade"><image href="${url}" width="${width}" height="${height}"/><path d="${outer}${inner}" fill="#000" fill-opacity=".62" fill-rule="evenodd"/><rect x="${crop.x}" y="${crop.y}" width="${crop.width}" height="${crop.height}" fill="none" stroke="#fff" stroke-width="${line}"/></svg>`;
}
