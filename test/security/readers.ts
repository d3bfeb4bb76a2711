/** Each place where a text from outside is read first, as a function that ends: with a value, or refused. */
import { jsonText } from "../../src/cli/_screen.ts";
import { oneLine, printable, wrap, wrapAnswer } from "../../src/cli/_wrap.ts";
import { readFrontMatter } from "../../src/cli/post/_front-matter.ts";
import { composeThread } from "../../src/core/compose/compose.ts";
import { stripMarkdown } from "../../src/core/compose/markdown.ts";
import { buildPreview } from "../../src/core/compose/preview.ts";
import { tweetWarnings } from "../../src/core/compose/warnings.ts";
import { weightedLength } from "../../src/core/compose/weighted-length.ts";
import { PsnError } from "../../src/core/errors.ts";
import { readTime } from "../../src/core/times/read-time.ts";
import { sameText } from "../../src/platforms/x/match.ts";
import { decodeOwnPost } from "../../src/platforms/x/own-posts.ts";
import { describe } from "../../src/platforms/x/problem.ts";
import { parseRedirect } from "../../src/platforms/x/redirect.ts";

/** A post has no more; one that would is refused before its preview. */
const TWEETS = 500;
const TWEET = { limit: 280, hasMedia: false, breakKind: null, ownHandle: null, postedRecentlyAt: null };
const TIME = { zone: "Europe/Berlin", now: new Date("2026-11-28T12:00:00Z") };
const post = (text: string, more: object = {}) => decodeOwnPost({ id: "1", text, ...more });

export const READERS: Record<string, (text: string) => unknown> = {
  "the text of a post": (text) => composeThread(text),
  "a text that is counted as it is": (text) => weightedLength(text),
  "a text of Markdown": (text) => stripMarkdown(text),
  "its preview": (text) => buildPreview(composeThread(text).tweets.slice(0, TWEETS)),
  "the warnings of a tweet": (text) => tweetWarnings(text, TWEET),
  "a file with front matter": (text) => readFrontMatter(`---\nnumbering: off\n---\n${text}`, "post.md"),
  "front matter itself": (text) => readFrontMatter(`---\nat: ${text}\n---\nx`, "post.md"),
  "a post that X shows": (text) => post(text),
  "a long post that X shows": (text) => post("x", { note_tweet: { text } }),
  "the addresses in it": (text) =>
    post("https://t.co/a", { entities: { urls: [{ url: "https://t.co/a", expanded_url: text, display_url: text }] } }),
  "the comparison with one of ours": (text) => sameText(`Ours. ${text.slice(0, 25_000)}`, text),
  "an error of X": (text) =>
    describe({ kind: "responded", status: 403, json: { title: text, detail: text } } as never, ["a secret of ours"]),
  "a pasted address": (text) => parseRedirect(text),
  "a phrase of time": (text) => readTime(text, TIME),
  "a screen": (text) => wrapAnswer(printable(text), 80),
  "a narrow screen": (text) => wrap(printable(text), 20),
  "a row of a table": (text) => oneLine(text),
  "an answer as JSON": (text) => jsonText({ text }),
};

/** Runs a reader. @returns "read", or the code it refused the text with */
export function outcomeOf(read: (text: string) => unknown, text: string): string {
  try {
    read(text);
    return "read";
  } catch (error) {
    if (error instanceof PsnError) return error.code;
    throw error;
  }
}
