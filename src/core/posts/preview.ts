/** A stored post as X will count and charge it, with all that its author should know before approving. */
import { composeThread } from "../compose/compose.ts";
import { buildPreview, type Preview, type PreviewInput } from "../compose/preview.ts";
import type { Db, Tx } from "../db/connection.ts";
import { PsnError } from "../errors.ts";
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
    { limit: composingOf(root.metadata).limit, texts, exceptPostId: root.id },
  );
}

/** The preview of tweets that are not stored, for the account that would post them. */
export async function previewFor(
  db: Db | Tx,
  account: { id: string; handle: string },
  tweets: readonly PreviewInput[],
  facts: { limit: number; texts?: readonly string[]; exceptPostId?: string },
): Promise<Preview> {
  const texts = facts.texts ?? tweets.map((tweet) => tweet.text);
  return buildPreview(tweets, {
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
  const texts = withoutNumbers(
    tweets.map((tweet) => tweet.content),
    numbering,
  );
  const ends = new Map<string, Break>();
  try {
    const composed = composeThread(root.source ?? "", { limit, numbering });
    for (const tweet of composed.tweets) ends.set(endOf(tweet.body, tweet.separatorAfter), tweet.break);
  } catch (error) {
    if (!(error instanceof PsnError)) throw error; // A post without words has no cuts.
  }
  return tweets.map((tweet, position) => {
    const isLast = position === tweets.length - 1;
    const end = ends.get(endOf(texts[position] ?? "", tweet.separatorAfter));
    if (isLast) return { kind: "end", why: "the end of the text" };
    return end?.kind === "end" ? undefined : end;
  });
}

const END_CHARS = 60;

/** A tweet that begins elsewhere but ends where the splitter ended one has the same end. */
function endOf(text: string, separatorAfter: string): string {
  return `${text.slice(-END_CHARS)}\u0000${separatorAfter}`;
}
