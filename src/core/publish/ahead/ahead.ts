/**
 * Media before their post's time: uploaded, processed and described, so that the first tweet is on time and whatever X refuses
 * is known while nothing is public. A job of its own. The post stays as it is, to be edited or taken back, and nobody holds
 * its lease: each write asks whether it is still the same, and an upload whose post has changed ends there. What is not ready
 * at the post's time its run goes on with.
 */
import { eq, sql } from "drizzle-orm";
import type { Hub } from "../../db/connection.ts";
import { postMedia } from "../../db/schema.ts";
import { addEvent } from "../../post/history.ts";
import { LeaseLostError } from "../../post/lease.ts";
import { loadForRun } from "../../post/rows.ts";
import { isUploaded } from "../../post/upload-state.ts";
import { credentialsFor } from "../../tokens/keeper.ts";
import type { NewEvent } from "../../types/index.ts";
import type { PublishDeps } from "../deps.ts";
import { sendConditions } from "../send/prepare.ts";
import { type MediaReady, mediaReady, mediaRefusal } from "../send/upload.ts";
import type { MediaFacts, UploadPlace } from "../send/upload-place.ts";
import { type Claim, claimMedia, record, releaseClaim, renewClaim, stillClaimed } from "./claim.ts";
import { noteSpeed } from "./due.ts";

export type AheadResult =
  /** X holds all media of the post. */
  | { kind: "ready"; postId: string; files: number; uploaded: number }
  /** It goes on by itself, not before `until`. */
  | { kind: "waits"; postId: string; until: Date | null; note: string }
  /** The post fails at its time if nobody changes it. */
  | { kind: "refused"; postId: string; code: string; note: string }
  /** Another process is at it, it changed meanwhile, or it is no post that waits for its time. */
  | { kind: "not_ours"; postId: string };

const FIRST_DELAY_MS = 15_000;
const DELAY_MS_MAX = 5 * 60_000;

/**
 * Makes a post's media ready, as far as that goes now.
 * @param isAsked by its author, at any time and of a draft, too; else only for a post that waits for its time
 */
export async function prepareAhead(
  deps: PublishDeps,
  postId: string,
  { signal, isAsked = false }: { signal?: AbortSignal | undefined; isAsked?: boolean } = {},
): Promise<AheadResult> {
  deps.mark?.requireOwn();
  const claim = await claimMedia(deps, postId, isAsked ? ["draft", "scheduled"] : ["scheduled"]);
  if (!claim) return { kind: "not_ours", postId };
  try {
    const readied = await makeReady(deps, claim, signal);
    if (signal?.aborted && readied.made.kind !== "ready") {
      await releaseClaim(deps.hub, claim, 0);
      return { kind: "waits", postId, until: null, note: "It was stopped; what X has is not sent again." };
    }
    return await finish(deps, claim, readied);
  } catch (error) {
    await releaseClaim(deps.hub, claim, signal?.aborted ? 0 : FIRST_DELAY_MS).catch(() => {});
    if (error instanceof LeaseLostError) return { kind: "not_ours", postId };
    throw error;
  }
}

// --- internal ---

