/** What can go wrong on demand, as data. `faults.ts` says what each does to a request. */
import { z } from "zod";

/** No fault may hold a request longer than this. */
const DELAY_MS_MAX = 10 * 60_000;

const MatchSchema = z.strictObject({
  method: z.string().max(10).optional(),
  /** A glob over the path (`*` is any run of characters), or a regular expression after `regex:`. */
  path: z.string().max(200).optional(),
  /** Handle or id of the account that asks. */
  account: z.string().max(50).optional(),
  /** Text that the request's body must contain, e.g. to hit the third tweet of a thread. */
  bodyIncludes: z.string().max(1_000).optional(),
});

const Acted = z.boolean().default(false);

const FaultKindSchema = z.discriminatedUnion("kind", [
  /** The connection is reset before X acts. */
  z.strictObject({ kind: z.literal("drop_before") }),
  /** X acts, then the connection is reset without an answer. */
  z.strictObject({ kind: z.literal("drop_after") }),
  /** X acts, answers half, then the connection is reset. */
  z.strictObject({ kind: z.literal("cut_answer") }),
  z.strictObject({
    kind: z.literal("delay"),
    ms: z.number().int().min(0).max(DELAY_MS_MAX),
    /** "before" acting or "after" acting and before answering. */
    when: z.enum(["before", "after"]).default("before"),
  }),
  z.strictObject({
    kind: z.literal("status"),
    status: z.number().int().min(200).max(599),
    body: z.union([z.string().max(100_000), z.record(z.string(), z.unknown())]).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    acted: Acted,
  }),
  /** An edge's HTML page instead of JSON. */
  z.strictObject({ kind: z.literal("html"), status: z.number().int().min(200).max(599).default(502), acted: Acted }),
  /** X acts and answers 201 without `data.id`. */
  z.strictObject({ kind: z.literal("no_id") }),
  z.strictObject({
    kind: z.literal("rate_limited"),
    /** False: no header says when to come back. */
    withReset: z.boolean().default(true),
    resetSecs: z.number().int().min(0).max(86_400).default(900),
    retryAfterSecs: z.number().int().min(0).max(86_400).optional(),
    /** Which header family names the limit. */
    window: z.enum(["15min", "user_24h", "app_24h"]).default("15min"),
  }),
  /** 402: the app has no credits. */
  z.strictObject({ kind: z.literal("credits") }),
  /** 403: the app's monthly spending limit is reached. */
  z.strictObject({ kind: z.literal("spend_cap") }),
  /** 429 with healthy rate headers: the monthly usage cap. */
  z.strictObject({ kind: z.literal("usage_cap") }),
  /** The timeline shows nothing younger than this. */
  z.strictObject({
    kind: z.literal("timeline_lag"),
    ms: z
      .number()
      .int()
      .min(0)
      .max(30 * 86_400_000),
  }),
  /** A page of the timeline lacks its newest post that no page has lacked before; the next read shows it. */
  z.strictObject({ kind: z.literal("timeline_gap") }),
  /** The timeline answers 503. */
  z.strictObject({ kind: z.literal("timeline_down") }),
  /** 401 for everyone, tokens and all, as on 2026-06-30. */
  z.strictObject({ kind: z.literal("auth_outage") }),
  /** 403 "deleted or not visible to you" on a create, though the parent is there. */
  z.strictObject({ kind: z.literal("not_visible") }),
  /** The upload that is finalized now will fail to process. */
  z.strictObject({ kind: z.literal("processing_failed") }),
]);
export type FaultKind = z.infer<typeof FaultKindSchema>;

/** How often a fault strikes. Neither `times` nor `probability`: once. `times: null`: until cleared. */
const FaultFrameSchema = z.object({
  match: MatchSchema.default({}),
  /** Let this many matching requests pass first. */
  skip: z.number().int().min(0).max(1_000_000).default(0),
  times: z.number().int().min(1).max(1_000_000).nullable().optional(),
  probability: z.number().min(0).max(1).optional(),
});

const FaultInputSchema = z.intersection(FaultFrameSchema, z.record(z.string(), z.unknown()));

export const FaultSchema = z.object({
  id: z.string(),
  match: MatchSchema,
  skipLeft: z.number(),
  /** Null: until cleared. */
  timesLeft: z.number().nullable(),
  probability: z.number(),
  /** How often it has struck. */
  struck: z.number(),
  effect: FaultKindSchema,
});
export type Fault = z.infer<typeof FaultSchema>;

type DistributiveInput = z.input<typeof FaultKindSchema>;
/** What a test writes: the kind with its own figures, and optionally a match, `times`, `skip`, `probability`. */
export type FaultInput = DistributiveInput & Partial<z.input<typeof FaultFrameSchema>>;

/** Reads a fault from outside. Throws a ZodError. */
export function parseFault(input: unknown, id: string): Fault {
  const { match, skip, times, probability, ...rest } = FaultInputSchema.parse(input) as z.infer<
    typeof FaultFrameSchema
  > &
    Record<string, unknown>;
  const effect = FaultKindSchema.parse(rest);
  if (match.path?.startsWith("regex:")) new RegExp(match.path.slice("regex:".length)); // refuse a broken one now, not at the next request
  const timesLeft = times === undefined ? (probability === undefined ? 1 : null) : times;
  return { id, match, skipLeft: skip, timesLeft, probability: probability ?? 1, struck: 0, effect };
}
