/** What a person sees while a post is published in this process: the thread as it grows, and what it waits for. */
import { loadPost } from "../../core/posts/read.ts";
import { stuckPosts } from "../../core/posts/stuck.ts";
import type { App } from "../_app.ts";
import type { Io } from "../_command.ts";
import { surroundings } from "../_host.ts";
import { postAnswer } from "../_shapes.ts";
import { fit, oneLine, screenWidth } from "../_wrap.ts";
import { UploadWatch } from "./_upload.ts";

const LOOK_MS = 300;
/** Shorter waits are over before they are read. */
const WAIT_MS_MIN = 1_000;

/** Who can stop it, and who is told how it gets on: nobody where there is no `note`. */
export interface Watcher {
  signal?: AbortSignal;
  note?: (line: string) => void;
}

/** A person, or a program whose person sees stderr. */
export function watcherOf({ json, signal, note }: Pick<Io, "json" | "note" | "signal">): Watcher {
  return json && !process.stderr.isTTY ? { signal } : { signal, note };
}

/**
 * Runs `act` and tells on stderr what becomes of the post meanwhile. It looks at the hub, so it needs nothing of what publishes,
 * and shows the work of a worker that was faster, too.
 */
export async function withProgress<T>(
  app: App,
  { signal, note }: Watcher,
  postId: string,
  act: () => Promise<T>,
): Promise<T> {
  if (!note) return await act();
  const shown = new Shown(app, note, postId);
  const onStop = () => note("Stopping: what is being sent comes to its end first. Ctrl-C again does not wait for it.");
  signal?.addEventListener("abort", onStop, { once: true });
  await shown.look();
  const timer = setInterval(() => void shown.look(), LOOK_MS);
  try {
    return await act();
  } finally {
    clearInterval(timer);
    signal?.removeEventListener("abort", onStop);
    await shown.look();
    if (signal?.aborted) await shown.left();
  }
}

// --- internal ---

class Shown {
  private readonly app: App;
  private readonly note: (line: string) => void;
  private readonly postId: string;
  private readonly uploads = new UploadWatch();
  private posted = -1;
  private waits = "";
  private looking: Promise<void> | null = null;

  constructor(app: App, note: (line: string) => void, postId: string) {
    this.app = app;
    this.note = note;
    this.postId = postId;
  }

  /** One look at a time; a hub that does not answer is told by the command itself. */
  async look(): Promise<void> {
    this.looking ??= this.once()
      .catch(() => {})
      .finally(() => {
        this.looking = null;
      });
    await this.looking;
  }

  /** What a stop leaves behind, and who goes on. */
  async left(): Promise<void> {
    const { tweets, root } = await loadPost(this.app.hub.db, this.postId);
    if (root.status === "published") return;
    const posted = tweets.filter(({ externalPostId }) => externalPostId !== null).length;
    const { hasWorker } = await surroundings(this.app);
    const who = hasWorker
      ? "a worker goes on with it now; psn post cancel keeps the rest back"
      : `nothing goes on until a worker runs (psn worker) or you say so (psn post now ${this.postId})`;
    this.note(`Stopped: ${posted} of ${tweets.length} tweets are on X; ${who}.`);
  }

  private async once(): Promise<void> {
    const post = await loadPost(this.app.hub.db, this.postId);
    const { tweets, root } = post;
    const sent = tweets.filter(({ externalPostId }) => externalPostId !== null);
    // Those that were there before are not news.
    if (this.posted < 0) this.posted = sent.length;
    for (const tweet of sent.slice(this.posted)) {
      const line = `${tweet.threadPosition + 1}/${tweets.length} on X  ${oneLine(tweet.content)}`;
      this.note(fit(line, Math.min(screenWidth(process.stderr), 100)));
    }
    this.posted = Math.max(this.posted, sent.length);
    this.uploads.look(postAnswer(post, this.app.hubEnv.timezone), this.note);
    if (root.status === "retry" && (root.dueAt?.getTime() ?? 0) > Date.now() + WAIT_MS_MIN) await this.tellWait();
  }

  private async tellWait(): Promise<void> {
    const around = await surroundings(this.app);
    const [stuck] = await stuckPosts(this.app.hub.db, { ...around, hasWorker: true }, { postId: this.postId });
    if (!stuck?.until || stuck.reason === this.waits) return;
    this.waits = stuck.reason;
    this.note(`${stuck.reason} Ctrl-C leaves it to a worker.`);
  }
}
