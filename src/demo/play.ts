/**
 * The main job, end to end: a text becomes a thread, posts go out at their time, one is edited, one cancelled, a worker is
 * killed in mid-thread and another one finishes. Then X is read back and compared with what was approved.
 */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { App } from "../cli/_app.ts";
import { cancelPost, createPost, editScheduledPost, postNow, schedulePost } from "../cli/post.ts";
import { composeThread } from "../core/compose/compose.ts";
import { PsnError } from "../core/errors.ts";
import { historyOf, loadPost, type Post } from "../core/posts/read.ts";
import { approvePost } from "../core/posts/write.ts";
import { countWorkers } from "../engines/presence.ts";
import type { DemoAnswer } from "./answer.ts";
import { compare, type ExpectedThread } from "./compare.ts";
import type { DemoFolder } from "./folder.ts";
import { drawPicture, PICTURE_ALT } from "./picture.ts";
import { holdBackAnswer, readAll, readSandbox } from "./seen.ts";
import type { Source } from "./source.ts";
import { HANDLE, openHub, requireRunning, signIn, startReadyWorker, until, untilPublished } from "./stage.ts";
import type { Teller } from "./tell.ts";
import { CORRECTION, CROSSING, HELD_WORDS, POSTCARD, REGRET } from "./texts.ts";
import type { WorkerProcess } from "./worker-process.ts";

const PUBLISH_MS_MAX = 40_000;
/** Longer than the demo: the killed worker's answer never comes. */
const ANSWER_HELD_MS = 300_000;
/** From the moment of scheduling. The edit and the cancellation need a moment before their posts' time. */
const AHEAD_MS = { postcard: 3_000, regret: 4_000, correction: 4_500, crossing: 5_500 } as const;

/** A post of the play: what was approved, and how it shall go out. */
interface Part {
  name: string;
  how: string;
  postId: string;
  /** Null for the cancelled one. */
  expected: ExpectedThread | null;
  scheduledFor: Date | null;
}

export interface PlayInput {
  source: Source;
  folder: DemoFolder;
  /** The sandbox's address. */
  url: string;
  tell: Teller;
  signal: AbortSignal;
}

export class Play {
  readonly #input: PlayInput;
  readonly #tell: Teller;
  readonly #signal: AbortSignal;
  #app: App | null = null;
  #worker: WorkerProcess | null = null;

  constructor(input: PlayInput) {
    this.#input = input;
    this.#tell = input.tell;
    this.#signal = input.signal;
  }

