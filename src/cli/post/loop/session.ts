/** A draft under a person's hands: each act is written to the hub at once, so that nothing is lost by leaving. */
import type { Preview } from "../../../core/compose/preview.ts";
import { PsnError } from "../../../core/errors.ts";
import {
  type Attachment,
  actOnPost,
  approvePost,
  cancelPost,
  type DraftAct,
  redoPost,
  type Schedule,
  storeAttachments,
  undoPost,
} from "../../../core/posts/write.ts";
import type { App } from "../../_app.ts";
import { refreshEntitlementOf } from "../_entitlement.ts";

import { type PostStatusAnswer, postStatus } from "../_status.ts";
import { postNow } from "../now.ts";
import { schedulePost } from "../schedule.ts";

export class Session {
  readonly app: App;
  #status: PostStatusAnswer;

  private constructor(app: App, first: PostStatusAnswer) {
    this.app = app;
    this.#status = first;
  }

  static async open(app: App, postId: string): Promise<Session> {
    return new Session(app, await postStatus(app, postId, { preview: true }));
  }

  get status(): PostStatusAnswer {
    return this.#status;
  }

  get tweets(): Preview["tweets"] {
    return this.#status.preview?.tweets ?? [];
  }

  /** @throws PsnError what the act is refused with */
  async act(act: DraftAct): Promise<void> {
    await this.#change((id, shown) => actOnPost(this.app.hub, this.app.engine, id, act, shown));
  }

  async attach(position: number, file: string, altText: string | null): Promise<void> {
    const attachment: Attachment = { tweet: 0, file, altText };
    const [media = []] = await storeAttachments(this.app.media, [attachment], 1);
    await this.act({ do: "attach", position, media });
  }

  /** @returns the change that was undone */
  async undo(): Promise<string> {
    let undone = "";
    await this.#change(async (id, shown) => {
      const result = await undoPost(this.app.hub, this.app.engine, id, shown);
      undone = [result.undone, ...result.lost.map((fileName) => `${fileName} is not kept any more`)].join("; ");
    });
    return undone;
  }

  /** @returns the change that was done again */
  async redo(): Promise<string> {
    let redone = "";
    await this.#change(async (id, shown) => {
      const result = await redoPost(this.app.hub, this.app.engine, id, shown);
      redone = [result.redone, ...result.lost.map((fileName) => `${fileName} is not kept any more`)].join("; ");
    });
    return redone;
  }

  /** Approves exactly what is on the screen. */
  async approve(force: boolean): Promise<void> {
    if (this.#status.post.approved) return;
    await refreshEntitlementOf(this.app, this.#status.post.id);
    await this.#change((id, shown) => approvePost(this.app.hub, id, { ...shown, force }));
  }

  async toDraft(): Promise<void> {
    await this.#change((id, shown) => cancelPost(this.app.hub, this.app.engine, id, shown));
  }

  async schedule(schedule: Schedule): Promise<void> {
    await this.#change((id, shown) => schedulePost(this.app, id, schedule, shown));
  }

  async publish(signal: AbortSignal): Promise<void> {
    await this.#change((id, shown) => postNow(this.app, id, { signal }, shown));
  }

  async reload(): Promise<void> {
    this.#status = await postStatus(this.app, this.#status.post.id, { preview: true });
  }

  // --- internal ---

  /** Whatever comes of it, what is shown afterwards is what is stored. */
  async #change(act: (id: string, shown: { contentVersion: number }) => Promise<unknown>): Promise<void> {
    const { id, contentVersion } = this.#status.post;
    try {
      await act(id, { contentVersion });
    } catch (error) {
      if (error instanceof PsnError && error.code === "POST_CHANGED") {
        await this.reload();
        throw new PsnError("POST_CHANGED", "It was changed elsewhere meanwhile; this is how it is now.");
      }
      throw error;
    }
    await this.reload();
  }
}
