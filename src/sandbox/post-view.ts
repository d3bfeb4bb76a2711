/** A post of the sandbox as the page shows it. */
import { printable } from "../core/compose/unicode-segments.ts";
import { domainOf } from "../page/text.ts";
import type { EntityView, MediaView, PersonView, PollView, QuoteView, TimeView, TweetView } from "../page/views.ts";
import { expandedUrl, foldOf, heldText } from "./present-text.ts";
import type { SandboxPost, SandboxUser, World } from "./state.ts";
import { findEntities } from "./text.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A post's address, as at X. */
export function pathOf(user: SandboxUser, post: SandboxPost): string {
  return `/${user.handle}/status/${post.id}`;
}

export function personView(user: SandboxUser): PersonView {
  const isVerified = user.verifiedType !== "none";
  return { name: printable(user.name), handle: user.handle, url: `/${user.handle}`, seed: user.id, isVerified };
}

/** The post to the byte as it was sent, with what X would make of it. */
export function postView(world: World, post: SandboxPost, user: SandboxUser): TweetView {
  const text = heldText(world, post);
  const entities = findEntities(text).map(
    ({ start, end, kind, value }): EntityView => ({ start, end, kind, url: entityUrl(world, kind, value) }),
  );
  const lastLink = entities.findLast((entity) => entity.kind === "url")?.url ?? null;
  const domain = lastLink === null ? null : domainOf(lastLink);
  return {
    key: `post-${post.id}`,
    person: personView(user),
    text,
    entities,
    foldAt: foldOf(world, post),
    time: timeView(post.createdAtMs, world.now.getTime()),
    url: pathOf(user, post),
    media: post.mediaIds.map((id) => mediaView(world, id)),
    poll: post.poll === null ? null : pollView(post.poll.options, post.createdAtMs, post.poll.durationMinutes, world),
    quote: post.quoteId === null ? null : quoteView(world, post.quoteId),
    card: lastLink === null || domain === null ? null : { domain, url: lastLink },
    marks: marksOf(post),
    isDeleted: post.deletedAtMs !== null,
  };
}

// --- internal ---

function entityUrl(world: World, kind: EntityView["kind"], value: string): string | null {
  if (kind === "url") return expandedUrl(value);
  if (kind !== "mention") return null;
  const wanted = value.toLowerCase();
  const user = Object.values(world.state.users).find(({ handle }) => handle.toLowerCase() === wanted);
  return user === undefined ? null : `/${user.handle}`;
}

function mediaView(world: World, id: string): MediaView {
  const media = world.state.media[id];
  const kind = media?.kind === "animated_gif" ? "gif" : media?.kind === "photo" ? "photo" : "video";
  const size = media === undefined ? "" : `, ${(media.totalBytes / 1e6).toFixed(2)} MB`;
  return {
    url: world.bytes.has(id) ? `/sandbox/media/${id}` : null,
    kind,
    width: media?.width ?? null,
    height: media?.height ?? null,
    altText: media?.altText ?? null,
    fileName: `${kind}${size}`,
  };
}

function pollView(options: string[], createdAtMs: number, minutes: number, world: World): PollView {
  const leftMs = createdAtMs + minutes * MINUTE_MS - world.now.getTime();
  return { options, timeLeft: leftMs <= 0 ? "Final results" : `${spanOf(leftMs)} left` };
}

function spanOf(ms: number): string {
  const [count, unit] =
    ms >= DAY_MS
      ? [ms / DAY_MS, "day"]
      : ms >= HOUR_MS
        ? [ms / HOUR_MS, "hour"]
        : [Math.max(1, ms / MINUTE_MS), "minute"];
  const whole = Math.round(Number(count));
  return `${whole} ${unit}${whole === 1 ? "" : "s"}`;
}

function quoteView(world: World, id: string): QuoteView | null {
  const post = world.state.posts[id];
  const user = world.state.users[post?.authorId ?? ""];
  if (post === undefined || user === undefined || post.deletedAtMs !== null) return null;
  return { name: printable(user.name), handle: user.handle, text: heldText(world, post), url: pathOf(user, post) };
}

function marksOf(post: SandboxPost): TweetView["marks"] {
  const words = [
    ...(post.madeWithAi ? ["made with AI"] : []),
    ...(post.paidPartnership ? ["paid partnership"] : []),
    ...(post.replySettings === null ? [] : [`replies: ${post.replySettings}`]),
  ].map((text) => ({ text, isBad: false }));
  return post.deletedAtMs === null ? words : [{ text: "deleted", isBad: true }, ...words];
}

/** As X writes times, on the clock of UTC: the sandbox knows no author's zone. */
function timeView(atMs: number, nowMs: number): TimeView {
  const at = new Date(atMs);
  const said = (options: Intl.DateTimeFormatOptions) => at.toLocaleString("en-US", { ...options, timeZone: "UTC" });
  const ageMs = nowMs - atMs;
  const isThisYear = at.getUTCFullYear() === new Date(nowMs).getUTCFullYear();
  const short =
    ageMs < MINUTE_MS
      ? "now"
      : ageMs < HOUR_MS
        ? `${Math.floor(ageMs / MINUTE_MS)}m`
        : ageMs < DAY_MS
          ? `${Math.floor(ageMs / HOUR_MS)}h`
          : said({ month: "short", day: "numeric", ...(isThisYear ? {} : { year: "numeric" }) });
  const clock = said({ hour: "numeric", minute: "2-digit" });
  const full = `${clock} · ${said({ month: "short", day: "numeric", year: "numeric" })} · UTC`;
  return { iso: at.toISOString(), short, full };
}
