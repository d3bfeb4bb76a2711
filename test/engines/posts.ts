/** What every stage of this folder does with posts: writes and schedules them, lets their time come, waits for them. */
import type { App } from "../../src/cli/_app.ts";
import { historyOf, loadPost } from "../../src/core/posts/read.ts";
import { approvePost, createPost, schedulePost } from "../../src/core/posts/write.ts";
import type { RunningSandbox } from "../../src/sandbox/server.ts";
import { timeComes } from "../../src/testing/time-comes.ts";
import type { TriggerStub } from "./trigger-stub.ts";

/** How long a test waits for what must happen. A busy machine needs minutes for what takes seconds; nothing asserts it. */
export const PATIENCE_MS = 90_000;
const HOUR_MS = 3_600_000;

export class Posts {
  constructor(
    readonly app: App,
    readonly sandbox: RunningSandbox,
    readonly stub: TriggerStub | null = null,
  ) {}

  /** An approved draft; several texts make a thread. */
  async draft(...texts: string[]): Promise<string> {
    const [account] = (await this.app.hub.pool.query("select id from psn.accounts limit 1")).rows;
    const tweets = texts.map((text) => ({ text, separatorAfter: "", media: [] }));
    const { postId } = await createPost(this.app.hub, { accountId: account.id, source: texts.join("\n"), tweets });
    await approvePost(this.app.hub, postId);
    return postId;
  }

  async scheduled(inMs: number, ...texts: string[]): Promise<{ id: string; at: Date; scheduleVersion: number }> {
    const id = await this.draft(...texts);
    const at = new Date(Date.now() + inMs);
    const { scheduleVersion } = await schedulePost(this.app.hub, this.app.engine, id, {
      at,
      timezone: "Europe/Berlin",
    });
    return { id, at, scheduleVersion };
  }

  /** A post whose time has come. */
  async due(...texts: string[]): Promise<string> {
    return await this.dueIn(0, ...texts);
  }

  /** A post whose time comes by itself in a moment, however long the machine took to write it. */
  async dueIn(inMs: number, ...texts: string[]): Promise<string> {
    const { id } = await this.scheduled(HOUR_MS, ...texts);
    await this.timeComes(id, -inMs / 1_000);
    return id;
  }

  /**
   * Moves the post's time to now, or `secondsAgo` (negative: a time to come), as if time had passed: in its row and in the engine that runs it.
   * Nothing sleeps.
   */
  async timeComes(id: string, secondsAgo = 0): Promise<void> {
    await timeComes(this.app.hub.pool, id, secondsAgo);
    if (secondsAgo >= 0) this.stub?.timeComes(id);
    else this.stub?.comesIn(id, -secondsAgo * 1_000);
  }

  async root(id: string) {
    return (await loadPost(this.app.hub.db, id)).root;
  }

  async status(id: string): Promise<string> {
    return (await this.root(id)).status;
  }

  /** Waits until the post has this status. */
  async until(id: string, status: string): Promise<void> {
    let seen = "";
    await eventually(
      async () => {
        // The hub may be down: some tests are about that.
        seen = await this.status(id).catch((error) => `unreadable (${error.message.slice(0, 60)})`);
        return seen === status;
      },
      async () => `post ${id} is ${seen}, not ${status}:\n  ${await this.#life(id)}`,
    );
  }

  /** When the engine comes for the post; null when it does not. */
  async runsAt(id: string): Promise<Date | null> {
    if (this.stub) return this.stub.open(id).find((run) => run.status === "DELAYED")?.delayedUntil ?? null;
    const { rows } = await this.app.hub.pool.query(
      "select run_at from graphile_worker._private_jobs where key = 'post:' || $1",
      [id],
    );
    return rows[0]?.run_at ?? null;
  }

  /** Texts on X, oldest first. */
  onX(): string[] {
    return (this.sandbox.sandbox.report().accounts.sandbox_author?.posts ?? []).map((post) => post.text);
  }

  copies(text: string): number {
    return this.onX().filter((posted) => posted === text).length;
  }

  async #life(id: string): Promise<string> {
    const history = await historyOf(this.app.hub.db, id).catch(() => ({ events: [] }));
    return history.events.map(({ at, note }) => `${at.toISOString()} ${note}`).join("\n  ");
  }
}

/** Waits until it is so. */
export async function eventually(
  is: () => boolean | Promise<boolean>,
  why: () => string | Promise<string>,
  ms = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await is())) {
    if (Date.now() > end) throw new Error(await why());
    await Bun.sleep(15);
  }
}
