import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { fakeMp4, type TestSandbox, TINY_GIF, testSandbox, tinyPng } from "./testing.ts";

let x: TestSandbox;
beforeAll(async () => {
  x = await testSandbox();
});
afterAll(() => x.stop());

function form(fields: Record<string, string | Uint8Array>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    data.set(name, typeof value === "string" ? value : new Blob([Uint8Array.from(value)]));
  }
  return data;
}

const initialize = (media_type: string, media_category: string, total_bytes: number) =>
  x.api("POST", "/2/media/upload/initialize", { media_type, media_category, total_bytes });

const append = (id: string, segment_index: number, media: Uint8Array) =>
  x.api("POST", `/2/media/upload/${id}/append`, form({ segment_index: String(segment_index), media }));

const status = (id: string) => x.api("GET", `/2/media/upload?command=STATUS&media_id=${id}`);

async function uploadChunks(file: Uint8Array, chunk: number, type: string, category: string) {
  const id = String((await initialize(type, category, file.length)).at("data.id"));
  for (let i = 0; i * chunk < file.length; i += 1) {
    const answer = await append(id, i, file.subarray(i * chunk, (i + 1) * chunk));
    expect(answer.status).toBe(200);
  }
  return { id, finalized: await x.api("POST", `/2/media/upload/${id}/finalize`) };
}

describe("one request", () => {
  test("multipart and base64 give the same picture, told from its bytes", async () => {
    const png = tinyPng(30, 20);
    const multipart = await x.api("POST", "/2/media/upload", form({ media: png, media_category: "tweet_image" }));
    expect(multipart.status).toBe(200);
    expect(multipart.at("data")).toMatchObject({
      media_key: `3_${multipart.at("data.id")}`,
      size: png.length,
      expires_after_secs: 86_400,
      image: { image_type: "image/png", w: 30, h: 20 },
    });
    const json = { media: Buffer.from(png).toString("base64"), media_category: "tweet_image" };
    expect((await x.api("POST", "/2/media/upload", json)).at("data.image.w")).toBe(30);
    const kept = x.sandbox.save().state.media;
    const digests = Object.values(kept).map((media) => media.sha256);
    expect(new Set(digests)).toEqual(new Set([createHash("sha256").update(png).digest("hex")]));
  });

  test("a file that is no picture, extra keys, a missing category and too many bytes are refused", async () => {
    const text = Buffer.from("this is no picture at all, only text");
    expect((await x.api("POST", "/2/media/upload", form({ media: text, media_category: "tweet_image" }))).status).toBe(
      400,
    );
    const png = tinyPng();
    const extra = form({ media: png, media_category: "tweet_image", media_type: "image/png" });
    expect((await x.api("POST", "/2/media/upload", extra)).status).toBe(400);
    expect((await x.api("POST", "/2/media/upload", form({ media: png }))).status).toBe(400);
    const big = Buffer.concat([png, Buffer.alloc(5 * 1024 * 1024)]);
    expect((await x.api("POST", "/2/media/upload", form({ media: big, media_category: "tweet_image" }))).status).toBe(
      400,
    );
  });

  test("a body above 8 MiB gets the edge's bare 413", async () => {
    const body = Buffer.alloc(9 * 1024 * 1024);
    const headers = { authorization: `Bearer ${x.token()}`, "content-type": "application/octet-stream" };
    const answer = await fetch(`${x.url}/2/media/upload`, { method: "POST", headers, body });
    expect([answer.status, await answer.text()]).toEqual([413, ""]);
  });
});

