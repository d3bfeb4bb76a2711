/** Words in the loop: written in the person's own editor, and never lost when they are refused or cut off. */
import { PsnError } from "../../../core/errors.ts";
import type { DraftAct } from "../../../core/posts/write.ts";
import type { App } from "../../_app.ts";
import type { Io } from "../../_command.ts";
import { timeAnswer } from "../../_summary.ts";
import type { Shown } from "../_status.ts";
import type { Dialog } from "./dialog.ts";
import { openEditor, wordsOf } from "./editor.ts";
import { Edit, keptEdits } from "./kept-words.ts";
import type { Session } from "./session.ts";

const BETWEEN_TWEETS = "\n---\n";

/** What is edited: its name in what is kept, its present words, and how other words are taken. */
interface Target {
  what: string;
  before: string;
  /** For a person. */
  name: string;
  act(text: string): DraftAct;
}

export class Words {
  readonly #io: Io;
  readonly #session: Session;
  readonly #dialog: Dialog;

  constructor(io: Io, session: Session, dialog: Dialog) {
    this.#io = io;
    this.#session = session;
    this.#dialog = dialog;
  }

  /** @throws PsnError EDITOR_FAILED, and what the act is refused with */
  async edit(position: number): Promise<void> {
    const isChanged = await this.#write(this.#tweet(position));
    this.#say(isChanged, "The words are changed.", "The words are as they were.");
  }

  /** All that is not on X, with lines of `---` between the tweets. @throws PsnError as `edit` */
  async editAll(): Promise<void> {
    this.#say(await this.#write(this.#all()), "The thread is changed.", "The words are as they were.");
  }

  /** Before tweet `position`, or after the last. @throws PsnError as `edit` */
  async insert(position: number): Promise<void> {
    const isChanged = await this.#write(this.#insertion(position));
    if (isChanged) this.#dialog.choose(position);
    this.#say(isChanged, "Put in.", "Nothing was written, so nothing was put in.");
  }

  /**
   * Asks about all that an earlier edit of this post left, one after the other. `mayChange` is asked before anything is changed.
   * @throws PsnError as `edit`; Left
   */
  async offerKept(mayChange: () => Promise<boolean>): Promise<void> {
    for (const edit of await this.#kept()) {
      const target = this.#targetOf(edit);
      const { local } = timeAnswer(new Date(edit.about.at), this.#session.app.hubEnv.timezone);
      const others = (await edit.others()).length > 0 ? ` The editor left more in ${edit.folder}.` : "";
      const key = await this.#dialog.pick(
        `Words of an editor that was cut off, or that were refused, are kept, for ${target.name}, from ${local}.${others}`,
        [
          ["O", "open them"],
          ["D", "delete them…"],
        ],
      );
      if (key === "O" && (await mayChange())) {
        this.#say(await this.#open(edit, target), "The words are changed.", "The words are as they were.");
      }
      if (key === "D" && (await this.#dialog.pick("Delete them for good?", [["X", "yes, delete"]])) !== null) {
        await edit.remove();
        this.#dialog.say("They are deleted.");
      }
    }
  }

  // --- internal ---

  #tweet(position: number): Target {
    const before = this.#session.tweets[position]?.text ?? "";
    const act = (text: string): DraftAct => ({ do: "text", position, text });
    return { what: `tweet ${position}`, before, name: `tweet ${position + 1}`, act };
  }

  #all(): Target {
    const before = wholeOf(this.#session.status);
    return { what: "all", before, name: "the whole thread", act: (text) => ({ do: "reword", text }) };
  }

  #insertion(position: number): Target {
    const act = (text: string): DraftAct => ({ do: "insert", position, text });
    return { what: `insert ${position}`, before: "", name: `a new tweet ${position + 1}`, act };
  }

  /** Where its words belong now: the tweet that still has the words it had, else the place that it had, else the end. */
  #targetOf({ about }: Edit): Target {
    const count = this.#session.tweets.length;
    const [kind, place] = about.what.split(" ");
    if (kind === "all") return this.#all();
    const position = Number(place) || 0;
    if (kind === "insert") return this.#insertion(Math.min(position, count));
    if (this.#session.tweets[position]?.text === about.before) return this.#tweet(position);
    const same = this.#session.tweets.findIndex(({ text }) => text === about.before);
    if (same >= 0) return this.#tweet(same);
    return position < count ? this.#tweet(position) : this.#insertion(count);
  }

  #kept(): Promise<Edit[]> {
    return keptOf(this.#session.app, this.#session.status.post.id);
  }

  /** Null where the person went back. @returns whether there were other words */
  async #write(target: Target): Promise<boolean | null> {
    const { what, before } = target;
    let kept = (await this.#kept()).find(({ about }) => about.what === what);
    if (kept && kept.about.before !== before) {
      const key = await this.#dialog.pick("Words are kept that were written here when it had other words.", [
        ["O", "open those"],
        ["N", "edit what is there now; those stay"],
      ]);
      if (key === null) return null;
      if (key === "N") kept = undefined;
    }
    const { app, status } = this.#session;
    const edit = kept ?? (await Edit.begin(app.hubEnv.dataDir, { post: status.post.id, what, before }));
    return await this.#open(edit, target);
  }

  /** Null where what was kept stays so. */
  async #open(edit: Edit, { before, act }: Target): Promise<boolean | null> {
    const { signal, env } = this.#io;
    const left = await edit.others();
    // What a stopped editor left beside its file is words as well, as long as it lies there.
    const isKept = async () => (await edit.hasWords()) || (await edit.others()).some((name) => left.includes(name));
    let after: string;
    try {
      const isSaved = await this.#dialog.terminal.lend(() => openEditor(env, edit, signal));
      if (!isSaved && !(await isKept())) {
        await edit.remove();
        return false;
      }
      if (
        !isSaved &&
        (await this.#dialog.pick("They were not saved anew.", [["T", "take them as they are"]])) === null
      ) {
        return null;
      }
      after = await wordsOf(edit);
      if (after !== before) await this.#session.act(act(after));
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      if (!(await isKept())) {
        // Of a stopped editor the next edit looks what it left.
        if (!signal.aborted) await edit.remove();
        throw error;
      }
      throw new PsnError(error.code, `${error.message} What you wrote is kept: press the same key again.`, {
        cause: error,
      });
    }
    await edit.remove();
    return after !== before;
  }

  #say(isChanged: boolean | null, changed: string, unchanged: string): void {
    this.#dialog.say(isChanged === null ? "What you wrote is kept." : isChanged ? changed : unchanged);
  }
}

/** All that is not on X as one text, with lines of `---` between the tweets. */
export function wholeOf({ post: { tweets }, preview }: Shown): string {
  const unsent = preview.tweets.filter((_, position) => tweets[position]?.externalPostId == null);
  return unsent.map(({ text }) => text).join(BETWEEN_TWEETS);
}

/** What was written for a post and not taken. */
const keptOf = (app: App, postId: string): Promise<Edit[]> => keptEdits(app.hubEnv.dataDir, postId);

/** Says what is kept of a post and where, for a person who leaves it. */
export async function tellKept(io: Io, app: App, postId: string): Promise<void> {
  const kept = await keptOf(app, postId);
  if (kept.length === 0) return;
  io.note(`Words that were not taken are kept; psn post edit ${postId} offers them again:`);
  for (const edit of kept) io.note(`  ${edit.file}`);
}
