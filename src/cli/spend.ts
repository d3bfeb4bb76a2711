/** `psn spend`: what X billed, by cause and by account, and how old the prices are. */
import { z } from "zod";
import { chooseAccount } from "../core/accounts/choose.ts";
import { wallClock } from "../core/clock.ts";
import { dollarsOf } from "../core/compose/cost.ts";
import { PRICES, PRICES_DAYS_MAX } from "../core/compose/prices.ts";
import { hubNow } from "../core/db/connection.ts";
import { CAUSES, type Cause } from "../core/spend/charge.ts";
import { PERIODS, spendReport, spendRows } from "../core/spend/report.ts";
import { withApp } from "./_app.ts";
import { defineCommand, flag } from "./_command.ts";
import type { Paint } from "./_paint.ts";
import { TimeSchema, timeAnswer } from "./_summary.ts";

const REQUESTS_MAX = 200;
const DAY_MS = 24 * 60 * 60_000;

/** Amounts are whole millionths of a dollar. */
const SPENT = { requests: z.number(), micros: z.number() };
const CAUSE_NAMES = Object.keys(CAUSES) as [Cause, ...Cause[]];

const REPORT = {
  period: z.enum(PERIODS),
  from: TimeSchema,
  to: TimeSchema,
  ...SPENT,
  byCause: z.array(z.object({ cause: z.enum(CAUSE_NAMES), ...SPENT })),
  /** Null: sign-ins, before they have an account. */
  byAccount: z.array(z.object({ account: z.string().nullable(), ...SPENT })),
  /** What it would have cost that was asked of the sandbox; in none of the sums. */
  sandbox: z.object(SPENT),
  /** The latest first, with `--requests`. */
  list: z
    .array(
      z.object({
        at: TimeSchema,
        cause: z.enum(CAUSE_NAMES),
        account: z.string().nullable(),
        postId: z.string().nullable(),
        tweetId: z.string().nullable(),
        units: z.number(),
        unitMicros: z.number(),
        micros: z.number(),
        isSandbox: z.boolean(),
      }),
    )
    .nullable(),
};
const ReportSchema = z.object(REPORT);

/** With `--check` the prices alone. */
const AnswerSchema = ReportSchema.partial().extend({
  prices: z.object({
    asOf: z.string(),
    source: z.string(),
    ageDays: z.number(),
    /** Compare it with its source. */
    isOld: z.boolean(),
    /** With `--check`: each price. */
    list: z.array(z.object({ name: z.string(), micros: z.number() })).nullable(),
  }),
});
type Answer = z.infer<typeof AnswerSchema>;

export const spendCommand = defineCommand({
  input: z
    .object({
      day: flag("Of today, by the author's clock"),
      month: flag("Of this month (default)"),
      account: z.string().optional().meta({ placeholder: "@HANDLE", description: "Of this account alone" }),
      requests: flag(`Also each request, the latest ${REQUESTS_MAX}`),
      check: flag("Only how old the prices are that it is counted by, and each of them; needs no hub"),
    })
    .refine(({ day, month }) => !(day && month), "--day and --month do not go together.")
    .refine(
      ({ check, day, month, account, requests }) => !(check && (day || month || requests || account !== undefined)),
      "--check goes alone.",
    ),
  examples: ["psn spend", "psn spend --day --account @ada", "psn spend --requests --json", "psn spend --check"],
  answer: AnswerSchema,
  async run(io, { day, account, requests, check }) {
    if (check) return { prices: pricesAt(wallClock.now(), true) };
    return await withApp(io, async ({ hub: { db }, hubEnv: { timezone: zone } }) => {
      const accountId = account === undefined ? null : (await chooseAccount(db, account)).id;
      const period = day ? ("day" as const) : ("month" as const);
      const report = await spendReport(db, { period, zone, accountId });
      const rows = requests ? await spendRows(db, report, { accountId, limit: REQUESTS_MAX }) : null;
      const { from, to, ...sums } = report;
      return {
        period,
        from: timeAnswer(from, zone),
        to: timeAnswer(to, zone),
        ...sums,
        list: rows?.map(({ at, ...row }) => ({ ...row, at: timeAnswer(at, zone) })) ?? null,
        prices: pricesAt(await hubNow(db), false),
      };
    });
  },
  render(answer, paint) {
    const report = ReportSchema.safeParse(answer).data;
    return (report ? [...spendLines(report, paint), paint.dim(ageLine(answer))] : priceLines(answer)).join("\n");
  },
});

// --- internal ---

const SAID: Record<Cause, string> = {
  create: "tweets",
  create_with_link: "tweets with a link",
  alt_text: "alt texts",
  timeline: "looks at the own posts",
  post_look: "looks at one post",
  identity: "questions who an account is",
  deletion: "deletions",
};

function pricesAt(now: Date, isListed: boolean): Answer["prices"] {
  const { asOf, source, micros } = PRICES;
  const ageDays = Math.max(0, Math.floor((now.getTime() - Date.parse(asOf)) / DAY_MS));
  const list = Object.entries(micros).map(([name, price]) => ({ name, micros: price }));
  return { asOf, source, ageDays, isOld: ageDays > PRICES_DAYS_MAX, list: isListed ? list : null };
}

const ageLine = ({ prices: { asOf, ageDays, isOld, source } }: Answer) =>
  `Prices as of ${asOf}, ${ageDays} ${ageDays === 1 ? "day" : "days"} ago${isOld ? ": compare them with their source, a newer PSN may have others" : ""}. ${source}`;

const priceLines = (answer: Answer): string[] => [
  ageLine(answer),
  ...(answer.prices.list ?? []).map(({ name, micros }) => `  ${dollarsOf(micros)}  ${name}`),
];

function spendLines(report: z.infer<typeof ReportSchema>, paint: Paint): string[] {
  const { period, from, to, micros, byCause, byAccount, sandbox, list } = report;
  const amount = (sum: number) => dollarsOf(sum).padStart(10);
  return [
    `${paint.bold(dollarsOf(micros))} ${period === "day" ? "today" : "this month"}, from ${from.local} to ${to.local}`,
    ...byCause.map((row) => `${amount(row.micros)}  ${row.requests} × ${SAID[row.cause]}`),
    ...(byAccount.length > 1 ? byAccount.map((row) => `${amount(row.micros)}  ${handleOf(row.account)}`) : []),
    ...(sandbox.requests > 0
      ? [
          `Beside it ${sandbox.requests} requests to a stand-in for X, which cost nothing (${dollarsOf(sandbox.micros)} at X's prices).`,
        ]
      : []),
    ...(list ?? []).map((row) =>
      [row.at.local, amount(row.micros), row.cause, handleOf(row.account), row.postId, row.isSandbox ? "sandbox" : ""]
        .filter(Boolean)
        .join("  "),
    ),
  ];
}

const handleOf = (account: string | null) => (account === null ? "a sign-in" : `@${account}`);
