/**
 * Our requests against X's own OpenAPI document (2.167), where it lies beside the repository. The document knows only
 * the newer vocabulary, so the older names that we send are compared by the pairs that X published.
 */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  altTextRequest,
  appendUploadRequest,
  createPostRequest,
  finalizeUploadRequest,
  initializeUploadRequest,
  meRequest,
  oneShotUploadRequest,
  segmentForm,
  timelineRequest,
  tweetOf,
  uploadStatusRequest,
  type XRequest,
} from "./requests.ts";
import { type TweetCreate, TweetCreateSchema } from "./types.ts";

type Schema = {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
  items?: Schema;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  anyOf?: Schema[];
};
type Parameter = { $ref?: string; name: string; in: string; schema: Schema };
type Operation = { parameters?: Parameter[]; requestBody?: { content: Record<string, { schema: Schema }> } };
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; parameters: Record<string, Parameter> };
};

const file = join(import.meta.dir, "../../../../shared/x-openapi-posting.json");
const document: Document | null = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;

/** Older word → the newer one that the document has. References are a field there no longer, but an expansion. */
const OLDER_WORDS: Record<string, string | null> = {
  note_tweet: "note_post",
  referenced_tweets: null,
  in_reply_to_user_id: null,
};

function operationOf(request: XRequest): { operation: Operation; parameters: Map<string, Parameter> } {
  const template = request.path.replace(/\/\d+(?=\/|$)/g, (part, at: number) => (at > 1 ? "/{id}" : part));
  const operation = document?.paths[template]?.[request.method.toLowerCase()];
  if (!operation) throw new Error(`X has no ${request.method} ${template}`);
  const parameters = (operation.parameters ?? []).map((parameter) => {
    const name = parameter.$ref?.split("/").at(-1);
    return (name && document?.components.parameters[name]) || parameter;
  });
  return { operation, parameters: new Map(parameters.map((parameter) => [parameter.name, parameter])) };
}

