/**
 * The loop for a person at a terminal: the numbered preview, and a key for each act. Every act is stored at once, so leaving
 * loses nothing; only the approval sends something, and it holds for exactly what is on the screen.
 */
import { resolve } from "node:path";
import { PsnError } from "../../../core/errors.ts";
import type { DraftAct, Schedule } from "../../../core/posts/write.ts";
import type { App } from "../../_app.ts";
import type { Io } from "../../_command.ts";
import { checkedAltText } from "../../_input.ts";
import { timeAnswer } from "../../_shapes.ts";
import { readWhen } from "../../_when.ts";
import { editInEditor } from "./editor.ts";
import type { Key } from "./keys.ts";
import { Session } from "./session.ts";
import { middleOf, placesToSplit } from "./split-places.ts";
import { Terminal } from "./terminal.ts";
import { type KeyHelp, renderView, type View } from "./view.ts";

const LIST_KEYS: KeyHelp[] = [
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
];
/** On a small screen the tweets have precedence. */
const FEW_KEYS: KeyHelp[] = [
  ["a", "approve…"],
  ["q", "leave"],
  ["?", "all keys"],
];
const SMALL = { rows: 20, columns: 50 };
const LEAVING: readonly Key[] = ["q", "ctrl-c", "ctrl-d"];
const BACK: readonly Key[] = ["escape", "ctrl-c"];
/** Words at a time when a place to split is looked for with ↑ and ↓. */
const SPLIT_STRIDE = 10;

/** Runs until the person leaves or has approved. The post is in the hub, whatever happens. */
export async function runLoop(io: Io, app: App, postId: string): Promise<void> {
  const session = await Session.open(app, postId);
  await new Loop(io, session).run();
  const { id, status, approved } = session.stand.post;
  if (status === "draft" && !approved) io.note(`The draft is kept. psn post edit ${id} opens it again.`);
}

class Loop {
  readonly #io: Io;
  readonly #session: Session;
  readonly #terminal: Terminal;
  #chosen = 0;
  #splitAt: number | null = null;
  #message: View["message"] = null;
  #question: string | null = null;
  #typed: string | null = null;
  #keys: readonly KeyHelp[] = LIST_KEYS;
  #wantsAllKeys = false;
  #scrolled = 0;
  /** As the last frame had them. */
  #room = 0;
  #below = 0;
  /** The time that the post had before it was taken back to be worked on. */
  #heldTime: Schedule | null = null;

  constructor(io: Io, session: Session) {
    this.#io = io;
    this.#session = session;
    this.#terminal = new Terminal(io);
  }

  async run(): Promise<void> {
    await this.#terminal.run(this.#draw, async () => {
      if (!(await this.#begin())) return;
      for (;;) {
        const key = await this.#nextKey();
        if (LEAVING.includes(key)) return;
        this.#message = null;
        this.#wantsAllKeys = false;
        const isDone = await this.#guarded(() => this.#press(key));
        if (isDone) return;
      }
    });
  }

  // --- what a key does ---

