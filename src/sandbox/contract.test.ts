/** The sandbox's answers against X's own OpenAPI document. Skipped where the document is not beside the checkout. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CreateSchema } from "./create-schema.ts";
import { schemaFaults } from "./json-schema.ts";
import { fakeMp4, type TestSandbox, TINY_GIF, testSandbox, tinyPng } from "./testing.ts";

const DOCUMENT = fileURLToPath(new URL("../../../shared/x-openapi-posting.json", import.meta.url));
const present = existsSync(DOCUMENT);

type Json = Record<string, unknown>;
const openapi: Json = present ? (JSON.parse(readFileSync(DOCUMENT, "utf8")) as Json) : {};

function at(value: unknown, ...steps: string[]): Json {
  return steps.reduce<unknown>((each, step) => (each as Json | undefined)?.[step], value) as Json;
}

function answerSchema(method: string, path: string, status: number): Json {
  return at(
    openapi,
    "paths",
    path,
    method.toLowerCase(),
    "responses",
    String(status),
    "content",
    "application/json",
    "schema",
  );
}

let x: TestSandbox;
beforeAll(async () => {
  x = await testSandbox();
});
afterAll(() => x.stop());

/** Makes a call and holds its answer against the schema of the endpoint. */
async function check(method: string, pattern: string, status: number, path: string, body?: unknown, handle?: string) {
  const answer = await x.api(method, path, body, handle);
  expect([path, answer.status, answer.text.slice(0, answer.status === status ? 0 : 300)]).toEqual([path, status, ""]);
  const faults = schemaFaults(openapi, answerSchema(method, pattern, status), answer.json);
  expect([path, faults]).toEqual([path, []]);
  return answer;
}

const POST_FIELDS =
  "attachments,conversation_id,created_at,display_text_range,edit_controls,entities,id,lang,media_metadata,note_post," +
  "paid_partnership,possibly_sensitive,public_metrics,reply_settings,source,text";
const EXPANSIONS =
  "attachments.media_keys,attachments.poll_ids,author_id,in_reply_to_user_id,referenced_posts,username";
const READ =
  `post.fields=${POST_FIELDS}&expansions=${EXPANSIONS}&media.fields=alt_text,duration_ms,height,media_key,preview_image_url,` +
  "type,url,width&poll.fields=duration_minutes,end_datetime,id,options,voting_status" +
  "&user.fields=created_at,description,name,profile_image_url,protected,public_metrics,subscription_type,url,username,verified,verified_type";

