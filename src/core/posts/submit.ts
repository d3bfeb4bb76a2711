/**
 * From a text to a post, and as far as its author says in the same breath: a draft, approved, scheduled, or taken for publishing.
 * One transaction: a crash leaves nothing, or all of it.
 */
import { chooseAccount } from "../accounts/choose.ts";
import type { Numbering } from "../compose/numbering.ts";
import type { CutOrder } from "../compose/open-cuts.ts";
import { TWEET_LIMIT } from "../compose/weighted-length.ts";
import type { Hub, Tx } from "../db/connection.ts";
import type { Engine } from "../engine.ts";
import { PsnError } from "../errors.ts";
import type { MediaStore } from "../media/store.ts";
import type { Lease } from "../post/lease.ts";
import type { PostMetadata } from "../types/index.ts";
import { requireApproved } from "./approve.ts";
import { type Attachment, storeAttachments } from "./attachments.ts";
import { cutPost, requireLimit } from "./composing.ts";
import { createAnd } from "./create.ts";
import type { SourceFile } from "./from-file.ts";
import { requireLeave } from "./leave.ts";
import { loadPost, type Post } from "./read.ts";
import { type Schedule, setNewSchedule, takeForNow } from "./schedule.ts";

export interface PostsDeps {
  hub: Hub;
  engine: Engine;
  media: MediaStore;
}

/** A time that a file names, in its own words. */
export type Planned = Schedule & { said?: string | undefined };

export interface Submission {
  text: string;
  /** A handle; else the default account. */
  account?: string | undefined;
  attachments?: readonly Attachment[] | undefined;
  metadata?: PostMetadata | undefined;
  /** The same key twice makes one post; the repeat goes on with what the first run did not come to. */
  idempotencyKey?: string | undefined;
  /** By X's count; default 280. */
  limit?: number | undefined;
  numbering?: Numbering | null | undefined;
  cut?: CutOrder | undefined;
  /** When the author means to publish it. A plan, not a schedule. */
  planned?: Planned | null | undefined;
  /** The file that the text came from. The post keeps its path. */
  file?: SourceFile | undefined;
  /** Another post, also when the file is one already. */
  anew?: boolean | undefined;
  /** What is written in the same transaction. */
  alongside?: ((tx: Tx, postId: string) => Promise<void>) | undefined;
  /** As of `NewPost`: for who is asked before the post goes on, and comes again with the answer. */
  orUntouched?: boolean | undefined;
  /** Also when another post of the account says exactly the same; implies `anew`. */
  force?: boolean | undefined;
}

/** How far a new post goes at once. All but `draft` approve it. */
export type Wish =
  | { kind: "draft" }
  | { kind: "approve" }
  | { kind: "schedule"; schedule: Schedule }
  /** Its lease goes to `owner`, who publishes. */
  | { kind: "now"; owner: string };

export interface Submitted {
  postId: string;
  /** False when the idempotency key found a post of before. */
  created: boolean;
  /** With a wish for now, unless the post went further than a draft before. */
  lease: Lease | null;
}

/**
 * Cuts a text into tweets, stores its media and the post, and goes as far as `wish` says. With a key that was used before, a post
 * that is still the draft it was made as goes on likewise; any other is answered as it stands.
 * @throws PsnError TEXT_…, ACCOUNT_…, MEDIA_…, LIMIT_NOT_ALLOWED, POST_…, FILE_IS_POST, TIME_IN_PAST, IDEMPOTENCY_KEY_REUSED
 */
export async function submitPost(
  deps: PostsDeps,
  given: Submission,
  wish: Wish = { kind: "draft" },
): Promise<Submitted> {
  const { hub, engine } = deps;
  const {
    text,
    attachments = [],
    limit = TWEET_LIMIT,
    numbering = null,
    cut = "whole",
    planned,
    file,
    force = false,
  } = given;
  const account = await chooseAccount(hub.db, given.account);
  requireLimit(limit, account);
  const { tweets } = cutPost(text, { limit, numbering, cut, hasMedia: attachments.length > 0 });
  const media = await storeAttachments(deps.media, attachments, tweets.length, account.subscription);
  const post = {
    accountId: account.id,
    source: text,
    tweets: tweets.map(({ text: words, separatorAfter }, index) => ({
      text: words,
      separatorAfter,
      media: media[index] ?? [],
    })),
    metadata: {
      ...given.metadata,
      ...(file ? { sourceFile: file.path } : {}),
      ...(limit === TWEET_LIMIT ? {} : { limit }),
      ...(numbering ? { numbering } : {}),
      ...(cut === "whole" ? {} : { cut }),
      ...(planned ? { planned: asPlanned(planned) } : {}),
    },
    refuseDuplicate: !force,
    orUntouched: given.orUntouched ?? false,
    ...(file && !force && !given.anew ? { refuseFile: file } : {}),
    ...(given.idempotencyKey === undefined ? {} : { idempotencyKey: given.idempotencyKey }),
  };
  const submitted = await createAnd(hub, post, async (tx, made) => {
    const lease =
      wish.kind === "draft"
        ? null
        : await goFurther(tx, deps, await loadPost(tx, made.postId), wish, force).catch((error: unknown) => {
            throw made.created ? withoutPost(error, made.postId) : error;
          });
    await given.alongside?.(tx, made.postId);
    return { ...made, lease };
  });
  if (wish.kind !== "draft") await engine.reconcile(hub, submitted.postId);
  return submitted;
}

/** A plan as it is kept with the post. */
export function asPlanned({ at, timezone, said }: Planned) {
  return { at: at.toISOString(), timezone, ...(said === undefined ? {} : { said }) };
}

// --- internal ---

async function goFurther(
  tx: Tx,
  { hub, engine }: PostsDeps,
  post: Post,
  wish: Exclude<Wish, { kind: "draft" }>,
  force: boolean,
): Promise<Lease | null> {
  if (!isAsItWasMade(post)) return null;
  await requireApproved(tx, post, { approve: true, force });
  if (wish.kind === "schedule") await setNewSchedule(tx, hub, engine, post, wish.schedule);
  else await requireLeave(tx, hub, post.root.id, wish.kind === "now" ? "now" : "draft");
  return wish.kind === "now" ? await takeForNow(tx, engine, post, wish.owner) : null;
}

/** What is refused as it is made is nowhere: no command that names it helps. */
function withoutPost(error: unknown, postId: string): unknown {
  if (!(error instanceof PsnError) || !error.next) return error;
  const { code, message, hint, next, details } = error;
  return new PsnError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    next: next.filter((command) => !command.includes(postId)),
    ...(details ? { details } : {}),
    cause: error,
  });
}

/** A draft that was never changed, scheduled or taken. One that its author took back to draft stays where they put it. */
function isAsItWasMade({ root }: Post): boolean {
  return root.status === "draft" && root.contentVersion === 1 && root.scheduleVersion === 0;
}
