/** What comes next, for a client that has no shell: beside each command of `next` that is a tool stands its call. */
import type { Command } from "../cli/_command.ts";
import type { NextStep, ToolCall } from "../cli/_effects.ts";
import { fieldsOnLine } from "../cli/_parse.ts";
import { PsnError } from "../core/errors.ts";

export interface ToolCommand {
  /** As typed: `post now`. */
  name: string;
  /** `post_now`. */
  tool: string;
  /** What the tool takes. */
  fields: readonly string[];
  command: Command;
}

/** @returns an answer with the calls of tools beside the commands that it names, at any depth */
export function toolCallsIn(tools: readonly ToolCommand[]) {
  const within = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(within);
    if (typeof value !== "object" || value === null) return value;
    if (isStep(value)) {
      const tool = callOf(tools, value.command);
      return tool ? { ...value, tool } : value;
    }
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, within(inner)]));
  };
  return (answer: object) => within(answer) as Record<string, unknown>;
}

// --- internal ---

/** A word of a shell: bare, in quotes of either kind, or in parts of these. */
const WORD = /(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/g;
/** What is to be filled in. */
const PLACEHOLDER = /^(?:[A-Z][A-Z_]+|…)$/;

const isStep = (value: object): value is NextStep =>
  "command" in value && typeof value.command === "string" && "effect" in value && "needsPerson" in value;

/** Null for a command that is no tool, and for a line that is none of it. */
function callOf(tools: readonly ToolCommand[], line: string): ToolCall | null {
  const [psn, ...words] = (line.match(WORD) ?? []).map(unquoted);
  if (psn !== "psn") return null;
  for (const count of [2, 1]) {
    const found = tools.find(({ name }) => name === words.slice(0, count).join(" "));
    if (!found) continue;
    const given = givenTo(found, words.slice(count));
    return given && { name: found.tool, arguments: given };
  }
  return null;
}

/** Null for what the tool does not take, such as what runs until Ctrl-C. */
function givenTo({ command, name, fields }: ToolCommand, argv: string[]): Record<string, unknown> | null {
  try {
    const { given, globals } = fieldsOnLine(command, name, argv);
    if (globals["dry-run"] === true) given.dryRun = true;
    const known = Object.entries(given).filter(([, value]) => ![value].flat().some(isPlaceholder));
    return known.every(([field]) => fields.includes(field)) ? Object.fromEntries(known) : null;
  } catch (error) {
    if (error instanceof PsnError) return null;
    throw error;
  }
}

const isPlaceholder = (value: unknown) => typeof value === "string" && PLACEHOLDER.test(value);

const unquoted = (word: string) =>
  word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g, (_, single, double, escaped) =>
    single !== undefined ? single : double !== undefined ? double.replace(/\\(.)/g, "$1") : escaped,
  );
