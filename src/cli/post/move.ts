/** `psn post move`: moves the end of a tweet, so that it takes more or less of the next one. */
import { z } from "zod";
import type { MoveUnit } from "../../core/compose/acts.ts";
import { defineCommand } from "../_command.ts";
import { ACT_FIELDS, runAct, TWEET_FIELDS } from "./_act.ts";
import { PostStatusAnswerSchema, renderPostStatus } from "./_status.ts";

const UNITS = ["word", "clause", "sentence", "line", "paragraph"] as const satisfies readonly MoveUnit[];
const BY_MAX = 10_000;

export const moveCommand = defineCommand({
  input: z.object({
    ...TWEET_FIELDS,
    by: z.int().min(-BY_MAX).max(BY_MAX).default(1).meta({
      placeholder: "K",
      description: "How far: 1 takes one unit more (the default), --by=-1 gives one away",
    }),
    unit: z
      .enum(UNITS)
      .default("sentence")
      .meta({ placeholder: "UNIT", description: `What is moved: ${UNITS.join(", ")} (default sentence)` }),
    ...ACT_FIELDS,
  }),
  examples: ["psn post move 7k3m 2", "psn post move 7k3m 2 --by=-3 --unit word"],
  answer: PostStatusAnswerSchema,
  run: (io, { tweet, by, unit, ...post }) => runAct(io, post, { do: "move", position: tweet - 1, by, unit }),
  render: renderPostStatus,
});
