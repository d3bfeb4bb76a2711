/** `psn post unpublish`: takes a post down at X. A person says so each time; what was begun goes on with the same command. */
import { z } from "zod";
import { MICROS_PER_DOLLAR, PRICES } from "../../core/compose/prices.ts";
import { PsnError } from "../../core/errors.ts";
import { statusSaid } from "../../core/post/status-words.ts";
import { commandTo, findPostToChange, loadPost, type Post } from "../../core/posts/read.ts";
import { followUpsOf } from "../../core/posts/reply-to.ts";
import { requireVersion } from "../../core/posts/write.ts";
import { openDeletions, planDeletions, wantDeletions } from "../../core/publish/unpublish/ledger.ts";
import { unpublish } from "../../core/publish/unpublish/unpublish.ts";
import { capital } from "../../core/utils/capital.ts";
import { withLocalTimes } from "../../core/utils/zone-clock.ts";
import { NextSchema } from "../_answer.ts";
import { withApp } from "../_app.ts";
import { confirmByPerson } from "../_ask.ts";
import { defineCommand, flag } from "../_command.ts";
import { nextSteps } from "../_effects.ts";
import { errorAnswer, exitCodeOf } from "../_errors.ts";
import { hung } from "../_wrap.ts";
import { ID_FIELD, sendingOf, VERSION_FIELD } from "./_fields.ts";
import { personName } from "./_person.ts";
import { orList, PostStatusAnswerSchema, postStatus, renderPostStatus } from "./_status.ts";

/** What nobody can take back. */
const SEEN = "What readers saw, quoted or copied stays with them, and replies to it stay on X.";

const GOES_ON = "The same command goes on with what is left.";

export const unpublishCommand = defineCommand({
  input: z.object({
    ...ID_FIELD,
    tweets: z
      .array(z.int().min(1))
      // Perhaps 11 or 2 was meant, and a deletion cannot be taken back.
      .refine((numbers) => new Set(numbers).size === numbers.length, "A tweet is named twice; name each once.")
      .default([])
      .meta({
        position: 1,
        takes: "the numbers of its tweets, from 1",
        description: "its tweets, from 1 (default: all)",
      }),
    ...VERSION_FIELD,
    yes: flag("Do not ask: the person has said yes to exactly this"),
  }),
  examples: ["psn post unpublish 7k3m", "psn post unpublish 7k3m 4 5"],
  answer: PostStatusAnswerSchema.extend({
    /** Why some of what was asked for is still on X; null when all of it is gone. */
    stopped: z.object({ code: z.string(), reason: z.string(), left: z.array(z.number()) }).nullable(),
    /** What deleting does not take back. */
    seen: z.string(),
    /** Posts that reply to what was asked for, and are not sent any more. */
    followUps: z.array(z.object({ id: z.string(), status: z.string(), next: z.array(NextSchema) })),
  }),
  run: (io, { id, tweets, version, yes }) =>
    withApp(io, async (app) => {
      const deps = await app.liveDeps();
      const postId = await findPostToChange(app.hub.db, id);
      const post = await loadPost(app.hub.db, postId);
      requireVersion(post, sendingOf({ version }));
      requireSameHost(post, deps.platform.host);
      const numbers = tweets.length > 0 ? tweets : null;
      const planned = await planDeletions(app.hub, postId, numbers);
      // What was asked for before goes on with it.
      const begun = await openDeletions(app.hub, postId);
      const named = new Set([
        ...planned.map(({ threadPosition }) => threadPosition + 1),
        ...begun.map(({ tweet }) => tweet),
      ]);
      const followUps = await followUpsOf(
        app.hub.db,
        post.tweets.flatMap(({ externalPostId }, index) =>
          externalPostId && named.has(index + 1) ? [externalPostId] : [],
        ),
      );
      await confirmByPerson(
        io,
        app.hub,
        { yes },
        { question: question(post, named, followUps), command: ["psn post unpublish", postId, ...tweets].join(" ") },
      );
      await wantDeletions(app.hub, postId, { tweets: numbers, by: personName() });
      io.willWrite(["delete it on X", ...followUps.map(followUpSaid)].join("; "));
      const result = await unpublish(deps, postId, post.account.id, io.signal);
      const status = await postStatus(app, postId);
      const left = status.post.tweets.flatMap(({ position, url }) =>
        url && (numbers === null || numbers.includes(position + 1)) ? [position + 1] : [],
      );
      const stopped =
        result.kind === "done"
          ? null
          : { code: result.code, reason: withLocalTimes(result.reason, app.hubEnv.timezone), left };
      const told = followUps.map((one) => ({ ...one, next: nextSteps(helpFor(one)) }));
      return { ...status, stopped, seen: SEEN, followUps: told };
    }),
  render: (answer, paint) =>
    [
      renderPostStatus(answer, paint),
      ...(answer.stopped ? hung(paint.yellow("! "), `${answer.stopped.reason} ${GOES_ON}`) : []),
      ...hung("", answer.seen),
      ...answer.followUps.flatMap((one) => [
        ...hung(paint.yellow("! "), `${capital(followUpSaid(one))}.`),
        ...hung("  → ", orList(one.next)),
      ]),
    ].join("\n"),
  failure: ({ post, stopped }) => {
    if (!stopped) return null;
    const { code, reason } = stopped;
    const next = [`psn post unpublish ${post.id}`];
    return { exit: exitCodeOf(code), error: errorAnswer(new PsnError(code, reason, { hint: GOES_ON, next })) };
  },
});

