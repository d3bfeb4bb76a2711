import { afterEach, describe, expect, test } from "bun:test";
import type { ServerResponse } from "node:http";
import type { MediaSource, UploadState } from "../../core/platform.ts";
import { XClient } from "./client.ts";
import { setAltText, uploadMedia } from "./media.ts";
import { DEADLINE_MS, fastClock, NOW, type Seen, sendJson, serve, TOKEN } from "./testing.ts";

const MIB = 1024 * 1024;
const ID = "1455952740635586573";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of closing.splice(0)) await server.close();
});

/** Bytes that tell their own position, so that an upload in the wrong order or with a hole shows. */
function source(mime: string, byteLength: number): MediaSource & { largestRead: number } {
  const media = {
    mime,
    byteLength,
    largestRead: 0,
    read: async (start: number, end: number) => {
      media.largestRead = Math.max(media.largestRead, end - start);
      return Uint8Array.from({ length: end - start }, (_, i) => ((start + i) * 31 + ((start + i) >> 8)) % 251);
    },
  };
  return media;
}

interface FakeX {
  client: XClient;
  clock: ReturnType<typeof fastClock>;
  seen: Seen[];
  steps: string[];
  received: () => Promise<Buffer>;
}

/**
 * X's media endpoints over HTTP; `fault` may answer in their place. `states` are what STATUS tells, one after the
 * other.
 */
async function fakeX(
  states: object[] = [],
  fault: (step: string, response: ServerResponse, seen: Seen) => boolean = () => false,
): Promise<FakeX> {
  const steps: string[] = [];
  const chunks = new Map<number, Buffer>();
  const data = (more: object = {}) => ({
    data: { id: ID, media_key: `13_${ID}`, expires_after_secs: 86_400, ...more },
  });
  const server = await serve(async (seen, response) => {
    const form = seen.headers["content-type"]?.startsWith("multipart/") ? await formOf(seen) : null;
    const segment = Number(form?.get("segment_index"));
    const step = seen.method === "GET" ? "status" : (seen.path.split("/").at(-1) ?? "");
    steps.push(step === "append" ? `append ${segment}` : step);
    if (fault(step, response, seen)) return;
    if (step === "append") {
      chunks.set(segment, await bytesOf(form));
      response.writeHead(204).end();
    } else if (step === "upload") {
      chunks.set(0, await bytesOf(form));
      sendJson(response, 200, data({ image: { w: 1, h: 1 } }));
    } else if (step === "finalize" || step === "status") {
      const info = states.shift();
      sendJson(response, 200, data(info ? { processing_info: info } : {}));
    } else sendJson(response, 200, data());
  });
  closing.push(server);
  const clock = fastClock(NOW);
  const client = new XClient({ accessToken: TOKEN, baseUrl: server.url, timeoutMs: DEADLINE_MS, clock });
  const received = async () =>
    Buffer.concat([...chunks.keys()].sort((a, b) => a - b).map((key) => chunks.get(key) as Buffer));
  return { client, clock, seen: server.seen, steps, received };
}

/** What is used of a form; Bun's and Node's types of it differ. */
interface Form {
  get(name: string): unknown;
  keys(): Iterable<string>;
}
async function bytesOf(form: Form | null): Promise<Buffer> {
  const media = form?.get("media");
  return media instanceof Blob ? Buffer.from(await media.arrayBuffer()) : Buffer.alloc(0);
}
const formOf = (seen: Seen): Promise<Form> =>
  new Response(new Uint8Array(seen.body), {
    headers: { "content-type": seen.headers["content-type"] ?? "" },
  }).formData();
const wholeOf = async (media: MediaSource) => Buffer.from(await media.read(0, media.byteLength));

