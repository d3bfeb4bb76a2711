/**
 * The loop for a person at a terminal: the numbered preview, and a key for each act. Every act is stored at once, so leaving
 * loses nothing; only the approval sends something, and it holds for exactly what is on the screen.
 */

import { PsnError } from "../../../core/errors.ts";
import { isWaiting } from "../../../core/post/transitions.ts";
import type { DraftAct, Schedule } from "../../../core/posts/write.ts";
import type { App } from "../../_app.ts";
import type { Io } from "../../_command.ts";
import { timeAnswer } from "../../_summary.ts";
import { approveShown } from "./approval.ts";
import { Dialog, Left } from "./dialog.ts";
import { GONE, type Tty } from "./keyboard.ts";
import type { Key } from "./keys.ts";
import { attach, detach } from "./media.ts";
import { Session } from "./session.ts";
import { middleOf, placesToSplit } from "./split-places.ts";
import { fateOf, leftAs } from "./standing.ts";
import { tellKept, Words } from "./words.ts";

const LEAVING: readonly Key[] = ["q", "ctrl-d"];
/** Keys that change the post. */
const CHANGING: readonly Key[] =
  "right left [ ] shift-left shift-right j s e enter E i o x delete < > shift-up shift-down m d u U ctrl-r".split(" ");
/** Words at a time when a place to split is looked for with ↑ and ↓. */
const SPLIT_STRIDE = 10;

/** Whether there is a person at a terminal that can be drawn upon. */
export function canLoop(io: Io): boolean {
  return io.interactive && io.env.TERM !== "dumb";
}

/**
 * Runs until the person leaves or has approved. The post is in the hub, whatever happens.
 * @throws PsnError CANCELLED after Ctrl-C, or when the terminal is gone; the signal's reason when the program was stopped
 */
export async function runLoop(io: Io, app: App, postId: string, tty?: Tty): Promise<void> {
  const session = await Session.open(app, postId);
  const isLeft = await new Loop(io, session, tty).run();
  // What is said of it is how it is now, whoever changed it meanwhile.
  const isKnown = await session.reload().then(
    () => true,
    () => false,
  );
  await tellKept(io, app, postId);
  const { post } = session.status;
  const kept = isKnown ? leftAs(post, session.now()) : "It was left.";
  const hint = `psn post edit ${post.id} opens it again.`;
  if (isLeft && !io.signal.aborted) throw new PsnError("CANCELLED", kept, { hint });
  if (isLeft || (isKnown && post.status === "draft")) io.note(`${kept} ${hint}`);
  if (isLeft) throw io.signal.reason;
}

class Loop {
  readonly #io: Io;
  readonly #session: Session;
  readonly #dialog: Dialog;
  readonly #words: Words;
  /** The time that is offered at approval: the one its file named, or that it had before it was taken back. */
  #planned: Schedule | null;
  /** The author wants each act on a waiting post to count at once. */
  #isInPlace = false;
  #isTakenBack = false;

  constructor(io: Io, session: Session, tty?: Tty) {
    this.#io = io;
    this.#session = session;
    this.#dialog = new Dialog(io, session, tty);
    this.#words = new Words(io, session, this.#dialog);
    this.#planned = asSchedule(session.status.post.planned);
  }

