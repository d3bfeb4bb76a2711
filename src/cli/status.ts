/** `psn status`: accounts, worker, hub, what is next and what is stuck, on one screen. */
import { z } from "zod";
import { listAccountsAt } from "../core/accounts/accounts.ts";
import { listPosts } from "../core/posts/read.ts";
import { silenceInWords } from "../core/posts/silent-worker.ts";
import { countStuck, stuckLine, stuckPosts } from "../core/posts/stuck.ts";
import { withApp } from "./_app.ts";
import { defineCommand } from "./_command.ts";
import { surroundings } from "./_host.ts";
import { nearLimit, statesOf } from "./_limits.ts";
import type { Paint } from "./_paint.ts";
import { SummarySchema, summaryAnswer } from "./_summary.ts";
import { columnsOf, fit, hung, oneLine, printable, screenWidth } from "./_wrap.ts";
import { StuckSchema, stuckAnswer } from "./post/_status.ts";
import { shortTime } from "./post/_table.ts";

/** As many as fit on a screen of 24 lines. */
const NEXT_MAX = 4;
const STUCK_MAX = 3;
const ACCOUNTS_MAX = 4;

const AnswerSchema = z.object({
  /** Where posts go; null without keys. */
  target: z.object({ apiHost: z.string(), isRealX: z.boolean() }).nullable(),
  accounts: z.array(
    z.object({
      handle: z.string(),
      platformUserId: z.string(),
      apiHost: z.string().nullable(),
      isDefault: z.boolean(),
      signedIn: z.boolean(),
      isElsewhere: z.boolean(),
    }),
  ),
  hub: z.object({ where: z.string(), embedded: z.boolean() }),
  engine: z.object({
    name: z.string(),
    workers: z.number(),
    trouble: z.string().nullable().meta({
      description: "What is wrong with the engine, such as a worker that does not answer; null when it works",
    }),
  }),
  timezone: z.string(),
  /** What goes out next, in the order in which it is due. */
  upcoming: z.array(SummarySchema),
  stuck: z.object({
    needPerson: z.number(),
    wait: z.number(),
    overdue: z.number(),
    withoutWorker: z.number(),
    posts: z.array(StuckSchema),
  }),
  attention: z.string().nullable(),
  /** A limit of which most is used, in a sentence; null while all have room. */
  spend: z.string().nullable(),
});

export const statusCommand = defineCommand({
  input: z.object({}),
  answer: AnswerSchema,
  run: (io) =>
    withApp(io, async (app) => {
      const { db } = app.hub;
      const { timezone } = app.hubEnv;
      const keys = await app.keys().catch(() => null);
      const around = await surroundings(app);
      const counts = await countStuck(db, around);
      const stuck = await stuckPosts(db, around, { limit: STUCK_MAX });
      const upcoming = await listPosts(db, { statuses: ["scheduled", "retry"], order: "due", limit: NEXT_MAX });
      const accounts = await listAccountsAt(db, keys?.apiHost ?? null);
      return {
        target: keys && { apiHost: keys.apiHost, isRealX: keys.isRealX },
        accounts: accounts.map(({ handle, platformUserId, apiHost, isDefault, signedIn, isElsewhere }) => {
          return { handle, platformUserId, apiHost, isDefault, signedIn, isElsewhere };
        }),
        hub: { where: app.hub.where, embedded: app.hub.embedded !== null },
        engine: {
          name: app.engine.name,
          workers: around.workers ?? 0,
          trouble: around.engineTrouble ?? (around.silentSince ? silenceInWords(around.silentSince, timezone) : null),
        },
        timezone,
        upcoming: upcoming.map((post) => summaryAnswer(post, timezone)),
        stuck: { ...counts, posts: stuck.map((post) => stuckAnswer(post, timezone)) },
        attention: stuckLine(counts, around),
        spend: nearLimit(await statesOf(app)),
      };
    }),
  render(answer, paint) {
    const { target, hub, engine, timezone, upcoming, stuck, attention, spend } = answer;
    const worker =
      engine.trouble !== null
        ? engine.trouble
        : engine.name !== "embedded"
          ? `${engine.name} publishes what is due`
          : engine.workers > 0
            ? `${engine.workers === 1 ? "one runs" : `${engine.workers} run`}`
            : "none runs; scheduled posts wait for one: psn worker";
    const posting = !target
      ? "no keys yet: psn setup"
      : target.isRealX
        ? "posts go to X"
        : `posts go to ${target.apiHost}, which is not X`;
    const unnamed = stuck.needPerson + stuck.wait - stuck.posts.length;
    return [
      ...row("X", posting),
      ...accountRows(answer, paint),
      ...row("Worker", worker),
      ...row("Hub", `${hub.where}, times in ${timezone}`),
      ...(upcoming.length === 0 ? row("Next", "nothing is scheduled") : []),
      ...upcoming.flatMap((post, index) => nextRows(index === 0 ? "Next" : "", post)),
      ...(spend === null ? [] : row("Limit", spend)),
      ...row("Stuck", attention ? printable(attention) : "nothing"),
      ...stuck.posts.flatMap(({ postId, reason }) => row("", `${postId}  ${oneLine(reason)}`)),
      ...(unnamed > 0 ? row("", `and ${unnamed} more: psn post failures`) : []),
    ].join("\n");
  },
});

// --- internal ---

const NAME_COLUMNS = 10;
const LINE_MAX = 120;
/** Fewer columns of a text say nothing. */
const BEGINNING_MIN = 20;

const row = (name: string, text: string) => hung(name.padEnd(NAME_COLUMNS), text);
/** Its id, time and state whole; the text's beginning as far as the line goes, or on a line of its own. */
function nextRows(name: string, { id, at, beginning, status, subStatus }: z.infer<typeof SummarySchema>): string[] {
  const width = Math.min(screenWidth(), LINE_MAX);
  const state = status === "retry" ? `  ${subStatus ?? status}` : "";
  const rows = row(name, `${id}  ${at ? shortTime(at.local) : "without a time"}${state}`);
  const last = rows.at(-1) ?? "";
  const text = oneLine(beginning);
  const room = width - columnsOf(last) - 2;
  if (room >= BEGINNING_MIN || columnsOf(text) <= room) return [...rows.slice(0, -1), `${last}  ${fit(text, room)}`];
  const indent = " ".repeat(NAME_COLUMNS);
  return [...rows, fit(indent + text, width)];
}

function accountRows({ accounts }: z.infer<typeof AnswerSchema>, paint: Paint): string[] {
  if (accounts.length === 0) return row("Accounts", "none is signed in: psn setup");
  const rows = accounts
    .slice(0, ACCOUNTS_MAX)
    .flatMap(({ handle, apiHost, isDefault, signedIn, isElsewhere }, index) => {
      const mark = isElsewhere ? paint.yellow("–") : signedIn ? paint.green("✓") : paint.red("✗");
      const more = isElsewhere
        ? `, of ${apiHost}: nothing is published as it now`
        : signedIn
          ? isDefault && accounts.length > 1
            ? ", the default"
            : ""
          : `, must sign in again: psn setup --account @${handle}`;
      return row(index === 0 ? "Accounts" : "", `${mark} @${handle}${more}`);
    });
  const rest = accounts.length - ACCOUNTS_MAX;
  return rest > 0 ? [...rows, ...row("", `and ${rest} more: psn account list`)] : rows;
}