  /** All steps, and the answer. `startedMs` is when the demo began, on the clock of `performance`. */
  async run(startedMs: number): Promise<DemoAnswer> {
    const { source, url } = this.#input;
    const version = await this.#openHub();
    this.#tell.line("Sandbox", `a local X: ${url}/`);
    const account = await this.#step("Sign-in", async () => {
      const handle = await signIn(this.#theApp);
      return { value: handle, says: `@${handle}, by OAuth 2.0 with PKCE; the sandbox consented` };
    });
    const essay = await this.#publishNow();
    const parts = await this.#schedule();
    await this.#untilOnTime([parts.postcard, parts.correction]);
    const kill = await this.#killAndTakeOver(parts.crossing);
    const all = [essay, parts.postcard, parts.correction, parts.regret, parts.crossing];
    const { comparison, posts } = await this.#compare(all);
    return {
      held: comparison.held,
      durationMs: Math.round(performance.now() - startedMs),
      source: { file: source.file, characters: Array.from(source.text).length },
      preview: source.preview,
      account,
      hub: { version },
      sandbox: { url },
      steps: this.#tell.steps,
      posts,
      kill,
      comparison,
    };
  }

  /** Stops the worker, which a kept demo no longer needs. */
  async stopWorker(): Promise<void> {
    await this.#worker?.stop();
  }

  /** Lets go of the hub, so that it can be removed. */
  async close(): Promise<void> {
    await this.#worker?.kill();
    await this.#app?.close().catch(() => {});
  }

  get #theApp(): App {
    if (this.#app === null) throw new Error("the hub is not open");
    return this.#app;
  }

  get #theWorker(): WorkerProcess {
    if (this.#worker === null) throw new Error("no worker was started");
    return this.#worker;
  }

  /** Does one step, and tells it with its time. */
  async #step<T>(name: string, act: () => Promise<{ value: T; says: string }>): Promise<T> {
    requireRunning(this.#signal);
    return await this.#tell.step(name, act);
  }

  async #openHub(): Promise<string> {
    return await this.#step("Hub", async () => {
      const { app, version } = await openHub(this.#input.folder, this.#input.url);
      this.#app = app;
      return { value: version, says: `PostgreSQL ${version}, in a throwaway folder` };
    });
  }

  async #publishNow(): Promise<Part> {
    const { source } = this.#input;
    const app = this.#theApp;
    const image = join(this.#input.folder.dataDir, "lighthouse.png");
    const picture = drawPicture();
    await mkdir(this.#input.folder.dataDir, { recursive: true });
    await writeFile(image, picture);
    const draft = await this.#step("Compose", async () => {
      const attachments = [{ tweet: 0, file: image, altText: PICTURE_ALT }];
      const { post } = await createPost(app, { text: source.text, attachments });
      const { tweetCount, costUsd } = source.preview;
      const from = source.file === null ? "stdin" : this.#tell.shortPath(source.file);
      return { value: post, says: `${from}: ${tweets(tweetCount)}, about $${costUsd.toFixed(3)} at X` };
    });
    this.#tell.preview(source.preview);
    await this.#step("Approve", async () => {
      await approvePost(app.hub, draft.root.id, { contentVersion: draft.root.contentVersion });
      return { value: null, says: `as shown, with an image on tweet 1; alt text: ${PICTURE_ALT}` };
    });
    const post = await this.#step("Publish", async () => {
      const { post: sent, result } = await postNow(app, draft.root.id, this.#signal);
      requireRunning(this.#signal);
      if (result.kind !== "published") {
        const why = result.kind === "failed" ? result.reason : result.kind === "deferred" ? result.note : result.kind;
        throw new PsnError("DEMO_POST_FAILED", `The thread was not published: ${why}`);
      }
      const chain = sent.tweets.length > 1 ? ", each a reply to the one before" : "";
      return { value: sent, says: `${tweets(sent.tweets.length)} at once${chain}` };
    });
    const media = [{ sha256: createHash("sha256").update(picture).digest("hex"), altText: PICTURE_ALT }];
    const expected = expectedOf("The text", source.text, post, null);
    if (expected.tweets[0]) expected.tweets[0].media = media;
    return { name: "The text", how: "at once, with an image", postId: post.root.id, expected, scheduledFor: null };
  }

  async #schedule() {
    const app = this.#theApp;
    await this.#step("Worker", async () => {
      this.#worker = await this.#startWorker();
      return { value: null, says: `process ${this.#worker.pid} waits for what falls due` };
    });
    // For later, and before anything is due: X will carry out this one tweet and keep its answer back.
    await holdBackAnswer(this.#input.url, HELD_WORDS, ANSWER_HELD_MS);
    const parts = await this.#step("Schedule", async () => {
      const nowMs = Date.now();
      const add = async (name: string, how: string, text: string, aheadMs: number): Promise<Part & { post: Post }> => {
        const { post: draft } = await createPost(app, { text });
        await approvePost(app.hub, draft.root.id, { contentVersion: draft.root.contentVersion });
        const at = new Date(nowMs + aheadMs);
        const post = await schedulePost(app, draft.root.id, { at, timezone: app.hubEnv.timezone });
        const expected = expectedOf(name, text, post, at);
        return { name, how, postId: post.root.id, expected, scheduledFor: at, post };
      };
      const postcard = await add(POSTCARD.name, "scheduled", POSTCARD.text, AHEAD_MS.postcard);
      const regret = await add(REGRET.name, "scheduled, cancelled", REGRET.text, AHEAD_MS.regret);
      const correction = await add(CORRECTION.name, "scheduled, edited", CORRECTION.before, AHEAD_MS.correction);
      const crossing = await add(CROSSING.name, "scheduled, worker killed", CROSSING.text, AHEAD_MS.crossing);
      const says = `4 posts, ${AHEAD_MS.postcard / 1000} to ${AHEAD_MS.crossing / 1000} s ahead; one of them is a thread of ${crossing.post.tweets.length}`;
      return { value: { postcard, regret, correction, crossing }, says };
    });
    await this.#step("Edit", async () => {
      const post = await editScheduledPost(app, parts.correction.postId, { text: CORRECTION.after });
      parts.correction.expected = expectedOf(CORRECTION.name, CORRECTION.after, post, parts.correction.scheduledFor);
      return { value: null, says: `“${CORRECTION.name}” gets other words; its time stays` };
    });
    await this.#step("Cancel", async () => {
      await cancelPost(app, parts.regret.postId);
      parts.regret.expected = null;
      return { value: null, says: `“${REGRET.name}” is a draft again` };
    });
    return parts;
  }

  async #startWorker(): Promise<WorkerProcess> {
    const { folder } = this.#input;
    return await startReadyWorker({ app: this.#theApp, folder, signal: this.#signal });
  }

  async #untilOnTime(parts: Part[]): Promise<void> {
    await this.#step("On time", async () => {
      for (const { postId } of parts) await this.#untilPublished(postId);
      return { value: null, says: `the worker published ${parts.map(({ name }) => `“${name}”`).join(" and ")}` };
    });
  }

  async #untilPublished(postId: string): Promise<Post> {
    const wait = { signal: this.#signal, worker: this.#theWorker, timeoutMs: PUBLISH_MS_MAX };
    return await untilPublished(this.#theApp, postId, wait);
  }

  /** Waits until X has the tweet whose answer it keeps back, kills the worker that waits for it, and starts another. */
  async #killAndTakeOver({ postId }: Part): Promise<DemoAnswer["kill"]> {
    const app = this.#theApp;
    const { url } = this.#input;
    const workerPid = this.#theWorker.pid;
    const { position, tweetCount, knownToHub } = await this.#step("Kill", async () => {
      const wait = { signal: this.#signal, worker: this.#theWorker, timeoutMs: PUBLISH_MS_MAX };
      await until({ ...wait, what: "the tweet whose answer is kept back" }, async () => {
        const { posts } = await readSandbox(url, HANDLE);
        return posts.find(({ text }) => text.includes(HELD_WORDS)) ?? null;
      });
      await this.#theWorker.kill();
      const post = await loadPost(app.hub.db, postId);
      const held = post.tweets.findIndex(({ content }) => content.includes(HELD_WORDS));
      const of = post.tweets.length;
      const says = `SIGKILL for worker ${workerPid} while X has tweet ${held + 1} of ${of} and its answer is on its way`;
      return { value: { position: held, tweetCount: of, knownToHub: post.root.platformPostIds.length }, says };
    });
    const killedMs = performance.now();
    return await this.#step("Take over", async () => {
      // The hub notices the death by the closed connection; a worker that starts before would think it is the second.
      await until({ signal: this.#signal, timeoutMs: 5_000, what: "the hub to notice the dead worker" }, async () => {
        return (await countWorkers(app.hub)) === 0 || null;
      });
      this.#tell.waiting("a new worker starts; the dead one's lease has at most 10 s to run");
      this.#worker = await this.#startWorker();
      await this.#untilPublished(postId);
      const finishedAfterMs = Math.round(performance.now() - killedMs);
      const attempts = (await historyOf(app.hub.db, postId)).attempts.filter(
        (attempt) => attempt.position === position,
      );
      const outcome = attempts.at(-1)?.outcome ?? "none";
      const nextWorkerPid = this.#theWorker.pid;
      const found =
        outcome === "adopted"
          ? `found tweet ${position + 1} on X, kept it`
          : `settled tweet ${position + 1} (${outcome})`;
      const rest = tweetCount - position - 1;
      const says = `worker ${nextWorkerPid} ${found}, and sent the last ${rest}`;
      const kill = { workerPid, nextWorkerPid, tweet: position + 1, tweetCount, knownToHub, outcome };
      return { value: { ...kill, attempts: attempts.length, finishedAfterMs }, says };
    });
  }

  async #compare(parts: Part[]): Promise<Pick<DemoAnswer, "comparison" | "posts">> {
    const app = this.#theApp;
    // A post that wrongly goes out after its cancellation would do so by now.
    const seen = await this.#step("Read back", async () => {
      const value = await readAll(this.#input.url, HANDLE);
      const { posts, creates } = value;
      return { value, says: `${tweets(posts.length)} on X, from ${creates.received} create requests` };
    });
    const expected = parts.flatMap((part) => part.expected ?? []);
    const { held, checks, problems, threads } = compare(
      {
        threads: expected,
        absent: [
          { name: REGRET.name, text: REGRET.text },
          { name: CORRECTION.name, text: CORRECTION.before },
        ],
      },
      seen,
    );
    const statuses = await Promise.all(parts.map(({ postId }) => loadPost(app.hub.db, postId)));
    const posts = parts.map(({ name, how, postId, scheduledFor }, index) => {
      const thread = threads.find((candidate) => candidate.name === name);
      const own = problems.filter((problem) => problem.thread === name).map(({ says }) => says);
      return {
        name,
        how,
        id: postId,
        status: statuses[index]?.root.status ?? "unknown",
        tweetsOnX: thread?.ids.length ?? 0,
        scheduledFor: scheduledFor?.toISOString() ?? null,
        firstOnXAt: thread?.firstAt?.toISOString() ?? null,
        latenessMs: thread?.latenessMs ?? null,
        held: own.length === 0,
        problems: own,
      };
    });
    return { comparison: { held, checks, problems, tweetsOnX: seen.posts.length, creates: seen.creates }, posts };
  }
}

// --- internal ---

const tweets = (count: number) => (count === 1 ? "1 tweet" : `${count} tweets`);

/** What X must show of a post: the author's text on one side, the tweets and separators as approved on the other. */
function expectedOf(name: string, text: string, post: Post, notBefore: Date | null): ExpectedThread {
  return {
    name,
    source: text.normalize("NFC"),
    leading: composeThread(text).leading,
    tweets: post.tweets.map(({ content, separatorAfter }) => ({ text: content, separatorAfter, media: [] })),
    notBefore,
  };
}
