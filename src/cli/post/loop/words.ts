/** Words in the loop: written in the person's own editor, and never lost when they are refused. */
import { PsnError } from "../../../core/errors.ts";
import type { DraftAct } from "../../../core/posts/write.ts";
import type { Io } from "../../_command.ts";
import type { Dialog } from "./dialog.ts";
import { editInEditor } from "./editor.ts";
import type { Session } from "./session.ts";

const BETWEEN_TWEETS = "\n---\n";

export class Words {
  readonly #io: Io;
  readonly #session: Session;
  readonly #dialog: Dialog;
  /** What was written and then refused, by what was edited: the next try begins with it. */
  readonly #refused = new Map<string, string>();

  constructor(io: Io, session: Session, dialog: Dialog) {
    this.#io = io;
    this.#session = session;
    this.#dialog = dialog;
  }

  /** @throws PsnError EDITOR_FAILED, and what the act is refused with */
  async edit(position: number): Promise<void> {
    const before = this.#session.tweets[position]?.text ?? "";
    const isChanged = await this.#write(`tweet ${position}`, before, (text) => ({ do: "text", position, text }));
    this.#dialog.say(isChanged ? "The words are changed." : "The words are as they were.");
  }

  /** All that is not on X, with lines of `---` between the tweets. @throws PsnError as `edit` */
  async editAll(): Promise<void> {
    const { tweets } = this.#session.status.post;
    const unsent = this.#session.tweets.filter((_, position) => tweets[position]?.externalPostId == null);
    const before = unsent.map((tweet) => tweet.text).join(BETWEEN_TWEETS);
    const isChanged = await this.#write("all", before, (text) => ({ do: "reword", text }));
    this.#dialog.say(isChanged ? "The thread is changed." : "The words are as they were.");
  }

  /** Before tweet `position`, or after the last. @throws PsnError as `edit` */
  async insert(position: number): Promise<void> {
    const isChanged = await this.#write(`insert ${position}`, "", (text) => ({ do: "insert", position, text }));
    if (isChanged) this.#dialog.choose(position);
    this.#dialog.say(isChanged ? "Put in." : "Nothing was written, so nothing was put in.");
  }

  // --- internal ---

  /** @returns whether there were other words */
  async #write(what: string, before: string, act: (text: string) => DraftAct): Promise<boolean> {
    const { signal, env } = this.#io;
    const start = this.#refused.get(what) ?? before;
    const after = await this.#dialog.terminal.lend(() => editInEditor(env, start, signal));
    this.#refused.delete(what);
    if (after === before) return false;
    try {
      await this.#session.act(act(after));
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      this.#refused.set(what, after);
      throw new PsnError(error.code, `${error.message} What you wrote is kept: press the same key again.`, {
        cause: error,
      });
    }
    return true;
  }
}
