/** A tweet as a person names it: by its address on X, or by its number. Pure. */
import { isNumericId } from "../platform.ts";

const IN_ADDRESS = /^\/(i\/web|i|[A-Za-z0-9_]{1,50})\/status(?:es)?\/(\d{1,19})(?:\/(?:photo|video)\/\d+)?\/?$/;

export interface TweetAddress {
  externalPostId: string;
  /** Whose it is by its address; null where that does not say. */
  handle: string | null;
}

/** Null for what is neither a number nor an address of a tweet. Any host will do: the sandbox has its own. */
export function readTweetAddress(given: string): TweetAddress | null {
  const text = given.trim();
  if (isNumericId(text)) return { externalPostId: text, handle: null };
  const path = URL.canParse(text) ? new URL(text).pathname : "";
  const [, whose = "", externalPostId] = IN_ADDRESS.exec(path) ?? [];
  if (externalPostId === undefined) return null;
  return { externalPostId, handle: whose === "i" || whose === "i/web" ? null : whose };
}
