/** A command's help, for a person and for a program. */
import { answersOf, jsonSchemaOf } from "./_answer.ts";
import type { Command, Entry } from "./_command.ts";
import { effectOf } from "./_effects.ts";
import { argumentsOf, flagsOf, GLOBAL_FIELDS, schemaOf } from "./_flags.ts";
import type { Paint } from "./_paint.ts";
import { hung } from "./_wrap.ts";

/** The help of one command. */
export function helpOf({ name, summary }: Entry, command: Command, paint: Paint): string {
  const flags = flagsOf(command.input);
  const given = argumentsOf(flags);
  const shown = given.map(({ placeholder, required, multiple }) => {
    const name = multiple ? `${placeholder}…` : placeholder;
    return required ? name : `[${name}]`;
  });
  const lines = [
    `${paint.bold(`psn ${name}`)}  ${summary}`,
    "",
    `  psn ${[name, ...shown, "[options]"].join(" ")}`,
    "",
  ];
  for (const { placeholder, help } of given) lines.push(row(placeholder, help));
  if (given.length > 0) lines.push("");
  for (const one of [...flags, ...flagsOf(GLOBAL_FIELDS)]) {
    if (one.position !== undefined) continue;
    const value = one.kind === "boolean" ? "" : ` ${one.placeholder}`;
    lines.push(row(`${one.short ? `-${one.short}, ` : ""}--${one.name}${value}`, one.help));
  }
  if (command.textWhenPiped)
    lines.push("", "Its answer is a text for what reads it: piped, it stays that; --json makes it JSON.");
  if (command.examples?.length) lines.push("", "Examples:", ...command.examples.map((example) => `  ${example}`));
  return lines.join("\n");
}

/** The same for a program, `--help --json`: how it is typed, and the JSON Schemas of what it takes and what it answers. */
export function describe({ name, summary }: Entry, command: Command) {
  const flags = flagsOf(command.input);
  const options = [...flags, ...flagsOf(GLOBAL_FIELDS)].filter((one) => one.position === undefined);
  return {
    name,
    summary,
    ...effectOf(name),
    args: argumentsOf(flags).map(({ field, help, required }) => ({ name: field, help, required })),
    options: Object.fromEntries(
      options.map(({ name: option, kind, short, multiple, placeholder, help }) => [
        option,
        {
          type: kind === "boolean" ? "boolean" : "string",
          ...(short ? { short } : {}),
          ...(multiple ? { multiple } : {}),
          ...(kind === "boolean" ? {} : { value: placeholder }),
          help,
        },
      ]),
    ),
    whenPiped: command.textWhenPiped ? ("text" as const) : ("json" as const),
    examples: command.examples ?? [],
    input: schemaOf(command.input),
    answer: { type: "object" as const, required: ["outcome"], ...jsonSchemaOf(answersOf(command)) },
  };
}

// --- internal ---

function row(left: string, right: string): string {
  return hung(`  ${left.padEnd(26)} `, right).join("\n");
}
