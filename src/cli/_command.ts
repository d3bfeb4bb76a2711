/**
 * A command is one schema. Each is a file with one zod object for its input; from it come parsing, the handler's types,
 * `--help`, `--help --json` and the errors.
 *
 *     export const hubStopCommand = defineCommand({
 *       input: z.object({
 *         name: z.string().meta({ position: 0, description: "which hub" }),
 *         port: z.int().min(0).max(65_535).default(4010).meta({ placeholder: "PORT", description: "port on 127.0.0.1" }),
 *         keysStdin: flag("Read the keys from stdin", ["k"]),
 *       }),
 *       answer: z.object({ stopped: z.boolean() }),
 *       run: async (io, { name, port, keysStdin }) => …,
 *       render: ({ stopped }, paint) => …,
 *     });
 *
 * - A field with `position` is an argument, the others are options: `keysStdin` is `--keys-stdin`. One that is not optional must be
 *   given. A boolean takes no value, a number is read from its digits, an array may be given several times.
 * - `.meta` says the rest: `description` (the help), `aliases` (one letter is `-f`), `placeholder` (what the value is called),
 *   `takes` (ends the sentence “--port takes …”; enumerations and ranges say it themselves), `code` and `hint` of the error.
 *   Put it last, after `.optional()` or `.default()`.
 * - Rules between fields are `.refine` on the object: their message is the error's. Code that several commands share exports its fields as
 *   an object to spread, `WHEN_FIELDS`, beside the function that reads them, whose parameter is `Fields<typeof WHEN_FIELDS>`.
 * - `run` destructures its input. It gets nothing else, so a field that it does not name is unused, which `test/cli/fields.test.ts` finds.
 * - The name and the summary are where the command is registered, in `src/psn.ts` or `post/entries.ts`: with them the list of
 *   commands is printed, and the file is loaded when it is called.
 */
import { z } from "zod";
import type { Failure } from "./_errors.ts";
import type { Paint } from "./_paint.ts";

/** What a field says of itself beside its type. */
export interface FieldMeta {
  /** From 0: the field is an argument, not an option. */
  position?: number;
  /** Other names of the option; one of a single letter is its short form. */
  aliases?: string[];
  /** What the value is called in help, e.g. FILE. */
  placeholder?: string;
  /** What may be given, after “--name takes”. */
  takes?: string;
  /** The error's code when the value is not taken; else USAGE. */
  code?: string;
  /** The error's hint when the value is not taken. */
  hint?: string;
  /** It runs until Ctrl-C or needs a screen, so it is no field of an MCP tool. */
  terminal?: boolean;
}

declare module "zod" {
  interface GlobalMeta extends FieldMeta {}
}

/** What a command is run with beside its own input. */
export interface Io {
  env: Record<string, string | undefined>;
  cwd: string;
  /** True when answers are JSON: --json, or stdout is no terminal. */
  json: boolean;
  /** True when a person can be asked: a terminal on both sides, and no --no-input. */
  interactive: boolean;
  /** Of a dry run at a person's terminal: nobody is asked, and what the person would be asked for is taken as given. */
  takesYes?: boolean;
  paint: Paint;
  /** All commands that there are. */
  commands: readonly Entry[];
  /** For a command that runs until it is stopped: its JSON answer now instead of at its end. A person reads the notes. */
  answerNow(answer: unknown): Promise<void>;
  /** Progress and notes, on stderr. */
  note(line: string): void;
  /**
   * Asks the person in a question of the client that runs PSN (MCP's elicitation). @returns who answered yes, "declined", or null
   * when the client cannot ask. `about` is the id of the question, which takes one answer. Absent on a command line.
   */
  elicit?(question: string, about: string): Promise<string | "declined" | null>;
  /**
   * By which the command reads “in 2 hours”, once it has: a call that is made again with a person's answer reads it as the first one did.
   * Absent before.
   */
  readAt?: Date;
  /** In a tool's call: it is made again as it was where its answer is lost, by a program that does not know whether anything was done. */
  isCall?: boolean;
  readStdin(): Promise<string>;
  signal: AbortSignal;
  /** `--dry-run`: nothing that is done is kept. */
  dryRun: boolean;
  /** What a dry run has not asked X, as the ends of “X was not asked …”. */
  unchecked?: string[];
  /** What the command would do after a dry run's answer, as the ends of “it would …”: that nothing of it was done is no failure. */
  goesOn?: string[];
  /** Called before the first write that is not the hub's: to a file, to X, to another process. A dry run ends there. */
  willWrite(what: string): void;
}

/** What a command line finds around it: of this process, or in a test what stands for it. Each is asked for when it is needed. */
export interface Around {
  env: Io["env"];
  cwd(): string;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean; destroy(error?: Error): unknown };
  stdout: Shown;
  stderr: Shown;
}
type Shown = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

export interface Command<Input extends z.ZodObject = z.ZodObject, Answer = unknown> {
  input: Input;
  examples?: string[];
  /** Documents the JSON answer; the answer is checked against it before it is printed. */
  answer: z.ZodType<Answer>;
  /** Its answer is itself a text for whatever reads the pipe: a shell, a model, the log of a CI, a client. It is JSON only with --json. */
  textWhenPiped?: boolean;
  run(io: Io, input: z.output<Input>): Promise<Answer>;
  /** The answer for a person. */
  render(answer: Answer, paint: Paint): string;
  /** Of a command that ran and did not come to what it was for: its exit code, and the error that stands in its answer. */
  failure?(answer: Answer): Failure | null;
}

/** A command as it is registered: light, so that a list of all loads none. */
export interface Entry {
  /** As typed: `post now`. */
  name: string;
  summary: string;
  load(): Promise<Command>;
}

/** The values of fields that several commands share. */
export type Fields<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/** Keeps the types of input and answer between the parts of a command; the caller sees just a command. */
export function defineCommand<Input extends z.ZodObject, Answer>(command: Command<Input, Answer>): Command;
export function defineCommand(command: Command): Command {
  return command;
}

/** A boolean option. Absent is false. */
export function flag(description: string, aliases: string[] = []) {
  return z
    .boolean()
    .default(false)
    .meta({ description, ...(aliases.length > 0 ? { aliases } : {}) });
}
