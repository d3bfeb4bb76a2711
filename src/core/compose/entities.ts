/** What X links or colours in a text, with its place: for showing it. Counting and warnings have rules of their own on the same finds. */
import { findLinks } from "./links.ts";
import { findTags, type Tag } from "./tags.ts";

/** Offsets are UTF-16 units of the text in NFC; `end` is exclusive. */
export interface Entity {
  kind: "url" | Tag["kind"];
  start: number;
  end: number;
}

/** Links, names and tags in order; none inside another. */
export function findEntities(text: string): Entity[] {
  const links = findLinks(text).map(({ start, end }): Entity => ({ kind: "url", start, end }));
  const tags = findTags(text).filter((tag) => links.every(({ start, end }) => tag.end <= start || end <= tag.start));
  return [...links, ...tags].sort((one, other) => one.start - other.start);
}
