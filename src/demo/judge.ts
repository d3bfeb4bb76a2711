/** One question each about what X shows. Pure, as all of the comparison. */
import { fit, oneLine } from "../cli/_wrap.ts";
import { compareIds } from "../core/platform.ts";
import { sameText } from "../platforms/x/match.ts";
import type { Expected, ExpectedMedia, ExpectedThread, Seen, SeenPost } from "./facts.ts";

/** What is proven, in the order in which it is said. */
export const CHECKS = {
  text: "each thread, joined, equals its source to the byte",
  chain: "each tweet replies to the one before it",
  once: "nothing is there twice, and nothing that was not approved",
  whole: "nothing is missing",
  media: "images and alt texts are on their tweets",
  time: "nothing was sent before its time",
  absent: "what was cancelled or replaced is not there",
  timeline: "the account's timeline shows the same",
  creates: "X carried out as many create requests as there are tweets",
} as const;
export type CheckName = keyof typeof CHECKS;

export interface Problem {
  check: CheckName;
  /** Null when it belongs to no thread. */
  thread: string | null;
  says: string;
}

type Found = Omit<Problem, "thread">;

/** One thread against the chain that was found for it. */
export function judgeThread(thread: ExpectedThread, chain: SeenPost[]): Found[] {
  const { tweets, notBefore } = thread;
  const found: Found[] = [];
  if (chain.length < tweets.length) {
    const says = chain.length === 0 ? "it is not on X" : `tweet ${chain.length + 1}${of(thread)} is missing`;
    found.push({ check: "whole", says });
  }
  found.push(...chain.flatMap((post, index) => judgeTweet(thread, post, index, chain[index - 1])));
  const joined = thread.leading + chain.map(({ text }, at) => text + (tweets[at]?.separatorAfter ?? "")).join("");
  if (joined !== thread.source && found.every(({ check }) => check === "media" || check === "time")) {
    found.push({ check: "text", says: `the joined text differs from the source ${difference(thread.source, joined)}` });
  }
  const first = chain[0];
  if (first && notBefore && first.createdAt < notBefore) {
    const earlyMs = notBefore.getTime() - first.createdAt.getTime();
    found.push({ check: "time", says: `it was sent ${earlyMs} ms before its time` });
  }
  return found;
}

/** What belongs to no thread, and what must not be there at all. */
export function judgeStrays(expected: Expected, posts: SeenPost[], strays: SeenPost[]): Problem[] {
  const ids = new Set(posts.map(({ id }) => id));
  const problems = strays.map((post): Problem => {
    const owner = expected.threads.find(({ tweets }) => tweets.some(({ text }) => text === post.text));
    const thread = owner?.name ?? null;
    if (post.replyToId !== null && !ids.has(post.replyToId)) {
      return { check: "chain", thread, says: `${short(post.text)} replies to a tweet that is not there` };
    }
    if (owner) return { check: "once", thread, says: `${short(post.text)} is there twice` };
    return { check: "once", thread, says: `${short(post.text)} was never approved` };
  });
  for (const { name, text } of expected.absent) {
    const wrong = posts.filter((post) => post.text === text);
    if (wrong.length > 0) problems.push({ check: "absent", thread: name, says: `${short(text)} is on X` });
  }
  return problems;
}

/** Whether the readers' view is the same. */
export function judgeTimeline({ posts, timeline }: Seen): Problem[] {
  const problem = (says: string): Problem => ({ check: "timeline", thread: null, says });
  if (!timeline.complete) return [problem("X's list of the account's posts was cut short")];
  const shown = new Map(timeline.posts.map((post) => [post.id, post]));
  const problems: Problem[] = [];
  if (shown.size !== timeline.posts.length) problems.push(problem("it lists a tweet twice"));
  for (const post of posts) {
    const own = shown.get(post.id);
    shown.delete(post.id);
    if (own === undefined) problems.push(problem(`${short(post.text)} is not in it`));
    else if (own.replyToId !== post.replyToId || own.mediaCount !== post.media.length) {
      problems.push(problem(`${short(post.text)} has another parent or other media there`));
    } else if (!sameText(post.text, own.text)) problems.push(problem(`${short(post.text)} reads otherwise there`));
  }
  for (const own of shown.values()) problems.push(problem(`${short(own.text)} is only there`));
  return problems;
}

/** Whether X was asked no more often than there are tweets. */
export function judgeCreates(threads: ExpectedThread[], { posts, creates }: Seen): Problem[] {
  const wanted = threads.reduce((sum, { tweets }) => sum + tweets.length, 0);
  if (creates.acted === wanted && posts.length === wanted) return [];
  const says = `${wanted} tweets were approved; X carried out ${creates.acted} create requests and holds ${posts.length} tweets`;
  return [{ check: "creates", thread: null, says }];
}

// --- internal ---

const of = ({ tweets }: ExpectedThread) => (tweets.length > 1 ? ` of ${tweets.length}` : "");

/** One tweet of a chain; `before` is the one it replies to. */
function judgeTweet(thread: ExpectedThread, post: SeenPost, index: number, before: SeenPost | undefined): Found[] {
  const { tweets } = thread;
  const which = `tweet ${index + 1}${of(thread)}`;
  const wanted = tweets[index];
  const other = tweets.findIndex(({ text }) => text === post.text);
  if (wanted === undefined) {
    return [{ check: other >= 0 ? "once" : "text", says: `tweet ${index + 1} is one too many: ${short(post.text)}` }];
  }
  const found: Found[] = [];
  if (post.text !== wanted.text) {
    found.push(
      other >= 0
        ? { check: "chain", says: `${which} holds the text of tweet ${other + 1}` }
        : { check: "text", says: `${which} differs ${difference(wanted.text, post.text)}` },
    );
  }
  if (!sameMedia(post.media, wanted.media)) {
    found.push({ check: "media", says: `${which} has other media or alt texts than approved` });
  }
  if (before && (compareIds(before.id, post.id) >= 0 || before.createdAt > post.createdAt)) {
    found.push({ check: "chain", says: `${which} is older than the one it replies to` });
  }
  return found;
}

function sameMedia(seen: ExpectedMedia[], wanted: ExpectedMedia[]): boolean {
  return (
    seen.length === wanted.length &&
    seen.every(({ sha256, altText }, index) => sha256 === wanted[index]?.sha256 && altText === wanted[index]?.altText)
  );
}

/** Where two texts part, in characters from 1, with a little of both. */
function difference(wanted: string, got: string): string {
  const [a, b] = [Array.from(wanted), Array.from(got)];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const around = (characters: string[]) => short(characters.slice(Math.max(0, at - 5), at + 20).join("")) || "nothing";
  return `at character ${at + 1}: ${around(b)} instead of ${around(a)}`;
}

const SHORT_MAX = 40;

const short = (text: string) => `“${fit(oneLine(text), SHORT_MAX)}”`;
