/** The loop's screen as lines, from its state alone. */

import { dollars } from "../../../core/compose/cost.ts";
import type { Paint } from "../../_paint.ts";
import { mediaLine } from "../../_preview.ts";
import { columnsOf, fit, fitEnd, hung, printable, wrap } from "../../_wrap.ts";
import { renderLabels, type Shown } from "../_status.ts";
import { fateOf } from "./standing.ts";
import type { Size } from "./terminal.ts";

/** One key and what it does now. */
export type KeyHelp = readonly [key: string, does: string];

export interface View {
  status: Shown;
  /** By the hub's clock. */
  now: Date;
  /** Position of the chosen tweet. */
  chosen: number;
  /** Where the chosen tweet would be split, while that is asked. */
  splitAt: number | null;
  /** What just happened, or went wrong. */
  message: { text: string; isError: boolean } | null;
  /** What is asked, above the keys. */
  question: string | null;
  /** What has been typed as the answer. */
  typed: string | null;
  keys: readonly KeyHelp[];
  /** Lines of the chosen tweet that were scrolled past, since it is taller than the screen. */
  scrolled: number;
  /** Screens of the message, the question and its keys that were read, where those are longer than one. */
  page: number;
}

export interface Frame {
  /** At most as many as the screen has. */
  lines: string[];
  /** Lines of tweets that are shown at once. */
  room: number;
  /** Lines of the chosen tweet below what is shown. */
  below: number;
  /** Whether the message, the question or its keys go on below what is shown. */
  goesOn: boolean;
}

/** Rows beside the keys from which on lines between the parts are worth their room. */
const ROOMY = 8;

/** The message, the question and its keys are never cut: the rest gives way to them, and where they are longer than the screen they have pages. */
export function renderView(view: View, size: Size, paint: Paint): Frame {
  const { columns: width, rows } = size;
  const sheet = talk(view, width, paint);
  const spare = rows - sheet.length;
  if (spare < 0) return { ...pageOf(sheet, view.page, rows, paint), room: 0, below: 0 };
  const isRoomy = spare >= ROOMY;
  const rule = isRoomy ? [paint.dim("─".repeat(width))] : [];
  const head = [...header(view, size, paint), ...rule].slice(0, spare);
  const room = spare - head.length - rule.length;
  const warnings = isRoomy ? wholeWarnings(view, width, room, paint) : [];
  const blocks = view.status.preview.tweets.map((_, index) => block(view, index, width, paint));
  const { shown, below } = visible(blocks, view, Math.max(0, room - warnings.length));
  const foot = isRoomy ? [...rule, ...warnings] : [];
  return {
    lines: [...head, ...shown, ...foot, ...sheet],
    room: Math.max(1, room - warnings.length),
    below,
    goesOn: false,
  };
}

// --- internal ---

const INDENT = "  ";
/** Rows from which on a narrow screen has a line of its own for a post's time, account and price. */
const ROWS_FOR_FACTS = 10;

function header({ status, now }: View, { columns: width, rows }: Size, paint: Paint): string[] {
  const { post, preview } = status;
  const count = preview?.tweetCount ?? 0;
  const facts = [
    fateOf(post, now) ?? (post.planned ? `meant for ${post.planned.local}` : null),
    `@${post.account}`,
    `${count} ${count === 1 ? "tweet" : "tweets"}`,
    `about ${dollars(preview?.costUsd ?? 0)} at X`,
    ...renderLabels(post.labels),
  ].filter((fact) => fact !== null);
  const state = post.status === "draft" ? (post.approved ? "draft, approved" : "draft") : post.status;
  const left = fit(`${post.id}  ${state}`, width);
  const right = facts.join("  ");
  const room = width - columnsOf(left);
  // On a narrow screen what matters most, its time, stands on a line of its own.
  if (columnsOf(right) + 2 > room && rows >= ROWS_FOR_FACTS) return [paint.bold(left), paint.dim(fit(right, width))];
  return [room > 3 ? `${paint.bold(left)}${paint.dim(fit(`  ${right}`, room))}` : paint.bold(left)];
}

