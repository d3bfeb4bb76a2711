/** A tweet as a person names it: by its address on X, or by its number. Pure. */
import { isNumericId } from "../platform.ts";

const IN_ADDRESS = /^\/(i\/web|i|[A-Za-z0-9_]{1,50})\/status(?:es)?\/(\d{1,19})(?:\/(?:photo|video)\/\d+)?\/?$/;

export interface TweetAddress {
  externalPostId: string;
  /** Whose it is by its address; null where that does not say. */
  handle: string | null;
}

/** X's own hosts, and this machine's, where the sandbox is. */
const HOST = /^(?:(?:www\.|mobile\.|m\.)?(?:x|twitter)\.com|localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Null for what is neither a number nor an address of a tweet. The scheme may be missing, as in what browsers show. */
export function readTweetAddress(given: string): TweetAddress | null {
  const text = given.trim();
  if (isNumericId(text)) return { externalPostId: text, handle: null };
  const address = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  const path = url !== null && HOST.test(url.hostname) ? url.pathname : "";
  const [, whose = "", externalPostId] = IN_ADDRESS.exec(path) ?? [];
  if (externalPostId === undefined) return null;
  return { externalPostId, handle: whose === "i" || whose === "i/web" ? null : whose };
}
