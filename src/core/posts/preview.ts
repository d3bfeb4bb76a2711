/** A stored post as X will count and charge it, with all that its author should know before approving. */
import { buildPreview, type Preview, type PreviewFacts, type PreviewInput } from "../compose/preview.ts";
import type { Db, Tx } from "../db/connection.ts";
import { PsnError } from "../errors.ts";
import { textLimitOf } from "../platform.ts";
import { withLocalTimes } from "../utils/zone-clock.ts";
import { type Composing, type CutText, composingOf, cutFacts, cutText, tornOf, withoutNumbers } from "./composing.ts";
import type { Post } from "./read.ts";
import { postedRecently } from "./said-before.ts";

/**
 * Reads, and writes nothing.
 * @param more `hasAlternatives: false` leaves out what else the text could have been cut into, which takes longer than all the rest
 */
export async function previewPost(
  db: Db | Tx,
  post: Post,
  { hasAlternatives = true }: { hasAlternatives?: boolean } = {},
): Promise<Preview> {
  const { root, account, tweets } = post;
  const composing = composingOf(root.metadata);
  const cut = cutAgain(post, composing);
  const rows = tweets.map((tweet) => ({ text: tweet.content, separatorAfter: tweet.separatorAfter }));
  const isAsCut =
    cut !== null &&
    rows.length === cut.tweets.length &&
    cut.tweets.every((tweet, index) => tweet.text === rows[index]?.text);
  const breaks = isAsCut ? cut.tweets.map((tweet) => tweet.break) : breaksOf(post, cut);
  // What is on X already was said by this very post.
  const texts = tweets.map((tweet) => (tweet.externalPostId === null ? tweet.content : ""));
  return await previewFor(
    db,
    account,
    tweets.map((tweet, position) => {
      const end = breaks[position];
      const place = isAsCut ? (cut.tweets[position]?.place ?? null) : null;
      return { text: tweet.content, media: tweet.media, ...(end ? { break: end } : {}), place };
    }),
    // Premium may have lapsed since it was composed.
    {
      limit: limitOf(post),
      texts,
      exceptPostId: root.id,
      poll: root.metadata.poll?.options,
      ...(isAsCut ? cutFacts(root.source ?? "", composing, cut, hasAlternatives) : { torn: tornOf(rows, composing) }),
    },
  );
}

/** What is said of a preview beside its tweets. */
export interface FactsOfPost extends Pick<PreviewFacts, "composing" | "alternatives" | "torn"> {
  limit: number;
  texts?: readonly string[];
  exceptPostId?: string;
  poll?: readonly string[] | undefined;
}

/** How long a tweet of the post may be: Premium may have lapsed since it was composed. */
export function limitOf({ root, account }: Pick<Post, "root" | "account">): number {
  return Math.min(composingOf(root.metadata).limit, textLimitOf(account.subscription));
}

/** The preview of tweets that are not stored, for the account that would post them. */
export async function previewFor(
  db: Db | Tx,
  account: { id: string; handle: string },
  tweets: readonly PreviewInput[],
  facts: FactsOfPost,
): Promise<Preview> {
  const { texts = tweets.map((tweet) => tweet.text), exceptPostId, poll, ...said } = facts;
  return buildPreview(tweets, {
    ...said,
    ...(poll ? { poll } : {}),
    ownHandle: account.handle,
    postedRecently: await postedRecently(db, account.id, texts, exceptPostId),
  });
}

/** A preview with the times in its warnings on the author's clock. */
export function previewIn(zone: string, preview: Preview): Preview {
  const local = <T extends { message: string }>(warning: T): T => ({
    ...warning,
    message: withLocalTimes(warning.message, zone),
  });
  return {
    ...preview,
    tweets: preview.tweets.map((tweet) => ({ ...tweet, warnings: tweet.warnings.map(local) })),
    warnings: preview.warnings.map(local),
  };
}

// --- internal ---

type Break = NonNullable<PreviewInput["break"]>;

/**
 * The post's text as it would be cut now: kinds of cuts are not stored, the splitter says them again. Null for a post without words.
 * Acts on tweets leave the text as it is, so the last answer is kept: it is half of what the page's answer to an act takes.
 */
function cutAgain({ root }: Post, composing: Composing): CutText | null {
  const { limit, numbering, cut } = composing;
  const source = root.source ?? "";
  const asked = JSON.stringify([limit, numbering, cut, source]);
  if (lastCut?.asked !== asked) lastCut = { asked, cut: cutOrNull(source, composing) };
  return lastCut.cut;
}

let lastCut: { asked: string; cut: CutText | null } | null = null;

function cutOrNull(source: string, composing: Composing): CutText | null {
  try {
    return cutText(source, composing);
  } catch (error) {
    if (error instanceof PsnError) return null;
    throw error;
  }
}

/** Why each tweet ends where it does, as far as the splitter would end one there. */
function breaksOf({ root, tweets }: Post, cut: CutText | null): (Break | undefined)[] {
  const { numbering } = composingOf(root.metadata);
  const wordsOf = (texts: readonly string[]) => endsOf(withoutNumbers(texts, numbering));
  const ends = wordsOf(tweets.map((tweet) => tweet.content));
  const composedEnds = wordsOf(cut?.tweets.map((tweet) => tweet.text) ?? []);
  const known = composedEnds.flatMap((end, index) => {
    const found = cut?.tweets[index]?.break;
    return found ? [{ end, break: found }] : [];
  });
  return ends.map((end, position) => {
    if (position === ends.length - 1) return { kind: "end", why: "the end of the text" };
    const same = known.find((one) => isSameEnd(one.end, end) && one.break.kind !== "end");
    return same?.break;
  });
}

/** Where a tweet ends in the ink of a thread, that is its characters without white space. */
interface End {
  before: number;
  after: number;
  tail: string;
}

const TAIL_CHARS = 12;

function endsOf(texts: readonly string[]): End[] {
  const inks = texts.map((text) => text.replace(/\s+/g, ""));
  const total = inks.reduce((sum, ink) => sum + ink.length, 0);
  let before = 0;
  return inks.map((ink) => {
    before += ink.length;
    return { before, after: total - before, tail: ink.slice(-TAIL_CHARS) };
  });
}

/** The same place also when other words came before it, or will come after it. */
function isSameEnd(one: End, other: End): boolean {
  const isSamePlace = one.before === other.before || one.after === other.after;
  return isSamePlace && (one.tail.endsWith(other.tail) || other.tail.endsWith(one.tail));
}
