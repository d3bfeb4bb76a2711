/**
 * HTML that is escaped by construction: whatever is put into a template is text, unless it is HTML that a template made. There is no
 * other way to make any, so nothing that an author wrote can become markup.
 */

const MAKER: unique symbol = Symbol("page");

/** Markup. Only `html`, `join` and `constant` make it. */
export class Html {
  readonly markup: string;

  constructor(key: typeof MAKER, markup: string) {
    if (key !== MAKER) throw new TypeError("Html is made by its templates only");
    this.markup = markup;
  }

  toString(): string {
    return this.markup;
  }
}

/** What may stand in a template. Null, undefined and false are nothing. */
export type Slot = Html | string | number | null | undefined | false | readonly Slot[];

/** A template. Attributes stand in double quotes; `attribute` makes those that may be absent. */
export function html(parts: TemplateStringsArray, ...slots: Slot[]): Html {
  let markup = parts[0] ?? "";
  for (const [index, slot] of slots.entries()) markup += markupOf(slot) + (parts[index + 1] ?? "");
  return new Html(MAKER, markup);
}

/** Nothing. */
export const NOTHING: Html = html``;

export function join(items: readonly Html[], between = ""): Html {
  return new Html(MAKER, items.map(({ markup }) => markup).join(escapeHtml(between)));
}

/** A style sheet or a script of this program, which must not be escaped. Never for what anybody wrote. */
export function constant(markup: string): Html {
  return new Html(MAKER, markup);
}

/** An attribute with a blank before it, or nothing: null and false leave it out, true gives it without a value. */
export function attribute(name: string, value: string | number | boolean | null | undefined): Html {
  if (value === null || value === undefined || value === false) return NOTHING;
  if (!/^[a-z][a-z-]*$/.test(name) || name.startsWith("on") || name === "style") throw new TypeError(name);
  return constant(value === true ? ` ${name}` : ` ${name}="${escapeHtml(String(value))}"`);
}

/** An address that a link may lead to: the web, or a path of this page. Null for anything else, such as `javascript:`. */
export function safeUrl(url: string): string | null {
  if (/^[/#?](?!\/)/.test(url)) return url;
  if (!URL.canParse(url)) return null;
  return ["http:", "https:"].includes(new URL(url).protocol) ? url : null;
}

// --- internal ---

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

function markupOf(slot: Slot): string {
  if (slot === null || slot === undefined || slot === false) return "";
  if (slot instanceof Html) return slot.markup;
  if (typeof slot === "object") return slot.map(markupOf).join("");
  return escapeHtml(String(slot));
}
