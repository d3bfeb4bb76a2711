/** `psn post sync`: a folder of Markdown and the hub agree. A plan first; a person's yes, or --apply, carries it out. */
import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { wallClock } from "../../core/clock.ts";
import { PsnError } from "../../core/errors.ts";
import { approvalMode } from "../../core/post/approval-mode.ts";
import { readAuthorNow } from "../../core/post/due.ts";
import { nodeDisk } from "../../core/posts/sync/disk.ts";
import { applySync, isQuiet, planSync, rehearseSync, shown, watchSync } from "../../core/posts/sync/sync.ts";
import {
  SKIPPED_WHYS,
  type Skipped,
  type SkippedWhy,
  SYNC_KINDS,
  type SyncDeps,
  type SyncItem,
  type SyncOptions,
} from "../../core/posts/sync/types.ts";
import { withLocalTimes } from "../../core/utils/zone-clock.ts";
import { NextSchema } from "../_answer.ts";
import { type App, withApp } from "../_app.ts";
import { confirm } from "../_ask.ts";
import { defineCommand, flag, type Io } from "../_command.ts";
import { nextSteps } from "../_effects.ts";
import { EXIT, errorAnswer } from "../_errors.ts";
import { requireName } from "../_files.ts";
import { accountFor } from "../_host.ts";
import type { Paint } from "../_paint.ts";
import { hung, nameLine, oneLine } from "../_wrap.ts";
import { beforeApproval } from "./_before-approval.ts";
import { readFront, readPostFile } from "./_post-file.ts";
import { replyToOf } from "./_reply-to.ts";

const ItemSchema = z.object({
  /** In the folder. */
  path: z.string(),
  kind: z.enum(SYNC_KINDS),
  postId: z.string().nullable(),
  renamedFrom: z.string().nullable(),
  /** What carrying it out does, or did; null for nothing. */
  does: z.string().nullable(),
  note: z.string().nullable(),
  /** Of what was refused. */
  code: z.string().nullable(),
  next: z.array(NextSchema),
  /** Keys of other programs, which stay as they are. */
  foreign: z.array(z.string()),
});
type Item = z.infer<typeof ItemSchema>;

export const syncCommand = defineCommand({
  input: z.object({
    folder: z.string().meta({ position: 0, description: "a folder of Markdown, each file a post" }),
    apply: flag("Carry the plan out (without it, a program gets the plan alone; a person is asked)"),
    noTouch: flag("Leave the files as they are to the byte; keep what they are in .psn-sync.json"),
    overwrite: flag("Let a file win where its post was edited elsewhere"),
    watch: flag("Go on whenever a file changes, until Ctrl-C"),
  }),
  examples: ["psn post sync posts/", "psn post sync posts/ --apply"],
  answer: z.object({
    folder: z.string(),
    /** False for a plan. */
    applied: z.boolean(),
    items: z.array(ItemSchema),
    /** What looks like a file of a post and is left out, by the reason. */
    skipped: z.array(z.object({ why: z.enum(SKIPPED_WHYS), count: z.int(), paths: z.array(z.string()) })),
  }),
  async run(io, { folder: given, apply, watch, noTouch, overwrite }) {
    const folder = await folderOf(io, given);
    return await withApp(io, async (app) => {
      const deps = depsOf(io, app);
      const asItem = itemIn(app.hubEnv.timezone);
      // In the mode “person” a file's own word is not enough.
      const mayApprove = (await approvalMode(app.hub.db, app.hub)) === "agent";
      const sync: SyncOptions = { folder, noTouch, overwrite, mayApprove };
      let plan = await planSync(deps, sync);
      const { skipped } = plan;
      const answer = (items: readonly SyncItem[], applied: boolean) => ({
        folder,
        applied,
        items: items.map(asItem),
        skipped,
      });
      // What is shown before it is done is tried first, on a hub that keeps nothing.
      if (io.dryRun) plan = await rehearseSync(deps, sync, plan);
      else if (!apply && !isQuiet(plan)) {
        const dry = { ...io, dryRun: true, unchecked: [], note: () => {} };
        const tried = plan;
        plan = await withApp(dry, (dryApp) => rehearseSync(depsOf(dry, dryApp), sync, tried));
      }
      // A dry run is the plan: what a hub that keeps nothing would call a post must not be written into a file.
      if (io.dryRun || (!apply && !io.interactive)) return answer(plan.items.map(shown), false);
      if (!apply && !isQuiet(plan)) {
        io.note(
          renderItems(
            plan.items.map((item) => asItem(shown(item))),
            io.paint,
          ).join("\n"),
        );
        await confirm(io, {}, "Carry this out? Nothing is deleted, at X or here.");
      }
      io.willWrite("carry this out in the folder and the hub");
      let items = await applySync(deps, sync, plan, io.signal);
      if (watch) {
        // A program gets an answer a round, as a line of its own.
        const tell = async (news: readonly SyncItem[]) => {
          if (io.json) await io.answerNow(answer(news, true));
          else io.note(renderItems(news.map(asItem), io.paint).join("\n"));
        };
        await tell(items);
        for (const line of renderSkipped(skipped)) if (!io.json) io.note(line);
        io.note(`Watching ${folder}. Ctrl-C ends it.`);
        await watchSync(deps, sync, {
          clock: wallClock,
          signal: io.signal,
          onRound: async (round) => {
            items = round;
            const news = round.filter(({ kind, does }) => does !== null || kind !== "unchanged");
            if (news.length > 0) await tell(news);
          },
        });
      }
      return answer(items, true);
    });
  },
  render: ({ items, applied, skipped }, paint) =>
    [
      ...renderItems(items, paint),
      ...renderSkipped(skipped),
      ...(applied ? [] : [paint.dim("A plan; nothing was done. --apply carries it out.")]),
    ].join("\n"),
  failure({ items, applied }) {
    const refused = items.filter(({ kind }) => kind === "problem");
    const [first] = refused;
    if (!first) return null;
    const more = refused.length > 1 ? ` (and ${refused.length - 1} more)` : "";
    const error = new PsnError(
      "SYNC_PROBLEMS",
      `${nameLine(first.path)}: ${oneLine(first.note ?? first.code ?? "")}${more}`,
      {
        hint: applied
          ? "The other files are synced. Put these right, and sync again."
          : "Nothing is synced yet. Put these right; --apply carries the rest of the plan out.",
      },
    );
    return { exit: EXIT.refused, error: errorAnswer(error) };
  },
});

