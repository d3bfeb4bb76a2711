/** What an author says of requests that X does not tell of: `psn post resolve`, in worlds whose timeline is forbidden for a while. */
import { resolveTweet } from "../src/core/publish/confirm/resolve.ts";
import type { PublishDeps } from "../src/core/publish/deps.ts";
import type { SandboxX } from "../src/sandbox/rules.ts";
import type { TimedEvent } from "./extras.ts";
import type { HubServer } from "./hub.ts";
import { Prng } from "./prng.ts";
import type { Scheduler } from "./scheduler.ts";
import { RESOLVED, type Sometimes } from "./sometimes.ts";

/** How often the author looks at X. */
const RESOLUTIONS = 60;

export interface ResolutionParts {
  seed: number;
  sandbox: SandboxX;
  server: HubServer;
  scheduler: Scheduler;
  sometimes: Sometimes;
  /** What a command of the author works with. */
  commandDeps(): PublishDeps;
}

/** While X does not let its own posts be read, the author looks at X now and then, and says what is there. */
export function resolutions(parts: ResolutionParts, lastsMs: number): TimedEvent[] {
  const prng = new Prng(`resolutions ${parts.seed}`);
  return Array.from({ length: RESOLUTIONS }, () => ({
    atMs: prng.int(0, lastsMs),
    act: () => resolveByHand(prng, parts),
  }));
}

// --- internal ---

/** `psn post resolve` for a tweet whose request had no answer, with what X holds at this moment. */
async function resolveByHand(prng: Prng, parts: ResolutionParts): Promise<void> {
  const { sandbox, server, scheduler, sometimes } = parts;
  const { rows } = await server.look(
    `select tweet.id, attempt.root_id, tweet.thread_position, tweet.content
    from psn.publish_attempts as attempt
    join psn.posts as tweet on tweet.id = attempt.post_id
    join psn.posts as root on root.id = attempt.root_id
    where attempt.outcome is null and root.sub_status = 'confirming'
    order by attempt.id`,
  );
  if (rows.length === 0) return;
  const { root_id: postId, thread_position: position, content } = prng.pick(rows as Unanswered[]);
  const onX = Object.values(sandbox.report().accounts).flatMap(({ posts }) => posts);
  const posted = onX.find(({ text, deletedAt }) => text === content && deletedAt === null)?.id ?? null;
  scheduler.note("author", `says of "${content}": ${posted ?? "not on X"}`);
  void resolveTweet(parts.commandDeps(), postId, { tweet: position + 1, posted, by: "author" }).then(
    () => sometimes.reach(RESOLVED),
    (error) => scheduler.note("author", `was refused: ${(error as Error).message.slice(0, 80)}`),
  );
}

interface Unanswered {
  root_id: string;
  thread_position: number;
  content: string;
}