/** What is wrong with a value by a schema; empty when nothing is. Knows as much of JSON Schema as the document uses. */
function faults(value: unknown, schema: Schema, at = "$"): string[] {
  const name = schema.$ref?.split("/").at(-1);
  if (name) return faults(value, document?.components.schemas[name] ?? {}, at);
  if (schema.anyOf)
    return schema.anyOf.some((one) => faults(value, one, at).length === 0) ? [] : [`${at}: none of the forms`];
  if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${value} is not in the list`];
  if (Array.isArray(value)) {
    if (schema.type !== "array") return [`${at}: is a list`];
    if (value.length < (schema.minItems ?? 0) || value.length > (schema.maxItems ?? Infinity)) return [`${at}: length`];
    return value.flatMap((one, i) => faults(one, schema.items ?? {}, `${at}[${i}]`));
  }
  if (typeof value === "object" && value !== null) {
    const missing = (schema.required ?? []).filter((key) => !(key in value)).map((key) => `${at}.${key}: missing`);
    const inside = Object.entries(value).flatMap(([key, inner]) => {
      const known = schema.properties?.[key];
      if (known) return faults(inner, known, `${at}.${key}`);
      return schema.additionalProperties === false ? [`${at}.${key}: unknown`] : [];
    });
    return [...missing, ...inside];
  }
  if (typeof value === "string") {
    const fits =
      schema.type === "string" &&
      (!schema.pattern || new RegExp(schema.pattern).test(value)) &&
      [...value].length >= (schema.minLength ?? 0) &&
      [...value].length <= (schema.maxLength ?? Infinity);
    return fits ? [] : [`${at}: string`];
  }
  if (typeof value === "number") {
    const fits =
      (schema.type === "integer" || schema.type === "number") &&
      value >= (schema.minimum ?? -Infinity) &&
      value <= (schema.maximum ?? Infinity);
    return fits ? [] : [`${at}: number`];
  }
  return schema.type === "boolean" && typeof value === "boolean" ? [] : [`${at}: ${typeof value}`];
}

function requestFaults(request: XRequest): string[] {
  const { operation, parameters } = operationOf(request);
  const found: string[] = [];
  for (const [name, value] of Object.entries(request.query ?? {})) {
    const parameter = parameters.get(name === "tweet.fields" ? "post.fields" : name);
    if (!parameter) {
      found.push(`query ${name}: unknown`);
      continue;
    }
    const { schema } = parameter;
    const words = value.split(",").flatMap((word) => {
      const newer = name === "tweet.fields" ? OLDER_WORDS[word] : word;
      return newer === null ? [] : [newer ?? word];
    });
    const typed = schema.type === "array" ? words : schema.type === "integer" ? Number(value) : value;
    found.push(...faults(typed, schema, `query ${name}`));
  }
  const content = operation.requestBody?.content;
  if (request.json !== undefined)
    found.push(...faults(request.json, content?.["application/json"]?.schema ?? { type: "none" }));
  if (request.form) {
    // In a form everything is text or bytes; the document describes what they stand for.
    const fields = { ...request.form.fields, media: "bytes" };
    found.push(...faults(fields, content?.["multipart/form-data"]?.schema ?? { type: "none" }));
  }
  return found;
}

const bytes = new Uint8Array(3);
const FULL_TWEET: TweetCreate = {
  text: "x",
  media: {
    media_ids: ["1", "2", "3", "4"],
    tagged_user_ids: ["5"],
    title: "t",
    description: "d",
    preview_media_id: "6",
    embeddable: true,
  },
  reply: { in_reply_to_tweet_id: "7", exclude_reply_user_ids: ["8"] },
  reply_settings: "mentionedUsers",
  made_with_ai: true,
  paid_partnership: true,
  community_id: "9",
  share_with_followers: true,
  for_super_followers_only: false,
  nullcast: false,
  geo: { place_id: "p" },
  edit_options: { previous_post_id: "10" },
};

test.skipIf(document === null).each<[string, XRequest]>([
  ["a tweet with everything", createPostRequest(FULL_TWEET)],
  ["a poll", createPostRequest({ text: "x", poll: { options: ["a", "b"], duration_minutes: 5 } })],
  ["a quote", createPostRequest({ text: "x", quote_tweet_id: "1" })],
  ["a card", createPostRequest({ text: "x", card_uri: "card://1" })],
  [
    "a link to direct messages",
    createPostRequest({ text: "x", direct_message_deep_link: "https://x.com/messages/compose" }),
  ],
  [
    "the core's request",
    createPostRequest(
      tweetOf({ text: "x", replyToId: "1", mediaIds: ["2"], replySettings: "following", madeWithAi: false }),
    ),
  ],
  ["me", meRequest()],
  ["a timeline", timelineRequest({ userId: "42", sinceId: "1", pageSize: 500, pageToken: "abc", dialect: "tweet" })],
  [
    "a timeline of one post",
    timelineRequest({ userId: "42", sinceId: null, pageSize: 1, pageToken: null, dialect: "tweet" }),
  ],
  [
    "a timeline in the newer vocabulary",
    timelineRequest({ userId: "42", sinceId: "1", pageSize: 5, pageToken: null, dialect: "post" }),
  ],
  ["a one-shot upload", oneShotUploadRequest(bytes, "image/png", "tweet_image")],
  ["an initialize", initializeUploadRequest("video/mp4", 17_179_869_184, "tweet_video")],
  ["an initialize of a GIF", initializeUploadRequest("image/gif", 1, "tweet_gif")],
  ["an initialize of a quicktime", initializeUploadRequest("video/quicktime", 1, "tweet_video")],
  ["an initialize of a webm", initializeUploadRequest("video/webm", 1, "tweet_video")],
  ["an append", appendUploadRequest("1", segmentForm(999, bytes))],
  ["a finalize", finalizeUploadRequest("1")],
  ["a status", uploadStatusRequest("1")],
  ["an alt text", altTextRequest("1", "x".repeat(1_000))],
])("X's document takes %s", (_name, request) => {
  expect(requestFaults(request)).toEqual([]);
});

test.skipIf(document === null)("the checker sees faults", () => {
  const faulty = {
    ...createPostRequest({ text: "x" }),
    json: { text: 1, unknown: true, reply: {}, poll: { options: ["a"], duration_minutes: 1 } },
  };
  expect(requestFaults(faulty)).toHaveLength(5);
  expect(requestFaults({ ...meRequest(), query: { "user.fields": "password", nonsense: "1" } })).toHaveLength(2);
});

test.skipIf(document === null)("our schema of a tweet knows exactly the properties that X's document has", () => {
  const known = Object.keys(TweetCreateSchema.shape).sort();
  expect(known).toEqual(Object.keys(document?.components.schemas.CreatePostsRequest?.properties ?? {}).sort());
});
