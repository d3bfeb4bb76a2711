/** What is written when a tweet is known to be on X. Pure: the post as it is under its lock comes from the caller. */
import {
  type AttemptOutcome,
  type NewEvent,
  type PostStatus,
  type PostSubStatus,
  unpublishingOf,
} from "../../types/index.ts";

/** A tweet that X has, and how that is known. */
export interface OnX {
  externalPostId: string;
  /** X's answer said so, or it was found by looking. */
  how: "posted" | "adopted";
  /** 0-based. */
  position: number;
  /** Tweets of the post. */
  count: number;
}

/** The post under its lock. */
export interface RecordedPost {
  status: PostStatus;
  subStatus: PostSubStatus | null;
  isApproved: boolean;
  /** Who records holds its lease. */
  isOurs: boolean;
  /** Its tweets without an id, beside the one that is recorded. */
  othersLeft: number;
  /** The id that this tweet has already. */
  knownId: string | null;
  attempt: { outcome: AttemptOutcome | null; externalPostId: string | null } | null;
}

/** What becomes of the attempt. */
export interface AttemptRecord {
  outcome: AttemptOutcome;
  detail: string | null;
  /** The id of the tweet that it made. */
  externalPostId: string | null;
  /** It made the tweet that the post keeps. */
  isSuccess: boolean;
}

export interface Recording {
  attempt: AttemptRecord | null;
  /** The tweet gets this id. */
  newId: string | null;
  /** The run goes on: what the post waited for before is over. */
  makesProgress: boolean;
  /** The post becomes published. */
  publishes: boolean;
  events: NewEvent[];
  /** Every tweet of the post has an id now. */
  isComplete: boolean;
}

/** Judges one tweet that is on X, or (null) a post all of whose tweets may have been recorded by others. */
export function judgeRecording(onX: OnX | null, post: RecordedPost): Recording {
  const tweet = onX ? judgeTweet(onX, post) : NO_TWEET;
  const isComplete = post.othersLeft === 0;
  // Another worker that has the post finds out by itself. One that waits, failed or was cancelled too late is published:
  // all of it is on X.
  const publishes = isComplete && (post.status === "publishing" ? post.isOurs : mayBePublished(post));
  const isSingle = publishes && onX?.count === 1 && onX.how === "posted" && tweet.newId !== null;
  return {
    ...tweet,
    publishes,
    isComplete,
    // Of a post that is one tweet, its end says all there is to say.
    events: isSingle
      ? [{ kind: "published", status: "published", note: "It is on X.", facts: factsOf(onX) }]
      : [
          ...tweet.events,
          ...(publishes ? [{ kind: "published", status: "published", note: "Every tweet is on X." } as const] : []),
        ],
  };
}

// --- internal ---

type TweetRecording = Pick<Recording, "attempt" | "newId" | "makesProgress" | "events">;

const NO_TWEET: TweetRecording = { attempt: null, newId: null, makesProgress: false, events: [] };

/** What its author takes down is not called published, whatever turns up late. */
const mayBePublished = ({ status, subStatus, isApproved }: RecordedPost) =>
  status !== "published" && isApproved && unpublishingOf(subStatus) === null;

const factsOf = ({ externalPostId, position }: OnX) => ({ externalPostId, position });

function judgeTweet(onX: OnX, post: RecordedPost): TweetRecording {
  if (post.knownId === null) return newTweet(onX, post);
  return post.knownId === onX.externalPostId ? knownTweet(post) : duplicateTweet(onX, post, post.knownId);
}

function newTweet(onX: OnX, { status, attempt }: RecordedPost): TweetRecording {
  const { externalPostId, how, position, count } = onX;
  // A late answer overrules "absent"; a look does not.
  const isOpen = attempt?.outcome === null || (attempt?.outcome === "absent" && how === "posted");
  const place = `Tweet ${position + 1}/${count}`;
  return {
    attempt: isOpen ? { outcome: how, detail: null, externalPostId, isSuccess: true } : null,
    newId: externalPostId,
    // What a waiting post waits for, or failed of, is still to be read.
    makesProgress: status === "publishing",
    events: [
      {
        kind: how === "adopted" ? "tweet_adopted" : "tweet_posted",
        status,
        note: how === "adopted" ? `${place} was found on X; it is not sent again.` : `${place} is on X.`,
        facts: factsOf(onX),
      },
    ],
  };
}

/** Recorded already, by another worker or by this one: an attempt that is still open made nothing besides. */
function knownTweet({ attempt }: RecordedPost): TweetRecording {
  if (attempt?.outcome !== null) return NO_TWEET;
  const detail = "this tweet was known by then";
  return { ...NO_TWEET, attempt: { outcome: "absent", detail, externalPostId: null, isSuccess: false } };
}

/** The tweet has another id: it is on X twice. That must not happen; when it does, its author hears of it, once. */
function duplicateTweet(onX: OnX, { status, subStatus, attempt }: RecordedPost, kept: string): TweetRecording {
  if (!attempt || attempt.externalPostId !== null) return NO_TWEET;
  const second = onX.externalPostId;
  return {
    ...NO_TWEET,
    attempt: {
      outcome: attempt.outcome ?? "duplicate",
      detail: null,
      externalPostId: second,
      isSuccess: false,
    },
    events: [
      {
        kind: "duplicate_on_x",
        status,
        subStatus,
        note: `Tweet ${onX.position + 1} is on X twice: ${kept} and ${second}. Delete the second one on X.`,
        facts: { kept, second },
      },
    ],
  };
}
