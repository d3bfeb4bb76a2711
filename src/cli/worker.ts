/** `psn worker`: publishes what falls due, until it is stopped. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { cleanMedia } from "../core/media/clean.ts";
import { loadPost } from "../core/posts/read.ts";
import type { AheadResult } from "../core/publish/ahead/ahead.ts";
import type { PublishResult } from "../core/publish/deps.ts";
import { utcToUserTime, withLocalTimes } from "../core/utils/zone-clock.ts";
import { countWorkers } from "../engines/presence.ts";
import { hubEngine } from "../engines/switch.ts";
import { startWorker, type WorkerNews } from "../engines/worker.ts";
import { type App, withApp } from "./_app.ts";
import { defineCommand, flag } from "./_command.ts";
import { fit, oneLine } from "./_wrap.ts";

const CONCURRENCY_DEFAULT = 8;
const CONCURRENCY_MAX = 256;
/** However many posts at once: those that go out together share their statements. A server has a hundred for everybody. */
const CONNECTIONS_MAX = 8;
/** Different errors that are shown once each, until something succeeds. */
const TROUBLES_MAX = 50;
const BEGINNING_COLUMNS = 40;

export const workerCommand = defineCommand({
  input: z.object({
    concurrency: z
      .int()
      .min(1)
      .max(CONCURRENCY_MAX)
      .default(CONCURRENCY_DEFAULT)
      .meta({
        placeholder: "N",
        description: `Posts at the same time, 1 to ${CONCURRENCY_MAX} (default ${CONCURRENCY_DEFAULT})`,
      }),
    also: flag("Run beside another worker of this hub"),
  }),
  examples: ["psn worker", "psn worker --also --concurrency 64"],
  answer: z.object({ stopped: z.literal(true), published: z.number(), failed: z.number() }),
  async run(io, { concurrency, also }) {
    return await withApp({ ...io, poolMax: CONNECTIONS_MAX, applicationName: "psn worker" }, async (app) => {
      await requireOwnEngine(app);
      if (!also && (await countWorkers(app.hub)) > 0) {
        throw new PsnError("WORKER_RUNNING", "A worker is running on this hub already.", {
          hint: "One is enough. To run another beside it: psn worker --also",
        });
      }
      const deps = await app.liveDeps();
      io.willWrite("start a worker, which publishes what is due");
      const counts = { published: 0, failed: 0 };
      const troubles = new Set<string>();
      const zone = app.hubEnv.timezone;
      const worker = await startWorker(deps, {
        concurrency,
        refreshEveryMs: app.hubEnv.refresh.everyMinutes * 60_000,
        cleanMedia: () => cleanMedia(app.hub, app.media),
        onNews: inTurn(async (news) => {
          if (news.kind === "result" && news.result.kind === "published") counts.published++;
          if (news.kind === "result" && news.result.kind === "failed") counts.failed++;
          // A hub that is away for an hour is a line for each that misses it, not a thousand.
          // One record is one line, whatever is in it.
          const said = newsLine(news, app.hubEnv.timezone);
          if (said === null) return;
          const line = oneLine(said);
          if (news.kind !== "error" || troubles.size >= TROUBLES_MAX) troubles.clear();
          if (troubles.has(line)) return;
          if (news.kind === "error") troubles.add(line);
          const post = news.kind === "result" ? await beginningOf(app, news.result.postId) : "";
          io.note(`${stamp(new Date(), zone)}  ${withLocalTimes(line, zone)}${post}`);
        }),
      });
      const stop = () => void worker.stop();
      if (io.signal.aborted) stop();
      io.signal.addEventListener("abort", stop, { once: true });
      await worker.done;
      return { stopped: true as const, ...counts };
    });
  },
  render: ({ published, failed }) =>
    `The worker stopped: ${published} published, ${failed} failed. What is due waits for the next one.`,
});

/** @throws PsnError ENGINE_IS_TRIGGER where Trigger.dev publishes */
export async function requireOwnEngine(app: App): Promise<void> {
  if (app.engine.name !== "trigger" && (await hubEngine(app.hub)) !== "trigger") return;
  throw new PsnError("ENGINE_IS_TRIGGER", "Trigger.dev publishes the posts of this hub; it needs no worker.", {
    hint: "To publish from this machine instead: psn setup --engine embedded",
  });
}

// --- internal ---

/** One line after another, also where a line is looked up first. */
function inTurn(tell: (news: WorkerNews) => Promise<void>): (news: WorkerNews) => void {
  let before = Promise.resolve();
  return (news) => {
    before = before.then(() => tell(news));
  };
}

/** The first words of a post, so that a line of the log says which it is. */
async function beginningOf(app: App, postId: string): Promise<string> {
  try {
    const { tweets, account } = await loadPost(app.hub.db, postId);
    return `  @${account.handle} “${fit(oneLine(tweets[0]?.content ?? ""), BEGINNING_COLUMNS)}”`;
  } catch {
    // The line itself matters more, e.g. while the hub is away.
    return "";
  }
}

/** The author's clock, with the seconds: `2026-11-27 20:40:23`. */
function stamp(now: Date, zone: string): string {
  const { date, time } = utcToUserTime(now, zone);
  return `${date} ${time.length === 5 ? `${time}:00` : time}`;
}

/** Null for what nobody needs to hear. */
function newsLine(news: WorkerNews, zone: string): string | null {
  switch (news.kind) {
    case "ahead":
      return aheadLine(news.ahead);
    case "ready":
      return "The worker is ready. Ctrl-C stops it; what is scheduled waits then.";
    case "result":
      return resultLine(news.result, zone);
    case "refreshed":
      return `Tokens: ${news.counts.refreshed} refreshed, ${news.counts.signedOut} signed out, ${news.counts.unavailable} to try again.`;
    case "swept":
      return `Watchdog: took up ${news.abandoned} abandoned and ${news.overdue} overdue posts.`;
    case "skew":
      return news.says;
    case "revived":
      return "The hub was not running; it was started again.";
    case "error":
      return `Error (${news.what}): ${news.message}`;
  }
}

function resultLine(result: PublishResult, zone: string): string {
  switch (result.kind) {
    case "published":
      return `Published ${result.postId}: ${result.platformPostIds.length} on X.`;
    case "failed":
      return `Failed ${result.postId} (${result.code}): ${result.reason}`;
    case "deferred":
      return `Waiting ${result.postId}: ${result.note}${result.until ? ` Until ${utcToUserTime(result.until, zone).text}.` : ""}`;
    case "not_ours":
      return `Nothing to do for ${result.postId}.`;
  }
}

/** A wait that passes by itself is not worth a line: the post has its time. */
function aheadLine(ahead: AheadResult): string | null {
  if (ahead.kind === "refused") return `Post ${ahead.postId} will fail at its time: ${ahead.note}`;
  if (ahead.kind !== "ready" || ahead.uploaded === 0) return null;
  const files = ahead.files === 1 ? "its file is" : `its ${ahead.files} files are`;
  return `Post ${ahead.postId}: ${files} at X, ready for its time.`;
}
