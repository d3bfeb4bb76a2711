/** How a post stands, in the words of the loop: what is said of its approval and of its time is true at that moment. */
import { statusSaid } from "../../../core/post/status-words.ts";
import type { Shown } from "../_status.ts";

type Post = Shown["post"];

/** What becomes of it by itself, without a full stop; null where nothing does. `now` is the hub's. */
export function fateOf(post: Post, now: Date): string | null {
  if (post.status === "retry") return post.next ? `goes on ${post.next.local}` : "waits to go on";
  if (post.status !== "scheduled" || !post.scheduled) return null;
  if (new Date(post.scheduled.utc) > now) return `goes out ${post.scheduled.local}`;
  return `was to go out ${post.scheduled.local}, and goes as soon as a worker takes it`;
}

/** What a person reads who leaves it. */
export function leftAs(post: Post, now: Date): string {
  const fate = fateOf(post, now);
  if (fate) return `The post ${fate}.`;
  if (post.status !== "draft") return `The post is kept as it is: it ${statusSaid(post.status, post.subStatus)}.`;
  return post.approved ? "The draft is kept. It is approved, and nothing sends it yet." : "The draft is kept.";
}