describe("in chunks", () => {
  test("a video is processed, then ready; before that it cannot be posted", async () => {
    const file = fakeMp4(2_500_000);
    const { id, finalized } = await uploadChunks(file, 1_000_000, "video/mp4", "tweet_video");
    expect(finalized.at("data.processing_info")).toEqual({ state: "pending", check_after_secs: 1 });
    const early = await x.api("POST", "/2/tweets", { text: "early", media: { media_ids: [id] } });
    expect([early.status, early.at("errors.0.message")]).toEqual([400, "Your media IDs are invalid."]);
    x.clock.pass(500);
    expect((await status(id)).at("data.processing_info")).toEqual({
      state: "in_progress",
      check_after_secs: 1,
      progress_percent: 50,
    });
    x.clock.pass(500);
    expect((await status(id)).at("data.processing_info.state")).toBe("succeeded");
    const altText = await x.api("POST", "/2/media/metadata", { id, metadata: { alt_text: { text: "A boat leaves" } } });
    expect(altText.status).toBe(400);
    await x.post("with a video", { media: { media_ids: [id] } });
    const media = x.sandbox.report().accounts.sandbox_author?.posts.at(-1)?.media[0];
    expect(media?.sha256).toBe(createHash("sha256").update(file).digest("hex"));
    expect(media?.byteLength).toBe(2_500_000);
  });

  test("a video longer than the account may post is uploaded and then refused", async () => {
    const { id } = await uploadChunks(fakeMp4(1_000, 21 * 60), 1_000, "video/mp4", "tweet_video");
    x.clock.pass(1_000);
    const refused = await x.api("POST", "/2/tweets", { text: "long film", media: { media_ids: [id] } });
    expect(refused.at("detail")).toBe("This user is not allowed to post a video longer than 20 minutes.");
  });

  test("segments may come in any order and twice; other bytes or a gap are refused", async () => {
    const file = fakeMp4(3_000);
    const id = String((await initialize("video/mp4", "tweet_video", file.length)).at("data.id"));
    expect((await append(id, 2, file.subarray(2_000))).status).toBe(200);
    expect((await append(id, 0, file.subarray(0, 1_000))).status).toBe(200);
    expect((await append(id, 0, file.subarray(0, 1_000))).status).toBe(200);
    expect((await append(id, 0, file.subarray(5, 1_005))).status).toBe(400);
    expect((await x.api("POST", `/2/media/upload/${id}/finalize`)).status).toBe(400);
    expect((await append(id, 1, file.subarray(1_000, 2_000))).status).toBe(200);
    expect((await append(id, 3, file.subarray(0, 10))).status).toBe(400);
    expect((await x.api("POST", `/2/media/upload/${id}/finalize`)).status).toBe(200);
    expect((await x.api("POST", `/2/media/upload/${id}/finalize`)).status).toBe(200);
    expect(x.sandbox.save().state.media[id]?.sha256).toBe(createHash("sha256").update(file).digest("hex"));
  });

  test("a chunk above the limit is a bare 413, and a smaller one goes on", async () => {
    x.sandbox.configure({ maxChunkBytes: 1_000 });
    const file = fakeMp4(2_000);
    const id = String((await initialize("video/mp4", "tweet_video", file.length)).at("data.id"));
    const tooBig = await append(id, 0, file);
    expect([tooBig.status, tooBig.text]).toEqual([413, ""]);
    expect((await append(id, 0, file.subarray(0, 1_000))).status).toBe(200);
    x.sandbox.configure({ maxChunkBytes: 8 * 1024 * 1024 });
  });

  test("a GIF is processed too; a plain picture has no status", async () => {
    const { id } = await uploadChunks(TINY_GIF, 20, "image/gif", "tweet_gif");
    expect((await status(id)).at("data.processing_info.state")).toBe("pending");
    const picture = await uploadChunks(tinyPng(), 1_000, "image/png", "tweet_image");
    expect(picture.finalized.at("data.processing_info")).toBeUndefined();
    const none = await status(picture.id);
    expect([none.status, none.at("errors.0.message")]).toEqual([400, "BadRequest: Not found"]);
  });

  test("total_bytes above the limit of the kind is refused at the start", async () => {
    expect((await initialize("image/png", "tweet_image", 6 * 1024 * 1024)).status).toBe(400);
    expect((await initialize("image/gif", "tweet_gif", 16 * 1024 * 1024)).status).toBe(400);
    expect((await initialize("video/mp4", "tweet_video", 9 * 1024 ** 3)).status).toBe(400);
    expect((await initialize("application/zip", "tweet_video", 10)).status).toBe(400);
  });

  test("the older dialect appends without a word", async () => {
    x.sandbox.configure({ dialect: "2026-06" });
    const id = String((await initialize("image/png", "tweet_image", tinyPng().length)).at("data.id"));
    const answer = await append(id, 0, tinyPng());
    expect([answer.status, answer.text]).toEqual([204, ""]);
    x.sandbox.configure({ dialect: "2026-08" });
  });
});

