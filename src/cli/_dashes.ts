/**
 * What begins with a dash: an option, or the author's words. People write lists, minus signs and quotations, so only what
 * has the form of an option can be one, and whatever is neither for sure is refused with what to type.
 */
import { PsnError } from "../core/errors.ts";
import { distance } from "./_distance.ts";
import type { Flag } from "./_flags.ts";

/** With the dashes that a phone, a word processor or a web page makes of `-` and `--`. */
const ANY_DASHES = /^[-\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]+/;
const OPTION_FORM = /^(?:--?[A-Za-z][\w-]*)(?:=[\s\S]*)?$/;

/**
 * The same arguments, so ordered that nothing is left to guess: options as `--name=value`, then `--`, then the words.
 * @throws PsnError USAGE with the option that may be meant, and how to give the same as words
 */
export function sortArguments(flags: readonly Flag[], args: readonly string[], name: string): string[] {
  const options: string[] = [];
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--") {
      words.push(...args.slice(at + 1));
      break;
    }
    const option = optionOf(flags, arg, name);
    if (!option) {
      words.push(arg);
      continue;
    }
    const { flag, typed, value } = option;
    if (flag.kind === "boolean" || value !== undefined) {
      options.push(value === undefined ? `--${typed}` : `--${typed}=${value}`);
      continue;
    }
    const next = args[++at];
    if (next === undefined || !isValue(flags, flag, next)) {
      throw new PsnError("USAGE", `--${typed} needs a value.`, {
        hint: `${next === undefined ? `--${typed} ${flag.placeholder}` : `A value that begins with a dash: --${typed}=${next.slice(0, 40)}`}; psn ${name} --help`,
      });
    }
    options.push(`--${typed}=${next}`);
  }
  return [...options, "--", ...words];
}

// --- internal ---

interface Option {
  flag: Flag;
  typed: string;
  value: string | undefined;
}

/** The option that an argument is; null for words. */
function optionOf(flags: readonly Flag[], arg: string, command: string): Option | null {
  const leading = ANY_DASHES.exec(arg)?.[0] ?? "";
  const bare = arg.slice(leading.length).split("=")[0] ?? "";
  if (leading !== "-" && leading !== "--") {
    if (leading === "" || !longNamed(flags, bare)) return null;
    const why = /[^-]/.test(leading) ? "It begins with a typographic dash. " : "";
    throw unknown(arg, `${why}Did you mean --${bare}?`, command);
  }
  const [, dashes = "", typed = "", value] = /^(--?)([^=]*)(?:=([\s\S]*))?$/.exec(arg) ?? [];
  if (dashes === "--") {
    const flag = longNamed(flags, typed);
    if (flag) return { flag, typed, value };
  } else {
    const flag = flags.find(({ short }) => short !== undefined && short === typed);
    if (flag && value === undefined) return { flag, typed: flag.name, value };
  }
  // "--at tomorrow" in one piece: rather an option that lost its quotes than words.
  const first = typed.split(/\s/)[0] ?? "";
  if (dashes === "--" && first !== typed && longNamed(flags, first))
    throw unknown(arg, `Did you mean --${first}, and its value apart?`, command);
  // No option has a blank in its name, or begins with a digit or a mark.
  const holdsValue = dashes === "-" && !/\s/.test(arg) && flags.some(({ short }) => short === typed.charAt(0));
  if (!holdsValue && (!OPTION_FORM.test(arg) || /\s/.test(typed))) return null;
  throw unknown(arg, suggestion(flags, dashes, typed), command);
}

function suggestion(flags: readonly Flag[], dashes: string, typed: string): string {
  if (dashes === "-") {
    if (longNamed(flags, typed)) return `Did you mean --${typed}?`;
    const short = flags.find((flag) => flag.short === typed.charAt(0));
    if (short && short.kind !== "boolean") return `Did you mean -${short.short} ${typed.slice(1)}?`;
  }
  const near = flags
    .flatMap(({ name, others }) => [name, ...others])
    .map((name) => ({ name, edits: distance(name, typed) }))
    .filter(({ name, edits }) => edits <= (name.length >= 4 ? 2 : 1))
    .sort((one, other) => one.edits - other.edits || alike(other.name, typed) - alike(one.name, typed));
  return near[0] ? `Did you mean --${near[0].name}?` : "";
}

/** How far two words begin alike. */
function alike(name: string, typed: string): number {
  let length = 0;
  while (length < name.length && name[length] === typed[length]) length++;
  return length;
}

/** The value of an option: anything but an option, or what may be a mistyped one. */
function isValue(flags: readonly Flag[], flag: Flag, next: string): boolean {
  if (next === "--") return false;
  if (!next.startsWith("-") || next === "-") return true;
  if (flag.kind === "number" && /^-\d/.test(next)) return true;
  const name = next.replace(/^--?/, "").split("=")[0] ?? "";
  return !longNamed(flags, name) && (!OPTION_FORM.test(next) || /\s/.test(name));
}

const longNamed = (flags: readonly Flag[], name: string) =>
  flags.find((flag) => flag.name === name || flag.others.includes(name));

function unknown(arg: string, meant: string, command: string): PsnError {
  const shown = arg.replace(/\s+/g, " ").slice(0, 40);
  const asWords = `If it is text, put -- before it: psn ${command} -- ${JSON.stringify(shown)}.`;
  return new PsnError("USAGE", `Unknown option '${shown.split("=")[0]}'.`, {
    hint: [meant, asWords, `psn ${command} --help`].filter(Boolean).join(" "),
  });
}