describe("a still image", () => {
  test("goes in one request, with its category and nothing that X forbids", async () => {
    const x = await fakeX();
    const image = source("image/png", 117_807);
    const { answer } = await uploadMedia(x.client, image);
    expect(answer).toEqual({
      kind: "ready",
      mediaId: ID,
      mediaKey: `13_${ID}`,
      expiresAt: new Date(NOW.getTime() + 86_400_000),
    });
    expect(x.steps).toEqual(["upload"]);
    const form = await formOf(x.seen[0] as Seen);
    expect([...form.keys()].sort()).toEqual(["media", "media_category"]);
    expect(form.get("media_category")).toBe("tweet_image");
    expect((await x.received()).equals(await wholeOf(image))).toBe(true);
  });

  test("is sent again after an outage, a 404 of X's or a lost answer, but only so often", async () => {
    let left = 2;
    const passing = await fakeX(
      [],
      (_, response) => left-- > 0 && Boolean(sendJson(response, 404, { title: "Not Found" }) ?? true),
    );
    expect((await uploadMedia(passing.client, source("image/png", 10))).answer.kind).toBe("ready");
    expect(passing.clock.slept).toEqual([1_000, 2_000]);
    const lasting = await fakeX([], (_, response) => Boolean(response.socket?.destroy()));
    expect((await uploadMedia(lasting.client, source("image/png", 10))).answer.kind).toBe("unavailable");
    expect(lasting.steps).toHaveLength(4);
  });

  test("is refused here when X would refuse it", async () => {
    const x = await fakeX();
    for (const media of [
      source("image/png", 5 * MIB + 1),
      source("image/tiff", 5),
      source("image/png", 0),
      source("constructor", 5),
    ]) {
      expect((await uploadMedia(x.client, media)).answer.kind).toBe("refused");
    }
    expect(x.steps).toEqual([]);
  });
});

