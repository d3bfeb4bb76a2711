/**
 * The auditor. It shares nothing with the product: it imports nothing of it, reads no hub, and knows no word of its code. From
 * plain events it judges duplicates, order, losses, what was sent after a cancel, content, time, and waits without a word.
 */
import type { AuditEvent, TweetOnX } from "./events.ts";
import { TakeDowns } from "./take-downs.ts";
import { type Wish, Wishes } from "./wishes.ts";

/** Statuses in which a post may be left when nothing moves any more. */
const RESTING = ["draft", "published", "failed"];

/** X's own words for a tweet that says what another one of the account says. */
const DUPLICATE = /duplicate content/i;
/** So long after the author posted by hand the account's own list shows it, in worlds with a switch for that. */
const SHOWN_BY_MS = 150_000;

/** Longest time from the end of all faults until everything is at rest: X's own waits may last a day. */
export const REST_MS_MAX = 26 * 60 * 60_000;

type Event<Kind extends AuditEvent["kind"]> = Extract<AuditEvent, { kind: Kind }>;

/** Judges a whole log of events. @returns what was broken, in the order in which it showed */
export function audit(events: readonly AuditEvent[]): string[] {
  const auditor = new Auditor();
  return events.flatMap((event) => auditor.take(event));
}

export class Auditor {
  readonly #wishes = new Wishes();
  readonly #accounts = new Map<number, string>();
  /** Every text that an author ever asked for, and its place. No two of them are the same. */
  readonly #places = new Map<string, { post: number; position: number }>();
  /** When the author posted each by hand. */
  readonly #byHand = new Map<string, number>();
  /** When each text was sent last. */
  readonly #sentAt = new Map<string, number>();
  /** The post that a post follows up on. */
  readonly #follows = new Map<number, number>();
  readonly #takeDowns = new TakeDowns();
  /** All that X ever held, by id: what was deleted may still be replied to in what stands. */
  readonly #everOnX = new Map<string, TweetOnX>();
  /** The first id of each tweet. */
  readonly #firstIds = new Map<string, string>();
  #onX: readonly TweetOnX[] = [];
  #isClockKnown = true;
  /** Times are judged by the true clock, with so much room; null: by the hub's. */
  #roomMs: number | null = null;
  #restByMs: number | null = null;

  /** @returns what this event breaks; empty when all is well */
  take(event: AuditEvent): string[] {
    switch (event.kind) {
      case "written":
        this.#accounts.set(event.post, event.account);
        if (event.follows !== undefined) this.#follows.set(event.post, event.follows);
        this.#wishes.write(event.post, event.tweets);
        this.#learn(event.post, event.tweets);
        return [];
      case "asked":
        this.#learn(event.post, event.change.tweets ?? []);
        this.#wishes.ask(event.act, event.post, event.change);
        return [];
      case "answered":
        this.#wishes.answer(event.act, event.outcome);
        this.#takeDowns.answer(event.act, event.outcome);
        return [];
      case "take_down_asked":
        this.#takeDowns.ask(event);
        // What is taken down does not go out any more.
        this.#wishes.ask(event.act, event.post, { isGoing: false });
        return [];
      case "delete_sent":
        return this.#deleteSent(event.tweetId);
      case "stored":
        return this.#wishFor(event.post, event.texts) ? [] : [otherTexts(event.post, event.texts)];
      case "by_hand":
        this.#byHand.set(event.tweetId, event.atMs);
        return [];
      case "hub_clock_off":
        this.#roomMs = event.roomMs;
        return [];
      case "hub_clock_set":
        this.#isClockKnown = false;
        return [];
      case "sign_in_used":
        return event.madeFor === event.setUpWith
          ? []
          : [`a sign-in of ${event.madeFor} was used where ${event.setUpWith} is set up`];
      case "named":
        return event.shown === event.isNow
          ? []
          : [`account ${event.account} is shown as @${event.shown}, and X calls it @${event.isNow}`];
      case "refused":
        return event.count > event.countMax
          ? [`X was asked ${event.count} times while it refused everything (${event.why})`]
          : [];
      case "healed":
        this.#restByMs = event.atMs + event.restMsMax;
        return [];
      case "sent":
        return this.#sent(event);
      case "on_x":
        this.#onX = event.tweets;
        for (const tweet of event.tweets) this.#everOnX.set(tweet.id, tweet);
        return this.#held();
      case "shown":
        return this.#shown(event);
    }
  }

  // --- internal ---

