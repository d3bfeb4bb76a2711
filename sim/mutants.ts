// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources that are changed hold templates.
/**
 * Bugs put in on purpose, to prove that the simulation finds them. A mutant changes the source text of a module while it is
 * loaded, so the code itself holds no switch; without a mutant the shipped files run as they are.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { plugin } from "bun";
import type { Extra } from "./extras.ts";
import { applyEdit, type Edit } from "./mutation.ts";
import type { Profile } from "./world-plan.ts";

export interface Mutant {
  /** The promise that it breaks. */
  breaks: string;
  /** The worlds in which that shows. */
  profile: Profile;
  /** What these have beside what is drawn. */
  extras?: readonly Extra[];
  edits: readonly Edit[];
}

const SRC = join(import.meta.dir, "..", "src");

export const MUTANTS = {
  attempt: {
    breaks: "An attempt is committed before its request is sent.",
    profile: "mixed",
    edits: [
      {
        file: "core/publish/attempts/attempts.ts",
        from: "return await writeOne(hub, { lease, attempt });",
        to: "writeOne(hub, { lease, attempt }).catch(() => {}); return 0;",
      },
    ],
  },
  lease: {
    breaks: "Only the worker that has the lease now may write an attempt and send it.",
    profile: "mixed",
    edits: [
      {
        file: "core/publish/attempts/attempts.ts",
        from: `post.status = 'publishing'
          and post.lease_owner = wanted.owner
          and post.lease_fencing = wanted.fencing
          and post.lease_expires_at > psn.now()`,
        to: "true",
      },
      { file: "core/publish/send/request.ts", from: "!run.held.hasTime() ||", to: "" },
    ],
  },
  confirm: {
    breaks: "A request without an answer is looked for before anything is sent again.",
    profile: "mixed",
    edits: [
      {
        file: "core/publish/confirm/confirm.ts",
        from: "await lookForTweet(deps, tweet, attempt);",
        to: '{ kind: "seen", verdict: { kind: "absent" } } as Awaited<ReturnType<typeof lookForTweet>>;',
      },
    ],
  },
  looks: {
    breaks: "A tweet is looked for until X has had five minutes to show it.",
    profile: "mixed",
    edits: [
      { file: "core/publish/decide/backoff.ts", from: "[5_000, 30_000, 120_000, 300_000]", to: "[5_000, 10_000]" },
    ],
  },
  earliest: {
    breaks: "A tweet is looked for since the first request that had no answer, which may turn up late.",
    profile: "media",
    edits: [
      {
        file: "core/publish/attempts/past.ts",
        from: "const first = unanswered[0];",
        to: "const first = row;",
      },
      // The room that it has for clocks would find that tweet all the same.
      {
        file: "core/publish/confirm/look-up.ts",
        from: "const earlierMs = isByWords ? earlierMsMax(attempt, aheadMs) : CLOCKS_UNKNOWN_MS;",
        to: "const earlierMs = 0;",
      },
    ],
  },
  schedule: {
    breaks: "A run comes at the time and for the schedule that the post has now, not at an older one.",
    profile: "mixed",
    edits: [
      {
        file: "core/publish/lease/take.ts",
        from: `\${row}.schedule_version = \${scheduleVersion}
            and (
              (\${row}.status = 'scheduled' and \${row}.due_at <= \${authorNow})
              or (\${row}.status = 'retry' and \${row}.due_at <= psn.now())
            )`,
        to: "${row}.status in ('scheduled', 'retry')",
      },
    ],
  },
  finish: {
    breaks: "A post whose last id was recorded by a worker without the lease becomes published.",
    profile: "mixed",
    edits: [
      { file: "core/publish/finish.ts", from: "if (!run.isComplete)", to: "if (false)" },
      {
        file: "core/publish/decide/recording.ts",
        from: "post.isOurs : mayBePublished(post)",
        to: "post.isOurs : false",
      },
    ],
  },
  take: {
    breaks: "A post is locked while it is taken, so that its author's change and the lease exclude each other.",
    profile: "races",
    edits: [
      {
        file: "core/publish/lease/take.ts",
        from: "${lockOfPost(how)}",
        to: "",
      },
    ],
  },
  edit: {
    breaks: "What its author was answered about a waiting post is what is stored.",
    profile: "races",
    edits: [
      {
        file: "core/posts/edit.ts",
        from: "if (isWritten && (wanted.unsentTweets || wanted.metadata))",
        to: 'if (isWritten && (wanted.unsentTweets || wanted.metadata) && post.root.status !== "retry")',
      },
    ],
  },
  meanwhile: {
    breaks: "An edit does not say again what went out after its author had looked.",
    profile: "races",
    edits: [
      {
        file: "core/posts/change.ts",
        from: "expecting.sentCount !== undefined && expecting.sentCount !== sentCount",
        to: "false",
      },
    ],
  },
  late: {
    breaks: "On Trigger.dev too, somebody looks for the unanswered requests of posts that want no run.",
    profile: "trigger",
    edits: [
      { file: "engines/trigger-watch.ts", from: "unconfirmed.slice(0, LOOKS_MAX)", to: "unconfirmed.slice(0, 0)" },
    ],
  },
  media: {
    breaks: "A tweet goes out with all of its media.",
    profile: "media",
    edits: [{ file: "core/publish/send/upload.ts", from: "of tweet.media) {", to: "of tweet.media.slice(0, 1)) {" }],
  },
  follow: {
    breaks: "A follow-up replies to the tweet that it was approved under.",
    profile: "after",
    edits: [{ file: "core/publish/run.ts", from: "?? run.root.metadata.replyToId ?? null", to: "?? null" }],
  },
  deletion: {
    breaks: "A deletion whose answer was lost counts as done only when X does not show the tweet any more.",
    profile: "after",
    edits: [
      {
        file: "core/publish/unpublish/unpublish.ts",
        from: 'seen.kind === "gone"',
        to: "true",
      },
    ],
  },
  order: {
    breaks: "The last tweet of a thread is taken down first.",
    profile: "after",
    edits: [
      {
        file: "core/publish/unpublish/ledger.ts",
        from: "(a, b) => b.tweet - a.tweet",
        to: "(a, b) => -(b.tweet - a.tweet)",
      },
    ],
  },
  due: {
    breaks: "An author's time is judged by X's clock where the hub's is off.",
    profile: "mixed",
    extras: ["hub_skew"],
    edits: [{ file: "core/post/due.ts", from: "when not (${isTold}) then 0", to: "when true then 0" }],
  },
  clock: {
    breaks: "What X says in its own time is brought to the hub's clock.",
    profile: "mixed",
    extras: ["skew"],
    edits: [
      {
        file: "core/publish/x-clock.ts",
        from: "aheadMs === 0 ? answered : onHubClock(answered, aheadMs)",
        to: "answered",
      },
    ],
  },
  hold: {
    breaks: "An account that X refuses is held, and its posts wait instead of failing.",
    profile: "mixed",
    extras: ["locked"],
    edits: [
      {
        file: "core/publish/send/answer.ts",
        from: "return await startHold(run, step.hold, attempt);",
        to: 'return await fail(run, "X_ACCOUNT_LOCKED", note, attempt);',
      },
    ],
  },
  letgo: {
    breaks: "What is resumed goes on: the hold ends with it.",
    profile: "mixed",
    extras: ["locked"],
    edits: [
      {
        file: "core/post/holds.ts",
        from: "await tx.delete(holds).where(sql`${holds.scope} = 'account' or ${holds.id} = ${clientId}`);",
        to: "void clientId; void tx;",
      },
    ],
  },
  app: {
    breaks: "A hold is the app's that X refuses, so nothing of that app is sent while it stands.",
    profile: "mixed",
    extras: ["app_refused"],
    edits: [
      {
        file: "core/publish/finish.ts",
        from: 'scope === "app" ? deps.clientId',
        to: 'scope === "app" ? "another app"',
      },
    ],
  },
  restored: {
    breaks: "A record that may be old is compared with X before the first send.",
    profile: "mixed",
    extras: ["restored"],
    edits: [
      { file: "core/publish/send/prepare.ts", from: "await lookBack(run, tweet, look);", to: "await (look, null);" },
    ],
  },
  keys: {
    breaks: "A picture is known by its upload, never by what its words or its number are.",
    profile: "media",
    extras: ["by_hand"],
    edits: [
      {
        file: "core/publish/decide/match.ts",
        from: 'return sent.mediaKeys !== null && isReadable ? "other" : "unclear";',
        to: 'void isReadable; return "same";',
      },
    ],
  },
  stop: {
    breaks: "A worker that is asked to stop gives the post back.",
    profile: "mixed",
    extras: ["forbidden"],
    edits: [
      {
        file: "core/publish/finish.ts",
        from: 'return await defer(run, { subStatus, dueAt: await hubTime(run), kind: "released", note });',
        to: 'void subStatus; return await fail(run, "STOPPED", note);',
      },
    ],
  },
  once: {
    breaks: "After a wait that followed a lost answer X is looked at once more before the tweet is sent again.",
    profile: "mixed",
    extras: ["capped"],
    edits: [{ file: "core/publish/confirm/once-more.ts", from: "if (!givenUp ||", to: "if (true || !givenUp ||" }],
  },
  duplicate: {
    breaks: "What X calls a duplicate is looked for before its post fails.",
    profile: "mixed",
    extras: ["by_hand"],
    edits: [
      {
        file: "core/publish/send/answer.ts",
        from: "? await adoptDuplicate(run, tweet, sent, first, situation)",
        to: '? ({ ...first, do: "stop" } as Step)',
      },
    ],
  },
  resolve: {
    breaks: "A person's word that a tweet is not on X counts only once its request cannot be under way any more.",
    profile: "mixed",
    extras: ["forbidden"],
    edits: [{ file: "core/publish/confirm/resolve.ts", from: "if (isEarly ||", to: "if (" }],
  },
  network: {
    breaks: "What did not leave this machine waits, up to the grace.",
    profile: "mixed",
    extras: ["no_network"],
    edits: [{ file: "core/publish/decide/outage.ts", from: "outageMs >= graceMs", to: "outageMs >= 0 && graceMs > 0" }],
  },
  pages: {
    breaks: "Where one look at X decides, a page that lacks a tweet does not decide it.",
    profile: "mixed",
    extras: ["page_lies", "restored"],
    edits: [
      {
        file: "core/publish/confirm/look-up.ts",
        from: "const second = await readOwn(...asked);",
        to: "const second = first;",
      },
    ],
  },
  hubs: {
    breaks: "What another hub posts for the account is no tweet of this one.",
    profile: "mixed",
    extras: ["two_hubs"],
    edits: [
      {
        file: "core/publish/decide/match.ts",
        from: "|| !comparing.sameText(sent.text, post.text, post.isBeginning)",
        to: "",
      },
    ],
  },
  app_keys: {
    breaks: "A sign-in is used by the app alone that X made it for.",
    profile: "mixed",
    extras: ["swapped_app"],
    edits: [
      {
        file: "core/tokens/refresh.ts",
        from: "clientId !== undefined && deps.clientId !== undefined && clientId !== deps.clientId",
        to: "clientId !== undefined && deps.clientId === undefined",
      },
    ],
  },
  names: {
    breaks: "An account is shown under the name that it had when it signed in last.",
    profile: "mixed",
    extras: ["renamed"],
    edits: [{ file: "core/accounts/accounts.ts", from: "set: { handle,", to: "set: {" }],
  },
} satisfies Record<string, Mutant>;
export type MutantName = keyof typeof MUTANTS;