describe.skipIf(!present)("every success answer fits X's schema", () => {
  test("uploads of every kind, alt text, subtitles", async () => {
    const media = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    const upload = "/2/media/upload";
    const picture = await check("POST", upload, 200, upload, {
      media: media(tinyPng()),
      media_category: "tweet_image",
    });
    const id = picture.at("data.id");
    const gif = await check("POST", upload, 200, upload, { media: media(TINY_GIF), media_category: "tweet_gif" });
    await check("GET", upload, 200, `${upload}?command=STATUS&media_id=${gif.at("data.id")}`);
    x.clock.pass(1_000);
    await check("GET", upload, 200, `${upload}?command=STATUS&media_id=${gif.at("data.id")}`);
    const video = fakeMp4(1_000);
    const begun = await check("POST", `${upload}/initialize`, 200, `${upload}/initialize`, {
      media_type: "video/mp4",
      media_category: "tweet_video",
      total_bytes: video.length,
    });
    const videoId = begun.at("data.id");
    const segment = { media: media(video), segment_index: 0 };
    await check("POST", `${upload}/{id}/append`, 200, `${upload}/${videoId}/append`, segment);
    await check("POST", `${upload}/{id}/finalize`, 200, `${upload}/${videoId}/finalize`);
    const alt = { id, metadata: { alt_text: { text: "a picture" } } };
    await check("POST", "/2/media/metadata", 200, "/2/media/metadata", alt);
    const subtitles = {
      media: media(Buffer.from("1\n00:00:00,000 --> 00:00:01,000\nhello")),
      media_category: "subtitles",
    };
    const track = await check("POST", upload, 200, upload, subtitles);
    x.clock.pass(60_000);
    const named = { id: track.at("data.id"), language_code: "EN", display_name: "English" };
    const path = "/2/media/subtitles";
    await check("POST", path, 200, path, { id: videoId, media_category: "TweetVideo", subtitles: named });
    await check("DELETE", path, 200, path, { id: videoId, media_category: "TweetVideo", language_code: "EN" });
  });

  test("posts of every kind, read back in every way, and deleted", async () => {
    const media = Buffer.from(tinyPng()).toString("base64");
    const picture = await x.api("POST", "/2/media/upload", { media, media_category: "tweet_image" });
    const create = (body: unknown, handle?: string) => check("POST", "/2/tweets", 201, "/2/tweets", body, handle);
    const root = await create({
      text: "look https://example.com #tag $TSLA @sandbox_premium & more",
      media: { media_ids: [picture.at("data.id")] },
      paid_partnership: true,
    });
    const id = String(root.at("data.id"));
    await create({ text: "a reply", reply: { in_reply_to_tweet_id: id } }, "sandbox_premium");
    await create({ text: "asking", poll: { options: ["a", "b"], duration_minutes: 10 }, reply_settings: "verified" });
    await create({ text: `long ${"word https://example.org ".repeat(40)}` }, "sandbox_premium");
    for (const handle of ["sandbox_author", "sandbox_premium"]) {
      const user = x.userId(handle);
      await check(
        "GET",
        "/2/users/{id}/tweets",
        200,
        `/2/users/${user}/tweets?max_results=5&${READ}`,
        undefined,
        handle,
      );
      await check("GET", "/2/users/{id}/tweets", 200, `/2/users/${user}/tweets?since_id=9000000000000000000`);
      await check("GET", "/2/users/{id}", 200, `/2/users/${user}`);
    }
    await check("GET", "/2/tweets", 200, `/2/tweets?ids=${id},42&${READ}`);
    await check("GET", "/2/tweets/{id}", 200, `/2/tweets/${id}?${READ}`);
    await check(
      "GET",
      "/2/users/me",
      200,
      "/2/users/me?user.fields=created_at,subscription_type,verified_type,public_metrics",
    );
    await check("DELETE", "/2/tweets/{id}", 200, `/2/tweets/${id}`);
  });
});

describe.skipIf(!present)("requests", () => {
  test("the create body has exactly X's keys at every level", () => {
    const named = (schema: Json): Json =>
      "$ref" in schema ? at(openapi, ...String(schema.$ref).slice(2).split("/")) : schema;
    const walk = (schema: Json, path: string): string[] =>
      Object.entries((named(schema).properties ?? {}) as Record<string, Json>).flatMap(([key, child]) => [
        `${path}${key}`,
        ...walk(child, `${path}${key}.`),
      ]);
    const own = (shape: Record<string, unknown>, path: string): string[] =>
      Object.entries(shape).flatMap(([key, child]) => {
        const inner = unwrapped(child);
        return [`${path}${key}`, ...(inner === null ? [] : own(inner, `${path}${key}.`))];
      });
    const theirs = walk(at(openapi, "components", "schemas", "CreatePostsRequest"), "");
    expect(own(CreateSchema.shape, "").sort()).toEqual(theirs.sort());
  });

  test("every endpoint of the document that posting needs is there", async () => {
    const left = ["/2/media/{media_key}", "/2/media", "/2/openapi.json"];
    for (const [path, methods] of Object.entries(at(openapi, "paths"))) {
      if (left.includes(path)) continue;
      for (const method of Object.keys(methods as Json)) {
        const answer = await x.api(method.toUpperCase(), path.replace("{id}", "1"), method === "get" ? undefined : {});
        expect([method, path, answer.at("detail") === "Not Found"]).toEqual([method, path, false]);
      }
    }
  });
});

/** The keys of a nested zod object behind `.optional()`, or null for anything else. */
function unwrapped(schema: unknown): Record<string, unknown> | null {
  let at = schema as { unwrap?: () => unknown; shape?: Record<string, unknown>; element?: unknown };
  while (at.shape === undefined && at.element === undefined && typeof at.unwrap === "function") {
    at = at.unwrap() as typeof at;
  }
  return at.shape ?? null;
}
