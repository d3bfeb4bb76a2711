/**
 * X's API for one account. Two ways to ask: `ask` gives back whatever came as a value, for `platform.ts` and its
 * judges; the named methods throw `XApiError` or `RateLimitError`, for scripts and the command line.
 *
 * The client knows no database and no retry. It never sends a create twice: only its caller can know what that would
 * do.
 */
import { type Clock, wallClock } from "../../core/clock.ts";
import type { OwnPost, RateLimitWindow } from "../../core/platform.ts";
import type { XEndpoint } from "./endpoints.ts";
import { ThreadError } from "./errors.ts";
import { type JudgeContext, judgeRefusal, processCreatePostResponse } from "./judge.ts";
import { FORM_TYPE, formBytes } from "./multipart.ts";
import { rateLimitWindows } from "./rate-limit.ts";
import { createPostRequest, type XRequest } from "./requests.ts";
import { readTimeline } from "./timeline.ts";
import { toApiError } from "./to-error.ts";
import { type Answer, aheadMsOf, BODY_BYTES_MAX, exchange, type FetchLike, secureUrl } from "./transport.ts";
import { type RateLimitInfo, type TweetCreate, TweetCreateSchema } from "./types.ts";

export const X_API_BASE_URL = "https://api.x.com";
/** For a request without media, connection and body included. */
const TIMEOUT_MS = 30_000;
/** For a request that carries a chunk of media: 17 MB, the largest, over a line of 1.2 Mbit/s. */
const MEDIA_TIMEOUT_MS = 120_000;

export interface XClientOptions {
  /** Secret. An OAuth 2.0 user token. */
  accessToken: string;
  /** Default `X_API_BASE_URL`; https, or http on this machine. */
  baseUrl?: string | undefined;
  timeoutMs?: number | undefined;
  mediaTimeoutMs?: number | undefined;
  /** Default: the runtime's own. */
  fetch?: FetchLike | undefined;
  clock?: Clock | undefined;
}

export class XClient {
  readonly #accessToken: string;
  readonly #baseUrl: string;
  readonly #timeoutMs: number;
  readonly #mediaTimeoutMs: number;
  readonly #fetch: FetchLike;
  readonly #clock: Clock;
  readonly #rateLimits = new Map<XEndpoint, RateLimitInfo>();

  /**
   * @throws TypeError for an address that is not https (or http on this machine), or a token that no header can carry.
   */
  constructor(options: XClientOptions) {
    if (!/^[\x21-\x7e]+$/.test(options.accessToken)) throw new TypeError("the access token cannot be sent in a header");
    this.#accessToken = options.accessToken;
    this.#baseUrl = secureUrl(options.baseUrl ?? X_API_BASE_URL);
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#mediaTimeoutMs = Math.max(options.mediaTimeoutMs ?? MEDIA_TIMEOUT_MS, this.#timeoutMs);
    this.#fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.#clock = options.clock ?? wallClock;
  }

