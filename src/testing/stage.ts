/**
 * The stage for tests of publishing: a real hub, the sandbox over real sockets, workers that the test drives by hand,
 * and one time for all of them, which passes when the test says so.
 */
import { randomBytes } from "node:crypto";
import { unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AccountRow } from "../core/accounts/choose.ts";
import { type Clock, wallClock } from "../core/clock.ts";
import type { Hub } from "../core/db/connection.ts";
import { folderStore, type MediaStore } from "../core/media/store.ts";
import type { Platform } from "../core/platform.ts";
import { readAuthorNow } from "../core/post/due.ts";
import { historyOf, loadPost, type Post } from "../core/posts/read.ts";
import { approvePost, createPost, type NewTweet, schedulePost } from "../core/posts/write.ts";
import type { PublishDeps, PublishResult } from "../core/publish/deps.ts";
import { publishPost } from "../core/publish/publish.ts";
import { refreshClock } from "../core/publish/x-clock.ts";
import { type EncryptionKey, keyFromHex, newKeyHex } from "../core/utils/crypto.ts";
import { embeddedEngine } from "../engines/embedded.ts";
import type { XPlatformConfig } from "../platforms/x/platform.ts";
import { type RunningSandbox, type StartOptions, startSandbox } from "../sandbox/server.ts";
import { fakeMp4, tinyPng } from "../sandbox/testing.ts";
import { SANDBOX_CLIENT_ID, SANDBOX_HANDLE } from "../sandbox/types.ts";
import { testHub } from "./hub.ts";
import { shiftedHubClock } from "./hub-clock.ts";
import { platformAt, signInAt } from "./sandbox.ts";

export interface Stage {
  hub: Hub;
  hubUrl: string;
  x: RunningSandbox;
  clock: Clock;
  key: EncryptionKey;
  media: MediaStore;
  account: AccountRow;
  /** A worker's view of everything. */
  deps(more?: Partial<PublishDeps>): PublishDeps;
  platform(more?: Partial<XPlatformConfig>): Platform;
  signIn(handle: string): Promise<AccountRow>;
  /** Lets time pass everywhere at once. */
  pass(ms: number): Promise<void>;
  /** An approved post that is due now, or so many ms from now. */
  due(texts: readonly (string | Partial<NewTweet>)[], more?: DueOptions): Promise<string>;
  /** A small PNG in the media store, to put on a tweet. */
  picture(more?: { altText?: string; fileName?: string; store?: MediaStore }): Promise<NewTweet["media"][number]>;
  /** An MP4 in the media store; of four segments unless its size is given. */
  clip(bytes?: number): Promise<NewTweet["media"][number]>;
  /** Takes away faults, X's posts and the limits that are known; the accounts stay. */
  clean(): Promise<void>;
  /** Runs a post, as the engine would. */
  run(postId: string, deps?: PublishDeps, signal?: AbortSignal): Promise<PublishResult>;
  /** Runs a post at each of its times, until it waits for a person or is done. */
  untilDone(postId: string, deps?: PublishDeps): Promise<Post>;
  post(postId: string): Promise<Post>;
  /** The events in words and the attempts' outcomes, oldest first. */
  life(postId: string): Promise<{ kinds: string[]; notes: string[]; outcomes: (string | null)[] }>;
  /** What stands on X for an account, in the order it was made. */
  onX(handle?: string): { id: string; text: string; replyToId: string | null }[];
  /** POST /2/tweets that reached X. */
  sends(): number;
  close(): Promise<void>;
}

export interface DueOptions {
  account?: AccountRow;
  inMs?: number;
}

const START_MS = 5_000;
const ROUNDS_MAX = 60;

