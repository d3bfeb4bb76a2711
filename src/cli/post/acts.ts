/**
 * The acts on a draft as commands: `psn post split ID N …`. Each answers with the new preview and contentVersion, and
 * refuses with POST_CHANGED when `--version` is not the version that is there. A person has the same acts as keys.
 */
import { resolve } from "node:path";
import type { MoveUnit } from "../../core/compose/acts.ts";
import { PsnError } from "../../core/errors.ts";
import { findPostId } from "../../core/posts/read.ts";
import { actOnPost, type DraftAct, undoPost } from "../../core/posts/write.ts";
import { type App, withApp } from "../_app.ts";
import { defineCommand, type Io } from "../_command.ts";
import type { ArgumentDef, OldCommand as Command, OptionDef, Parsed } from "../_command-old.ts";
import { checkedAltText, readText, storeAttachments, TEXT_OPTIONS } from "../_input.ts";
import { FORCE_OPTION, ID_ARGUMENT, readVersion, textOption, VERSION_OPTION } from "./_options.ts";
import { renderStand, StandSchema, stand } from "./_stand.ts";

const UNITS: readonly MoveUnit[] = ["word", "clause", "sentence", "line", "paragraph"];
const BY_MAX = 10_000;

const TWEET_ARGUMENT: ArgumentDef = { name: "tweet", help: "the tweet's number, from 1", required: true };

interface ActDef {
  name: string;
  summary: string;
  args?: ArgumentDef[];
  options?: Record<string, OptionDef>;
  examples: string[];
  /** What is to be done; read before the hub is opened where that is possible. */
  read(io: Io, input: Parsed): Promise<DraftAct | ((app: App) => Promise<DraftAct>)>;
}

const ACTS: ActDef[] = [
  {
    name: "post split",
    summary: "Split a tweet in two",
    options: {
      before: { type: "string", value: "WORDS", help: "Before these words, which occur in the tweet once" },
      at: { type: "string", value: "OFFSET", help: "Before this offset of the tweet's text, in UTF-16 units" },
    },
    examples: ['psn post split 7k3m 2 --before "On the other hand"'],
    async read(_io, { args, options }) {
      const [before, at] = [textOption(options, "before"), textOption(options, "at")];
      if ((before === undefined) === (at === undefined)) throw new PsnError("USAGE", "Give --before or --at.");
      const where = before ?? wholeNumber("--at", at, 0);
      return { do: "split", position: tweetNumber(args.tweet), at: where };
    },
  },
  {
    name: "post join",
    summary: "Join a tweet with the next one",
    examples: ["psn post join 7k3m 2"],
    read: async (_io, { args }) => ({ do: "join", position: tweetNumber(args.tweet) }),
  },
  {
    name: "post move",
    summary: "Move the end of a tweet, so that it takes more or less of the next one",
    options: {
      by: { type: "string", value: "K", help: "How far: 1 takes one unit more (the default), --by=-1 gives one away" },
      unit: { type: "string", value: "UNIT", help: `What is moved: ${UNITS.join(", ")} (default sentence)` },
    },
    examples: ["psn post move 7k3m 2", "psn post move 7k3m 2 --by=-3 --unit word"],
    async read(_io, { args, options }) {
      const unit = UNITS.find((known) => known === (options.unit ?? "sentence"));
      if (!unit) throw new PsnError("USAGE", `--unit takes ${UNITS.join(", ")}.`);
      const by = wholeNumber("--by", textOption(options, "by") ?? "1", -BY_MAX);
      return { do: "move", position: tweetNumber(args.tweet), by, unit };
    },
  },
  {
    name: "post text",
    summary: "Give one tweet other words",
    args: [{ name: "text", help: "the new words; - reads stdin" }],
    options: TEXT_OPTIONS,
    examples: ['psn post text 7k3m 2 "Better words."', "psn post text 7k3m 2 --file tweet.txt"],
    async read(io, { args, options }) {
      const given = await readText(io, args.text, options);
      if (!given) throw new PsnError("TEXT_MISSING", "There are no words.", { hint: 'psn post text ID N "…"' });
      return { do: "text", position: tweetNumber(args.tweet), text: given.text };
    },
  },
  {
    name: "post reorder",
    summary: "Move a tweet to another place",
    args: [{ name: "to", help: "the number that it shall have", required: true }],
    examples: ["psn post reorder 7k3m 5 2"],
    read: async (_io, { args }) => ({ do: "reorder", from: tweetNumber(args.tweet), to: tweetNumber(args.to) }),
  },
  {
    name: "post attach",
    summary: "Attach an image, GIF or video to a tweet",
    args: [{ name: "file", help: "an image, GIF or video", required: true }],
    options: { alt: { type: "string", value: "TEXT", help: "What is to be seen, for those who cannot" } },
    examples: ["psn post attach 7k3m 1 cover.png --alt 'A lighthouse at night'"],
    async read(io, { args, options }) {
      const position = tweetNumber(args.tweet);
      const altText = checkedAltText(textOption(options, "alt"));
      const file = resolve(io.cwd, args.file ?? "");
      return async (app) => {
        const [media = []] = await storeAttachments(app.media, [{ tweet: 0, file, altText }], 1);
        return { do: "attach", position, media };
      };
    },
  },
  {
    name: "post detach",
    summary: "Take media from a tweet",
    args: [{ name: "item", help: "which, from 1 (default: all)" }],
    examples: ["psn post detach 7k3m 1", "psn post detach 7k3m 1 2"],
    read: async (_io, { args }) => ({
      do: "detach",
      position: tweetNumber(args.tweet),
      item: args.item === undefined ? null : wholeNumber("item", args.item, 1) - 1,
    }),
  },
];

