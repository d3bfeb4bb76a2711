/** A stored post as X will count and charge it, with all that its author should know before approving. */
import { composeThread } from "../compose/compose.ts";
import { buildPreview, type Preview, type PreviewInput } from "../compose/preview.ts";
import type { Db, Tx } from "../db/connection.ts";
import { PsnError } from "../errors.ts";
import { textLimitOf } from "../platform.ts";
import { composingOf, withoutNumbers } from "./composing.ts";
import type { Post } from "./read.ts";
import { postedRecently } from "./said-before.ts";

/** Reads, and writes nothing. */
export async function previewPost(db: Db | Tx, post: Post): Promise<Preview> {
  const { root, account, tweets } = post;
  const breaks = breaksOf(post);
  // What is on X already was said by this very post.
  const texts = tweets.map((tweet) => (tweet.externalPostId === null ? tweet.content : ""));
  return await previewFor(
    db,
    account,
    tweets.map((tweet, position) => {
      const end = breaks[position];
      return { text: tweet.content, media: tweet.media, ...(end ? { break: end } : {}) };
    }),
    // Premium may have lapsed since it was composed.
    {
      limit: Math.min(composingOf(root.metadata).limit, textLimitOf(account.subscription)),
      texts,
      exceptPostId: root.id,
      poll: root.metadata.poll?.options,
    },
  );
}

/** The preview of tweets that are not stored, for the account that would post them. */
export async function previewFor(
  db: Db | Tx,
  account: { id: string; handle: string },
  tweets: readonly PreviewInput[],
  facts: { limit: number; texts?: readonly string[]; exceptPostId?: string; poll?: readonly string[] | undefined },
): Promise<Preview> {
  const texts = facts.texts ?? tweets.map((tweet) => tweet.text);
  return buildPreview(tweets, {
    ...(facts.poll ? { poll: facts.poll } : {}),
    limit: facts.limit,
    ownHandle: account.handle,
    postedRecently: await postedRecently(db, account.id, texts, facts.exceptPostId),
  });
}

// --- internal ---

type Break = NonNullable<PreviewInput["break"]>;

/** Why each tweet ends where it does. Kinds of cuts are not stored: the splitter says them again for the same text. */
function breaksOf(post: Post): (Break | undefined)[] {
  const { root, tweets } = post;
  const { limit, numbering } = composingOf(root.metadata);
  const texts = tweets.map((tweet) => tweet.content);
  const ends = endsOf(withoutNumbers(texts, numbering));
  let known: { end: End; break: Break }[] = [];
  try {
    const composed = composeThread(root.source ?? "", { limit, numbering }).tweets;
    const composedEnds = endsOf(composed.map((tweet) => tweet.body));
    known = composed.flatMap((tweet, index) => {
      const end = composedEnds[index];
      return end ? [{ end, break: tweet.break }] : [];
    });
  } catch (error) {
    if (!(error instanceof PsnError)) throw error; // A post without words has no cuts.
  }
  return ends.map((end, position) => {
    if (position === ends.length - 1) return { kind: "end", why: "the end of the text" };
    const same = known.find((cut) => isSameEnd(cut.end, end) && cut.break.kind !== "end");
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
