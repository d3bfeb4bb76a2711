/** `psn schema`: the contract for programs, from the same tables that the commands run by. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { NextSchema } from "./_answer.ts";
import { type Command, defineCommand, type Entry, flag } from "./_command.ts";
import { EFFECTS, effectOf } from "./_effects.ts";
import { EXIT_MEANINGS, errorTable } from "./_errors.ts";
import { describe } from "./_help.ts";
import { hung } from "./_wrap.ts";

const CommandSchema = z.object({
  name: z.string(),
  summary: z.string(),
  effect: z.enum(EFFECTS).optional(),
  needsPerson: z.boolean().optional(),
});

export const schemaCommand = defineCommand({
  input: z.object({
    command: z.string().optional().meta({ position: 0, description: "a command, e.g. post create" }),
    verb: z.string().optional().meta({ position: 1, description: "its second word" }),
    errors: flag("Only what can go wrong: exit codes, and every error's code with what helps"),
    all: flag("Every command with its schemas"),
  }),
  examples: ["psn schema post create", "psn schema --errors", "psn schema --all"],
  answer: z.object({
    exitCodes: z.array(z.object({ exitCode: z.number(), meaning: z.string() })).optional(),
    errors: z
      .array(z.object({ code: z.string(), exitCode: z.number(), retryable: z.boolean(), next: z.array(NextSchema) }))
      .optional(),
    commands: z.array(CommandSchema.catchall(z.unknown())).optional(),
    command: CommandSchema.catchall(z.unknown()).optional(),
  }),
  async run({ commands }, { command: first, verb, errors, all }) {
    if (errors) return { exitCodes: exitCodes(), errors: errorTable() };
    if (all) return { commands: await Promise.all(commands.map(whole)) };
    if (first === undefined) {
      const listed = commands.map(({ name, summary }) => ({ name, summary, ...effectOf(name) }));
      return { exitCodes: exitCodes(), commands: listed };
    }
    const name = [first, verb].filter((word) => word !== undefined).join(" ");
    const entry = commands.find((candidate) => candidate.name === name);
    if (!entry) {
      throw new PsnError("USAGE", `There is no command "psn ${name.slice(0, 60)}".`, { hint: "psn schema lists all." });
    }
    return { command: await whole(entry) };
  },
  render({ exitCodes: codes = [], errors, commands = [], command }) {
    if (command) return JSON.stringify(command, null, 2);
    return [
      ...commands.flatMap(({ name, summary }) => hung(`  ${name.padEnd(16)} `, summary)),
      ...codes.flatMap(({ exitCode, meaning }) => hung(`  ${String(exitCode).padEnd(4)} `, meaning)),
      ...(errors ?? []).map(({ code, exitCode, next }) => {
        const helps = next.map(({ command: one }) => one).join(", or ");
        return `  ${String(exitCode).padEnd(4)} ${code}${helps ? `  ${helps}` : ""}`;
      }),
    ].join("\n");
  },
});

// --- internal ---

const exitCodes = () => EXIT_MEANINGS.map(([exitCode, meaning]) => ({ exitCode, meaning }));

const whole = async (entry: Entry) => describe(entry, (await entry.load()) as Command);