const undoCommand = defineCommand({
  name: "post undo",
  summary: "Take back the last change of a draft; again, the one before",
  args: [ID_ARGUMENT],
  options: VERSION_OPTION,
  answer: StandSchema,
  run: (io, { args, options }) =>
    withApp(io, async (app) => {
      const postId = await findPostId(app.hub.db, args.id ?? "");
      await undoPost(app.hub, app.engine, postId, readVersion(options));
      return await stand(app, postId, { preview: true });
    }),
  render: renderStand,
});

export const actCommands = [...ACTS.map(actCommand), undoCommand] as unknown as Command[];

/** One of them, e.g. `split`. */
export function actNamed(name: string): Command {
  const command = actCommands.find((candidate) => candidate.name === `post ${name}`);
  if (!command) throw new Error(`there is no act ${name}`);
  return command;
}

// --- internal ---

function actCommand(def: ActDef) {
  return defineCommand({
    name: def.name,
    summary: def.summary,
    args: [ID_ARGUMENT, TWEET_ARGUMENT, ...(def.args ?? [])],
    options: { ...def.options, ...VERSION_OPTION, ...FORCE_OPTION },
    examples: def.examples,
    answer: StandSchema,
    async run(io, input) {
      const act = await def.read(io, input);
      const expecting = { ...readVersion(input.options), force: Boolean(input.options.force) };
      return await withApp(io, async (app) => {
        const postId = await findPostId(app.hub.db, input.args.id ?? "");
        const wanted = typeof act === "function" ? await act(app) : act;
        await actOnPost(app.hub, app.engine, postId, wanted, expecting);
        return await stand(app, postId, { preview: true });
      });
    },
    render: renderStand,
  });
}

function tweetNumber(given: string | undefined): number {
  return wholeNumber("A tweet's number", given, 1) - 1;
}

function wholeNumber(what: string, given: string | undefined, min: number): number {
  const number = Number(given);
  if (/^-?\d{1,8}$/.test(given ?? "") && number >= min) return number;
  throw new PsnError("USAGE", `${what} is a whole number from ${min}, not “${(given ?? "").slice(0, 20)}”.`);
}