describe("scenario 23: a video", () => {
  test("goes in order, in chunks of a mebibyte, one in memory at a time, and waits as X asks", async () => {
    const states = [
      { state: "pending", check_after_secs: 5 },
      { state: "in_progress", check_after_secs: 2, progress_percent: 50 },
      { state: "in_progress" },
      { state: "succeeded", progress_percent: 100 },
    ];
    const x = await fakeX(states);
    const video = source("video/mp4", 2 * MIB + 5);
    const { answer } = await uploadMedia(x.client, video);
    expect(answer).toMatchObject({ kind: "ready", mediaId: ID });
    expect(x.steps).toEqual([
      "initialize",
      "append 0",
      "append 1",
      "append 2",
      "finalize",
      "status",
      "status",
      "status",
    ]);
    expect(x.clock.slept).toEqual([5_000, 2_000, 1_000]);
    expect(JSON.parse(String(x.seen[0]?.body))).toEqual({
      media_type: "video/mp4",
      total_bytes: 2 * MIB + 5,
      media_category: "tweet_video",
    });
    expect(Object.fromEntries(x.seen.at(-1)?.query ?? [])).toEqual({ media_id: ID, command: "STATUS" });
    expect(video.largestRead).toBe(MIB);
    expect((await x.received()).equals(await wholeOf(video))).toBe(true);
  });

  test("whose chunk is too large for the edge goes on in halves from where it was", async () => {
    const x = await fakeX([], (step, response, seen) => {
      if (step !== "append" || seen.body.byteLength < 300_000) return false;
      response.writeHead(413).end();
      return true;
    });
    const video = source("video/mp4", MIB + 100);
    expect((await uploadMedia(x.client, video)).answer.kind).toBe("ready");
    expect(x.steps.slice(0, 9)).toEqual([
      "initialize",
      "append 0",
      "append 0",
      "append 0",
      "append 1",
      "append 2",
      "append 3",
      "append 4",
      "finalize",
    ]);
    expect((await x.received()).equals(await wholeOf(video))).toBe(true);
  });

  test("whose every chunk is too large is refused after a few halves", async () => {
    const x = await fakeX([], (step, response) => {
      if (step !== "append") return false;
      response.writeHead(413).end();
      return true;
    });
    expect((await uploadMedia(x.client, source("video/mp4", MIB))).answer).toMatchObject({ kind: "refused" });
    expect(x.steps.length).toBeLessThan(8);
  });

  test("whose chunk is lost sends that chunk again, and no other", async () => {
    let failures = 2;
    const x = await fakeX([], (step, response, seen) => {
      if (step !== "append" || !seen.body.includes('segment_index"\r\n\r\n1') || failures-- <= 0) return false;
      response.socket?.destroy();
      return true;
    });
    const video = source("video/mp4", 2 * MIB);
    expect((await uploadMedia(x.client, video)).answer.kind).toBe("ready");
    expect(x.steps).toEqual(["initialize", "append 0", "append 1", "append 1", "append 1", "finalize"]);
    expect((await x.received()).equals(await wholeOf(video))).toBe(true);
  });

  test("that X works on for too long is not waited for any longer", async () => {
    const x = await fakeX(Array.from({ length: 500 }, () => ({ state: "in_progress", check_after_secs: 10 })));
    const { answer } = await uploadMedia(x.client, source("video/mp4", 10), { processingMsMax: 60_000 });
    expect(answer).toEqual({
      kind: "processing",
      checkAt: new Date(NOW.getTime() + 70_000),
      detail: `X is still processing media ${ID}`,
    });
    expect(x.steps.filter((step) => step === "status")).toHaveLength(6);
  });

  test("is gone on with from each request after which its process may have died, and is whole at X", async () => {
    const video = source("video/mp4", 4 * MIB + 5);
    const whole = await wholeOf(video);
    // initialize, append 0 to 4, finalize, status
    for (let lives = 1; lives <= 8; lives++) {
      const stop = new AbortController();
      let requests = 0;
      let kept: UploadState | null = null;
      const x = await fakeX([{ state: "pending" }, { state: "succeeded" }], () => {
        if (++requests === lives) stop.abort(new Error("killed"));
        return false;
      });
      const keep = async (state: UploadState) => {
        kept = state;
      };
      await uploadMedia(x.client, video, { signal: stop.signal, keep }).catch(() => {});
      const { answer } = await uploadMedia(x.client, video, { resume: kept, keep });
      expect(answer).toMatchObject({ kind: "ready", mediaId: ID });
      expect((await x.received()).equals(whole)).toBe(true);
      // Once each, and at most one initialize, two segments and a finalize more.
      expect(x.steps.filter((step) => step === "initialize").length).toBeLessThanOrEqual(lives === 1 ? 2 : 1);
      expect(x.steps.filter((step) => step.startsWith("append")).length).toBeLessThanOrEqual(7);
    }
  });

  test("whose upload X does not know any more, or that has an hour left, is uploaded anew", async () => {
    const state: UploadState = {
      mediaId: "77",
      mediaKey: null,
      expiresAt: new Date(NOW.getTime() + 2 * 3_600_000),
      sentBytes: MIB,
      segments: 1,
      segmentBytes: MIB,
      processingSince: null,
      processedPercent: null,
    };
    const refusing = await fakeX([], (step, response, seen) => {
      if (!step.startsWith("append") || !seen.path.includes("/77/")) return false;
      sendJson(response, 400, { title: "Invalid Request", detail: "The media id was not found or has expired." });
      return true;
    });
    const video = source("video/mp4", 2 * MIB);
    expect((await uploadMedia(refusing.client, video, { resume: state })).answer).toMatchObject({ kind: "ready" });
    expect(refusing.steps).toEqual(["append 1", "initialize", "append 0", "append 1", "finalize"]);
    const old = await fakeX();
    const resume = { ...state, expiresAt: new Date(NOW.getTime() + 3_599_000) };
    expect((await uploadMedia(old.client, video, { resume })).answer.kind).toBe("ready");
    expect(old.steps[0]).toBe("initialize");
  });

  test("whose sum X finds wrong at finalize goes up once more, and is refused after that", async () => {
    let left = 1;
    const refuse = (step: string, response: ServerResponse) => {
      if (step !== "finalize" || left-- <= 0) return false;
      sendJson(response, 400, { title: "Invalid Request", detail: "Segments do not add up" });
      return true;
    };
    const once = await fakeX([], refuse);
    expect((await uploadMedia(once.client, source("video/mp4", 10))).answer.kind).toBe("ready");
    expect(once.steps.filter((step) => step === "initialize")).toHaveLength(2);
    left = 10;
    const always = await fakeX([], refuse);
    expect((await uploadMedia(always.client, source("video/mp4", 10))).answer.kind).toBe("refused");
    expect(always.steps.filter((step) => step === "initialize")).toHaveLength(2);
  });

  test("goes as JSON with base64 where X takes no form", async () => {
    const x = await fakeX([], (step, response, seen) => {
      if (!step.startsWith("append") || !seen.headers["content-type"]?.startsWith("multipart/")) return false;
      sendJson(response, 400, { title: "Invalid Request", detail: "invalid JSON: invalid character '-'" });
      return true;
    });
    const video = source("video/mp4", MIB + 3);
    expect((await uploadMedia(x.client, video)).answer.kind).toBe("ready");
    const bodies = x.seen.filter(
      ({ headers, path }) => path.endsWith("/append") && headers["content-type"]?.includes("json"),
    );
    const sent = bodies.map(({ body }) => JSON.parse(String(body)) as { segment_index: number; media: string });
    expect(sent.map(({ segment_index }) => segment_index)).toEqual([0, 1]);
    expect(Buffer.concat(sent.map(({ media }) => Buffer.from(media, "base64"))).equals(await wholeOf(video))).toBe(
      true,
    );
  });

  test("that X cannot process is refused with X's reason; X's own failure is not the file's", async () => {
    const failing = async (error: object | undefined) => {
      const x = await fakeX([{ state: "pending" }, { state: "failed", ...(error && { error }) }]);
      return (await uploadMedia(x.client, source("video/mp4", 10))).answer;
    };
    expect(await failing({ name: "InvalidMedia", message: "Unsupported video format" })).toEqual({
      kind: "refused",
      detail: "X could not process the file: InvalidMedia: Unsupported video format",
    });
    expect(await failing(undefined)).toMatchObject({ kind: "refused" });
    expect(await failing({ name: "InternalError" })).toMatchObject({ kind: "failed" });
  });

  test("whose status cannot be read for a while is not given up", async () => {
    let left = 3;
    const x = await fakeX([{ state: "pending" }, { state: "succeeded" }], (step, response) => {
      if (step !== "status" || left-- <= 0) return false;
      response.writeHead(left === 2 ? 404 : 503).end("<html>");
      return true;
    });
    expect((await uploadMedia(x.client, source("video/mp4", 10))).answer.kind).toBe("ready");
  });

  test("that X has forgotten has to be uploaded again", async () => {
    const x = await fakeX([{ state: "pending" }], (step, response) => {
      if (step !== "status") return false;
      sendJson(response, 404, { title: "Not Found" });
      return true;
    });
    // The first processing of two is unknown; the new upload needs none.
    expect((await uploadMedia(x.client, source("video/mp4", 10))).answer.kind).toBe("ready");
    expect(x.steps.filter((step) => step === "status")).toHaveLength(4);
    expect(x.steps.filter((step) => step === "initialize")).toHaveLength(2);
  });

  test("whose finalize was lost is looked up, not uploaded again", async () => {
    let finalizes = 0;
    const x = await fakeX([{ state: "succeeded" }], (step, response) => {
      if (step !== "finalize") return false;
      if (++finalizes === 1) response.socket?.destroy();
      else sendJson(response, 400, { title: "Invalid Request", detail: "already finalized" });
      return true;
    });
    expect((await uploadMedia(x.client, source("video/mp4", 10))).answer.kind).toBe("ready");
    expect(x.steps).toEqual(["initialize", "append 0", "finalize", "finalize", "status"]);
  });
});

