/**
 * X behind the core's port. Every method says what is known and throws only when aborted before it began, or for a bug.
 */
import type { Clock } from "../../core/clock.ts";
import type { Credentials, IdentityAnswer, Outcome, Platform, XOAuthConfig } from "../../core/platform.ts";
import { addCaption } from "./captions.ts";
import { X_API_BASE_URL, XClient } from "./client.ts";
import { answerMeta, NO_ANSWER_META, processCreatePostResponse } from "./judge.ts";
import { processByIdResponse, processDeleteResponse } from "./judge-by-id.ts";
import { processMeResponse } from "./judge-posts.ts";
import { sameText } from "./match.ts";
import { setAltText, uploadMedia } from "./media.ts";
import { createXOAuthClient, refreshAccessToken } from "./oauth.ts";
import type { Dialect } from "./own-posts.ts";
import { createPostRequest, deletePostRequest, IDS_MAX, meRequest, postsByIdRequest, tweetOf } from "./requests.ts";
import { idTime } from "./snowflake.ts";
import { readTimeline } from "./timeline.ts";
import type { FetchLike } from "./transport.ts";
import { TweetCreateSchema } from "./types.ts";
import type { Judged } from "./upload-step.ts";

export interface XPlatformConfig {
  oauth: XOAuthConfig;
  /** Default https://api.x.com; the sandbox and tests have their own. */
  apiBaseUrl?: string | undefined;
  /** For a request without media. */
  timeoutMs?: number | undefined;
  /** For a request that carries a chunk of media. */
  mediaTimeoutMs?: number | undefined;
  /** How long one `uploadMedia` waits for X to process. */
  processingMsMax?: number | undefined;
  fetch?: FetchLike | undefined;
  clock?: Clock | undefined;
}

const STOPPED = "stopped while waiting for the answer";

/**
 * @throws TypeError when an address is neither https nor on this machine: a bug, since configuration was validated
 *   before.
 */
export function createXPlatform(config: XPlatformConfig): Platform {
  const oauth = createXOAuthClient(config.oauth, config);
  const clientOf = (accessToken: string) => new XClient({ ...config, baseUrl: config.apiBaseUrl, accessToken });
  clientOf("check"); // so that a wrong address is found here and not at the first post

  return {
    async createPost({ accessToken }, request, signal) {
      const tweet = TweetCreateSchema.safeParse(tweetOf(request));
      if (!tweet.success) {
        const detail = tweet.error.issues
          .map(({ path, message }) => [...path, message].join(": "))
          .join("; ")
          .slice(0, 300);
        return { outcome: { kind: "refused", reason: "invalid", detail }, meta: NO_ANSWER_META };
      }
      const client = clientOf(accessToken);
      const answer = await client.ask(createPostRequest(tweet.data), signal);
      const isReply = request.replyToId !== null;
      const outcome: Outcome = processCreatePostResponse(answer, { ...client.context(), isReply });
      return { outcome, meta: answerMeta(answer) };
    },

    async ownPosts({ accessToken, platformUserId }, query, signal) {
      const stopped = { answer: { kind: "unavailable", cause: STOPPED, retryAt: null }, meta: NO_ANSWER_META } as const;
      return untilStopped(signal, stopped, async () => {
        const { answer, last } = await readTimeline(clientOf(accessToken), platformUserId, query, signal);
        return { answer, meta: answerMeta(last) };
      });
    },

    async postsById({ accessToken }, ids, signal) {
      if (ids.length === 0 || ids.length > IDS_MAX) throw new TypeError(`1 to ${IDS_MAX} ids can be asked for`);
      const stopped = { answer: { kind: "unavailable", cause: STOPPED, retryAt: null }, meta: NO_ANSWER_META } as const;
      return untilStopped(signal, stopped, async () => {
        const client = clientOf(accessToken);
        const ask = async (dialect: Dialect) => {
          const last = await client.ask(postsByIdRequest(ids, dialect), signal);
          return { judged: processByIdResponse(last, client.context()), last };
        };
        const first = await ask("tweet");
        const isWhole = first.judged.kind === "posts" && first.judged.posts.every(({ authorId }) => authorId !== null);
        // X refused the older vocabulary, or silently left the author out.
        const isAgain = first.judged.kind === "other_dialect" || (first.judged.kind === "posts" && !isWhole);
        const second = isAgain ? await ask("post") : first;
        const { judged, last } = second.judged.kind === "posts" ? second : { ...first, last: second.last };
        const meta = answerMeta(last);
        if (judged.kind !== "other_dialect") return { answer: judged, meta };
        return { answer: { kind: "unavailable", cause: judged.cause, retryAt: null }, meta };
      });
    },

    async deletePost({ accessToken }, externalPostId, signal) {
      const client = clientOf(accessToken);
      const answer = await client.ask(deletePostRequest(externalPostId), signal);
      return { outcome: processDeleteResponse(answer, client.context()), meta: answerMeta(answer) };
    },

    async uploadMedia(credentials, media, options = {}) {
      return uploading(credentials, options.signal, (client) =>
        uploadMedia(client, media, { ...options, processingMsMax: config.processingMsMax }),
      );
    },

    async setAltText(credentials, mediaId, altText, signal) {
      return uploading(credentials, signal, (client) => setAltText(client, mediaId, altText, signal));
    },

    async addCaption(credentials, mediaId, caption, signal) {
      return uploading(credentials, signal, (client) => addCaption(client, mediaId, caption, signal));
    },

    refresh: (refreshToken, signal) => refreshAccessToken(oauth, refreshToken, signal),

    async identity(accessToken, signal) {
      const client = clientOf(accessToken);
      const answer = await client.ask(meRequest(), signal);
      const known: IdentityAnswer = processMeResponse(answer, client.context());
      return { ...known, clock: answer.kind === "responded" ? answer.clock : undefined };
    },

    // X refuses it, and says its time with the refusal. An answer to an account would be charged.
    async readClock(signal) {
      const answer = await clientOf("none").ask(meRequest(), signal);
      return (answer.kind === "responded" ? answer.clock : null) ?? null;
    },

    sameText,
    idTime,
    host: new URL(config.apiBaseUrl ?? X_API_BASE_URL).host,
  };

  /** A step that puts something to X before the tweet. Stopped between two of its requests it failed: nothing is published yet. */
  async function uploading<Step>(
    { accessToken }: Credentials,
    signal: AbortSignal | undefined,
    upload: (client: XClient) => Promise<Judged<Step>>,
  ) {
    const stopped = { answer: { kind: "failed", cause: STOPPED }, meta: NO_ANSWER_META } as const;
    return untilStopped<{ answer: Step | typeof stopped.answer; meta: typeof NO_ANSWER_META }>(
      signal,
      stopped,
      async () => withMeta(await upload(clientOf(accessToken))),
    );
  }
}

function withMeta<Step>({ answer, last }: Judged<Step>): { answer: Step; meta: typeof NO_ANSWER_META } {
  return { answer, meta: last === null ? NO_ANSWER_META : answerMeta(last) };
}

/**
 * An abort between two requests of one method ends in a value, since something was sent; before the first it throws.
 */
async function untilStopped<T>(signal: AbortSignal | undefined, stopped: T, run: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await run();
  } catch (error) {
    if (signal?.aborted) return stopped;
    throw error;
  }
}
