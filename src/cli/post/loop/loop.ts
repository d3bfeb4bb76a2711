/**
 * The loop for a person at a terminal: the numbered preview, and a key for each act. Every act is stored at once, so leaving
 * loses nothing; only the approval sends something, and it holds for exactly what is on the screen.
 */
import { PsnError } from "../../../core/errors.ts";
import { checkedAltText, type DraftAct, type Schedule } from "../../../core/posts/write.ts";
import type { App } from "../../_app.ts";
import type { Io } from "../../_command.ts";

import { findFile } from "../../_files.ts";
import { timeAnswer } from "../../_shapes.ts";
import { approveShown } from "./approval.ts";
import { Dialog, type Keys } from "./dialog.ts";
import { editInEditor } from "./editor.ts";
import type { Key } from "./keys.ts";
import { Session } from "./session.ts";
import { middleOf, placesToSplit } from "./split-places.ts";
import { GONE } from "./terminal.ts";
import type { KeyHelp } from "./view.ts";

const KEYS: Keys = {
  all: [
    ["↑↓", "choose"],
    ["←→", "move its end by a word"],
    ["[ ]", "by a sentence"],
    ["s", "split"],
    ["j", "join with next"],
    ["e", "edit"],
    ["< >", "reorder"],
    ["m", "attach"],
    ["d", "detach"],
    ["u", "undo"],
    ["a", "approve…"],
    ["q", "leave, the draft stays"],
  ],
  few: [
    ["a", "approve…"],
    ["q", "leave"],
    ["?", "all keys"],
  ],
};
const LEAVING: readonly Key[] = ["q", "ctrl-c", "ctrl-d"];
/** Keys that change the post. */
const CHANGING: readonly Key[] =
  "right left [ ] shift-left shift-right j s e enter < > shift-up shift-down m d u".split(" ");
/** Words at a time when a place to split is looked for with ↑ and ↓. */
const SPLIT_STRIDE = 10;

/** Whether there is a person at a terminal that can be drawn upon. */
export function canLoop(io: Io): boolean {
  return io.interactive && io.env.TERM !== "dumb";
}

/** Runs until the person leaves or has approved. The post is in the hub, whatever happens. */
export async function runLoop(io: Io, app: App, postId: string): Promise<void> {
  const session = await Session.open(app, postId);
  await new Loop(io, session).run();
  const { id, status, approved } = session.status.post;
  if (status === "draft" && !approved) io.note(`The draft is kept. psn post edit ${id} opens it again.`);
}

class Loop {
  readonly #io: Io;
  readonly #session: Session;
  readonly #dialog: Dialog;
  /** The time that is offered at approval: the one its file named, or that it had before it was taken back. */
  #planned: Schedule | null;
  /** The author wants each act on a waiting post to count at once. */
  #isInPlace = false;
  #isTakenBack = false;

  constructor(io: Io, session: Session) {
    this.#io = io;
    this.#session = session;
    this.#dialog = new Dialog(io, session, KEYS);
    this.#planned = asSchedule(session.status.post.planned);
  }

