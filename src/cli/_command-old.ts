/** The form of commands before `_command.ts`, for those that are not converted yet. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import type { Io } from "./_command.ts";
import type { Paint } from "./_paint.ts";

export interface OptionDef {
  type: "string" | "boolean";
  short?: string;
  /** May be given several times; the value is then a list. */
  multiple?: boolean;
  /** What the value is called in help, e.g. FILE. */
  value?: string;
  help: string;
}

export interface ArgumentDef {
  name: string;
  help: string;
  required?: boolean;
  /** Takes all that is left. */
  rest?: boolean;
}

export interface Parsed {
  args: Record<string, string | undefined>;
  rest: string[];
  options: Record<string, string | boolean | string[] | undefined>;
}

export interface OldCommand<Answer = unknown> {
  /** As typed: `post now`. */
  name: string;
  summary: string;
  args?: ArgumentDef[];
  options?: Record<string, OptionDef>;
  examples?: string[];
  /** Documents the JSON answer; the answer is checked against it before it is printed. */
  answer: z.ZodType<Answer>;
  /** Answers a person also where stdout is no terminal; JSON only with --json. */
  textWhenPiped?: boolean;
  run(io: Io, input: Parsed): Promise<Answer>;
  /** The answer for a person. */
  render(answer: Answer, paint: Paint): string;
  /** Exit code of a command that ran without an error; 0 unless it says otherwise. */
  exitCode?(answer: Answer): number;
}

/** Keeps the type of the answer between `run`, `answer` and `render`. */
export function defineOldCommand<Answer>(command: OldCommand<Answer>): OldCommand<Answer> {
  return command;
}

export const GLOBAL_OPTIONS: Record<string, OptionDef> = {
  json: { type: "boolean", help: "Answer with one JSON object (the default when stdout is no terminal)" },
  "no-input": { type: "boolean", help: "Never ask; say what is missing instead" },
  help: { type: "boolean", short: "h", help: "Show this help" },
};

/**
 * Reads a command's arguments.
 * @throws PsnError USAGE with what is wrong and the line that helps
 */
export function parseOldInput(command: OldCommand, argv: string[]): Parsed {
  const hint = `psn ${command.name} --help`;
  const options = { ...command.options, ...GLOBAL_OPTIONS };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: argv,
      strict: true,
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, def]) => [
          name,
          {
            type: def.type,
            ...(def.short ? { short: def.short } : {}),
            ...(def.multiple ? { multiple: true } : {}),
          },
        ]),
      ),
    });
  } catch (error) {
    const message = String((error as Error).message).split(". ")[0] ?? "";
    throw new PsnError("USAGE", `${message.replace(/\.$/, "")}.`, { hint });
  }
  const defs = command.args ?? [];
  const args: Parsed["args"] = {};
  const positionals = [...parsed.positionals];
  for (const def of defs) {
    if (def.rest) break;
    const value = positionals.shift();
    if (value === undefined && def.required)
      throw new PsnError("USAGE", `${def.name} is missing: ${def.help}.`, { hint });
    args[def.name] = value;
  }
  const restDef = defs.find((def) => def.rest);
  if (!restDef && positionals.length > 0) {
    throw new PsnError("USAGE", `"${positionals[0]?.slice(0, 40)}" is one argument too many.`, {
      hint: `Put a text with spaces in quotes. ${hint}`,
    });
  }
  if (restDef?.required && positionals.length === 0) {
    throw new PsnError("USAGE", `${restDef.name} is missing: ${restDef.help}.`, { hint });
  }
  return { args, rest: positionals, options: parsed.values as Parsed["options"] };
}

/** The help of one command. */
export function helpOfOld(command: OldCommand, paint: Paint): string {
  const lines = [`${paint.bold(`psn ${command.name}`)}  ${command.summary}`, ""];
  const usage = (command.args ?? []).map((arg) => {
    const name = arg.name.toUpperCase() + (arg.rest ? "…" : "");
    return arg.required ? name : `[${name}]`;
  });
  lines.push(`  psn ${[command.name, ...usage, "[options]"].join(" ")}`, "");
  for (const arg of command.args ?? []) lines.push(row(arg.name.toUpperCase(), arg.help));
  if (command.args?.length) lines.push("");
  for (const [name, def] of Object.entries({ ...command.options, ...GLOBAL_OPTIONS })) {
    const left = `${def.short ? `-${def.short}, ` : ""}--${name}${def.type === "string" ? ` ${def.value ?? "VALUE"}` : ""}`;
    lines.push(row(left, def.help));
  }
  if (command.examples?.length) {
    lines.push("", "Examples:");
    for (const example of command.examples) lines.push(`  ${example}`);
  }
  return lines.join("\n");
}

/** The same for a program, `--help --json`: what the command takes, and the JSON Schema of what it answers. */
export function describeOld(command: OldCommand) {
  const { name, summary, args = [], examples = [] } = command;
  const options = { ...command.options, ...GLOBAL_OPTIONS };
  return { name, summary, args, options, examples, answer: z.toJSONSchema(command.answer, { unrepresentable: "any" }) };
}

// --- internal ---

function row(left: string, right: string): string {
  return `  ${left.padEnd(26)} ${right}`;
}
