/** From what was typed to a command's input. */
import { parseArgs } from "node:util";
import type { z } from "zod";
import { PsnError } from "../core/errors.ts";
import type { Command } from "./_command.ts";
import { sortArguments } from "./_dashes.ts";
import { distance } from "./_distance.ts";
import { argumentsOf, type FieldSchema, type Flag, flagsOf, GLOBAL_FIELDS, schemaOf } from "./_flags.ts";

/**
 * Reads a command's arguments.
 * @throws PsnError USAGE, or the field's own code, with what is wrong and the line that helps
 */
export function parseInput(
  command: Command,
  name: string,
  argv: string[],
): { input: Record<string, unknown>; noInput: boolean } {
  const usage = { hint: `psn ${name} --help` };
  const flags = flagsOf(command.input);
  const options = flags.filter((one) => one.position === undefined);
  const known = [...options, ...flagsOf(GLOBAL_FIELDS)];
  const { values, positionals } = parseOptions(known, sortArguments(known, argv, name), usage);
  const given: Record<string, unknown> = {};
  for (const option of options) {
    const found = [option.name, ...option.others].map((known) => values[known]).find((value) => value !== undefined);
    if (found !== undefined) given[option.field] = asTyped(option, found);
  }
  for (const argument of argumentsOf(flags)) {
    if (argument.multiple) {
      // The last one takes all that is left.
      if (positionals.length > 0) given[argument.field] = asTyped(argument, positionals.splice(0));
      continue;
    }
    const value = positionals.shift();
    if (value !== undefined) given[argument.field] = asTyped(argument, value);
    else if (argument.required) throw new PsnError("USAGE", `${argument.field} is missing: ${argument.help}.`, usage);
  }
  if (positionals.length > 0) {
    const [extra = ""] = positionals;
    const why = /^\W/.test(extra) ? "" : "Put a text with spaces in quotes. ";
    throw new PsnError("USAGE", `"${extra.slice(0, 40)}" is one argument too many.`, { hint: `${why}${usage.hint}` });
  }
  const parsed = command.input.safeParse(given);
  if (!parsed.success) throw explain(command.input, flags, parsed.error, usage.hint);
  return { input: parsed.data, noInput: values["no-input"] === true };
}

// --- internal ---

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
  const { minimum, maximum } = schema;
  if (schema.type !== "integer" && schema.type !== "number") return "another value";
  const number = schema.type === "integer" ? "a whole number" : "a number";
  const isOpen = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER;
  return minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER
    ? number
    : `${number} from ${minimum}${isOpen ? "" : ` to ${maximum}`}`;
}