  /** @returns true when the loop is over */
  async #press(key: Key): Promise<boolean> {
    const position = this.#chosen;
    switch (key) {
      case "up":
        return this.#scrolled > 0 ? this.#scroll(-1) : this.#choose(position - 1);
      case "down":
        return this.#below > 0 ? this.#scroll(1) : this.#choose(position + 1);
      case "tab":
        return this.#choose(position + 1);
      case "home":
      case "page-up":
        return this.#choose(0);
      case "end":
      case "page-down":
        return this.#choose(Number.POSITIVE_INFINITY);
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
      case "s":
        return await this.#split();
      case "j":
        return await this.#act({ do: "join", position }, "Joined with the next tweet.");
      case "e":
      case "enter":
        return await this.#edit();
      case "<":
      case "shift-up":
        return await this.#reorder(position - 1);
      case ">":
      case "shift-down":
        return await this.#reorder(position + 1);
      case "m":
        return await this.#attach();
      case "d":
        return await this.#detach();
      case "u":
        this.#say(`Undone: ${await this.#session.undo()}.`);
        return false;
      case "?":
        this.#wantsAllKeys = true;
        return false;
      case "a":
        return await this.#approve();
      default:
        return false;
    }
  }

  #choose(position: number): false {
    const chosen = Math.max(0, Math.min(position, this.#session.tweets.length - 1));
    if (chosen !== this.#chosen) this.#scrolled = 0;
    this.#chosen = chosen;
    return false;
  }

  /** Through a tweet that is taller than the screen. */
  #scroll(direction: 1 | -1): false {
    const page = Math.max(1, this.#room - 2);
    this.#scrolled = Math.max(0, this.#scrolled + (direction > 0 ? Math.min(page, this.#below) : -page));
    return false;
  }

  async #act(act: DraftAct, done: string): Promise<false> {
    await this.#session.act(act);
    this.#say(done);
    return false;
  }

  async #reorder(to: number): Promise<false> {
    const from = this.#chosen;
    if (to < 0 || to >= this.#session.tweets.length) return false;
    await this.#session.act({ do: "reorder", from, to });
    this.#chosen = to;
    this.#say(`It is tweet ${to + 1} now.`);
    return false;
  }

  async #edit(): Promise<false> {
    const position = this.#chosen;
    const before = this.#session.tweets[position]?.text ?? "";
    const after = await this.#terminal.lend(() => editInEditor(this.#io.env, before));
    if (after === before) this.#say("The words are as they were.");
    else await this.#act({ do: "text", position, text: after }, "The words are changed.");
    return false;
  }

  async #split(): Promise<false> {
    const position = this.#chosen;
    const text = this.#session.tweets[position]?.text ?? "";
    const places = placesToSplit(text);
    if (places.length === 0) throw new PsnError("SPLIT_NOT_THERE", "One word cannot be split.");
    let index = middleOf(text, places);
    this.#question = "Where shall it be split?";
    this.#keys = [
      ["←→", "a word"],
      ["↑↓", `${SPLIT_STRIDE} words`],
      ["Enter", "split here"],
      ["Esc", "back"],
    ];
    const steps: Record<Key, number> = { left: -1, right: 1, up: -SPLIT_STRIDE, down: SPLIT_STRIDE };
    for (;;) {
      this.#splitAt = places[index] ?? 0;
      const key = await this.#nextKey();
      if (BACK.includes(key) || key === "q") return false;
      if (key === "enter" || key === "s") break;
      index = Math.max(0, Math.min(places.length - 1, index + (steps[key] ?? 0)));
    }
    return await this.#act({ do: "split", position, at: places[index] ?? 0 }, "Split in two.");
  }

  async #attach(): Promise<false> {
    const position = this.#chosen;
    const file = await this.#ask(`A file for tweet ${position + 1}:`);
    if (!file) return false;
    const altText = await this.#ask("What is to be seen, for those who cannot see it? Enter for no alt text.");
    if (altText === null) return false;
    await this.#session.attach(position, this.#path(file), checkedAltText(altText));
    this.#say("Attached.");
    return false;
  }

  async #detach(): Promise<false> {
    const position = this.#chosen;
    const count = this.#session.tweets[position]?.media.length ?? 0;
    let item: number | null = 0;
    if (count > 1) {
      const numbers = Array.from({ length: count }, (_, index) => String(index + 1));
      const key = await this.#pick("Which one?", [...numbers.map((n): KeyHelp => [n, `the ${n}.`]), ["x", "all"]]);
      if (key === null) return false;
      item = key === "x" ? null : Number(key) - 1;
    }
    return await this.#act({ do: "detach", position, item }, "Detached.");
  }

  // --- approval, and when ---

  async #approve(): Promise<boolean> {
    const { post, preview } = this.#session.stand;
    const refusable = this.#session.tweets.find((tweet) => tweet.warnings.some((warning) => warning.blocking));
    if (refusable) {
      this.#choose(refusable.position);
      throw new PsnError("POST_REFUSABLE", `X would refuse tweet ${refusable.position + 1} as it is; see there.`);
    }
    const planned = this.#heldTime ?? asSchedule(post.planned);
    const key = await this.#pick(
      `Approve this, ${preview?.tweetCount === 1 ? "one tweet" : `all ${preview?.tweetCount} tweets`}, to be posted as @${post.account}?`,
      [
        ["n", "yes, publish now"],
        ["t", "yes, at a time…"],
        ...(planned ? [["p", `yes, for ${timeAnswer(planned.at, planned.timezone).local}`] as const] : []),
        ["y", "yes, and decide later"],
      ],
    );
    if (key === null) return false;
    const schedule = key === "t" ? await this.#askTime() : key === "p" ? planned : null;
    if (key === "t" && !schedule) return false;
    if (!(await this.#approveShown())) return false;
    if (schedule) await this.#session.schedule(schedule);
    if (key === "n") {
      this.#question = "Publishing…";
      this.#keys = [];
      this.#draw();
      await this.#session.publish(this.#io.signal);
    }
    return true;
  }

  async #approveShown(): Promise<boolean> {
    try {
      await this.#session.approve(false);
    } catch (error) {
      if (!(error instanceof PsnError) || error.code !== "POST_DUPLICATE") throw error;
      const key = await this.#pick(error.message, [["f", "approve it all the same"]]);
      if (key !== "f") return false;
      await this.#session.approve(true);
    }
    return true;
  }

  async #askTime(): Promise<Schedule | null> {
    const zone = this.#session.app.hubEnv.timezone;
    const question = `When, in ${zone}? “tomorrow 9am”, “in 2 hours”, “2027-03-15 09:00”`;
    for (let typed = await this.#ask(question); typed; typed = await this.#ask(question, typed)) {
      try {
        const schedule = await this.#readTime(typed, zone);
        if (!schedule) continue;
        const { local, utc } = timeAnswer(schedule.at, schedule.timezone);
        if ((await this.#pick(`${local}, that is ${utc}.`, [["Enter", "yes"]])) !== null) return schedule;
      } catch (error) {
        if (!(error instanceof PsnError)) throw error;
        this.#message = { text: error.message, isError: true };
      }
    }
    return null;
  }

  async #readTime(typed: string, zone: string): Promise<Schedule | null> {
    try {
      return readWhen({ at: typed }, zone, new Date());
    } catch (error) {
      if (!(error instanceof PsnError) || error.code !== "TIME_AMBIGUOUS") throw error;
      const key = await this.#pick(error.message, [
        ["1", "the earlier"],
        ["2", "the later"],
      ]);
      if (key === null) return null;
      return readWhen({ at: typed, [key === "1" ? "earlier" : "later"]: true }, zone, new Date());
    }
  }

  /** A post that has its time already: a half-done edit must not go out. @returns false when the person leaves */
  async #begin(): Promise<boolean> {
    const { post } = this.#session.stand;
    if (post.status !== "scheduled" && post.status !== "retry") return true;
    const when = post.scheduled ? `goes out ${post.scheduled.local}` : "waits to go on";
    const key = await this.#pick(`This post ${when}.`, [
      ["Enter", "take it back to a draft while you work"],
      ["c", "change it in place: each act counts at once"],
    ]);
    if (key === null) return false;
    if (key === "c") return true;
    return await this.#guarded(async () => {
      this.#heldTime = asSchedule(post.scheduled);
      await this.#session.toDraft();
      this.#say("It is a draft now; approve it to have it go out.");
      return true;
    });
  }

  // --- asking ---

  /** One of the keys, or null for back. */
  async #pick(question: string, choices: readonly KeyHelp[]): Promise<Key | null> {
    this.#question = question;
    this.#typed = null;
    this.#keys = [...choices, ["Esc", "back"]];
    for (;;) {
      const key = await this.#nextKey();
      if (BACK.includes(key)) return null;
      const chosen = choices.find(([name]) => name.toLowerCase() === key);
      if (chosen) return chosen[0];
    }
  }

  /** A line of text, or null for back. */
  async #ask(question: string, typed = ""): Promise<string | null> {
    let line = typed;
    this.#question = question;
    this.#keys = [
      ["Enter", "go on"],
      ["Esc", "back"],
    ];
    for (;;) {
      this.#typed = line;
      const key = await this.#nextKey();
      if (BACK.includes(key)) return null;
      if (key === "enter") return line.trim();
      if (key === "backspace") line = Array.from(line).slice(0, -1).join("");
      else if (key === "ctrl-u") line = "";
      else if (Array.from(key).length === 1) line += key;
    }
  }

  #path(typed: string): string {
    // Terminals paste a dropped file with quotes or backslashes.
    const bare = typed.replace(/^(['"])(.*)\1$/, "$2").replace(/\\(.)/g, "$1");
    return resolve(this.#io.cwd, bare.replace(/^~(?=\/)/, this.#io.env.HOME ?? "~"));
  }

  // --- the screen ---

  /** Says what went wrong instead of ending the loop; a bug still ends it. */
  async #guarded(act: () => Promise<boolean>): Promise<boolean> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      this.#message = { text: error.hint ? `${error.message} ${error.hint}` : error.message, isError: true };
      return false;
    } finally {
      this.#splitAt = null;
      this.#question = null;
      this.#typed = null;
      this.#keys = LIST_KEYS;
      this.#choose(this.#chosen);
    }
  }

  #say(text: string): void {
    this.#message = { text, isError: false };
  }

  async #nextKey(): Promise<Key> {
    this.#draw();
    return await this.#terminal.nextKey();
  }

  readonly #draw = (): void => {
    const size = this.#terminal.size();
    const isSmall = size.rows < SMALL.rows || size.columns < SMALL.columns;
    const isCut = this.#keys === LIST_KEYS && isSmall && !this.#wantsAllKeys;
    const view: View = {
      stand: this.#session.stand,
      chosen: this.#chosen,
      splitAt: this.#splitAt,
      message: this.#message,
      question: this.#question,
      typed: this.#typed,
      keys: isCut ? FEW_KEYS : this.#keys,
      scrolled: this.#scrolled,
    };
    const { lines, room, below } = renderView(view, size, this.#io.paint);
    this.#room = room;
    this.#below = below;
    this.#terminal.draw(lines);
  };
}

// --- internal ---

function asSchedule(time: { utc: string; timezone: string } | null): Schedule | null {
  return time && { at: new Date(time.utc), timezone: time.timezone };
}
