/** The loop's screen as lines, from its state alone. */

import { dollars } from "../../../core/compose/cost.ts";
import type { Paint } from "../../_paint.ts";
import { mediaLine } from "../../_preview.ts";
import { columnsOf, fit, fitEnd, printable, wrap } from "../../_wrap.ts";
import { renderLabels, type Shown } from "../_status.ts";
import type { Size } from "./terminal.ts";

/** One key and what it does now. */
export type KeyHelp = readonly [key: string, does: string];

export interface View {
  status: Shown;
  /** Position of the chosen tweet. */
  chosen: number;
  /** Where the chosen tweet would be split, while that is asked. */
  splitAt: number | null;
  /** What just happened, or went wrong. */
  message: { text: string; isError: boolean } | null;
  /** What is asked on the line above the keys. */
  question: string | null;
  /** What has been typed as the answer. */
  typed: string | null;
  keys: readonly KeyHelp[];
  /** Lines of the chosen tweet that were scrolled past, since it is taller than the screen. */
  scrolled: number;
}

export interface Frame {
  /** At most as many as the screen has. */
  lines: string[];
  /** Lines of tweets that are shown at once. */
  room: number;
  /** Lines of the chosen tweet below what is shown. */
  below: number;
}

export function renderView(view: View, size: Size, paint: Paint): Frame {
  const width = size.columns;
  const head = [header(view, width, paint), paint.dim("─".repeat(width))];
  const foot = footer(view, width, paint);
  const room = Math.max(1, size.rows - head.length - foot.length);
  const blocks = view.status.preview.tweets.map((_, index) => block(view, index, width, paint));
  const { shown, below } = visible(blocks, view, room);
  return { lines: [...head, ...shown, ...foot].slice(0, size.rows), room, below };
}

// --- internal ---

const INDENT = "  ";

function header({ status }: View, width: number, paint: Paint): string {
  const { post, preview } = status;
  const count = preview?.tweetCount ?? 0;
  const facts = [
    `@${post.account}`,
    `${count} ${count === 1 ? "tweet" : "tweets"}`,
    `about ${dollars(preview?.costUsd ?? 0)} at X`,
    post.scheduled ? `goes out ${post.scheduled.local}` : post.planned ? `meant for ${post.planned.local}` : null,
    ...renderLabels(post.labels),
  ].filter((fact) => fact !== null);
  const state = post.status === "draft" ? (post.approved ? "draft, approved" : "draft") : post.status;
  const left = fit(`${post.id}  ${state}`, width);
  if (left.length >= width - 2) return paint.bold(left);
  return `${paint.bold(left)}${paint.dim(fit(`  ${facts.join("  ")}`, width - left.length))}`;
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

function footer(view: View, width: number, paint: Paint): string[] {
  const { status, message, question, typed, keys } = view;
  const lines = [paint.dim("─".repeat(width))];
  for (const warning of status.preview.warnings) lines.push(paint.yellow(fit(`! ${warning.message}`, width)));
  if (message) {
    const colour = message.isError ? paint.red : paint.green;
    lines.push(...wrap(printable(message.text), width).slice(0, 3).map(colour));
  }
  if (question !== null) lines.push(...wrap(printable(question), width).map(paint.bold));
  // The end of what is typed stays in sight.
  if (typed !== null) lines.push(`${paint.cyan(">")} ${fitEnd(printable(typed), width - 4)}█`);
  return [...lines, ...keyLines(keys, width, paint)];
}

function keyLines(keys: readonly KeyHelp[], width: number, paint: Paint): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const [key, does] of keys) {
    const wide = columnsOf(`${key} ${does}`);
    if (used > 0 && used + 2 + wide > width) {
      lines.push(line);
      line = "";
      used = 0;
    }
    line += `${used > 0 ? "  " : ""}${paint.bold(key)} ${paint.dim(fit(does, width - columnsOf(key) - 1))}`;
    used += wide + (used > 0 ? 2 : 0);
  }
  return line === "" ? lines : [...lines, line];
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
