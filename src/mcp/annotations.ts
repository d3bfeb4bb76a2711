/** What a tool can do with some input that it takes, as a client hears of it before any call: one rule for all tools. Pure. */
import type { ToolAnnotations } from "@modelcontextprotocol/server";
import { canSend, effectOf } from "../cli/_effects.ts";

/** Of those that know a post's version: the same call again has no more effect than the first without it. */
const WITHOUT_VERSION: ReadonlySet<string> = new Set([
  "post approve",
  "post schedule",
  "post now",
  "post cancel",
  "post retry",
  "post edit",
]);
/** They take something away, though they never send. */
const TAKING: ReadonlySet<string> = new Set(["post cancel"]);

/** A client asks its user by these, so a tool that sends with one of its arguments says so for all calls. */
export function annotationsOf(name: string, fields: readonly string[]): Required<Omit<ToolAnnotations, "title">> {
  const sends = canSend(name, fields);
  return {
    readOnlyHint: isRead(name),
    // What is on X cannot be taken back without a trace.
    destructiveHint: sends || TAKING.has(name),
    idempotentHint: isRead(name) || WITHOUT_VERSION.has(name) || needsVersion(name, fields),
    openWorldHint: sends,
  };
}

/** Whether a call says which version of the post it is about, so that it is not done again where it is made again. */
export const needsVersion = (name: string, fields: readonly string[]): boolean =>
  fields.includes("version") && !isRead(name) && !WITHOUT_VERSION.has(name);

/** What a model is told beside a tool's summary: when to ask the person. */
export function askedFirst(name: string, fields: readonly string[]): string {
  if (effectOf(name)?.needsPerson) return " Ask the person first.";
  if (!canSend(name, fields)) return "";
  const asking = fields.filter((field) => canSend(name, [field]));
  return ` Ask the person before you give ${asking.join(", ")}.`;
}

export const isRead = (name: string): boolean => effectOf(name)?.effect === "read";
