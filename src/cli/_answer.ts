/** What every answer has in common: one object with `outcome`; an error beside it where the command did not do what it was for. */
import { z } from "zod";
import type { Command } from "./_command.ts";
import { EFFECTS, type NextStep } from "./_effects.ts";
import type { ErrorAnswer } from "./_errors.ts";

export const OUTCOMES = ["ok", "dry_run", "error"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A command that comes next; see `NextStep`. */
export const NextSchema: z.ZodType<NextStep> = z
  .object({
    command: z.string().meta({ description: "As it is typed; words in capitals are to be filled in" }),
    effect: z.enum(EFFECTS),
    needsPerson: z
      .boolean()
      .meta({ description: "Ask the person first: it sends, spends, forces, approves or settles a doubt" }),
    tool: z
      .object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })
      .optional()
      .meta({ description: "Over MCP: the same as a call of a tool; what is to be filled in is left out" }),
  })
  .meta({ id: "NextStep" });

/** What `error` holds; see `ErrorAnswer`. */
export const ErrorSchema: z.ZodType<ErrorAnswer> = z
  .object({
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    next: z.array(NextSchema),
    retryable: z
      .boolean()
      .meta({ description: "The same command can be given again later; nothing is sent twice by it" }),
    retryAt: z.string().optional(),
    details: z.record(z.string(), z.unknown()).optional(),
    readings: z.array(z.unknown()).optional(),
  })
  .meta({ id: "Error" });

/** The answer of a command that was refused or broke. */
export const ErrorOnlySchema = z.object({ outcome: z.literal("error"), error: ErrorSchema });

/** The answer of a command that ran, as it is printed: what it answers, with its outcome in front. */
export function answerSchemaOf({ answer }: Pick<Command, "answer">) {
  if (!(answer instanceof z.ZodObject)) throw new TypeError("An answer is an object.");
  return z.object({
    outcome: z.enum(OUTCOMES),
    ...answer.shape,
    error: ErrorSchema.optional(),
    wouldSucceed: z.boolean().optional().meta({ description: "Of a dry run" }),
    would: z.string().optional().meta({ description: "What a dry run would have written next, where it stopped" }),
    unchecked: z.array(z.string()).optional().meta({
      description: "What a dry run did not ask X and the command itself would, e.g. whether the account has Premium",
    }),
  });
}

const UncheckedSchema = z.array(z.string()).optional();

/** Of a dry run that was refused, as the command would be; and of one that stopped where the command would write. */
const DryRefusedSchema = z.object({
  outcome: z.literal("dry_run"),
  wouldSucceed: z.literal(false),
  error: ErrorSchema,
  unchecked: UncheckedSchema,
});
const DryStoppedSchema = z.object({
  outcome: z.literal("dry_run"),
  wouldSucceed: z.literal(true),
  would: z.string(),
  unchecked: UncheckedSchema,
});

/** All that a command may print: its answer, or one of the answers that are the same for every command. `--fields` cuts each of them. */
export const answersOf = (command: Pick<Command, "answer">) =>
  z.union([answerSchemaOf(command), ErrorOnlySchema, DryRefusedSchema, DryStoppedSchema]);

/** As JSON Schema, for a program. */
export const jsonSchemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { unrepresentable: "any" });
