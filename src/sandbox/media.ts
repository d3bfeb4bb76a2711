/** The media endpoints. */
import { type Call, parseJsonBody, type UserCall } from "./call.ts";
import {
  AppendSchema,
  DropSubtitlesSchema,
  InitializeSchema,
  MetadataSchema,
  OldUploadSchema,
  parseUploadBody,
  SubtitlesSchema,
  UploadSchema,
} from "./media-body.ts";
import {
  appendSegment,
  closeUpload,
  currentState,
  forgetExpiredUploads,
  isOwner,
  maxBytes,
  openBytes,
  openUpload,
  processingMsOf,
} from "./media-store.ts";
import { charge } from "./money.ts";
import { empty, invalidRequest, json, sandboxFull } from "./problems.ts";
import { CAPS, type SandboxMedia, type World } from "./state.ts";
import type { SandboxResponse } from "./types.ts";

/** `data` of every upload answer. */
function describe(world: World, media: SandboxMedia): Record<string, unknown> {
  const state = currentState(world, media);
  const nowMs = world.now.getTime();
  const data: Record<string, unknown> = {
    id: media.id,
    media_key: media.mediaKey,
    expires_after_secs: Math.max(0, Math.round((media.expiresAtMs - nowMs) / 1000)),
  };
  if (state === "open") return data;
  data.size = media.totalBytes;
  if (media.kind === "photo") data.image = { image_type: media.mime, w: media.width, h: media.height };
  if (media.kind === "video") data.video = { video_type: media.mime };
  if (media.processedAtMs === null) return data;
  const processingMs = processingMsOf(world, media);
  const left = Math.max(0, media.processedAtMs - nowMs);
  const done = processingMs === 0 ? 100 : Math.floor(100 * (1 - left / processingMs));
  if (state === "failed") {
    data.processing_info = { state: "failed", progress_percent: done };
    // An undocumented field that exists at X; the spec's schema does not allow it inside processing_info.
    Object.assign(data.processing_info as object, {
      error: { code: 3, name: "InvalidMedia", message: media.processingError ?? "Unsupported video" },
    });
  } else if (state === "ready") data.processing_info = { state: "succeeded", progress_percent: 100 };
  else {
    const check_after_secs = Math.max(1, Math.ceil(left / 1000));
    data.processing_info =
      done === 0
        ? { state: "pending", check_after_secs }
        : { state: "in_progress", check_after_secs, progress_percent: done };
  }
  return data;
}

function refuse(call: Call, message: string, parameter = "media"): SandboxResponse {
  return invalidRequest(call.dialect, [{ parameters: { [parameter]: [] }, message }]);
}

function full(world: World): SandboxResponse | null {
  forgetExpiredUploads(world);
  if (Object.keys(world.state.media).length >= CAPS.media) return sandboxFull("media", CAPS.media);
  return null;
}

/** Its upload if the caller may touch it. To anybody else an id does not exist. */
function ownMedia(call: UserCall, id: string): SandboxMedia | null {
  const media = call.world.state.media[id];
  if (media === undefined || !isOwner(media, call.user)) return null;
  return media.expiresAtMs <= call.world.now.getTime() ? null : media;
}

/** `POST /2/media/upload`: a file in one request. */
export function uploadOneShot(call: UserCall): SandboxResponse {
  const parsed = parseUploadBody(call, call.dialect === "2026-06" ? OldUploadSchema : UploadSchema);
  if (!parsed.ok) return parsed.response;
  const { media: bytes, media_category: category } = parsed.value;
  if (bytes.length === 0) return refuse(call, "media is empty.");
  if (bytes.length > maxBytes(category, call.user)) return refuse(call, "File size exceeds the maximum.");
  const capped = full(call.world);
  if (capped !== null) return capped;
  const owners = (parsed.value.additional_owners ?? "").split(",").filter((owner) => owner !== "");
  const media = openUpload(call.world, call.user, {
    category,
    declaredType: null,
    totalBytes: bytes.length,
    additionalOwners: owners.slice(0, 100),
  });
  const wrong = appendSegment(call.world, media, 0, bytes) ?? closeUpload(call.world, media, call.processingFails);
  if (wrong !== null) {
    call.world.uploads.delete(media.id);
    delete call.world.state.media[media.id];
    return refuse(call, wrong);
  }
  return json(200, { data: describe(call.world, media) });
}

/** `POST /2/media/upload/initialize`. */
export function uploadInitialize(call: UserCall): SandboxResponse {
  const parsed = parseJsonBody(call, InitializeSchema);
  if (!parsed.ok) return parsed.response;
  const { media_type, total_bytes, media_category, additional_owners } = parsed.value;
  if (total_bytes > maxBytes(media_category, call.user)) {
    return refuse(call, `File size exceeds ${maxBytes(media_category, call.user)} bytes.`, "total_bytes");
  }
  const capped = full(call.world);
  if (capped !== null) return capped;
  const media = openUpload(call.world, call.user, {
    category: media_category,
    declaredType: media_type,
    totalBytes: total_bytes,
    additionalOwners: additional_owners,
  });
  return json(200, { data: describe(call.world, media) });
}

