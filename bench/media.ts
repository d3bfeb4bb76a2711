/**
 * Media from the author's file to X: how fast, in how much memory, how quickly a file is judged, and whether a thread with a
 * video begins at its time.
 *
 * `throughputRatio`: a 512 MB video through the whole pipeline (store, hash on the way out, each segment's state in the hub)
 * against a bare loop of the same requests in the same run. Both sides talk, from this process, to a sandbox in a process of its own.
 * They take turns, the one that begins alternates, and the figure is the median of the rounds' ratios, since a machine has
 * slow moments. `rssGrowthMiB` is this process's, the most of all rounds.
 */
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeSignIn } from "../src/core/accounts/accounts.ts";
import type { AccountRow } from "../src/core/accounts/choose.ts";
import { inspectMedia } from "../src/core/media/inspect.ts";
import { readImage } from "../src/core/media/probe/image.ts";
import { kindOf } from "../src/core/media/probe/kind.ts";
import { readVideo } from "../src/core/media/probe/video.ts";
import { prepareAhead } from "../src/core/publish/ahead/ahead.ts";
import type { PublishDeps } from "../src/core/publish/deps.ts";
import { startWorker } from "../src/engines/worker.ts";
import { fakeMp4, TINY_GIF, tinyPng } from "../src/sandbox/testing.ts";
import { platformAt } from "../src/testing/sandbox.ts";
import { openStage, type Stage } from "../src/testing/stage.ts";
import type { BenchResult } from "./_print.ts";

const MIB = 1024 ** 2;
const VIDEO_BYTES = 512 * MIB;
const THREAD_VIDEO_BYTES = 100 * 1_000_000;
/** Odd, so that one of them is the median. */
const ROUNDS = 7;
const FILES = 100;
const DUE_MS = 10 * 60_000;
const THREAD_DUE_MS = 30_000;

export async function run(_options: { json?: boolean } = {}): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "psn-bench-media-"));
  const stage = await openStage({ settings: { processingMs: 0, limits: NO_LIMITS } });
  try {
    const upload = await throughput(stage, folder);
    const probe = await probing(folder);
    const latenessMs = await lateness(stage, folder);
    return {
      bench: "media",
      figures: [
        { name: "throughputRatio", value: upload.ratio, goal: 0.9, better: "higher" },
        { name: "rssGrowthMiB", value: upload.rssGrowthMiB, goal: 48, better: "lower" },
        { name: "probeMs", value: probe.headersMs, goal: 50, better: "lower" },
        { name: "latenessMs", value: latenessMs, goal: 250, better: "lower" },
        { name: "inspectMs", value: probe.inspectMs, better: "lower" },
        { name: "uploadMiBPerSecond", value: upload.mibPerSecond, better: "higher" },
      ],
    };
  } finally {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

// --- internal ---

/** What is measured is not X's limit. */
const NO_LIMITS = {
  "POST /2/media/upload/:id/append": { user15min: 1_000_000 },
  "POST /2/media/upload/initialize": { user15min: 1_000_000 },
};

/** A file that is as long as it says, and of which only the beginning is written: the rest is a hole. */
async function sparseVideo(path: string, bytes: number): Promise<void> {
  const head = fakeMp4(MIB, 60);
  const file = await open(path, "w");
  try {
    const mdat = Buffer.from(head).indexOf("mdat", 0, "latin1");
    const whole = Buffer.from(head);
    whole.writeUInt32BE(bytes - (mdat - 4), mdat - 4);
    await file.write(whole);
    await file.truncate(bytes);
  } finally {
    await file.close();
  }
}

async function videoOf(stage: Stage, folder: string, bytes: number) {
  const path = join(folder, `${bytes}.mp4`);
  await sparseVideo(path, bytes);
  const { sha256, byteLength } = await stage.media.add(path);
  return { sha256, byteLength, mime: "video/mp4", fileName: "clip.mp4", width: 640, height: 360, altText: null };
}

interface FarX {
  account: AccountRow;
  deps: PublishDeps;
  url: string;
  /** Of the bare loop. */
  token: string;
}

/** Runs `use` beside a sandbox in another process, where an account of the stage's hub has signed in. */
async function withSandbox<T>(stage: Stage, use: (x: FarX) => Promise<T>): Promise<T> {
  const settings = JSON.stringify({ processingMs: 0, limits: NO_LIMITS });
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "_media-sandbox.ts")], {
    env: { ...process.env, SETTINGS: settings },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    const { value } = await child.stdout.getReader().read();
    const { url, id, handle, pipeline, bare } = JSON.parse(Buffer.from(value ?? []).toString());
    const account = await storeSignIn(
      stage.hub,
      stage.key,
      { platformUserId: id, handle, name: handle, subscription: "None" },
      {
        accessToken: pipeline.access_token,
        refreshToken: pipeline.refresh_token,
        expiresAt: new Date(stage.clock.now().getTime() + pipeline.expires_in * 1000),
        scopes: pipeline.scope.split(" "),
      },
    );
    const deps = stage.deps({ platform: platformAt(url, { clock: stage.clock }) });
    return await use({ account, deps, url, token: bare.access_token });
  } finally {
    child.kill();
    await child.exited;
  }
}

const throughput = (stage: Stage, folder: string) => withSandbox(stage, (x) => upload(stage, x, folder));