describe("alt text and owners", () => {
  test("scenario 24: alt text stands before the post; above 1,000 characters it is refused", async () => {
    const upload = await x.api("POST", "/2/media/upload", form({ media: tinyPng(), media_category: "tweet_image" }));
    const id = String(upload.at("data.id"));
    const set = (text: string, handle?: string) =>
      x.api("POST", "/2/media/metadata", { id, metadata: { alt_text: { text } } }, handle);
    expect((await set("a".repeat(1_001))).status).toBe(400);
    expect((await set("not mine", "sandbox_premium")).status).toBe(400);
    expect((await set("An orange square")).at("data.associated_metadata")).toEqual({
      alt_text: { text: "An orange square" },
    });
    await x.post("described", { media: { media_ids: [id] } });
    expect(x.sandbox.report().accounts.sandbox_author?.posts.at(-1)?.media[0]?.altText).toBe("An orange square");
  });

  test("an upload that nobody finishes is forgotten after its day", async () => {
    const id = String((await initialize("video/mp4", "tweet_video", 1_000)).at("data.id"));
    const y = await testSandbox();
    try {
      expect((await y.api("POST", `/2/media/upload/${id}/finalize`)).status).toBe(400);
    } finally {
      await y.stop();
    }
    x.sandbox.configure({ mediaTtlSecs: 60 });
    const short = String((await initialize("video/mp4", "tweet_video", 1_000)).at("data.id"));
    x.clock.pass(61_000);
    expect((await append(short, 0, fakeMp4(1_000))).status).toBe(400);
    x.sandbox.configure({ mediaTtlSecs: 86_400 });
  });

  test("a token without media.write is refused", async () => {
    const token = x.sandbox.signIn("sandbox_author", { scopes: ["tweet.read", "tweet.write", "users.read"] });
    const headers = { authorization: `Bearer ${token.access_token}` };
    const body = form({ media: tinyPng(), media_category: "tweet_image" });
    expect((await fetch(`${x.url}/2/media/upload`, { method: "POST", headers, body })).status).toBe(403);
  });
});

describe("as strict as X's page of best practices", () => {
  const processed = async (file: Uint8Array, category = "tweet_video", type = "video/mp4") => {
    const { id, finalized } = await uploadChunks(file, 1_000_000, type, category);
    if (finalized.status !== 200) return { refused: JSON.stringify(finalized.at("errors.0")) };
    x.clock.pass(60_000);
    return {
      id,
      info: (await status(id)).at("data.processing_info") as { state: string; error?: { message: string } },
    };
  };

  test("a video's length and size are found wherever its movie header stands", async () => {
    expect((await processed(fakeMp4(3_000_000, 3, { moovLast: true }))).info?.state).toBe("succeeded");
    for (const [file, words] of [
      [fakeMp4(900_000, 0.3, { moovLast: true }), "shorter"],
      [fakeMp4(5_000, 3, { width: 16, height: 16 }), "smaller"],
      [fakeMp4(5_000, 3, { width: 400, height: 100 }), "ratio"],
      [fakeMp4(5_000).slice(0, 40), "header"],
    ] as const) {
      const { info } = await processed(file);
      expect([info?.state, info?.error?.message]).toEqual(["failed", expect.stringContaining(words)]);
    }
  });

  test("a GIF of too many frames, and a picture that is cut short, are refused", async () => {
    const [screen, frame] = [TINY_GIF.subarray(0, 19), TINY_GIF.subarray(19, -1)];
    const many = Buffer.concat([screen, ...Array.from({ length: 351 }, () => frame), Buffer.of(0x3b)]);
    expect((await processed(many, "tweet_gif", "image/gif")).refused).toContain("351 frames");
    const cut = tinyPng(30, 20).slice(0, -30);
    const answer = await x.api("POST", "/2/media/upload", form({ media: cut, media_category: "tweet_image" }));
    expect([answer.status, JSON.stringify(answer.at("errors"))]).toEqual([400, expect.stringContaining("truncated")]);
  });
});
