/** A command's fields as they are typed on a command line. Only zod's JSON Schema is asked, so whatever it can express can be a field. */
import { z } from "zod";
import { type FieldMeta, flag } from "./_command.ts";

/** A field as it is typed on a command line. */
export interface Flag {
  field: string;
  /** `keys-stdin` */
  name: string;
  kind: "text" | "number" | "boolean";
  multiple: boolean;
  required: boolean;
  short: string | undefined;
  /** Longer names that mean the same. */
  others: string[];
  position: number | undefined;
  placeholder: string;
  /** The only values, where it has such. */
  choices: readonly string[];
  help: string;
}

/** What every command takes. */
export const GLOBAL_FIELDS = z.object({
  json: flag("Answer with one JSON object (the default when stdout is no terminal)"),
  noInput: flag("Never ask; say what is missing instead"),
  dryRun: flag("Check everything and say what would happen; nothing is written to hub, files or X"),
  input: z
    .string()
    .optional()
    .meta({ placeholder: "FILE", description: "The command's input as one JSON object, see psn schema; - is stdin" }),
  fields: z
    .string()
    .optional()
    .meta({ placeholder: "LIST", description: "Only these fields of the JSON answer, e.g. post.id,next" }),
  help: flag("Show this help", ["h"]),
});

/** A field as its schema and its `.meta` say it. */
export interface FieldSchema extends FieldMeta {
  type?: string;
  description?: string;
  items?: FieldSchema;
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
}

/** What may be given, before defaults, and nothing beside it. */
export const schemaOf = oncePer((input) => z.toJSONSchema(input.strict(), { io: "input", unrepresentable: "any" }));

/** All fields, in their order. */
export const flagsOf = oncePer((input): readonly Flag[] => {
  const { properties = {}, required = [] } = schemaOf(input);
  return Object.entries(properties as Record<string, FieldSchema>).map(([field, schema]) => {
    const one = schema.type === "array" ? (schema.items ?? {}) : schema;
    const { aliases = [], position, description = "" } = schema;
    return {
      field,
      name: field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      kind: one.type === "boolean" ? "boolean" : one.type === "number" || one.type === "integer" ? "number" : "text",
      multiple: schema.type === "array",
      required: required.includes(field),
      short: aliases.find((alias) => alias.length === 1),
      others: aliases.filter((alias) => alias.length > 1),
      position,
      placeholder: schema.placeholder ?? (position === undefined ? "VALUE" : field.toUpperCase()),
      choices: one.enum ?? [],
      help: description,
    };
  });
});

/** The fields with a position, in that order. */
export function argumentsOf(flags: readonly Flag[]): Flag[] {
  return flags
    .filter((one) => one.position !== undefined)
    .sort((one, other) => Number(one.position) - Number(other.position));
}

// --- internal ---

/** A line is read by a command's fields several times over, and what they are takes zod milliseconds to say. */
function oncePer<T>(of: (input: z.ZodObject) => T): (input: z.ZodObject) => T {
  const known = new WeakMap<z.ZodObject, T>();
  return (input) => {
    const value = known.get(input) ?? of(input);
    known.set(input, value);
    return value;
  };
}