export const MUTANT_NAMES = Object.keys(MUTANTS) as MutantName[];

export function mutantOf(name: MutantName): Mutant {
  return MUTANTS[name];
}

export function isMutant(name: string): name is MutantName {
  return Object.hasOwn(MUTANTS, name);
}

/**
 * Loads the mutant's files changed. Must be called before the code under test is imported.
 * @throws Error on import, when an edit does not fit its file: the mutant must be brought up to date
 */
export function install(mutant: MutantName): void {
  const edits: readonly Edit[] = MUTANTS[mutant].edits;
  plugin({
    name: "psn mutant",
    setup(build) {
      for (const file of new Set(edits.map((edit) => edit.file))) {
        const filter = new RegExp(`src/${file.replace(/[.]/g, "\\.")}$`);
        build.onLoad({ filter }, async () => ({
          contents: mutated(
            await sourceOf(file),
            edits.filter((edit) => edit.file === file),
          ),
          loader: "ts",
        }));
      }
    },
  });
}

/** The text of a file under `src/`. */
export async function sourceOf(file: string): Promise<string> {
  return await readFile(join(SRC, file), "utf8");
}

/** @throws Error when an edit does not fit */
export function mutated(source: string, edits: readonly Edit[]): string {
  return edits.reduce(applyEdit, source);
}
