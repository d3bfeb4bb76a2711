/** What X shows, read over HTTP as anybody could: the sandbox's own state, and the account's timeline by X's API. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { XClient } from "../platforms/x/client.ts";
import type { Seen, SeenPost } from "./compare.ts";

const ANSWER_MS_MAX = 10_000;
/** X itself shows no more of an account. */
const TIMELINE_MAX = 3_200;
const CREATE = "POST /2/tweets";

const StateSchema = z.object({
  accounts: z.record(
    z.string(),
    z.object({
      id: z.string(),
      posts: z.array(
        z.object({
          id: z.string(),
          text: z.string(),
          replyToId: z.string().nullable(),
          media: z.array(z.object({ sha256: z.string().nullable(), altText: z.string().nullable() })),
          createdAt: z.iso.datetime(),
          deletedAt: z.string().nullable(),
        }),
      ),
    }),
  ),
  counts: z.record(z.string(), z.object({ received: z.number(), acted: z.number() })),
});

export interface SandboxView {
  accountId: string;
  /** In the order X accepted them, without deleted ones. */
  posts: SeenPost[];
  creates: { received: number; acted: number };
}

/** The state of one account. @throws PsnError SANDBOX_UNREADABLE */
export async function readSandbox(url: string, handle: string): Promise<SandboxView> {
  const state = StateSchema.parse(await control(url, "GET", "/sandbox/state"));
  const account = state.accounts[handle];
  if (account === undefined) throw new PsnError("SANDBOX_UNREADABLE", `The sandbox has no account @${handle}.`);
  const posts = account.posts
    .filter(({ deletedAt }) => deletedAt === null)
    .map(({ id, text, replyToId, media, createdAt }) => ({
      id,
      text,
      replyToId,
      media: media.map(({ sha256, altText }) => ({ sha256: sha256 ?? "", altText })),
      createdAt: new Date(createdAt),
    }));
  const { received = 0, acted = 0 } = state.counts[CREATE] ?? {};
  return { accountId: account.id, posts, creates: { received, acted } };
}

const TokenSchema = z.object({ access_token: z.string() });

/** Everything the comparison needs, with a token of the reader's own: nothing comes from the hub. */
export async function readAll(url: string, handle: string): Promise<Seen> {
  const { access_token: accessToken } = TokenSchema.parse(await control(url, "POST", "/sandbox/tokens", { handle }));
  const { accountId, posts, creates } = await readSandbox(url, handle);
  const client = new XClient({ accessToken, baseUrl: url });
  return { posts, creates, timeline: await client.getOwnPosts(accountId, { sinceId: null, max: TIMELINE_MAX }) };
}

/**
 * Lets X carry out the create whose text contains `words`, and then keep its answer back for `ms`.
 */
export async function holdBackAnswer(url: string, words: string, ms: number): Promise<void> {
  const match = { method: "POST", path: "/2/tweets", bodyIncludes: words };
  await control(url, "POST", "/sandbox/faults", { kind: "delay", when: "after", ms, match });
}

/**
 * Says yes on the page that a sign-in opens.
 * @returns the address that the browser ends at
 * @throws PsnError SANDBOX_UNREADABLE
 */
export async function consent(authorizeUrl: string, handle: string): Promise<string> {
  const page = new URL(authorizeUrl);
  page.searchParams.set("sandbox_consent", "auto");
  page.searchParams.set("sandbox_user", handle);
  const answer = await fetch(page, { redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS_MAX) });
  const location = answer.headers.get("location");
  if (location === null) {
    throw new PsnError("SANDBOX_UNREADABLE", `The sandbox's consent page answered ${answer.status}.`);
  }
  return location;
}

// --- internal ---

async function control(url: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  if (answer.ok) return await answer.json();
  throw new PsnError("SANDBOX_UNREADABLE", `The sandbox answered ${answer.status} to ${method} ${path}.`);
}
