/** Small drawings, put once into a page and used by name. They say nothing that words beside them do not. */
import { constant, type Html, html } from "./html.ts";

const DRAWINGS = {
  reply: "M4 5.5h16v11h-8.5L7 20v-3.5H4z",
  repost: "M7 4 3.5 7.5 7 11M4 7.5h11.5a3 3 0 0 1 3 3V13M17 20l3.5-3.500L17 13M20 16.500H8.500a3 3 0 0 1-3-3V11",
  like: "M12 20C5 15.500 3.500 12 3.500 9a4.300 4.300 0 0 1 8.500-1.200A4.300 4.300 0 0 1 20.500 9c0 3-1.500 6.500-8.500 11z",
  views: "M5 20V11M10 20V4M15 20v-7M20 20V8",
  share: "M12 15V4M7.500 8 12 3.500 16.500 8M4.500 14v6h15v-6",
  page: "M6 3.500h8l4 4v13H6zM9 11h6M9 14.500h6",
  check: "m5 12.500 4.500 4.500L19 7.500",
} as const;
export type IconName = keyof typeof DRAWINGS;

/** All drawings, for the beginning of a page. */
export function iconSprite(): Html {
  const symbols = Object.entries(DRAWINGS).map(
    ([name, path]) =>
      html`<symbol id="icon-${name}" viewBox="0 0 24 24"><path d="${path}" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></symbol>`,
  );
  return html`<svg class="unseen" aria-hidden="true" focusable="false">${symbols}</svg>`;
}

export function icon(name: IconName): Html {
  return constant(`<svg class="icon" aria-hidden="true" focusable="false"><use href="#icon-${name}"/></svg>`);
}