  /**
   * Sends one request and gives back whatever came; never throws for what X or the network does.
   * @throws the reason of `signal` when it was aborted before anything was sent.
   */
  async ask(request: XRequest, signal?: AbortSignal): Promise<Answer> {
    const query = new URLSearchParams(request.query).toString();
    const made = request.form?.made;
    const form = made ?? (request.form && formBytes(request.form));
    const sent = exchange(
      {
        method: request.method,
        url: `${this.#baseUrl}${request.path}${query === "" ? "" : `?${query}`}`,
        headers: {
          authorization: `Bearer ${this.#accessToken}`,
          accept: "application/json",
          "user-agent": "psn",
          ...(request.json !== undefined && { "content-type": "application/json" }),
          ...(form && { "content-type": FORM_TYPE }),
        },
        body: form ?? (request.json === undefined ? null : JSON.stringify(request.json)),
        timeoutMs: request.carriesMedia ? this.#mediaTimeoutMs : this.#timeoutMs,
        bodyBytesMax: request.bodyBytesMax ?? BODY_BYTES_MAX,
      },
      { fetch: this.#fetch, clock: this.#clock },
      signal,
    );
    // `fetch` has taken a copy (WHATWG Fetch, "extract a body").
    const answer = await sent.finally(() => (made ? undefined : form?.buffer.transfer(0)));
    this.#remember(request.endpoint, answer);
    return answer;
  }

  /** What the judges need besides an answer. `now` is read when called, so ask for it after the answer came. */
  context(): JudgeContext {
    return { now: this.#clock.now(), secrets: [this.#accessToken] };
  }

  get clock(): Clock {
    return this.#clock;
  }

  /**
   * Creates one tweet.
   * @returns its id; X's version of the text stays with X.
   * @throws ZodError for a body that X would refuse; nothing was sent.
   * @throws RateLimitError, XApiError. `mayHaveHappened` tells whether the tweet may exist all the same.
   */
  async createTweet(tweet: TweetCreate, signal?: AbortSignal): Promise<{ id: string }> {
    const request = createPostRequest(TweetCreateSchema.parse(tweet));
    const answer = await this.ask(request, signal);
    const context = { ...this.context(), isReply: tweet.reply !== undefined };
    const outcome = processCreatePostResponse(answer, context);
    if (outcome.kind === "posted") return { id: outcome.externalPostId };
    throw toApiError(request.endpoint, answer, context, outcome.kind === "unknown");
  }

  /**
   * Creates tweets strictly one after the other, each a reply to the one before. A convenience: it keeps no record, so
   * a process that dies here leaves its caller without the ids. PSN itself publishes through `core/publish`.
   * @throws ZodError when any of the tweets is invalid; nothing was sent.
   * @throws ThreadError with the ids posted so far; its cause is what stopped the thread.
   */
  async postThread(tweets: readonly TweetCreate[], signal?: AbortSignal): Promise<string[]> {
    for (const tweet of tweets) TweetCreateSchema.parse(tweet);
    const ids: string[] = [];
    for (const [position, tweet] of tweets.entries()) {
      const parentId = ids.at(-1);
      const reply = parentId === undefined ? tweet.reply : { ...tweet.reply, in_reply_to_tweet_id: parentId };
      try {
        const { id } = await this.createTweet(reply === undefined ? tweet : { ...tweet, reply }, signal);
        ids.push(id);
      } catch (error) {
        throw new ThreadError(ids, position, error);
      }
    }
    return ids;
  }

  /**
   * The account's own posts newer than `sinceId`, replies included, newest first, at most `max`.
   * `complete` says that nothing newer than `sinceId` is missing.
   * @throws RateLimitError, XApiError.
   */
  async getOwnPosts(
    userId: string,
    query: { sinceId: string | null; max: number },
    signal?: AbortSignal,
  ): Promise<{ posts: OwnPost[]; complete: boolean }> {
    const { answer, last } = await readTimeline(this, userId, query, signal);
    if (answer.kind === "posts") return { posts: answer.posts, complete: answer.complete };
    throw toApiError("GET /2/users/:id/tweets", last, this.context(), false);
  }

  /** What X last said of an endpoint's limits to this client; null before the first answer that named any. */
  getRateLimit(endpoint: XEndpoint): RateLimitInfo | null {
    return this.#rateLimits.get(endpoint) ?? null;
  }

  /** True while a window of the endpoint is used up, or a 429 said to wait. What X never said limits nothing. */
  isRateLimited(endpoint: XEndpoint, now: Date = this.#clock.now()): boolean {
    const known = this.#rateLimits.get(endpoint);
    if (known === undefined) return false;
    if (known.blockedUntil !== null && known.blockedUntil > now) return true;
    return [known.per15Minutes, known.user24Hours, known.app24Hours].some(
      (window) => window !== null && window.remaining === 0 && window.resetAt > now,
    );
  }

  #remember(endpoint: XEndpoint, answer: Answer): void {
    if (answer.kind === "silent") return;
    const windows = rateLimitWindows(answer.headers, aheadMsOf(answer));
    const refusal = judgeRefusal(answer, this.context());
    const blockedUntil = refusal?.kind === "wait" ? refusal.until : null;
    if (windows.length === 0 && blockedUntil === null) return;
    // An answer may name some of the families only: what it leaves out is still what X last said.
    const before = this.#rateLimits.get(endpoint);
    const of = (name: RateLimitWindow["window"]) => windows.find(({ window }) => window === name) ?? null;
    this.#rateLimits.set(endpoint, {
      endpoint,
      per15Minutes: of("15min") ?? before?.per15Minutes ?? null,
      user24Hours: of("user_24h") ?? before?.user24Hours ?? null,
      app24Hours: of("app_24h") ?? before?.app24Hours ?? null,
      blockedUntil,
      seenAt: this.#clock.now(),
    });
  }
}
