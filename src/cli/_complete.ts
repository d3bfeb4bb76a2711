/** What can come next on a command line, for a shell that completes it: from the commands' schemas, so that whatever is new is offered. */
import type { Entry } from "./_command.ts";
import { argumentsOf, type Flag, flagsOf, GLOBAL_FIELDS } from "./_flags.ts";
import { TOPICS } from "./_topics.ts";
import { fit, oneLine } from "./_wrap.ts";

/** A word that can come next, and what it is. */
export interface Offer {
  word: string;
  help: string;
}

export interface Offered {
  /** What the shell itself offers beside the words. */
  paths: "files" | "folders" | null;
  words: Offer[];
}

/** What only the hub knows. Asked when a word of it is wanted. */
export interface LiveWords {
  posts(): Promise<Offer[]>;
  accounts(): Promise<Offer[]>;
}

const HELP_COLUMNS_MAX = 60;
const OFFERS_MAX = 200;
/** Of other signs a shell might make something: such a word is never offered, wherever it comes from. */
const HARMLESS = /^[\w@][\w@:.,/+-]*=?$|^--?[a-z][\w-]*(=[\w@:.,/+-]*)?$/i;

/**
 * What can stand where the cursor is.
 * @param words what is typed after `psn`, as the shell divides it; the last is the one at the cursor, and may be empty
 */
export async function offersFor(
  entries: readonly Entry[],
  words: readonly string[],
  live: LiveWords,
): Promise<Offered> {
  const current = words.at(-1) ?? "";
  const { paths, words: all } = await allOffers(entries, words.slice(0, -1), current, live);
  const fitting = all.filter(({ word }) => word.startsWith(current) && HARMLESS.test(word));
  const unique = [...new Map(fitting.map((offer) => [offer.word, offer])).values()].slice(0, OFFERS_MAX);
  return { paths, words: unique.map(({ word, help }) => ({ word, help: fit(oneLine(help), HELP_COLUMNS_MAX) })) };
}

// --- internal ---

const NOTHING: Offered = { paths: null, words: [] };

async function allOffers(
  entries: readonly Entry[],
  before: string[],
  current: string,
  live: LiveWords,
): Promise<Offered> {
  const [first = ""] = before;
  if (first === "help" || first === "schema") {
    const topics = first === "help" ? TOPICS.map((word) => ({ word, help: "a topic" })) : [];
    const names = nextNames(entries, before.slice(1));
    return { ...NOTHING, words: before.length === 1 ? [...names, ...topics] : names };
  }
  const names = nextNames(entries, before);
  const called = [2, 1]
    .filter((count) => count <= before.length)
    .map((count) => ({ entry: entries.find(({ name }) => name === before.slice(0, count).join(" ")), count }))
    .find(({ entry }) => entry !== undefined);
  if (!called?.entry) {
    const more =
      before.length === 0 ? [{ word: "help", help: "Tell about a command or a topic" }, ...ENTRY_OPTIONS] : [];
    return { ...NOTHING, words: [...names, ...more] };
  }
  const command = await called.entry.load();
  const flags = [...flagsOf(command.input), ...flagsOf(GLOBAL_FIELDS)];
  const own = await valuesAt(flags, before.slice(called.count), current, live);
  return { ...own, words: [...names, ...own.words] };
}

const ENTRY_OPTIONS: Offer[] = [
  { word: "--help", help: "List all commands" },
  { word: "--version", help: "Say which version this is" },
];

/** The words that go on from these to the name of a command. */
function nextNames(entries: readonly Entry[], typed: readonly string[]): Offer[] {
  return entries.flatMap(({ name, summary }) => {
    const parts = name.split(" ");
    const word = parts[typed.length];
    if (word === undefined || !typed.every((one, index) => one === parts[index])) return [];
    return [{ word, help: parts.length === typed.length + 1 ? summary : `psn ${[...typed, word].join(" ")} …` }];
  });
}

/** What an option's value, an option or an argument can be there. */
async function valuesAt(flags: readonly Flag[], before: string[], current: string, live: LiveWords): Promise<Offered> {
  const named = (word: string) =>
    flags.find(({ name, short, others, position }) => {
      const isNamed = [name, ...others].some((one) => word === `--${one}`) || word === `-${short}`;
      return position === undefined && isNamed;
    });
  const used = new Set<Flag>();
  let given = 0;
  let open: Flag | undefined;
  let isOver = false;
  for (const word of before) {
    if (open) open = undefined;
    else if (!isOver && word === "--") isOver = true;
    else if (!isOver && word.startsWith("-")) {
      const flag = named(word.split("=")[0] ?? "");
      if (flag && !flag.multiple) used.add(flag);
      if (flag && flag.kind !== "boolean" && !word.includes("=")) open = flag;
    } else given++;
  }
  if (open) return await valuesOf(open, "", live);
  const [, option = ""] = isOver ? [] : (/^(--[\w-]+)=/.exec(current) ?? []);
  const flag = named(option);
  if (flag) return await valuesOf(flag, `${option}=`, live);
  const options = isOver
    ? []
    : flags
        .filter((one) => one.position === undefined && !used.has(one))
        .map(({ name, help }) => ({ word: `--${name}`, help }));
  if (current.startsWith("-")) return { ...NOTHING, words: options };
  const args = argumentsOf(flags);
  const argument = args[given] ?? (args.at(-1)?.multiple ? args.at(-1) : undefined);
  const values = argument ? await valuesOf(argument, "", live) : NOTHING;
  // Where no word is known, the options are what there is to say.
  return values.words.length > 0 || values.paths ? values : { ...NOTHING, words: options };
}

/** By what a field calls its value in help. */
async function valuesOf({ choices, placeholder }: Flag, prefix: string, live: LiveWords): Promise<Offered> {
  const prefixed = (offers: Offer[]) => offers.map(({ word, help }) => ({ word: prefix + word, help }));
  if (choices.length > 0) return { ...NOTHING, words: prefixed(choices.map((word) => ({ word, help: "" }))) };
  if (POSTS.has(placeholder)) return { ...NOTHING, words: prefixed(await live.posts()) };
  if (ACCOUNTS.has(placeholder)) return { ...NOTHING, words: prefixed(await live.accounts()) };
  if (/FILE$/.test(placeholder)) return { ...NOTHING, paths: "files" };
  return placeholder === "FOLDER" ? { ...NOTHING, paths: "folders" } : NOTHING;
}

const POSTS = new Set(["ID", "PARENT", "POST", "POST|URL"]);
const ACCOUNTS = new Set(["HANDLE", "@HANDLE"]);
