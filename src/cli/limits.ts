/** `psn limits show|set|clear`: what X may bill at most in a day and in a month, and how many posts may go out. */
import { z } from "zod";
import { chooseAccount } from "../core/accounts/choose.ts";
import { MICROS_PER_DOLLAR } from "../core/compose/prices.ts";
import { PsnError } from "../core/errors.ts";
import { changeLimits } from "../core/spend/change-limits.ts";
import { amountInWords, type Limit, type LimitKey, limitInWords, UNITS } from "../core/spend/limits.ts";
import { PERIODS } from "../core/spend/report.ts";
import { type App, withApp } from "./_app.ts";
import { requirePersonToLoosen } from "./_ask.ts";
import { defineCommand, type Fields, flag, type Io } from "./_command.ts";
import { statesOf } from "./_limits.ts";
import { TimeSchema, timeAnswer } from "./_summary.ts";

const AnswerSchema = z.object({
  limits: z.array(
    z.object({
      /** Null: of all accounts together. */
      account: z.string().nullable(),
      period: z.enum(PERIODS),
      /** `micros`: millionths of a dollar. */
      unit: z.enum(UNITS),
      amount: z.number(),
      used: z.number(),
      left: z.number(),
      /** By whose clock its days and months begin: that of whoever set it. */
      zone: z.string(),
      resets: TimeSchema,
    }),
  ),
  /** Posts that waited for a limit and are judged anew. */
  resumed: z.number(),
});
type Answer = z.infer<typeof AnswerSchema>;

const account = z
  .string()
  .optional()
  .meta({ placeholder: "@HANDLE", description: "Of this account; else of all together" });
const usd = (period: string) =>
  z
    .number()
    .min(0)
    .max(1_000_000)
    .optional()
    .meta({ placeholder: "USD", description: `Dollars a ${period} at most` });
const count = (period: string) =>
  z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .meta({ placeholder: "N", description: `Posts a ${period} at most; a thread is one` });

export const limitsShowCommand = defineCommand({
  input: z.object({}),
  answer: AnswerSchema,
  run: (io) => withApp(io, async (app) => await answerOf(app, 0)),
  render: (answer) => linesOf(answer),
});

const SET = { day: usd("day"), month: usd("month"), dayPosts: count("day"), monthPosts: count("month") };

export const limitsSetCommand = defineCommand({
  input: z
    .object({ ...SET, account })
    .refine(
      ({ day, month, dayPosts, monthPosts }) => [day, month, dayPosts, monthPosts].some((one) => one !== undefined),
      "Give at least one of --day, --month, --day-posts and --month-posts.",
    ),
  examples: ["psn limits set --day 2 --month 30", "psn limits set --day-posts 10 --account @ada"],
  answer: AnswerSchema,
  run: (io, { account: handle, ...amounts }) =>
    withApp(io, async (app) => {
      const set = limitsOf(await accountIdOf(app, handle), amounts);
      return await changed(io, app, { set });
    }),
  render: (answer) => linesOf(answer),
});

const CLEAR = {
  day: flag("The dollars a day"),
  month: flag("The dollars a month"),
  dayPosts: flag("The posts a day"),
  monthPosts: flag("The posts a month"),
};

export const limitsClearCommand = defineCommand({
  input: z.object({ ...CLEAR, account }),
  examples: ["psn limits clear --day", "psn limits clear --account @ada"],
  answer: AnswerSchema,
  run: (io, { account: handle, ...named }) =>
    withApp(io, async (app) => {
      const accountId = await accountIdOf(app, handle);
      const isAll = !Object.values(named).includes(true);
      const remove = KEYS.filter(({ field }) => isAll || named[field]).map(({ period, unit }) => ({
        accountId,
        period,
        unit,
      }));
      return await changed(io, app, { remove });
    }),
  render: (answer) => linesOf(answer),
});

// --- internal ---

const KEYS = [
  { field: "day", period: "day", unit: "micros" },
  { field: "month", period: "month", unit: "micros" },
  { field: "dayPosts", period: "day", unit: "posts" },
  { field: "monthPosts", period: "month", unit: "posts" },
] as const;

function limitsOf(accountId: string | null, amounts: Fields<typeof SET>): Limit[] {
  return KEYS.flatMap(({ field, period, unit }) => {
    const given = amounts[field];
    if (given === undefined) return [];
    return [{ accountId, period, unit, amount: unit === "micros" ? Math.round(given * MICROS_PER_DOLLAR) : given }];
  });
}

const accountIdOf = async ({ hub }: App, handle: string | undefined) =>
  handle === undefined ? null : (await chooseAccount(hub.db, handle)).id;

/** A person who is needed for it is asked. @throws PsnError APPROVAL_NEEDED, CANCELLED */
async function changed(io: Io, app: App, change: { set?: Limit[]; remove?: LimitKey[] }): Promise<Answer> {
  const apply = (mayLoosen: boolean) =>
    changeLimits(app.hub, app.engine, { ...change, zone: app.hubEnv.timezone, mayLoosen });
  const { resumed } = await apply(false).catch(async (error: unknown) => {
    if (!(error instanceof PsnError) || error.code !== "APPROVAL_NEEDED") throw error;
    await requirePersonToLoosen(io, error, "More may be spent from now on. Allow that?");
    return await apply(true);
  });
  return await answerOf(app, resumed);
}

async function answerOf(app: App, resumed: number): Promise<Answer> {
  const states = await statesOf(app);
  return {
    limits: states.map(({ account: handle, period, unit, amount, used, to, zone }) => ({
      account: handle,
      period,
      unit,
      amount,
      used,
      left: Math.max(0, amount - used),
      zone,
      resets: timeAnswer(to, zone),
    })),
    resumed,
  };
}

function linesOf({ limits, resumed }: Answer): string {
  const lines = limits.map(({ account: handle, period, unit, amount, used, resets }) => {
    const name = limitInWords({ period, unit, amount, account: handle });
    return `${name}: ${amountInWords(unit, used)} used; a new ${period} begins at ${resets.local}`;
  });
  const waited = resumed === 0 ? [] : [`${resumed} waiting ${resumed === 1 ? "post is" : "posts are"} judged anew.`];
  return [...(lines.length === 0 ? ["No limit is set: psn limits set --day 2"] : lines), ...waited].join("\n");
}
