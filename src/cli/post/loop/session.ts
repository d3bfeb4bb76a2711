/** A draft under a person's hands: each act is written to the hub at once, so that nothing is lost by leaving. */

import type { Preview } from "../../../core/compose/preview.ts";
import { PsnError } from "../../../core/errors.ts";
import { readAuthorNow } from "../../../core/post/due.ts";
import { isWaiting } from "../../../core/post/transitions.ts";
import {
  type Attachment,
  actOnPost,
  approvePost,
  cancelPost,
  type DraftAct,
  redoPost,
  type Schedule,
  type Sending,
  storeAttachments,
  undoPost,
} from "../../../core/posts/write.ts";
import type { App } from "../../_app.ts";
import { beforeApproval } from "../_before-approval.ts";
import { postShown, type Shown } from "../_status.ts";
import { byLoop } from "../_with-person.ts";
import { postNow } from "../now.ts";
import { schedulePost } from "../schedule.ts";

/** What was on the screen. */
interface Expected {
  contentVersion: number;
}

export class Session {
  readonly app: App;
  #status: Shown;

  /** How far the hub's clock is ahead of this machine's. */
  readonly #aheadMs: number;

  private constructor(app: App, first: Shown, aheadMs: number) {
    this.app = app;
    this.#status = first;
    this.#aheadMs = aheadMs;
  }

  static async open(app: App, postId: string): Promise<Session> {
    const hubNow = await readAuthorNow(app.hub.db);
    return new Session(app, await postShown(app, postId), hubNow.getTime() - Date.now());
  }

  /** By the hub's clock, which judges what is past. */
  now(): Date {
    return new Date(Date.now() + this.#aheadMs);
  }

  get status(): Shown {
    return this.#status;
  }

  get tweets(): Preview["tweets"] {
    return this.#status.preview.tweets;
  }

  /** @throws PsnError what the act is refused with */
  async act(act: DraftAct): Promise<void> {
    await this.#change((id, shown) => actOnPost(this.app.hub, this.app.engine, id, act, this.#sending(shown)));
  }

  async attach(position: number, file: string, altText: string | null): Promise<void> {
    const attachment: Attachment = { tweet: 0, file, altText };
    const [media = []] = await storeAttachments(this.app.media, [attachment], 1);
    await this.act({ do: "attach", position, media });
  }

  /** @returns the change that was undone */
  async undo(): Promise<string> {
    return await this.#step(undoPost);
  }

  /** @returns the change that was done again */
  async redo(): Promise<string> {
    return await this.#step(redoPost);
  }

  /** Approves exactly what is on the screen. */
  async approve(force: boolean): Promise<void> {
    if (this.#status.post.approved) return;
    await beforeApproval(this.app, this.#status.post.id);
    await this.#change((id, shown) => approvePost(this.app.hub, id, { ...shown, force }));
  }

  async toDraft(): Promise<void> {
    await this.#change((id, shown) => cancelPost(this.app.hub, this.app.engine, id, shown));
  }

  async schedule(schedule: Schedule): Promise<void> {
    await this.#change((id, shown) => schedulePost(this.app, id, schedule, shown));
  }

  /** @param note told of each tweet that is on X, and of what is waited for */
  async publish(signal: AbortSignal, note: (line: string) => void): Promise<void> {
    await this.#change((id, shown) => postNow(this.app, id, { signal, note }, shown));
  }

  /**
   * Before a key is obeyed: it was meant for what is on the screen, and not for a post that got its time or went out meanwhile.
   * @throws PsnError POST_CHANGED after the screen has what is true now
   */
  async requireAsShown(): Promise<void> {
    const before = standing(this.#status);
    await this.reload();
    if (standing(this.#status) !== before) throw changedMeanwhile();
  }

  async reload(): Promise<void> {
    this.#status = await postShown(this.app, this.#status.post.id);
  }

  // --- internal ---

  /** @returns what was done, and which files of it are lost */
  async #step(act: typeof undoPost | typeof redoPost): Promise<string> {
    let said = "";
    await this.#change(async (id, shown) => {
      const { note, lost } = await act(this.app.hub, this.app.engine, id, this.#sending(shown));
      said = [note, ...lost.map((fileName) => `${fileName} is not kept any more`)].join("; ");
    });
    return said;
  }

  /** What waits for its time is changed here only by a person who has said that each of their keys is to count at once. */
  #sending(shown: Expected): Sending {
    return { ...shown, approve: isWaiting(this.#status.post) };
  }

  /** Whatever comes of it, what is shown afterwards is what is stored. */
  async #change(act: (id: string, shown: Expected) => Promise<unknown>): Promise<void> {
    const { id, contentVersion } = this.#status.post;
    try {
      await byLoop(this.app, () => act(id, { contentVersion }));
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      // Why it was refused is worth more than why it cannot be shown anew.
      await this.reload().catch(() => {});
      throw error.code === "POST_CHANGED" ? changedMeanwhile() : error;
    }
    await this.reload();
  }
}

// --- internal ---

const standing = ({ post }: Shown): string =>
  JSON.stringify([post.contentVersion, post.scheduleVersion, post.status, post.subStatus, post.approved]);

const changedMeanwhile = () =>
  new PsnError("POST_CHANGED", "It was changed elsewhere meanwhile; this is how it is now.");