  #learn(post: number, tweets: readonly { text: string }[]): void {
    for (const [position, { text }] of tweets.entries()) this.#places.set(text, { post, position });
  }

  #sent({ text, mediaCount, hubMs, atMs }: Event<"sent">): string[] {
    const place = this.#places.get(text);
    if (!place) return [`something that no author wrote was sent: "${text}"`];
    this.#sentAt.set(text, atMs);
    const { post, position } = place;
    const where = `post p${post}, tweet ${position}`;
    const same = this.#wishes.of(post).filter(({ tweets }) => tweets[position]?.text === text);
    if (same.length === 0) return [`${where}: sent, but "${text}" is not what its author was promised last`];
    const going = same.filter(({ isGoing }) => isGoing);
    if (going.length === 0) return [`${where}: sent, but its author was promised that it does not go out`];
    const nowMs = this.#roomMs === null ? hubMs : atMs + this.#roomMs;
    const isDue = (wish: Wish) => !this.#isClockKnown || wish.notBeforeMs === null || wish.notBeforeMs <= nowMs;
    if (!going.some(isDue)) return [`${where}: sent, but its author was promised a later time`];
    const wanted = going.map(({ tweets }) => tweets[position]?.media.length ?? 0);
    return wanted.includes(mediaCount)
      ? []
      : [`${where}: sent with ${mediaCount} media instead of ${wanted.join(" or ")}`];
  }

  /** All but what the author posted by hand: of that, a post may adopt what says its words; nothing else is held against it. */
  #ours(): TweetOnX[] {
    return this.#onX.filter(({ id }) => !this.#byHand.has(id));
  }

  /** What X holds: nothing twice, each in its place and on its account. */
  #held(): string[] {
    const found: string[] = [];
    for (const tweet of this.#ours()) {
      const place = this.#places.get(tweet.text);
      if (!place) {
        found.push(`X holds something that no author wrote: ${tweet.text}`);
        continue;
      }
      const { post, position } = place;
      const key = `p${post}.t${position}`;
      const first = this.#firstIds.get(key) ?? tweet.id;
      if (first !== tweet.id) found.push(`${key} is on X twice`);
      this.#firstIds.set(key, first);
      if (tweet.account !== this.#accounts.get(post)) found.push(`${key} is on X in another's name`);
      const parent = this.#places.get(this.#everOnX.get(tweet.replyToId ?? "")?.text ?? "");
      const follows = this.#follows.get(post);
      const isInPlace =
        position > 0
          ? parent?.post === post && parent.position === position - 1
          : follows === undefined
            ? tweet.replyToId === null
            : parent?.post === follows;
      if (!isInPlace) found.push(`${key} does not reply to the tweet before it`);
    }
    return found;
  }

  /** At rest: what is shown of a post is true, and it does not wait without a word. */
  #shown({ post, status, reason, texts, tweetIds, deletedIds = [], atMs }: Event<"shown">): string[] {
    const name = `p${post}`;
    const found: string[] = [];
    if (!RESTING.includes(status)) found.push(`${name} rests as ${status}: it waits, and nothing will come`);
    if (status === "failed" && !reason) found.push(`${name} failed without a word why`);
    const lateMs = this.#restByMs === null ? 0 : atMs - this.#restByMs;
    if (lateMs > 0)
      found.push(`${name} came to rest ${Math.ceil(lateMs / 60_000)} minutes too late after the last fault`);
    const wish = this.#wishFor(post, texts);
    if (!wish) return [...found, otherTexts(post, texts)];
    if (status === "failed" && DUPLICATE.test(reason ?? ""))
      found.push(...this.#leftAside(name, wish, tweetIds.length));
    const ours = this.#ours().filter(({ text }) => this.#places.get(text)?.post === post);
    for (const { id, text } of ours)
      if (!tweetIds.includes(id)) found.push(`on X, and the hub does not know it: ${id} ${text}`);
    if (status === "published" && tweetIds.length !== wish.tweets.length)
      found.push(`${name} is published with tweets missing`);
    for (const [position, id] of tweetIds.entries()) {
      const tweet = this.#onX.find((one) => one.id === id);
      const { text, media } = wish.tweets[position] ?? { text: "", media: [] };
      const isDeleted = deletedIds.includes(id);
      if (isDeleted && tweet) found.push(`${name}: ${id} is shown as taken down and is on X`);
      if (isDeleted && !this.#takeDowns.may(post, position))
        found.push(`${name}: ${id} is taken down, and nobody asked`);
      if (!isDeleted && this.#takeDowns.must(post, position))
        found.push(`${name}: ${id} was to be taken down, and is not`);
      if (isDeleted) continue;
      if (!tweet) found.push(`${name}: ${id} is shown as published and is not on X`);
      else if (tweet.text !== text) found.push(`${name}: X holds "${tweet.text}" for "${text}"`);
      else if (tweet.media.join() !== media.join()) found.push(`${name}: "${text}" has other media on X`);
    }
    return found;
  }

  /** X called the next tweet a duplicate of what the author had said by hand long before: then it is on X, and is shown as it. */
  #leftAside(name: string, { tweets }: Wish, position: number): string[] {
    const next = tweets[position];
    if (!next || next.media.length > 0) return [];
    const sentMs = this.#sentAt.get(next.text) ?? 0;
    return this.#onX
      .filter(({ id, text }) => text === next.text && (this.#byHand.get(id) ?? sentMs) < sentMs - SHOWN_BY_MS)
      .map(({ id }) => `${name} failed as a duplicate of its own words, which stand on X as ${id}`);
  }

  /** Only what its author asked for, and the last of it first. */
  #deleteSent(tweetId: string): string[] {
    const tweet = this.#everOnX.get(tweetId);
    const place = this.#places.get(tweet?.text ?? "");
    if (!place) return [`a tweet that no author wrote is to be deleted: ${tweetId}`];
    const { post, position } = place;
    const name = `p${post}.t${position}`;
    if (!this.#takeDowns.may(post, position)) return [`${name} is to be deleted, and nobody asked for it`];
    const later = this.#ours().some(({ text }) => {
      const other = this.#places.get(text);
      return other?.post === post && other.position > position && this.#takeDowns.must(post, other.position);
    });
    return later ? [`${name} is to be deleted before a later tweet of its thread`] : [];
  }

  /** The wish of which these are the texts. */
  #wishFor(post: number, texts: readonly string[]): Wish | undefined {
    const wanted = JSON.stringify(texts);
    return this.#wishes.of(post).find(({ tweets }) => JSON.stringify(tweets.map(({ text }) => text)) === wanted);
  }
}

// --- internal ---

function otherTexts(post: number, texts: readonly string[]): string {
  return `p${post}: its author was promised other texts than ${texts}`;
}
