/** Which fields a read asks for, in which of X's two vocabularies; unknown names are refused as X refuses them. */
import { invalidRequest, type ParameterError } from "./problems.ts";
import type { Dialect, SandboxResponse } from "./types.ts";

const words = (text: string) => new Set(text.split(" "));

const COMMON_POST_FIELDS =
  "article attachments card_uri community_id context_annotations conversation_id created_at display_text_range " +
  "edit_controls entities geo id lang media_metadata non_public_metrics organic_metrics paid_partnership " +
  "possibly_sensitive promoted_metrics public_metrics reply_settings scopes source suggested_source_links text withheld";

const POST_FIELDS: Record<Dialect, Set<string>> = {
  "2026-06": words(
    `${COMMON_POST_FIELDS} author_id in_reply_to_user_id edit_history_tweet_ids note_tweet referenced_tweets username`,
  ),
  // In 2.167 author and references can only be had as expansions.
  "2026-08": words(
    `${COMMON_POST_FIELDS} article_title matched_media_notes note_post note_request_suggestions suggested_source_links_with_counts`,
  ),
};

const COMMON_EXPANSIONS =
  "article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet " +
  "attachments.poll_ids author_id entities.mentions.username geo.place_id in_reply_to_user_id";
const POST_EXPANSIONS: Record<Dialect, Set<string>> = {
  "2026-06": words(
    `${COMMON_EXPANSIONS} edit_history_tweet_ids entities.note.mentions.username referenced_tweets.id ` +
      "referenced_tweets.id.author_id referenced_tweets.id.attachments.media_keys",
  ),
  "2026-08": words(`${COMMON_EXPANSIONS} edit_history_post_ids referenced_posts username`),
};
const USER_EXPANSIONS: Record<Dialect, Set<string>> = {
  "2026-06": words("affiliation.user_id most_recent_tweet_id pinned_tweet_id"),
  "2026-08": words("affiliation most_recent_post_id pinned_post_id"),
};

const COMMON_USER_FIELDS =
  "affiliation confirmed_email connection_status created_at description entities id is_identity_verified location name " +
  "parody profile_banner_url profile_image_url protected public_metrics receives_your_dm subscription subscription_type " +
  "url username verified verified_followers_count verified_type withheld";
const USER_FIELDS: Record<Dialect, Set<string>> = {
  "2026-06": words(`${COMMON_USER_FIELDS} most_recent_tweet_id pinned_tweet_id`),
  "2026-08": words(`${COMMON_USER_FIELDS} subscribes_to_you`),
};

const OTHER_FIELDS: Record<string, Set<string>> = {
  "media.fields": words(
    "alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url promoted_metrics " +
      "public_metrics type url variants width",
  ),
  "poll.fields": words("duration_minutes end_datetime id options voting_status"),
  "place.fields": words("contained_within country country_code full_name geo id name place_type"),
};

export interface Wanted {
  dialect: Dialect;
  post: Set<string>;
  user: Set<string>;
  media: Set<string>;
  poll: Set<string>;
  expansions: Set<string>;
}

function list(query: URLSearchParams, name: string): string[] {
  return (query.get(name) ?? "").split(",").filter((item) => item !== "");
}

/**
 * Reads the field parameters of a GET. The vocabulary is the one the request uses, the sandbox's own otherwise.
 * `also` names the other parameters this endpoint knows.
 */
export function readWanted(
  query: URLSearchParams,
  fallback: Dialect,
  about: "posts" | "users",
  also: string[],
): Wanted | SandboxResponse {
  const spoken = spokenIn(query, about) ?? fallback;
  const postFields = spoken === "2026-06" ? "tweet.fields" : "post.fields";
  const errors: ParameterError[] = [];
  const known = new Set([postFields, "user.fields", "expansions", ...also]);
  if (about === "posts") for (const name of Object.keys(OTHER_FIELDS)) known.add(name);
  for (const name of new Set(query.keys())) {
    if (known.has(name)) continue;
    const message = `The query parameter [${name}] is not one of [${[...known].sort().join(",")}]`;
    errors.push({ parameters: { [name]: query.getAll(name) }, message });
  }
  const check = (name: string, allowed: Set<string>): Set<string> => {
    const asked = list(query, name);
    for (const value of asked) {
      if (allowed.has(value)) continue;
      const message = `The \`${name}\` query parameter value [${value}] is not one of [${[...allowed].sort().join(",")}]`;
      errors.push({ parameters: { [name]: [value] }, message });
    }
    return new Set(asked);
  };
  const wanted: Wanted = {
    dialect: spoken,
    post: check(postFields, POST_FIELDS[spoken]),
    user: check("user.fields", USER_FIELDS[spoken]),
    media: about === "posts" ? check("media.fields", OTHER_FIELDS["media.fields"] ?? new Set()) : new Set(),
    poll: about === "posts" ? check("poll.fields", OTHER_FIELDS["poll.fields"] ?? new Set()) : new Set(),
    expansions: check("expansions", (about === "posts" ? POST_EXPANSIONS : USER_EXPANSIONS)[spoken]),
  };
  if (about === "posts") check("place.fields", OTHER_FIELDS["place.fields"] ?? new Set());
  return errors.length > 0 ? invalidRequest(spoken, errors.slice(0, 20)) : wanted;
}

/** By its fields or, where it names none, by expansions that only one of the vocabularies has. */
function spokenIn(query: URLSearchParams, about: "posts" | "users"): Dialect | null {
  if (query.has("tweet.fields")) return "2026-06";
  if (query.has("post.fields")) return "2026-08";
  const known = about === "posts" ? POST_EXPANSIONS : USER_EXPANSIONS;
  const asked = [...list(query, "expansions"), ...list(query, "user.fields")];
  const has = (dialect: Dialect, name: string) => known[dialect].has(name) || USER_FIELDS[dialect].has(name);
  for (const name of asked) {
    if (has("2026-06", name) && !has("2026-08", name)) return "2026-06";
    if (has("2026-08", name) && !has("2026-06", name)) return "2026-08";
  }
  return null;
}