// --- internal ---

/** Another host knows nothing of its tweets, and would call each of them gone. @throws PsnError ACCOUNT_ELSEWHERE */
function requireSameHost({ root, apiHost }: Post, host: string): void {
  if (apiHost === null || apiHost === host || root.platformPostIds.length === 0) return;
  throw new PsnError(
    "ACCOUNT_ELSEWHERE",
    `Post ${root.id} was published at ${apiHost}, and PSN talks to ${host} now.`,
    {
      hint: `Take it down where it is: ${commandTo(apiHost)}`,
      next: [commandTo(apiHost)],
    },
  );
}

type FollowUp = Awaited<ReturnType<typeof followUpsOf>>[number];

const followUpSaid = ({ id, status }: FollowUp) =>
  `post ${id}, which ${statusSaid(status)}, replies to it, and is not sent then`;

/** What waits is taken back, or given another parent; no other command sends it as it is. */
const helpFor = ({ id, status }: FollowUp) => [
  `psn post show ${id}`,
  status === "draft" ? `psn post edit ${id} --reply-to POST` : `psn post cancel ${id}`,
];

/** @param numbers of the tweets that are deleted, from 1; never empty */
function question(
  { root, tweets, account }: Post,
  numbers: ReadonlySet<number>,
  followUps: readonly FollowUp[],
): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [first = 1] = sorted;
  const onX = tweets.filter(({ externalPostId, deletedAt }) => externalPostId && !deletedAt);
  const some = `${sorted.length === 1 ? "tweet" : "tweets"} ${sorted.join(", ")}`;
  const all = onX.length === 1 ? "the tweet" : `all ${onX.length} tweets`;
  const isWhole = sorted.length === onX.length && onX.length === tweets.length;
  const isInTheMiddle = onX.some(
    ({ threadPosition }) => threadPosition + 1 > first && !numbers.has(threadPosition + 1),
  );
  const beginning = tweets[first - 1]?.content.replace(/\s+/g, " ").slice(0, 60);
  return [
    `Delete on X: ${isWhole ? all : some} of post ${root.id}, @${account.handle}, “${beginning}”?`,
    `It cannot be brought back. ${SEEN}`,
    ...(isInTheMiddle ? ["Later tweets of the thread stay, and reply to one that is gone."] : []),
    ...followUps.map((one) => `${capital(followUpSaid(one))}.`),
    `X may bill up to $${((sorted.length * PRICES.micros.deletion) / MICROS_PER_DOLLAR).toFixed(2)}.`,
  ].join("\n");
}