export async function openStage(options: StartOptions & { poolMax?: number } = {}): Promise<Stage> {
  let shiftMs = 0;
  const clock: Clock = { now: () => new Date(Date.now() + shiftMs), sleep: wallClock.sleep };
  const { poolMax, ...sandboxOptions } = options;
  const [{ hub, url: hubUrl, drop }, x] = await Promise.all([
    testHub({ max: poolMax ?? 10 }),
    startSandbox({ clock, ...sandboxOptions }),
  ]);
  const setHubShift = await shiftedHubClock(hub.pool);
  const key = keyFromHex(newKeyHex());
  const media = folderStore(join(tmpdir(), `psn-test-media-${process.pid}-${randomBytes(4).toString("hex")}`));
  const platform = (more: Partial<XPlatformConfig> = {}) => platformAt(x.url, { clock, ...more });
  const shared = platform();
  const deps = (more: Partial<PublishDeps> = {}): PublishDeps => ({
    hub,
    engine: embeddedEngine,
    media,
    platform: shared,
    keyRing: [key],
    clock,
    random: () => 0.5,
    workerId: `worker-${randomBytes(3).toString("hex")}`,
    clientId: SANDBOX_CLIENT_ID,
    graceMs: 6 * 60 * 60_000,
    ...more,
  });
  const signIn = (handle: string) => signInAt({ hub, key, sandbox: x.sandbox }, handle, clock.now());
  const pass = async (ms: number) => {
    shiftMs += ms;
    await setHubShift(shiftMs);
  };
  const stage: Stage = {
    hub,
    hubUrl,
    x,
    clock,
    key,
    media,
    account: await signIn(SANDBOX_HANDLE),
    deps,
    platform,
    signIn,
    pass,
    async due(texts, more = {}) {
      const tweets = texts.map((text) => ({
        text: "",
        separatorAfter: "",
        media: [],
        ...(typeof text === "string" ? { text } : text),
      }));
      const accountId = (more.account ?? stage.account).id;
      const { postId } = await createPost(hub, { accountId, tweets, source: tweets.map(({ text }) => text).join("") });
      await approvePost(hub, postId, { force: true });
      const at = new Date((await readAuthorNow(hub.db)).getTime() + (more.inMs ?? START_MS));
      await schedulePost(hub, embeddedEngine, postId, { at, timezone: "UTC" });
      if (more.inMs === undefined) await pass(START_MS + 10);
      return postId;
    },
    async picture({ altText, fileName = "a.png", store = media } = {}) {
      const kept = await keep(store, tinyPng(), "png");
      return { ...kept, mime: "image/png", fileName, width: 8, height: 6, altText: altText ?? null };
    },
    async clip(bytes = 3_500_000) {
      const kept = await keep(media, fakeMp4(bytes), "mp4");
      return { ...kept, mime: "video/mp4", fileName: "clip.mp4", width: null, height: null, altText: null };
    },
    async clean() {
      x.sandbox.clearFaults();
      x.sandbox.reset({ keepAccounts: true });
      await hub.pool.query("delete from psn.rate_limits");
    },
    async run(postId, worker = deps(), signal) {
      const { root } = await loadPost(hub.db, postId);
      await refreshClock(worker);
      return await publishPost(worker, { postId, scheduleVersion: root.scheduleVersion }, signal);
    },
    async untilDone(postId, worker = deps()) {
      for (let round = 0; round < ROUNDS_MAX; round++) {
        const { root } = await loadPost(hub.db, postId);
        const isLeft = root.status === "publishing";
        const dueAt = isLeft ? root.leaseExpiresAt : root.dueAt;
        if (dueAt === null || root.status === "published" || root.status === "failed") break;
        const now = root.status === "scheduled" ? await readAuthorNow(hub.db) : clock.now();
        await pass(Math.max(0, dueAt.getTime() - now.getTime()) + 20);
        await stage.run(postId, worker);
      }
      return await loadPost(hub.db, postId);
    },
    post: (postId) => loadPost(hub.db, postId),
    async life(postId) {
      const { events, attempts } = await historyOf(hub.db, postId);
      return {
        kinds: events.map((event) => event.kind),
        notes: events.map((event) => event.note),
        outcomes: attempts.map((attempt) => attempt.outcome),
      };
    },
    onX: (handle = SANDBOX_HANDLE) =>
      (x.sandbox.report().accounts[handle]?.posts ?? [])
        .filter(({ deletedAt }) => deletedAt === null)
        .map(({ id, text, replyToId }) => ({ id, text, replyToId })),
    sends: () => x.sandbox.report().counts["POST /2/tweets"]?.received ?? 0,
    async close() {
      await x.stop();
      await drop();
    },
  };
  return stage;
}

/** Puts bytes into a store, which takes them from a file as an author's are. */
async function keep(store: MediaStore, bytes: Uint8Array, ending: string) {
  const file = join(tmpdir(), `psn-test-${process.pid}-${randomBytes(4).toString("hex")}.${ending}`);
  await writeFile(file, bytes);
  const { sha256, byteLength } = await store.add(file);
  await unlink(file);
  return { sha256, byteLength };
}
