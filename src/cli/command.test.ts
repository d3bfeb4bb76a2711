/** From one schema: what is parsed, what help says, and which error an author meets. */
import { expect, test } from "bun:test";
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { type Command, defineCommand, flag } from "./_command.ts";
import { describe, helpOf } from "./_help.ts";
import { makePaint } from "./_paint.ts";
import { parseInput } from "./_parse.ts";

const command = defineCommand({
  input: z.object({
    id: z.string().meta({ position: 0, description: "the post's id" }),
    words: z.string().optional().meta({ position: 1, description: "other words" }),
    port: z.int().min(0).max(65_535).default(4010).meta({ placeholder: "PORT", description: "Port" }),
    keysStdin: flag("Read the keys from stdin", ["k"]),
    media: z
      .array(z.string())
      .default([])
      .meta({ placeholder: "FILE", aliases: ["m", "attach"], description: "Attach a file" }),
    unit: z.enum(["word", "line"]).optional().meta({ description: "What is moved", hint: "Take a word." }),
    quote: z
      .string()
      .refine(() => false, { message: "A post cannot be quoted." })
      .optional()
      .meta({ code: "QUOTE_NOT_ALLOWED", description: "Never" }),
  }),
  answer: z.object({ done: z.boolean() }),
  run: async (_io, { port }) => ({ done: port > 0 }),
  render: () => "",
}) as Command;
const entry = { name: "post try", summary: "Try it", load: async () => command };

const read = (...argv: string[]) => parseInput(command, "post try", argv).input;
const refused = (...argv: string[]) => {
  try {
    read(...argv);
  } catch (error) {
    if (error instanceof PsnError) return { code: error.code, message: error.message, hint: error.hint };
  }
  throw new Error("it was taken");
};

test("arguments by position, options by name, short name and other name; each with its type", () => {
  expect(read("7k3m")).toEqual({ id: "7k3m", port: 4010, keysStdin: false, media: [] });
  expect(read("-k", "--port", "80", "7k3m", "a b", "-m", "x.png", "--media", "y.png")).toMatchObject({
    id: "7k3m",
    words: "a b",
    port: 80,
    keysStdin: true,
    media: ["x.png", "y.png"],
  });
  expect(read("7", "--attach", "z.png").media).toEqual(["z.png"]);
  // Digits are a number only where the field is one.
  expect(read("123").id).toBe("123");
});

test("what is not taken is named as it is typed, with what would be", () => {
  expect(refused()).toEqual({ code: "USAGE", message: "id is missing: the post's id.", hint: "psn post try --help" });
  for (const port of ["65536", "-1", "eighty", "1.5", "", "0x10", "1e3"]) {
    expect(refused("7", `--port=${port}`).message).toBe("--port takes a whole number from 0 to 65535.");
  }
  expect(refused("7", "--unit", "page")).toMatchObject({
    message: "--unit takes one of word, line.",
    hint: "Take a word.",
  });
  expect(refused("7", "--quote", "1")).toMatchObject({
    code: "QUOTE_NOT_ALLOWED",
    message: "A post cannot be quoted.",
  });
  expect(refused("7", "--prot", "1").message).toContain("--prot");
  expect(refused("7", "a", "b").message).toContain("one argument too many");
});

test("help and its JSON say what the schema says", () => {
  const help = helpOf(entry, command, makePaint(false));
  expect(help).toContain("psn post try ID [WORDS] [options]");
  expect(help).toMatch(/-k, --keys-stdin +Read the keys from stdin/);
  expect(help).toMatch(/--port PORT +Port/);
  const { args, options, input, answer } = describe(entry, command);
  expect(args.map(({ name }) => name)).toEqual(["id", "words"]);
  const own = ["port", "keys-stdin", "media", "unit", "quote"];
  expect(Object.keys(options)).toEqual([...own, "json", "no-input", "dry-run", "input", "fields", "help"]);
  expect(input).toMatchObject({ required: ["id"], properties: { port: { type: "integer", maximum: 65_535 } } });
  expect(answer).toMatchObject({
    type: "object",
    anyOf: expect.arrayContaining([
      expect.objectContaining({ properties: expect.objectContaining({ done: { type: "boolean" } }) }),
    ]),
  });
});
