/** From what was typed to a command's input. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { z } from "zod";
import { PsnError } from "../core/errors.ts";
import type { Command } from "./_command.ts";
import { sortArguments } from "./_dashes.ts";
import { distance } from "./_distance.ts";
import { duplicateKey } from "./_duplicate-key.ts";
import { pathsOf, requirePaths } from "./_fields-cut.ts";
import { argumentsOf, type FieldSchema, type Flag, flagsOf, GLOBAL_FIELDS, schemaOf } from "./_flags.ts";
import { unknownField } from "./_unknown-field.ts";

export interface Parsed {
  input: Record<string, unknown>;
  noInput: boolean;
  dryRun: boolean;
  /** Paths of `--fields`. */
  fields: string[][] | null;
}

/**
 * Reads a command line, and the input that `--input` names. A field is given in one of them.
 * @throws PsnError USAGE, TEXT_…, and what `parseInput` throws
 */
export async function parseLine(
  command: Command,
  name: string,
  argv: string[],
  { cwd, readStdin, signal }: { cwd(): string; readStdin(): Promise<string>; signal: AbortSignal },
): Promise<Parsed> {
  const file = inputFileOf(argv);
  if (file === null) return parseInput(command, name, argv);
  const text = file === "-" ? await readStdin() : await readInputFile(file, cwd, signal);
  return parseInput(command, name, argv, givenIn(command, name, text));
}

/**
 * Reads a command's arguments over the input that is given already.
 * @throws PsnError USAGE, or the field's own code, with what is wrong and the line that helps
 */
export function parseInput(command: Command, name: string, argv: string[], base: Record<string, unknown> = {}): Parsed {
  const { given, globals } = fieldsOnLine(command, name, argv, base);
  const input = inputOf(command.input, name, given);
  const fields = typeof globals.fields === "string" ? pathsOf(globals.fields) : null;
  if (fields) requirePaths(command, name, fields);
  return {
    input,
    noInput: globals["no-input"] === true,
    dryRun: globals["dry-run"] === true,
    fields,
  };
}

/**
 * The fields of a command that stand on a line, over those that are given already; not held against their schemas yet.
 * @throws PsnError USAGE for options and arguments that the command does not have, and for a field that is given twice
 */
export function fieldsOnLine(
  command: Command,
  name: string,
  argv: string[],
  base: Record<string, unknown> = {},
): { given: Record<string, unknown>; globals: Record<string, unknown> } {
  const usage = { hint: `psn ${name} --help` };
  const flags = flagsOf(command.input);
  const options = flags.filter((one) => one.position === undefined);
  const known = [...options, ...flagsOf(GLOBAL_FIELDS)];
  const { values, positionals } = parseOptions(known, sortArguments(known, argv, name), usage);
  const given: Record<string, unknown> = { ...base };
  const take = (one: Flag, typed: unknown) => {
    if (base[one.field] !== undefined) throw givenTwice(one, usage);
    given[one.field] = asTyped(one, typed);
  };
  for (const option of options) {
    const found = [option.name, ...option.others].map((known) => values[known]).find((value) => value !== undefined);
    if (found !== undefined) take(option, found);
  }
  for (const argument of argumentsOf(flags)) {
    if (argument.multiple) {
      // The last one takes all that is left.
      if (positionals.length > 0) take(argument, positionals.splice(0));
      continue;
    }
    const value = positionals.shift();
    if (value !== undefined) take(argument, value);
  }
  if (positionals.length > 0) {
    const [extra = ""] = positionals;
    const why = /^\W/.test(extra) ? "" : "Put a text with spaces in quotes. ";
    throw new PsnError("USAGE", `"${extra.slice(0, 40)}" is one argument too many.`, { hint: `${why}${usage.hint}` });
  }
  return { given, globals: values };
}

/**
 * A command's input as JSON, by the names of its schema.
 * @throws PsnError USAGE for what is no object, for a field that is named twice, and for one that the command does not have
 */
export function givenIn(command: Command, name: string, text: string): Record<string, unknown> {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    given = null;
  }
  const hint = `psn schema ${name}`;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new PsnError("USAGE", "--input takes one JSON object.", { hint, next: [hint] });
  }
  const twice = duplicateKey(text);
  if (twice !== null) {
    throw new PsnError("USAGE", `--input names ${JSON.stringify(twice.slice(0, 60))} twice.`, {
      hint: "Give each field once; of two only you know which is meant.",
      next: [hint],
    });
  }
  requireKnown(name, Object.keys(command.input.shape), given);
  return given as Record<string, unknown>;
}

/**
 * Of input by the names of its fields, from `--input` or in a tool's call: a mistyped `at` must never publish now.
 * @throws PsnError USAGE for a field that is none of the known
 */
export function requireKnown(name: string, known: readonly string[], given: object): void {
  const unknown = Object.keys(given).find((field) => !known.includes(field));
  if (unknown !== undefined) throw unknownField(name, unknown, known, (one) => `psn ${name} has no field ${one}.`);
}