  async run(): Promise<void> {
    const dialog = this.#dialog;
    await dialog.terminal.run(dialog.draw, async () => {
      for (;;) {
        const key = await dialog.command();
        if (key === GONE) return;
        if (LEAVING.includes(key) && (await dialog.guarded(false, () => this.#leave()))) return;
        if (await dialog.guarded(false, () => this.#press(key))) return;
      }
    });
  }

  /** @returns true when the loop is over */
  async #press(key: Key): Promise<boolean> {
    const dialog = this.#dialog;
    if (key === "a") return await approveShown(dialog, this.#session, this.#planned, this.#io.signal);
    if (key === "up") dialog.step(-1);
    else if (key === "down") dialog.step(1);
    else if (key === "tab") dialog.choose(dialog.chosen + 1);
    else if (key === "home") dialog.choose(0);
    else if (key === "end") dialog.choose(Number.POSITIVE_INFINITY);
    else if (CHANGING.includes(key) && (await this.#mayChange())) await this.#change(key, dialog.chosen);
    return false;
  }

  async #change(key: Key, position: number): Promise<void> {
    switch (key) {
      case "right":
        return await this.#act({ do: "move", position, by: 1, unit: "word" }, "Took a word from the next tweet.");
      case "left":
        return await this.#act({ do: "move", position, by: -1, unit: "word" }, "Gave a word to the next tweet.");
      case "]":
      case "shift-right":
        return await this.#act({ do: "move", position, by: 1, unit: "sentence" }, "Took a sentence.");
      case "[":
      case "shift-left":
        return await this.#act({ do: "move", position, by: -1, unit: "sentence" }, "Gave a sentence.");
      case "j":
        return await this.#act({ do: "join", position }, "Joined with the next tweet.");
      case "s":
        return await this.#split(position);
      case "e":
      case "enter":
        return await this.#edit(position);
      case "<":
      case "shift-up":
        return await this.#reorder(position, position - 1);
      case ">":
      case "shift-down":
        return await this.#reorder(position, position + 1);
      case "m":
        return await this.#attach(position);
      case "d":
        return await this.#detach(position);
      case "u":
        return this.#dialog.say(`Undone: ${await this.#session.undo()}.`);
    }
  }

  async #act(act: DraftAct, done: string): Promise<void> {
    await this.#session.act(act);
    this.#dialog.say(done);
  }

  async #reorder(from: number, to: number): Promise<void> {
    if (to < 0 || to >= this.#session.tweets.length) return;
    await this.#act({ do: "reorder", from, to }, `It is tweet ${to + 1} now.`);
    this.#dialog.choose(to);
  }

  async #edit(position: number): Promise<void> {
    const before = this.#session.tweets[position]?.text ?? "";
    const after = await this.#dialog.terminal.lend(() => editInEditor(this.#io.env, before));
    if (after === before) this.#dialog.say("The words are as they were.");
    else await this.#act({ do: "text", position, text: after }, "The words are changed.");
  }

  async #split(position: number): Promise<void> {
    const text = this.#session.tweets[position]?.text ?? "";
    const places = placesToSplit(text);
    if (places.length === 0) throw new PsnError("SPLIT_NOT_THERE", "One word cannot be split.");
    const first = middleOf(text, places);
    const at = await this.#dialog.pickPlace("Where to split it?", places, first, SPLIT_STRIDE);
    if (at !== null) await this.#act({ do: "split", position, at }, "Split in two.");
  }

  async #attach(position: number): Promise<void> {
    const file = await this.#dialog.ask(`A file for tweet ${position + 1}:`);
    if (!file) return;
    const altText = await this.#dialog.ask("What is to be seen, for those who cannot see it? Enter for no alt text.");
    if (altText === null) return;
    await this.#session.attach(position, await this.#path(file), checkedAltText(altText));
    this.#dialog.say("Attached.");
  }

  async #detach(position: number): Promise<void> {
    const count = this.#session.tweets[position]?.media.length ?? 0;
    let item: number | null = 0;
    if (count > 1) {
      const numbers = Array.from({ length: count }, (_, index): KeyHelp => [`${index + 1}`, `the ${index + 1}.`]);
      const key = await this.#dialog.pick("Which one?", [...numbers, ["x", "all"]]);
      if (key === null) return;
      item = key === "x" ? null : Number(key) - 1;
    }
    await this.#act({ do: "detach", position, item }, "Detached.");
  }

  /** Before the first change of a post that has its time already: a half-done edit must not go out. */
  async #mayChange(): Promise<boolean> {
    const { post } = this.#session.status;
    if (this.#isInPlace || (post.status !== "scheduled" && post.status !== "retry")) return true;
    const when = post.scheduled ? `goes out ${post.scheduled.local}` : "waits to go on";
    const key = await this.#dialog.pick(`This post ${when}. Before you change it:`, [
      ["Enter", "take it back to a draft while you work"],
      ["c", "change it in place, so that each act counts at once"],
    ]);
    if (key === "c") this.#isInPlace = true;
    if (key === "Enter") {
      this.#planned = asSchedule(post.scheduled) ?? this.#planned;
      await this.#session.toDraft();
      this.#isTakenBack = true;
    }
    return key !== null;
  }

  /** Nobody should leave a post behind that they believe to be scheduled. */
  async #leave(): Promise<boolean> {
    const { post } = this.#session.status;
    if (!this.#isTakenBack || !this.#planned || post.status !== "draft") return true;
    const { local } = timeAnswer(this.#planned.at, this.#planned.timezone);
    const key = await this.#dialog.pick(`It was to go out ${local}, and is a draft now.`, [
      ["r", "approve it as it is, and schedule it for then"],
      ["q", "leave it a draft"],
    ]);
    if (key === "r") {
      await this.#session.approve(false);
      await this.#session.schedule(this.#planned);
    }
    return key !== null;
  }

  async #path(typed: string): Promise<string> {
    // Terminals paste a dropped file with quotes or backslashes.
    const bare = typed.replace(/^(['"])(.*)\1$/, "$2").replace(/\\(.)/g, "$1");
    const named = bare.replace(/^~(?=\/)/, this.#io.env.HOME ?? "~");
    return await findFile(this.#io.cwd, named);
  }
}

// --- internal ---

function asSchedule(time: { utc: string; timezone: string } | null): Schedule | null {
  return time && { at: new Date(time.utc), timezone: time.timezone };
}
