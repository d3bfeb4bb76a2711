/**
 * A stored text as X gives it back: trimmed, NFC, links shortened, a link to the media appended, three characters
 * escaped, cut at 280 when long. What a reader must undo before comparing it with what was sent.
 */
import { shortUrl } from "../page/text.ts";
import type { SandboxPost, World } from "./state.ts";
import { userByHandle } from "./state.ts";
import {
  escapeEntities,
  findEntities,
  findUrls,
  graphemesOf,
  graphemeWeight,
  SHORT_TEXT_MAX,
  weightedLength,
} from "./text.ts";

export interface ShownText {
  text: string;
  /** X's `entities`; empty lists are left out. */
  entities: Record<string, Record<string, unknown>[]>;
}

/** Appends pieces and keeps the position in code points, which is what X's indices count. */
class Shown {
  text = "";
  at = 0;
  readonly entities: ShownText["entities"] = {};

  add(piece: string): void {
    this.text += piece;
    for (const _ of piece) this.at += 1;
  }

  mark(kind: string, piece: string, facts: Record<string, unknown>): void {
    const start = this.at;
    this.add(piece);
    const list = this.entities[kind] ?? [];
    list.push({ start, end: this.at, ...facts });
    this.entities[kind] = list;
  }
}

/** The text X holds: what was sent, in NFC, without white space around it. */
export function heldText(world: World, post: SandboxPost): string {
  const normal = post.text.normalize("NFC");
  return world.state.settings.trimsText ? normal.trim() : normal;
}

export function expandedUrl(url: string): string {
  return /^https?:\/\//i.test(url) ? url : `http://${url}`;
}

function addText(world: World, shown: Shown, post: SandboxPost, text: string): void {
  let at = 0;
  let links = 0;
  for (const entity of findEntities(text)) {
    shown.add(escapeEntities(text.slice(at, entity.start)));
    const written = text.slice(entity.start, entity.end);
    if (entity.kind === "url") {
      const url = post.shortLinks[links] ?? written;
      links += 1;
      shown.mark("urls", url, { url, expanded_url: expandedUrl(written), display_url: shortUrl(written) });
    } else if (entity.kind === "mention") {
      const user = userByHandle(world.state, entity.value);
      shown.mark("mentions", written, { username: entity.value, ...(user === undefined ? {} : { id: user.id }) });
    } else {
      shown.mark(entity.kind === "hashtag" ? "hashtags" : "cashtags", written, { tag: entity.value });
    }
    at = entity.end;
  }
  shown.add(escapeEntities(text.slice(at)));
}

/** As much of a long text as X shows: whole graphemes, never half a link, with room for the ellipsis. */
function cutText(text: string): string {
  const max = SHORT_TEXT_MAX - 4;
  let weight = 0;
  let end = 0;
  const urls = findUrls(text);
  for (const grapheme of graphemesOf(text)) {
    const url = urls.find((entry) => end >= entry.start && end < entry.end);
    weight += url === undefined ? graphemeWeight(grapheme) : end === url.start ? 23 : 0;
    if (weight > max) return text.slice(0, url?.start ?? end).trimEnd();
    end += grapheme.length;
  }
  return text;
}

/** Whether X answers with a cut `text` and the whole in `note_tweet` or `note_post`. */
export function isLong(world: World, post: SandboxPost): boolean {
  return weightedLength(heldText(world, post)) > SHORT_TEXT_MAX;
}

/** Where a reader has to ask for more of a long post, in UTF-16 units; null for a short one. */
export function foldOf(world: World, post: SandboxPost): number | null {
  return isLong(world, post) ? cutText(heldText(world, post)).length : null;
}

/** `text` and `entities` of a post. */
export function shownText(world: World, post: SandboxPost, handle: string): ShownText {
  const shown = new Shown();
  const held = heldText(world, post);
  if (isLong(world, post) && post.selfLink !== null) {
    addText(world, shown, post, cutText(held));
    shown.add("… ");
    const expanded = `https://x.com/i/web/status/${post.id}`;
    shown.mark("urls", post.selfLink, {
      url: post.selfLink,
      expanded_url: expanded,
      display_url: shortUrl(expanded),
    });
  } else addText(world, shown, post, held);
  if (post.mediaLink !== null) addMediaLink(world, shown, post, handle, post.mediaLink);
  return { text: shown.text, entities: shown.entities };
}

/** One link for all media, and one entity per media with the same place, as X does. */
function addMediaLink(world: World, shown: Shown, post: SandboxPost, handle: string, url: string): void {
  if (shown.text !== "") shown.add(" ");
  const start = shown.at;
  shown.add(url);
  const list = shown.entities.urls ?? [];
  post.mediaIds.forEach((id, index) => {
    const media = world.state.media[id];
    const kind = media?.kind === "photo" ? "photo" : "video";
    list.push({
      start,
      end: shown.at,
      url,
      expanded_url: `https://x.com/${handle}/status/${post.id}/${kind}/${index + 1}`,
      display_url: `pic.x.com/${url.slice(url.lastIndexOf("/") + 1)}`,
      ...(media === undefined ? {} : { media_key: media.mediaKey }),
    });
  });
  shown.entities.urls = list;
}

/** The whole of a long post: the same decorations, without media link. */
export function noteText(world: World, post: SandboxPost): ShownText {
  const shown = new Shown();
  addText(world, shown, post, heldText(world, post));
  return { text: shown.text, entities: shown.entities };
}
