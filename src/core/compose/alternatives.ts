/** What one tweet more or one less would cost and tear, and what the fewest would, beside the present cut: for an author who weighs it. */
import { z } from "zod";
import { COMPARED_TWEETS_MAX } from "./compose-warnings.ts";
import { threadCostUsd } from "./cost.ts";
import { CUT_KINDS, type CutKind } from "./cut-list.ts";
import type { Body } from "./cut-segment.ts";
import { type ComposeOptions, cutPart, cutThread, type Numbers, type Work, workOf } from "./cut-thread.ts";
import { CUT_ORDERS } from "./open-cuts.ts";
import type { Segment } from "./segments.ts";
import { UNIT_KINDS } from "./unit-list.ts";

export const AlternativeSchema = z.object({
  tweetCount: z.number().int(),
  costUsd: z.number(),
  /** What fits into one tweet and would be torn, each innermost thing once for every cut through it. */
  tears: z.array(z.object({ kind: z.enum(UNIT_KINDS), count: z.number().int() })),
  /** Where the tweets would end, the last one aside. */
  cuts: z.array(z.object({ kind: z.enum(CUT_KINDS), count: z.number().int() })),
  /** The value of --cut that gives it; null when it is only told. */
  cut: z.enum(CUT_ORDERS).nullable(),
  /** What it has over the present cut: `better_ends` are more ends of paragraphs or fewer cuts inside sentences. Null: it has nothing. */
  gain: z.enum(["fewer_tweets", "tears_less", "better_ends"]).nullable(),
});
export type Alternative = z.infer<typeof AlternativeSchema>;

/** In a longer text, which only tweets of thousands of characters hold, so many places would be weighed against each other that it takes seconds. */
const COMPARED_UNITS_MAX = 50_000;

/**
 * The other ways to cut a text that was cut into `tweetCount` tweets, the fewest first. None for a thread of over a hundred, or for a
 * text of over 50,000 characters.
 * @throws PsnError as `composeThread`
 */
export function alternativesTo(text: string, tweetCount: number, options: ComposeOptions = {}): Alternative[] {
  if (tweetCount > COMPARED_TWEETS_MAX || text.length > COMPARED_UNITS_MAX) return [];
  const work = workOf(text, options);
  const { numbering = null } = options;
  const numbers = numbering === null ? null : { numbering, digits: String(tweetCount).length };
  const parts = partsOf(work, tweetCount === 1 ? null : numbers);
  const other = work.order === "whole" ? "fewest" : "whole";
  const ordered = cutThread({ ...work, order: other }, numbers);
  const present = parts.flatMap(({ bodies }) => bodies);
  const found = new Map<number, Alternative>();
  for (const by of [-1, 1]) {
    const bodies = changedBy(work, parts, by, numbers);
    if (bodies !== null) found.set(bodies.length, alternativeOf(work, bodies, present, null));
  }
  // A single tweet has no cut to move, and the same count is no alternative.
  if (ordered.length !== tweetCount) found.set(ordered.length, alternativeOf(work, ordered, present, other));
  return [...found.values()].sort((a, b) => a.tweetCount - b.tweetCount);
}

// --- internal ---

interface Part {
  segment: Segment;
  bodies: Body[];
  /** How many tweets stand before it. */
  offset: number;
}

function partsOf(work: Work, numbers: Numbers | null): Part[] {
  let offset = 0;
  return work.segments.map((segment) => {
    const bodies = cutPart(work, segment, numbers, offset) ?? [];
    const part = { segment, bodies, offset };
    offset += bodies.length;
    return part;
  });
}

/** The thread with one of its segments cut once more or less, where that tears least; null where none can be. */
function changedBy(work: Work, parts: readonly Part[], by: number, numbers: Numbers | null): Body[] | null {
  let best: { index: number; bodies: Body[]; cost: number } | null = null;
  for (const [index, { segment, bodies, offset }] of parts.entries()) {
    const changed = cutPart(work, segment, numbers, offset, "every", bodies.length + by);
    if (changed === null) continue;
    const cost = costOf(changed) - costOf(bodies);
    if (best === null || cost < best.cost) best = { index, bodies: changed, cost };
  }
  const chosen = best;
  return chosen && parts.flatMap(({ bodies }, index) => (index === chosen.index ? chosen.bodies : bodies));
}

/** First what is torn, then the cuts inside of what had to be cut. */
const costOf = (bodies: readonly Body[]): number => countTorn(bodies) * COMPARED_TWEETS_MAX + countEnds(bodies, INSIDE);

const countTorn = (bodies: readonly Body[]): number => bodies.filter(({ tears }) => tears !== null).length;

const countEnds = (bodies: readonly Body[], kinds: readonly CutKind[]): number =>
  bodies.filter((body) => kinds.includes(body.break.kind)).length;

const INSIDE: readonly CutKind[] = ["clause", "word", "grapheme"];

function gainOf(bodies: readonly Body[], present: readonly Body[]): Alternative["gain"] {
  if (bodies.length < present.length) return "fewer_tweets";
  const torn = countTorn(bodies) - countTorn(present);
  if (torn !== 0) return torn < 0 ? "tears_less" : null;
  // A single tweet is cut nowhere.
  if (present.length === 1) return null;
  const inside = countEnds(bodies, INSIDE) - countEnds(present, INSIDE);
  const paragraphs = countEnds(bodies, ["paragraph"]) - countEnds(present, ["paragraph"]);
  return inside < 0 || (inside === 0 && paragraphs > 0) ? "better_ends" : null;
}

function alternativeOf(
  { source }: Work,
  bodies: readonly Body[],
  present: readonly Body[],
  cut: Alternative["cut"],
): Alternative {
  return {
    tweetCount: bodies.length,
    costUsd: threadCostUsd(bodies.map(({ start, end }) => ({ text: source.slice(start, end) }))),
    tears: counted(UNIT_KINDS, bodies, ({ tears }) => tears),
    cuts: counted(CUT_KINDS, bodies.slice(0, -1), (body) => body.break.kind),
    cut,
    gain: gainOf(bodies, present),
  };
}

function counted<K extends string>(
  kinds: readonly K[],
  bodies: readonly Body[],
  kindOf: (body: Body) => K | null,
): { kind: K; count: number }[] {
  return kinds
    .map((kind) => ({ kind, count: bodies.filter((body) => kindOf(body) === kind).length }))
    .filter(({ count }) => count > 0);
}
