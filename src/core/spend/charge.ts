/**
 * The record of what X bills: every billed request is a row with its price and cause before it is sent, so a process that dies, or an
 * answer that is lost, leaves it counted. What X then says it has done sets how much of it was billed: X bills what succeeded.
 *
 * The request that creates a tweet has its row in the statement that writes its attempt (`publish/attempts/`), and that of a deletion in
 * the one that writes the deletion. All others go through `charged`.
 */
import { sql } from "drizzle-orm";
import { createPrice } from "../compose/cost.ts";
import { PRICES, type Price } from "../compose/prices.ts";
import type { Db, Hub, Tx } from "../db/connection.ts";
import { isHubOutage } from "../db/errors.ts";
import type { AnswerMeta, OwnPostsAnswer, Platform, PostsByIdAnswer } from "../platform.ts";
import { isSandboxHost } from "./sandbox-host.ts";

export { isSandboxHost };

/** Why X was asked, and by which price it bills that. */
export const CAUSES = {
  create: "create",
  create_with_link: "createWithLink",
  alt_text: "altText",
  /** Looking at the account's own posts, as after a lost answer. */
  timeline: "postRead",
  /** Looking whether one post is there. */
  post_look: "postRead",
  identity: "userRead",
  deletion: "deletion",
} as const satisfies Record<string, Price>;
export type Cause = keyof typeof CAUSES;

/** The cause under which the creation of a tweet of this text is recorded. */
export const createCause = (text: string): "create" | "create_with_link" => CAUSE_OF[createPrice(text)];

export interface Charge {
  cause: Cause;
  /** The platform's. */
  host: string;
  /** Null for a sign-in, which has no account yet. */
  accountId: string | null;
  rootId?: string | null | undefined;
  tweetId?: string | null | undefined;
  /** How many X may bill: 1 unless said. */
  units?: number;
}

const CAUSE_OF = { create: "create", createWithLink: "create_with_link" } as const satisfies Record<
  ReturnType<typeof createPrice>,
  Cause
>;

/** Millionths of a dollar for one unit. */
export const unitMicros = (cause: Cause): number => PRICES.micros[CAUSES[cause]];

/** Writes the row. @returns its id */
export async function writeCharge(db: Db | Tx, charge: Charge): Promise<number> {
  const { cause, host, accountId, rootId = null, tweetId = null, units = 1 } = charge;
  const { rows } = await db.execute<{ id: string }>(sql`
    insert into psn.spend (account_id, cause, root_id, tweet_id, unit_micros, units, prices_as_of, is_sandbox)
    values (
      ${accountId}, ${cause}, ${rootId}, ${tweetId}, ${unitMicros(cause)}, ${units}, ${PRICES.asOf}::date,
      ${isSandboxHost(host)}
    )
    returning id`);
  return Number(rows[0]?.id);
}

/** What X has billed of it, once that is known. Where the hub is away it stays as it was written. */
export async function settleCharge({ db }: Pick<Hub, "db">, id: number, units: number): Promise<void> {
  try {
    await db.execute(sql`update psn.spend set units = ${units} where id = ${id} and units <> ${units}`);
  } catch (error) {
    // What X has answered matters more than what it costs.
    if (!isHubOutage(error)) throw error;
  }
}

/** Of a read of posts: each that X gave. A request that X refused is not billed; of one without an answer nobody knows. */
export function postsRead(read: {
  answer: OwnPostsAnswer | PostsByIdAnswer;
  meta: Pick<AnswerMeta, "httpStatus">;
}): number | null {
  const { answer, meta } = read;
  if (answer.kind === "posts") return answer.posts.length;
  return meta.httpStatus === null || meta.httpStatus < 300 ? null : 0;
}

/**
 * Asks X something that it bills.
 * @param unitsOf how many X has billed, by its answer; null where no answer came, for then it may have
 */
export async function charged<Answer>(
  hub: Pick<Hub, "db">,
  charge: Charge,
  ask: () => Promise<Answer>,
  unitsOf: (answer: Answer) => number | null,
): Promise<Answer> {
  const id = await writeCharge(hub.db, charge);
  const answer = await ask();
  const units = unitsOf(answer);
  if (units !== null) await settleCharge(hub, id, units);
  return answer;
}

/** Asks X whose token this is. @param accountId null for a sign-in, which has no account yet */
export async function chargedIdentity(
  hub: Pick<Hub, "db">,
  platform: Pick<Platform, "identity" | "host">,
  { accountId, accessToken, signal }: { accountId: string | null; accessToken: string; signal?: AbortSignal },
): ReturnType<Platform["identity"]> {
  return await charged(
    hub,
    { cause: "identity", host: platform.host, accountId },
    () => platform.identity(accessToken, signal),
    ({ kind }) => (kind === "unavailable" ? null : kind === "identity" ? 1 : 0),
  );
}