/** `POST /2/media/upload/:id/append`. A chunk above the limit gets the edge's bare 413. */
export function uploadAppend(call: UserCall): SandboxResponse {
  const parsed = parseUploadBody(call, AppendSchema);
  if (!parsed.ok) return parsed.response;
  const { media: chunk, segment_index } = parsed.value;
  if (chunk.length > call.world.state.settings.maxChunkBytes) return empty(413);
  const media = ownMedia(call, call.id);
  if (media === null) return refuse(call, "The media id was not found or has expired.", "id");
  if (openBytes(call.world) + chunk.length > CAPS.openUploadBytes) {
    return sandboxFull("bytes of open uploads", CAPS.openUploadBytes);
  }
  const wrong = appendSegment(call.world, media, segment_index, chunk);
  if (wrong !== null) return refuse(call, wrong, "segment_index");
  if (call.dialect === "2026-06") return empty(204);
  return json(200, { data: { expires_at: Math.floor(media.expiresAtMs / 1000) } });
}

/** `POST /2/media/upload/:id/finalize`. */
export function uploadFinalize(call: UserCall): SandboxResponse {
  const media = ownMedia(call, call.id);
  if (media === null) return refuse(call, "The media id was not found or has expired.", "id");
  const wrong = closeUpload(call.world, media, call.processingFails);
  if (wrong !== null) return refuse(call, wrong);
  return json(200, { data: describe(call.world, media) });
}

/** `GET /2/media/upload?command=STATUS&media_id=…`. A plain image has no status: X says 400 "Not found". */
export function uploadStatus(call: UserCall): SandboxResponse {
  const query = call.request.query;
  const command = query.get("command");
  if (command !== null && command !== "STATUS") return refuse(call, "command must be STATUS.", "command");
  const media = ownMedia(call, query.get("media_id") ?? "");
  if (media === null || media.processedAtMs === null) return refuse(call, "BadRequest: Not found", "media_id");
  return json(200, { data: describe(call.world, media) });
}

/** `POST /2/media/metadata`: the alt text. */
export function mediaMetadata(call: UserCall): SandboxResponse {
  const parsed = parseJsonBody(call, MetadataSchema);
  if (!parsed.ok) return parsed.response;
  const { id, metadata } = parsed.value;
  const media = ownMedia(call, id);
  if (media === null || media.state === "open") return refuse(call, "The media id was not found or has expired.", "id");
  // X documents it for images and GIFs; an older page of X's says that videos refuse it.
  if (metadata?.alt_text !== undefined && media.kind === "video" && !call.world.state.settings.altTextOnVideo) {
    return refuse(call, "Alt text is only supported for images and GIFs.", "metadata.alt_text");
  }
  if (metadata?.alt_text !== undefined) media.altText = metadata.alt_text.text;
  charge(call.world, call.app, call.user, "mediaMetadata", 1, id);
  const associated = media.altText === null ? {} : { alt_text: { text: media.altText } };
  return json(200, { data: { id, associated_metadata: associated } });
}

/** `POST /2/media/subtitles`. */
export function addSubtitles(call: UserCall): SandboxResponse {
  const parsed = parseJsonBody(call, SubtitlesSchema);
  if (!parsed.ok) return parsed.response;
  const { id, media_category, subtitles } = parsed.value;
  const media = ownMedia(call, id);
  const track = ownMedia(call, subtitles.id);
  if (media === null || media.kind !== "video") return refuse(call, "The media id names no video.", "id");
  const category = media.category === "amplify_video" ? "AmplifyVideo" : "TweetVideo";
  if (media_category !== category) return refuse(call, `The media is no ${media_category}.`, "media_category");
  if (currentState(call.world, media) !== "ready") return refuse(call, "The video is not processed.", "id");
  if (track === null || track.kind !== "subtitles" || track.state !== "ready")
    return refuse(call, "The subtitle id was not found.", "subtitles.id");
  media.subtitles = media.subtitles.filter((entry) => entry.languageCode !== subtitles.language_code);
  media.subtitles.push({
    id: subtitles.id,
    languageCode: subtitles.language_code,
    displayName: subtitles.display_name,
  });
  return json(200, { data: { id, media_category, associated_subtitles: subtitles } });
}

/** `DELETE /2/media/subtitles`. */
export function dropSubtitles(call: UserCall): SandboxResponse {
  const parsed = parseJsonBody(call, DropSubtitlesSchema);
  if (!parsed.ok) return parsed.response;
  const media = ownMedia(call, parsed.value.id);
  if (media === null) return refuse(call, "The media id was not found or has expired.", "id");
  const before = media.subtitles.length;
  media.subtitles = media.subtitles.filter((entry) => entry.languageCode !== parsed.value.language_code);
  return json(200, { data: { deleted: media.subtitles.length < before } });
}
