/**
 * The demo's judge. Given what was approved and what X shows, it says whether each text is there whole, in order, once.
 * Pure: it knows no hub, no HTTP and no clock, so that its own tests can plant every fault it must find.
 */
import { compareIds, type OwnPost } from "../core/platform.ts";
import { sameText } from "../platforms/x/match.ts";

export interface ExpectedMedia {
  sha256: string;
  altText: string | null;
}

export interface ExpectedTweet {
  text: string;
  /** What stood between this tweet and the next in the source. */
  separatorAfter: string;
  media: ExpectedMedia[];
}

export interface ExpectedThread {
  name: string;
  /** The author's whole text, in NFC. */
  source: string;
  /** What stood in the source before the first tweet; nearly always empty. */
  leading: string;
  tweets: ExpectedTweet[];
  /** Null for a thread that was published at once. */
  notBefore: Date | null;
}

export interface Expected {
  threads: ExpectedThread[];
  /** Texts that must not be on X: cancelled, or replaced by an edit. */
  absent: { name: string; text: string }[];
}

/** One tweet as X holds it, deleted ones excluded. */
export interface SeenPost {
  id: string;
  text: string;
  replyToId: string | null;
  media: ExpectedMedia[];
  createdAt: Date;
}

export interface Seen {
  posts: SeenPost[];
  /** The same account as its readers get it: GET /2/users/:id/tweets. */
  timeline: { posts: OwnPost[]; complete: boolean };
  /** Create requests that X got, and those it carried out. */
  creates: { received: number; acted: number };
}

/** What is proven, in the order it is told. */
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

export interface ThreadResult {
  name: string;
  held: boolean;
  /** In the order of the chain on X. */
  ids: string[];
  firstAt: Date | null;
  /** From the time it was due to its first tweet on X; null when it had no time, or is not there. */
  latenessMs: number | null;
}

export interface Comparison {
  held: boolean;
  checks: { name: CheckName; says: string; held: boolean }[];
  threads: ThreadResult[];
  problems: Problem[];
}

/** Compares what was approved with what X shows. */
export function compare(expected: Expected, seen: Seen): Comparison {
  const problems: Problem[] = [];
  const { chains, strays } = findChains(expected.threads, seen.posts);
  const threads = expected.threads.map((thread, index): ThreadResult => {
    const chain = chains[index] ?? [];
    const found = judgeThread(thread, chain);
    problems.push(...found.map((problem) => ({ ...problem, thread: thread.name })));
    const firstAt = chain[0]?.createdAt ?? null;
    const latenessMs = firstAt && thread.notBefore ? firstAt.getTime() - thread.notBefore.getTime() : null;
    return { name: thread.name, held: found.length === 0, ids: chain.map(({ id }) => id), firstAt, latenessMs };
  });
  problems.push(
    ...judgeStrays(expected, seen.posts, strays),
    ...judgeTimeline(seen),
    ...judgeCreates(expected.threads, seen),
  );
  const checks = (Object.keys(CHECKS) as CheckName[]).map((name) => {
    const held = problems.every(({ check }) => check !== name);
    return { name, says: CHECKS[name], held };
  });
  return { held: problems.length === 0, checks, threads, problems };
}

type Found = Omit<Problem, "thread">;

/** Follows the replies from each thread's first tweet. What no chain takes is a stray. */
function findChains(threads: ExpectedThread[], posts: SeenPost[]): { chains: SeenPost[][]; strays: SeenPost[] } {
  const free = new Set(posts);
  const take = (candidates: SeenPost[], wanted: string | undefined) => {
    const open = candidates.filter((post) => free.has(post));
    const taken = open.find(({ text }) => text === wanted) ?? null;
    return { taken, fallback: open[0] ?? null };
  };
  const roots = posts.filter(({ replyToId }) => replyToId === null);
  const firsts = threads.map((thread) => {
    const { taken } = take(roots, thread.tweets[0]?.text);
    if (taken) free.delete(taken);
    return taken;
  });
  // A thread whose first tweet was changed is still told by what it became, rather than as one missing and one too many.
  for (const [index, first] of firsts.entries()) {
    if (first !== null) continue;
    const isAnothers = (text: string) => threads.some(({ tweets }) => tweets[0]?.text === text);
    const root = roots.find((post) => free.has(post) && !isAnothers(post.text)) ?? null;
    if (root) free.delete(root);
    firsts[index] = root;
  }
  const chains = firsts.map((first, index) => {
    const chain: SeenPost[] = [];
    for (let post = first; post !== null; ) {
      chain.push(post);
      const parentId: string = post.id;
      const replies = posts.filter(({ replyToId }) => replyToId === parentId);
      const { taken, fallback } = take(replies, threads[index]?.tweets[chain.length]?.text);
      post = taken ?? fallback;
      if (post) free.delete(post);
    }
    return chain;
  });
  return { chains, strays: posts.filter((post) => free.has(post)) };
}

function judgeThread(thread: ExpectedThread, chain: SeenPost[]): Found[] {
  const { tweets, notBefore } = thread;
  const found: Found[] = [];
  const of = tweets.length > 1 ? ` of ${tweets.length}` : "";
  if (chain.length < tweets.length) {
    const says = chain.length === 0 ? "it is not on X" : `tweet ${chain.length + 1}${of} is missing`;
    found.push({ check: "whole", says });
  }
  for (const [index, post] of chain.entries()) {
    const wanted = tweets[index];
    if (wanted === undefined) {
      const isCopy = tweets.some(({ text }) => text === post.text);
      found.push({ check: isCopy ? "once" : "text", says: `tweet ${index + 1} is one too many: ${short(post.text)}` });
      continue;
    }
    if (post.text !== wanted.text) {
      const other = tweets.findIndex(({ text }) => text === post.text);
      const says =
        other >= 0
          ? `tweet ${index + 1}${of} holds the text of tweet ${other + 1}`
          : `tweet ${index + 1}${of} differs ${difference(wanted.text, post.text)}`;
      found.push({ check: other >= 0 ? "chain" : "text", says });
    }
    if (!sameMedia(post.media, wanted.media)) {
      found.push({ check: "media", says: `tweet ${index + 1}${of} has other media or alt texts than approved` });
    }
    const before = chain[index - 1];
    if (before && (compareIds(before.id, post.id) >= 0 || before.createdAt > post.createdAt)) {
      found.push({ check: "chain", says: `tweet ${index + 1}${of} is older than the one it replies to` });
    }
  }
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

function judgeStrays(expected: Expected, posts: SeenPost[], strays: SeenPost[]): Problem[] {
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

function judgeTimeline({ posts, timeline }: Seen): Problem[] {
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

function judgeCreates(threads: ExpectedThread[], { posts, creates }: Seen): Problem[] {
  const wanted = threads.reduce((sum, { tweets }) => sum + tweets.length, 0);
  if (creates.acted === wanted && posts.length === wanted) return [];
  const says = `${wanted} tweets were approved; X carried out ${creates.acted} create requests and holds ${posts.length} tweets`;
  return [{ check: "creates", thread: null, says }];
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

function short(text: string): string {
  const line = Array.from(text.replace(/\s+/gu, " ").trim());
  return `“${line.length > SHORT_MAX ? `${line.slice(0, SHORT_MAX - 1).join("")}…` : line.join("")}”`;
}
