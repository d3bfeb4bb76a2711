/** What the demo answers, for a program; the account for a person has the same facts. */
import { z } from "zod";
import { PreviewSchema } from "../core/compose/preview.ts";

export const DemoAnswerSchema = z.object({
  /** Whether the comparison held; the exit code says the same. */
  held: z.boolean(),
  durationMs: z.number(),
  /** The text that was given. `file` is null when it came from stdin. */
  source: z.object({ file: z.string().nullable(), characters: z.number().int() }),
  preview: PreviewSchema,
  account: z.string(),
  hub: z.object({ version: z.string() }),
  sandbox: z.object({ url: z.string() }),
  steps: z.array(z.object({ name: z.string(), says: z.string(), ms: z.number() })),
  posts: z.array(
    z.object({
      name: z.string(),
      how: z.string(),
      id: z.string(),
      /** The hub's word for it at the end. */
      status: z.string(),
      /** How many of its tweets are on X, as read back from there. */
      tweetsOnX: z.number().int(),
      scheduledFor: z.string().nullable(),
      firstOnXAt: z.string().nullable(),
      /** From its time to its first tweet on X. */
      latenessMs: z.number().nullable(),
      held: z.boolean(),
      problems: z.array(z.string()),
    }),
  ),
  kill: z.object({
    workerPid: z.number().int(),
    nextWorkerPid: z.number().int(),
    /** The tweet that was on X while its answer was on its way, counted from 1. */
    tweet: z.number().int(),
    tweetCount: z.number().int(),
    /** How many of the thread's tweets the hub knew to be on X when the worker died. */
    knownToHub: z.number().int(),
    /** What became of that tweet's attempt: `adopted` is found on X and kept. */
    outcome: z.string(),
    attempts: z.number().int(),
    /** From the kill to the end of the thread. */
    finishedAfterMs: z.number(),
  }),
  comparison: z.object({
    held: z.boolean(),
    tweetsOnX: z.number().int(),
    creates: z.object({ received: z.number().int(), acted: z.number().int() }),
    checks: z.array(z.object({ name: z.string(), says: z.string(), held: z.boolean() })),
    problems: z.array(z.object({ check: z.string(), thread: z.string().nullable(), says: z.string() })),
  }),
});
export type DemoAnswer = z.infer<typeof DemoAnswerSchema>;