test("refusals on the way are the account's or the app's, as elsewhere", async () => {
  const asked = async (status: number, body: object, headers: Record<string, string> = {}) => {
    const x = await fakeX([], (_, response) => {
      sendJson(response, status, body, headers);
      return true;
    });
    const { answer } = await uploadMedia(x.client, source("image/gif", 10));
    expect(x.steps).toHaveLength(1);
    return answer;
  };
  expect(await asked(401, { title: "Unauthorized" })).toMatchObject({ kind: "signed_out" });
  expect(await asked(402, { title: "CreditsDepleted" })).toMatchObject({ kind: "out_of_credits", cap: "credits" });
  expect(await asked(403, { title: "Forbidden" })).toMatchObject({
    kind: "refused",
    detail: expect.stringContaining("media.write"),
  });
  expect(await asked(400, { title: "Invalid Request" })).toMatchObject({ kind: "refused" });
  expect(await asked(429, {}, { "retry-after": "60" })).toMatchObject({
    kind: "wait",
    until: new Date(NOW.getTime() + 60_000),
  });
});

test("a file that cannot be read, or is not as long as it says, fails without a half upload", async () => {
  const x = await fakeX();
  const gone = Object.assign(new Error("ENOENT: /home/me/secret.png"), { code: "ENOENT" });
  expect(
    (await uploadMedia(x.client, { mime: "image/png", byteLength: 5, read: () => Promise.reject(gone) })).answer,
  ).toEqual({
    kind: "unavailable",
    cause: "the media could not be read: ENOENT",
  });
  const short = { mime: "image/png", byteLength: 5, read: async () => new Uint8Array(3) };
  expect((await uploadMedia(x.client, short)).answer.kind).toBe("failed");
  expect(x.steps).toEqual([]);
});