  /** @returns true when the person left in the midst of it: by Ctrl-C, or because the terminal is gone */
  async run(): Promise<boolean> {
    const dialog = this.#dialog;
    return await dialog.terminal.run(dialog.draw, async () => {
      try {
        await dialog.begin();
        await dialog.guarded(undefined, () => this.#words.offerKept(() => this.#mayChange()));
        for (;;) {
          const key = await dialog.command();
          if (key === GONE || key === "ctrl-c") return true;
          if (LEAVING.includes(key) && (await dialog.guarded(false, () => this.#leave()))) return false;
          if (await dialog.guarded(false, () => this.#press(key))) return false;
        }
      } catch (error) {
        if (error instanceof Left) return true;
        throw error;
      }
    });
  }

  /** @returns true when the loop is over */
  async #press(key: Key): Promise<boolean> {
    const dialog = this.#dialog;
    if (key === "a" || CHANGING.includes(key)) await this.#session.requireAsShown();
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
        return await this.#words.edit(position);
      case "E":
        return await this.#words.editAll();
      case "i":
        return await this.#words.insert(position);
      case "o":
        return await this.#words.insert(position + 1);
      case "x":
      case "delete":
        return await this.#remove(position);
      case "<":
      case "shift-up":
        return await this.#reorder(position, position - 1);
      case ">":
      case "shift-down":
        return await this.#reorder(position, position + 1);
      case "m":
        return await attach(this.#io, this.#session, this.#dialog, position);
      case "d":
        return await detach(this.#session, this.#dialog, position);
      case "u":
        return await this.#follow(async () => `Undone: ${await this.#session.undo()}.`);
      case "U":
      case "ctrl-r":
        return await this.#follow(async () => `Done again: ${await this.#session.redo()}.`);
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

  /** The choice stays on the tweet that it was on, or goes to where the change is: the next key must not hit another. */
  async #follow(act: () => Promise<string>): Promise<void> {
    const before = this.#session.tweets.map((tweet) => tweet.text);
    const chosen = before[this.#dialog.chosen];
    this.#dialog.say(await act());
    const after = this.#session.tweets.map((tweet) => tweet.text);
    const same = after.indexOf(chosen ?? "");
    const isOnce = same >= 0 && after.lastIndexOf(chosen ?? "") === same;
    const changed = after.findIndex((text, index) => text !== before[index]);
    if (isOnce || changed >= 0) this.#dialog.choose(isOnce ? same : changed);
  }

  async #remove(position: number): Promise<void> {
    const hasMedia = (this.#session.tweets[position]?.media.length ?? 0) > 0;
    if (hasMedia) {
      const question = `Remove tweet ${position + 1} with its media?`;
      if ((await this.#dialog.pick(question, [["X", "yes, with its media"]])) === null) return;
    }
    await this.#act({ do: "remove", position, withMedia: hasMedia }, "Removed; u brings it back.");
  }

  async #split(position: number): Promise<void> {
    const text = this.#session.tweets[position]?.text ?? "";
    const places = placesToSplit(text);
    if (places.length === 0) throw new PsnError("SPLIT_NOT_THERE", "One word cannot be split.");
    const first = middleOf(text, places);
    const at = await this.#dialog.pickPlace("Where to split it?", places, first, SPLIT_STRIDE);
    if (at !== null) await this.#act({ do: "split", position, at }, "Split in two.");
  }

  /** Before the first change of a post that has its time already: a half-done edit must not go out. */
  async #mayChange(): Promise<boolean> {
    const { post } = this.#session.status;
    if (this.#isInPlace || !isWaiting(post)) return true;
    const key = await this.#dialog.pick(`This post ${fateOf(post, this.#session.now())}. Before you change it:`, [
      ["B", "take it back to a draft while you work"],
      ["C", "change it in place: you approve each act, and it counts at once"],
    ]);
    if (key === "C") this.#isInPlace = true;
    if (key === "B") {
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
    const isPast = this.#planned.at <= this.#session.now();
    const key = await this.#dialog.pick(
      isPast
        ? `It was to go out ${local}. That is past, and it is a draft now.`
        : `It was to go out ${local}, and is a draft now.`,
      [...(isPast ? [] : [["R", "approve it as it is, and schedule it for then"] as const]), ["q", "leave it a draft"]],
    );
    if (key === "R") {
      await this.#session.approve(false);
      await this.#session.schedule(this.#planned);
    }
    return key !== null;
  }
}

// --- internal ---

function asSchedule(time: { utc: string; timezone: string } | null): Schedule | null {
  return time && { at: new Date(time.utc), timezone: time.timezone };
}
