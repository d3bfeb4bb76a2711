/** The bodies of the media endpoints, key for key as in X's OpenAPI, in both encodings. */
import { z } from "zod";
import { type Call, type Parsed, parseJsonBody, parseValue } from "./call.ts";
import { parseMultipart } from "./multipart.ts";
import { invalidRequest } from "./problems.ts";

const NumericId = z.string().regex(/^[0-9]{1,19}$/, "must be a numeric id");

const ONE_SHOT_CATEGORIES = ["tweet_image", "tweet_video", "tweet_gif", "dm_image", "dm_video", "dm_gif", "subtitles"];
const MEDIA_TYPES = [
  "video/mp4",
  "video/webm",
  "video/mp2t",
  "video/quicktime",
  "text/srt",
  "text/vtt",
  "image/jpeg",
  "image/gif",
  "image/bmp",
  "image/png",
  "image/webp",
  "image/pjpeg",
  "image/tiff",
  "model/gltf-binary",
  "model/vnd.usdz+zip",
];

export const UploadSchema = z.strictObject({
  media: z.instanceof(Uint8Array),
  media_category: z.enum(ONE_SHOT_CATEGORIES),
  additional_owners: z.string().max(2_100).optional(),
});
/** Until August 2026 these two were allowed as well. */
export const OldUploadSchema = UploadSchema.extend({
  media_category: z.enum(["tweet_image", "dm_image", "subtitles"]),
  media_type: z.enum(MEDIA_TYPES).optional(),
  shared: z.union([z.boolean(), z.enum(["true", "false"])]).optional(),
});
export const InitializeSchema = z.strictObject({
  media_type: z.enum(MEDIA_TYPES),
  total_bytes: z.number().int().min(1).max(17_179_869_184),
  media_category: z.enum([...ONE_SHOT_CATEGORIES, "amplify_video"]).default("tweet_image"),
  additional_owners: z.array(NumericId).max(100).default([]),
  shared: z.boolean().optional(),
});
export const AppendSchema = z.strictObject({
  media: z.instanceof(Uint8Array),
  // 0-999 in the spec; later pages say up to 9999, so nothing here depends on the lower bound.
  segment_index: z.coerce.number().int().min(0).max(9_999),
});
export const MetadataSchema = z.object({
  id: NumericId,
  metadata: z.looseObject({ alt_text: z.looseObject({ text: z.string().max(1_000) }).optional() }).optional(),
});
export const SubtitlesSchema = z.object({
  id: NumericId,
  media_category: z.enum(["AmplifyVideo", "TweetVideo"]),
  subtitles: z.object({
    id: NumericId,
    language_code: z.string().regex(/^[A-Z]{2}$/),
    display_name: z.string().max(100).default(""),
  }),
});
export const DropSubtitlesSchema = z.object({
  id: NumericId,
  media_category: z.string(),
  language_code: z.string(),
});

/** Reads `media` and its companions from multipart (raw bytes) or JSON (base64). */
export function parseUploadBody<T>(call: Call, schema: z.ZodType<T>): Parsed<T> {
  const { headers, body } = call.request;
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const contentType = headers["content-type"] ?? "";
  if (contentType.toLowerCase().startsWith("multipart/form-data")) {
    const parts = parseMultipart(contentType, bytes);
    if (parts === null) {
      return { ok: false, response: invalidRequest(call.dialect, [{ message: "The multipart body is malformed." }]) };
    }
    const fields = parts.map((part): [string, unknown] => [
      part.name,
      part.name === "media" ? part.data : Buffer.from(part.data).toString("utf8"),
    ]);
    return parseValue(call.dialect, Object.fromEntries(fields), schema);
  }
  const parsed = parseJsonBody(call, z.record(z.string(), z.unknown()));
  if (!parsed.ok) return parsed;
  const { media, ...rest } = parsed.value;
  if (typeof media !== "string" || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(media.replaceAll(/\s/g, ""))) {
    const errors = [{ parameters: { media: [] }, message: "$.media: must be base64" }];
    return { ok: false, response: invalidRequest(call.dialect, errors) };
  }
  return parseValue(call.dialect, { ...rest, media: new Uint8Array(Buffer.from(media, "base64")) }, schema);
}