/**
 * Input as its schema takes it, with its defaults.
 * @throws PsnError USAGE for an argument that is missing, else the field's own code
 */
export function inputOf(input: z.ZodObject, name: string, given: Record<string, unknown>): Record<string, unknown> {
  const usage = `psn ${name} --help`;
  const flags = flagsOf(input);
  const missing = argumentsOf(flags).find((one) => one.required && !one.multiple && given[one.field] === undefined);
  if (missing) throw new PsnError("USAGE", `${missing.field} is missing: ${missing.help}.`, { hint: usage });
  const parsed = input.safeParse(given);
  if (parsed.success) return parsed.data;
  throw explain(input, flags, parsed.error, usage);
}

// --- internal ---

/** What stands behind -- are words. */
function inputFileOf(argv: readonly string[]): string | null {
  const end = argv.indexOf("--");
  const options = end < 0 ? argv : argv.slice(0, end);
  const at = options.findIndex((word) => word === "--input" || word.startsWith("--input="));
  if (at < 0) return null;
  const [, inline] = /^--input=(.*)$/s.exec(options[at] ?? "") ?? [];
  return inline ?? options[at + 1] ?? null;
}

async function readInputFile(file: string, cwd: () => string, signal: AbortSignal): Promise<string> {
  const { chunksOfFile, decodeText, readBytes } = await import("./_stdin.ts");
  try {
    return decodeText(await readBytes(chunksOfFile(resolve(cwd(), file), signal), file), file);
  } catch (error) {
    if (error instanceof PsnError || error === signal.reason) throw error;
    throw new PsnError("TEXT_UNREADABLE", `${file} cannot be read: ${(error as Error).message}.`);
  }
}

/** Strictly: an option that is not known is an error, for a mistyped `--at` must never publish now. */
function parseOptions(flags: readonly Flag[], args: string[], usage: { hint: string }) {
  const known = flags.flatMap(({ name, others, kind, short, multiple }) =>
    [name, ...others].map((one, index) => {
      const type = kind === "boolean" ? ("boolean" as const) : ("string" as const);
      return [one, { type, multiple, ...(short && index === 0 ? { short } : {}) }] as const;
    }),
  );
  try {
    return parseArgs({ args, strict: true, allowPositionals: true, options: Object.fromEntries(known) });
  } catch (error) {
    const message = String((error as Error).message).replace(/\s+/g, " ");
    const typed = /'--([^']+)'/.exec(message)?.[1];
    const near = typed === undefined ? [] : known.map(([name]) => name).filter((name) => distance(name, typed) <= 2);
    const meant = near.length > 0 ? `Did you mean --${near.join(" or --")}? ` : "";
    throw new PsnError("USAGE", `${message.replace(/\.$/, "")}.`, { hint: `${meant}${usage.hint}` });
  }
}

/** Neither is dropped without a word: of two texts only the author knows which is meant. */
function givenTwice({ field, name, position }: Flag, usage: { hint: string }): PsnError {
  const typed = position === undefined ? `--${name}` : `the argument ${field}`;
  return new PsnError("USAGE", `Give ${field} either in --input or as ${typed}, not both.`, usage);
}

/** Digits become a number; anything else stays as it is, and the schema refuses it. */
function asTyped({ kind, multiple }: Flag, given: unknown): unknown {
  if (multiple && Array.isArray(given)) return given.map((item) => asTyped({ kind, multiple: false } as Flag, item));
  return kind === "number" && /^-?\d{1,15}(\.\d{1,15})?$/.test(String(given)) ? Number(given) : given;
}

function explain(input: z.ZodObject, flags: readonly Flag[], { issues }: z.ZodError, usage: string): PsnError {
  const [issue] = issues;
  const field = String(issue?.path[0] ?? "");
  const one = flags.find((candidate) => candidate.field === field);
  if (!issue || !one) return new PsnError("USAGE", issue?.message ?? "The input is not taken.", { hint: usage });
  const schema = (schemaOf(input).properties as Record<string, FieldSchema>)[field] ?? {};
  const { code = "USAGE", hint = usage } = schema;
  // A rule of the field that has words of its own.
  if (issue.code === "custom") return new PsnError(code, issue.message, { hint });
  const name = one.position === undefined ? `--${one.name}` : one.field;
  return new PsnError(code, `${name} takes ${schema.takes ?? takenBy(schema)}.`, { hint });
}

function takenBy(schema: FieldSchema): string {
  if (schema.enum) return `one of ${schema.enum.join(", ")}`;
  if (schema.type === "boolean") return "true or false";
  const { minimum, maximum } = schema;
  if (schema.type === "string") return "a text";
  if (schema.type === "array") return "a list of texts";
  if (schema.type !== "integer" && schema.type !== "number") return "another value";
  const number = schema.type === "integer" ? "a whole number" : "a number";
  const isOpen = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER;
  return minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER
    ? number
    : `${number} from ${minimum}${isOpen ? "" : ` to ${maximum}`}`;
}