test("an abort stops an upload at the next step", async () => {
  const stop = new AbortController();
  const x = await fakeX([], (step) => {
    if (step === "append") stop.abort(new Error("stop"));
    return false;
  });
  const failure = await uploadMedia(x.client, source("video/mp4", 3 * MIB), { signal: stop.signal }).catch(
    (e: unknown) => e,
  );
  expect(failure).toMatchObject({ message: "stop" });
  expect(x.steps.filter((step) => step.startsWith("append"))).toEqual(["append 0"]);
});

test("scenario 24: an alt text is set, of at most 1000 characters", async () => {
  const x = await fakeX();
  expect((await setAltText(x.client, ID, "👍".repeat(1_000))).answer).toEqual({ kind: "done" });
  expect(JSON.parse(String(x.seen[0]?.body))).toEqual({ id: ID, metadata: { alt_text: { text: "👍".repeat(1_000) } } });
  for (const text of ["", "x".repeat(1_001)])
    expect((await setAltText(x.client, ID, text)).answer.kind).toBe("refused");
  expect(x.steps).toHaveLength(1);
});

test("scenario 23: 500 MB pass with flat memory", async () => {
  // X is a fetch here that reads each body and drops it: what is measured is ours alone.
  const total = 500 * MIB;
  const chunk = new Uint8Array(MIB);
  let receivedBytes = 0;
  const fetch = async (url: string, init: RequestInit) => {
    const { body } = init;
    const headers = new Headers(init.headers as Record<string, string>);
    const media = body instanceof Uint8Array ? (await new Response(body, { headers }).formData()).get("media") : null;
    if (media instanceof Blob) receivedBytes += media.size;
    return url.endsWith("/append") ? new Response(null, { status: 204 }) : Response.json({ data: { id: ID } });
  };
  const client = new XClient({ accessToken: TOKEN, fetch });
  const media = {
    mime: "video/mp4",
    byteLength: total,
    read: async (start: number, end: number) => chunk.subarray(0, end - start),
  };
  Bun.gc(true);
  const before = process.memoryUsage().rss;
  let highest = before;
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage().rss);
  }, 5);
  expect((await uploadMedia(client, media)).answer.kind).toBe("ready");
  clearInterval(watch);
  highest = Math.max(highest, process.memoryUsage().rss);
  expect(receivedBytes).toBe(total);
  expect(highest - before).toBeLessThan(200 * MIB);
});
