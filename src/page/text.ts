/** A tweet's text as X shows it: links shortened, names and tags coloured, a long text folded. Nothing of it is dropped. */
import { attribute, type Html, html, safeUrl } from "./html.ts";
import type { EntityView } from "./views.ts";

const SHOWN_MAX = 27;

/** A link as X writes it: without scheme and www, and cut after 26 characters. */
export function shortUrl(url: string): string {
  const bare = url.replace(/^https?:\/\/(?:www\.)?/i, "").replace(/\/$/, "");
  return bare.length > SHOWN_MAX ? `${bare.slice(0, SHOWN_MAX - 1)}…` : bare;
}

/** The host of an address as a card names it; null when it is no address. */
export function domainOf(url: string): string | null {
  const whole = /^https?:\/\//i.test(url) ? url : `https://${url}`;
  return URL.canParse(whole) ? new URL(whole).hostname.replace(/^www\./, "") : null;
}

/**
 * The text with its entities. `from` and `to` bound the part that is wanted, in UTF-16 units; an entity belongs to where it begins.
 * What X writes otherwise bears the author's words in `data-text`.
 */
export function richText(text: string, entities: readonly EntityView[], from = 0, to = text.length): Html {
  const parts: Html[] = [];
  let at = from;
  for (const entity of entities) {
    if (entity.start < at || entity.end > to) continue;
    parts.push(html`${text.slice(at, entity.start)}${entityHtml(text.slice(entity.start, entity.end), entity)}`);
    at = entity.end;
  }
  return html`${parts}${text.slice(at, to)}`;
}

/** The same, with what is beyond the fold behind “Show more”, which works without a script: a box, the words, its label. */
export function foldedText(key: string, text: string, entities: readonly EntityView[], foldAt: number) {
  const before = richText(text, entities, 0, foldAt);
  const after = richText(text, entities, foldAt);
  return {
    box: html`<input class="fold unseen" type="checkbox" id="${key}-more">`,
    words: html`${before}<span class="ellipsis" aria-hidden="true">…</span><span class="rest">${after}</span>`,
    label: html`<label class="more" for="${key}-more"><span class="closed">Show more</span><span class="opened">Show less</span></label>`,
  };
}

// --- internal ---

function entityHtml(written: string, { kind, url }: EntityView): Html {
  const target = url === null ? null : safeUrl(url);
  const shown = kind === "url" ? shortUrl(written) : written;
  // Among words that run from right to left an address or a handle runs from left to right all the same.
  const more = html`${attribute("data-text", shown === written ? null : written)}${attribute("dir", kind === "hashtag" ? "auto" : "ltr")}`;
  if (target === null) return html`<span class="tag"${more}>${shown}</span>`;
  const away = target.startsWith("/") ? null : html` rel="noreferrer noopener" target="_blank"`;
  return html`<a class="tag" href="${target}"${more}${attribute("title", shown === written ? null : written)}${away}>${shown}</a>`;
}