async function makeReady(deps: PublishDeps, claim: Claim, signal: AbortSignal | undefined): Promise<Readied> {
  const tweets = (await loadForRun(deps.hub, claim.postId)).filter((tweet) => tweet.externalPostId === null);
  const carriers = tweets.filter(({ media }) => media.length > 0);
  const files = carriers.flatMap(({ media }) => media);
  const none = { files: files.length, uploaded: 0 };
  const [root] = tweets;
  if (!root || files.length === 0) return { ...none, made: { kind: "ready", mediaIds: [], uploadedNow: false } };
  const token = await credentialsFor(deps, root.accountId);
  if (token.kind !== "ok") return { ...none, made: { kind: "signed_out", detail: token.reason } };
  const { hold } = await sendConditions(deps.hub, { accountId: root.accountId, clientId: deps.clientId });
  if (hold !== null) return { ...none, made: { kind: "unavailable", code: "HELD", cause: hold.detail } };
  const missing = files.filter((item) => !isUploaded(item, deps.clock.now()));
  const began = deps.clock.now();
  const altText = root.metadata.altRequired === true ? "required" : "wanted";
  for (const tweet of carriers) {
    const label = tweets.length > 1 ? `Tweet ${tweet.threadPosition + 1}/${tweets.length}: ` : "";
    const place = placeOf(deps.hub, claim, { credentials: token.credentials, signal, label, altText });
    const made = await mediaReady(deps, tweet, place);
    if (made.kind !== "ready") return { ...none, made, label };
  }
  const bytes = missing.reduce((sum, item) => sum + item.byteLength, 0);
  await noteSpeed(deps.hub, bytes, deps.clock.now().getTime() - began.getTime());
  return {
    files: files.length,
    uploaded: missing.length,
    made: { kind: "ready", mediaIds: [], uploadedNow: missing.length > 0 },
  };
}

interface Readied {
  made: MediaReady;
  files: number;
  uploaded: number;
  label?: string;
}

function placeOf(
  hub: Hub,
  claim: Claim,
  more: Pick<UploadPlace, "credentials" | "signal" | "label" | "altText">,
): UploadPlace {
  return {
    ...more,
    // The post waits for its time all the same; its media say how far they are.
    say: async () => {},
    write: async (item, values: MediaFacts, event?: Omit<NewEvent, "status">) => {
      await hub.db.transaction(async (tx) => {
        const written = await tx
          .update(postMedia)
          .set(values)
          .where(sql`${eq(postMedia.id, item.id)} and ${stillClaimed(claim)}`)
          .returning({ id: postMedia.id });
        if (written.length === 0) throw new LeaseLostError(`post ${claim.postId} changed while its media went up`);
        await renewClaim(tx, claim);
        if (event) await addEvent(tx, claim.postId, { ...event, status: claim.status });
      });
    },
  };
}

/** Writes down what came of it, and says in the post's history what its author should know. */
async function finish(
  deps: PublishDeps,
  claim: Claim,
  { made, files, uploaded, label = "" }: Readied,
): Promise<AheadResult> {
  const { hub, clock, random } = deps;
  const { postId } = claim;
  const nowMs = clock.now().getTime();
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** claim.tries, DELAY_MS_MAX) * (0.75 + random() / 2);
  const later = async (until: Date | null, note: string): Promise<AheadResult> => {
    const inMs = until === null ? delayMs : Math.max(until.getTime() - nowMs, FIRST_DELAY_MS);
    await record(hub, claim, { inMs, tries: claim.tries + 1 });
    return { kind: "waits", postId, until: new Date(nowMs + inMs), note };
  };
  switch (made.kind) {
    case "ready": {
      const note = `X holds all media of the post (${files === 1 ? "one file" : `${files} files`}).`;
      const event = uploaded > 0 ? { kind: "media_ready", note } : undefined;
      await record(hub, claim, { inMs: DELAY_MS_MAX, tries: 0, ...(event ? { event } : {}) });
      return { kind: "ready", postId, files, uploaded };
    }
    case "refused":
    case "alt_text_refused":
    case "gone": {
      const { code, note } = mediaRefusal(made, label);
      const fix = `${note} Nothing is public. Change it before its time: psn post edit ${postId} --media FILE --approve`;
      const event = { kind: "media_refused", note: fix, facts: { code } };
      await record(hub, claim, { inMs: 0, tries: claim.tries, code, note, event });
      return { kind: "refused", postId, code, note };
    }
    case "wait":
      return await later(made.until, made.detail);
    case "processing":
      return await later(made.checkAt, `${label}${made.detail}.`);
    case "unavailable":
    case "failed":
      return await later(null, `${label}${made.cause}.`);
    default:
      return await later(null, "detail" in made ? made.detail : "It was stopped.");
  }
}