function block(view: View, index: number, width: number, paint: Paint): string[] {
  const { status, chosen, splitAt } = view;
  const tweet = status.preview.tweets[index];
  if (!tweet) return [];
  const isChosen = index === chosen;
  const mark = isChosen ? paint.cyan("▌ ") : INDENT;
  const room = width - INDENT.length - 1;
  const isOnX = status.post.tweets[index]?.externalPostId != null;
  const number = `${index + 1}/${status.preview.tweetCount}`;
  const count = `${tweet.weightedLength} of ${tweet.limit}`;
  const title = [
    isChosen ? paint.bold(paint.cyan(number)) : paint.bold(number),
    tweet.weightedLength > tweet.limit ? paint.red(count) : count,
    paint.dim(dollars(tweet.costUsd)),
    ...(isOnX ? [paint.green("on X")] : []),
  ].join("  ");
  const text = printable(
    isChosen && splitAt !== null ? `${tweet.text.slice(0, splitAt)}${SPLIT}${tweet.text.slice(splitAt)}` : tweet.text,
  );
  const lines = [
    title,
    ...wrap(text, room).map((line) => line.replace(SPLIT, paint.yellow(SPLIT))),
    ...tweet.media.flatMap((item) => wrap(printable(mediaLine(item)), room).map(paint.cyan)),
    ...tweet.warnings.flatMap((warning) => {
      const colour = warning.blocking ? paint.red : paint.yellow;
      return wrap(`! ${printable(warning.message)}`, room).map(colour);
    }),
  ];
  return [...lines.map((line) => mark + line), `${INDENT}${paint.dim(fit(`╌╌ ${tweet.break.why}`, room))}`];
}

const SPLIT = "┃✂┃";

/** What is said and asked, and the keys that answer. */
function talk({ message, question, typed, keys }: View, width: number, paint: Paint): string[] {
  const lines: string[] = [];
  if (message) lines.push(...wrap(printable(message.text), width).map(message.isError ? paint.red : paint.green));
  if (question !== null) lines.push(...wrap(printable(question), width).map(paint.bold));
  // The end of what is typed stays in sight.
  if (typed !== null) lines.push(`${paint.cyan(">")} ${fitEnd(printable(typed), width - 4)}█`);
  return [...lines, ...keyLines(keys, width, paint)];
}

function pageOf(
  sheet: readonly string[],
  page: number,
  rows: number,
  paint: Paint,
): { lines: string[]; goesOn: boolean } {
  const size = Math.max(1, rows - 1);
  const start = Math.min(page * size, sheet.length - 1);
  const lines = sheet.slice(start, start + size);
  const goesOn = start + size < sheet.length;
  return { lines: goesOn ? [...lines, paint.dim("Space: more")] : lines, goesOn };
}

/** Whole where half of the room is left for tweets, else a line each. */
function wholeWarnings({ status }: View, width: number, room: number, paint: Paint): string[] {
  const texts = status.preview.warnings.map((warning) => `! ${printable(warning.message)}`);
  const whole = texts.flatMap((text) => wrap(text, width));
  return (whole.length <= room / 2 ? whole : texts.map((text) => fit(text, width))).map(paint.yellow);
}

/** As many to a line as fit; one that is longer than a line goes on under its own words. */
function keyLines(keys: readonly KeyHelp[], width: number, paint: Paint): string[] {
  const lines: string[] = [];
  let used = width;
  for (const [key, does] of keys) {
    const [first = key, ...more] = hung(`${key} `, printable(does), width);
    const painted = `${paint.bold(key)}${paint.dim(first.slice(key.length))}`;
    const columns = columnsOf(first);
    if (used + 2 + columns <= width && more.length === 0) {
      lines.push(`${lines.pop()}  ${painted}`);
      used += 2 + columns;
    } else {
      lines.push(painted, ...more.map(paint.dim));
      used = more.length === 0 ? columns : width;
    }
  }
  return lines;
}

/** The part of all blocks that fits, with the chosen one in it. */
function visible(
  blocks: readonly string[][],
  { chosen, scrolled }: View,
  room: number,
): { shown: string[]; below: number } {
  const all = blocks.flat();
  if (all.length <= room) return { shown: [...all, ...Array.from({ length: room - all.length }, () => "")], below: 0 };
  const start = blocks.slice(0, chosen).flat().length;
  const length = blocks[chosen]?.length ?? 0;
  // The chosen tweet stands in the middle, except at both ends of the thread, or when it is taller than the screen.
  const wanted = length > room ? start + scrolled : Math.round(start + length / 2 - room / 2);
  const top = Math.max(0, Math.min(wanted, all.length - room));
  return { shown: all.slice(top, top + room), below: Math.max(0, start + length - top - room) };
}
