/** Posts in columns, where the screen has room for them; else each post on lines of its own. */
import type { Paint } from "../_paint.ts";
import type { SummaryAnswer } from "../_summary.ts";
import { columnsOf, fit, oneLine, screenWidth } from "../_wrap.ts";
import { statusText } from "./_attention.ts";

/** With less room for the text, columns say nothing. */
const TEXT_COLUMNS_MIN = 16;
const TABLE_WIDTH_MAX = 120;
const GAP = "  ";

interface Row {
  id: string;
  status: string;
  when: string;
  size: string;
  account: string;
  text: string;
}

/** One line a post with a heading; from 40 columns up, two lines a post without one. */
export function renderSummaries(posts: readonly SummaryAnswer[], paint: Paint, screen = screenWidth()): string[] {
  const width = Math.min(screen, TABLE_WIDTH_MAX);
  const rows = posts.map(rowOf);
  const head: Row = { id: "ID", status: "STATUS", when: "WHEN", size: "ON X", account: "ACCOUNT", text: "TEXT" };
  // One account for all needs no column.
  const hasAccounts = new Set(rows.map(({ account }) => account)).size > 1;
  const names = ["id", "status", "when", "size", ...(hasAccounts ? (["account"] as const) : [])] as const;
  const widths = names.map((name) => Math.max(...[head, ...rows].map((row) => columnsOf(row[name]))));
  const left = width - widths.reduce((sum, columns) => sum + columns + GAP.length, 0);
  if (left < TEXT_COLUMNS_MIN) return rows.flatMap((row) => narrow(row, paint, width));
  const line = (row: Row, painted: (name: keyof Row, cell: string) => string) => {
    const cells = names.map((name, index) => painted(name, row[name].padEnd(widths[index] ?? 0)));
    return [...cells, painted("text", fit(row.text, left))].join(GAP).trimEnd();
  };
  return [
    line(head, (_name, cell) => paint.dim(cell)),
    ...posts.map((post, index) =>
      line(rows[index] ?? rowOf(post), (name, cell) => {
        if (name === "id") return paint.bold(cell);
        return name === "status" ? colourOf(post, cell, paint) : cell;
      }),
    ),
  ];
}

// --- internal ---

function rowOf(post: SummaryAnswer): Row {
  const { id, account, status, subStatus, approved, at, tweetCount, postedCount, beginning } = post;
  const state = status === "draft" && approved ? "approved" : status;
  return {
    id,
    status: subStatus === null ? state : `${state} (${subStatus})`,
    when: at === null ? "" : shortTime(at.local),
    size: postedCount > 0 || tweetCount > 1 ? `${postedCount}/${tweetCount}` : "",
    account: `@${account}`,
    text: oneLine(beginning),
  };
}

/** `Sun 2026-03-15 09:00` of a time with zone and offset; the zone is the author's own. */
export const shortTime = (local: string): string =>
  local
    .split(" ")
    .slice(0, 3)
    .join(" ")
    .replace(/(:\d\d):\d\d$/, "$1");

function colourOf({ status }: SummaryAnswer, cell: string, paint: Paint): string {
  const bare = cell.trimEnd();
  return statusText(status, null, paint).replace(status, bare) + cell.slice(bare.length);
}

function narrow({ id, status, when, size, account, text }: Row, paint: Paint, width: number): string[] {
  const facts = [size && `${size} on X`, account].filter(Boolean).join(GAP);
  const lines = [fit(`${id}${GAP}${status}`, width), when, facts, text].filter(Boolean);
  return lines.map((line, index) => (index === 0 ? line.replace(id, paint.bold(id)) : `${GAP}${fit(line, width - 2)}`));
}