async function upload(stage: Stage, x: FarX, folder: string) {
  // Once in small, so that what grows only the first time has grown.
  await pipeline(stage, x, await videoOf(stage, folder, 32 * MIB));
  await bareLoop(x, 32 * MIB);
  const video = await videoOf(stage, folder, VIDEO_BYTES);
  const rounds: { ratio: number; ms: number; grownBytes: number }[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const bareFirst = round % 2 === 1 ? await bareLoop(x, VIDEO_BYTES) : null;
    const ours = await pipeline(stage, x, video);
    const bareMs = bareFirst ?? (await bareLoop(x, VIDEO_BYTES));
    rounds.push({ ...ours, ratio: bareMs / ours.ms });
    const shown = `bare ${bareMs.toFixed(0)} ms, PSN ${ours.ms.toFixed(0)} ms, ratio ${(bareMs / ours.ms).toFixed(3)}`;
    process.stderr.write(`  round ${round} of ${ROUNDS}: ${shown}\n`);
  }
  return {
    ratio: median(rounds.map(({ ratio }) => ratio)),
    rssGrowthMiB: Math.max(...rounds.map(({ grownBytes }) => grownBytes)) / MIB,
    mibPerSecond: VIDEO_BYTES / MIB / (median(rounds.map(({ ms }) => ms)) / 1000),
  };
}

/** The whole way of a new post's video. */
async function pipeline(stage: Stage, { account, deps }: FarX, video: Awaited<ReturnType<typeof videoOf>>) {
  const postId = await stage.due([{ text: "A long clip", media: [video] }], { account, inMs: DUE_MS });
  Bun.gc(true);
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 50);
  const began = performance.now();
  const made = await prepareAhead(deps, postId);
  const ms = performance.now() - began;
  clearInterval(timer);
  if (made.kind !== "ready") throw new Error(`the video was not uploaded: ${JSON.stringify(made)}`);
  return { ms, grownBytes: most - before };
}

/** The same requests and no more: bytes from memory, answers unread. @returns ms */
async function bareLoop({ url, token }: FarX, bytes: number): Promise<number> {
  const ask = async (path: string, body: unknown) => {
    const isForm = body instanceof FormData;
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, ...(isForm ? {} : { "content-type": "application/json" }) },
      body: isForm ? body : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json().catch(() => null)) as { data: { id: string } };
  };
  const segment = new Uint8Array(fakeMp4(MIB, 60));
  const rest = new Uint8Array(MIB);
  Bun.gc(true);
  const began = performance.now();
  const kind = { media_type: "video/mp4", media_category: "tweet_video", total_bytes: bytes };
  const { id } = (await ask("/2/media/upload/initialize", kind)).data;
  for (let index = 0; index * MIB < bytes; index++) {
    const form = new FormData();
    form.set("segment_index", String(index));
    form.set("media", new Blob([index === 0 ? segment : rest]), "media");
    await ask(`/2/media/upload/${id}/append`, form);
  }
  await ask(`/2/media/upload/${id}/finalize`, {});
  return performance.now() - began;
}

/** The 95th of 100 files: their headers alone, and with a decode of pictures where sharp is there. */
async function probing(folder: string): Promise<{ headersMs: number; inspectMs: number }> {
  const headers: number[] = [];
  const whole: number[] = [];
  for (let index = 0; index < FILES; index++) {
    const path = join(folder, `mixed-${index}`);
    const kinds = [
      () => tinyPng(900, 700),
      () => TINY_GIF,
      () => fakeMp4(2 * MIB, 30),
      () => fakeMp4(4 * MIB, 30, { moovLast: true }),
    ];
    await writeFile(path, kinds[index % kinds.length]?.() ?? "");
    headers.push(await timed(() => headersOf(path)));
    whole.push(await timed(() => inspectMedia(path)));
  }
  return { headersMs: p95(headers), inspectMs: p95(whole) };
}

async function headersOf(path: string): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read = async (position: number, length: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    };
    const kind = await kindOf(await read(0, 4_100));
    if ("video" in kind) await readVideo(read, size, kind.video);
    if ("image" in kind) readImage(await read(0, size), kind.image);
  } finally {
    await file.close();
  }
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function p95(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN;
}

const WAIT_MS_MAX = 120_000;

/**
 * A thread with a video of 100 MB, whose upload a real worker begins before its time: so late is its first tweet on X. It is due
 * sooner than in ten minutes, which is harder and does not take ten minutes to measure.
 */
async function lateness(stage: Stage, folder: string): Promise<number> {
  await stage.clean();
  const video = await videoOf(stage, folder, THREAD_VIDEO_BYTES);
  const postId = await stage.due(["One", { text: "Two", media: [video] }, "Three"], { inMs: THREAD_DUE_MS });
  const worker = await startWorker(stage.deps());
  try {
    await until(async () => (await stage.post(postId)).tweets[1]?.media[0]?.platformMediaId != null);
    await until(async () => (await stage.post(postId)).root.status === "published");
    const { rows } = await stage.hub.pool.query(
      "select extract(epoch from published_at - scheduled_at) * 1000 as late from psn.posts where id = $1",
      [postId],
    );
    return Number(rows[0].late);
  } finally {
    await worker.stop();
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > WAIT_MS_MAX) throw new Error("it took too long");
    await Bun.sleep(50);
  }
}