// --- internal ---

const itemIn =
  (zone: string) =>
  ({ next, note, ...item }: SyncItem): Item => ({
    ...item,
    note: note && withLocalTimes(note, zone),
    next: nextSteps(next),
  });

/** @throws PsnError FOLDER_UNREADABLE */
async function folderOf(io: Io, given: string): Promise<string> {
  requireName(given, "folder");
  const path = await realpath(resolve(io.cwd, given)).catch(() => null);
  if (path !== null && (await stat(path)).isDirectory()) return path;
  throw new PsnError("FOLDER_UNREADABLE", `${given} is ${path === null ? "not there" : "no folder"}.`, {
    hint: "Check the path; relative paths count from the folder you are in.",
  });
}

function depsOf(io: Io, app: App): SyncDeps {
  return {
    hub: app.hub,
    engine: app.engine,
    media: app.media,
    disk: nodeDisk,
    zone: app.hubEnv.timezone,
    now: () => readAuthorNow(app.hub.db),
    readFile: (path, bytes) => readPostFile(io, path, bytes),
    readFront,
    accountOf: async (handle) => (await accountFor(app, handle)).id,
    parentOf: async (given, accountId) => (await replyToOf(app, given, accountId)).replyToId ?? "",
    beforeApproval: (postId, replaced) => beforeApproval(app, postId, replaced),
  };
}

function renderItems(items: readonly Item[], paint: Paint): string[] {
  const quiet = items.filter(({ kind, does, note }) => kind === "unchanged" && does === null && note === null);
  const told = items.filter((item) => !quiet.includes(item));
  const lines = told.flatMap((item) => renderItem(item, paint));
  const rest =
    quiet.length === 0 ? [] : [paint.dim(`${quiet.length} ${quiet.length === 1 ? "file is" : "files are"} as before.`)];
  return lines.length + rest.length === 0 ? ["There is no Markdown in the folder."] : [...lines, ...rest];
}

const LEFT_OUT: Record<SkippedWhy, string> = {
  link_inside: "links to what is in the folder itself",
  link_outside: "links to what is elsewhere; put the file itself into the folder",
  link_broken: "links that lead nowhere",
  too_deep: "folders that are too far below, with all that is in them; move them up",
  name_not_utf8: "names that are not UTF-8; rename them",
  unreadable: "folders that cannot be looked into; make them readable",
  no_file: "what is called as a file and is none",
};

/** A line of each reason. */
function renderSkipped(skipped: readonly Skipped[]): string[] {
  return skipped.flatMap(({ why, count, paths }) => {
    const names = `${paths.map(nameLine).join(", ")}${count > paths.length ? ", …" : ""}`;
    return hung("left out     ", `${count}: ${names} (${LEFT_OUT[why]})`);
  });
}

function renderItem({ path, kind, renamedFrom, postId, does, note, next, foreign }: Item, paint: Paint): string[] {
  const colour =
    kind === "problem" || kind === "two_files" ? paint.red : kind === "unchanged" ? paint.dim : paint.yellow;
  const from = renamedFrom === null ? "" : ` (was ${nameLine(renamedFrom)})`;
  const head = `${colour(kind.replaceAll("_", " ").padEnd(12))} ${nameLine(path)}${from}${postId ? paint.dim(`  ${postId}`) : ""}`;
  return [
    head,
    ...(does ? hung("             ", does) : []),
    ...(note ? hung("             ", oneLine(note)) : []),
    ...next.map(({ command }) => `             ${paint.dim(command)}`),
    ...(foreign.length > 0 && kind === "new"
      ? hung("             ", paint.dim(`other programs' keys stay: ${oneLine(foreign.join(", "))}`))
      : []),
  ];
}
