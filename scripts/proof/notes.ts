/** What the report of the proof says that no run can count: bugs that the simulation found, and what it does not reach yet. */

export interface FoundBug {
  what: string;
  /** The command that showed it, on the code of that day. */
  seed: string;
}

export const BUGS: readonly FoundBug[] = [
  {
    what: "A run that rests and one that records a success waited for each other (deadlock).",
    seed: "overlapping transactions, `--profile races`",
  },
  { what: "On Trigger.dev nobody looked for the unanswered request of a draft.", seed: "`--profile trigger`" },
  { what: "An edit said a first tweet again which had gone out meanwhile.", seed: "`--profile races`" },
  {
    what: "With a machine's clock that was off by hours, a post that met a limit of X waited until the next day: the reset that X names was compared with the wrong clock.",
    seed: "`bun sim/run.ts --seed 1 --profile media --with skew`, now the mutant `clock`",
  },
  {
    what: "A hub that was put back minutes after an approval sent again what X showed, where the worker's first sweep failed.",
    seed: "`bun sim/run.ts --seed 5013`, on 2f8501a",
  },
  {
    what: "A picture whose words its author had posted by hand without one waited for ever, for nobody could tell whether that was it.",
    seed: "`bun sim/run.ts --seed 998`, on 2f8501a",
  },
  {
    what: "A timeline slower than five minutes, an answer that was lost and a cap of six hours: the tweet was sent again.",
    seed: "the mutant `once`, and a test of scenario 58",
  },
  {
    what: "A hub that was put back, and a page of X's that lacked what it had sent: the tweet was sent again, for one page was believed.",
    seed: "`bun sim/run.ts --seed 804 --with page_lies,restored --mutant pages`, now two reads where one look decides",
  },
];

export interface Gap {
  fault: string;
  /** Why it is off, or what stands in for it. */
  state: string;
}

/** Faults of the world that the simulation does not draw, and parts that were not run at their full count. */
export const GAPS: readonly Gap[] = [
  {
    fault: "Two hubs that publish the same post, such as a copy that goes on beside its original",
    state:
      "not simulated: the second hub has posts of its own; `test/hub/claim.long.test.ts` copies an embedded hub and starts both (scenario 59)",
  },
  {
    fault: "A hub that is put back while it runs on Trigger.dev, or while its author acts",
    state: "not drawn: what the author was promised after the copy was made is lost with it",
  },
  {
    fault: "The author posts the same picture without words by hand",
    state:
      "the same words are drawn; a picture alone is not, for every text of these worlds names its post (scenario 60 is a test)",
  },
  {
    fault: "A timeline that leaves the same tweet out of two reads in a row",
    state: "not drawn: each tweet is lacking in one read; more is a lag, which is drawn",
  },
  {
    fault: "A person resolves what nobody can know, in a world whose hub's clock jumps",
    state: "not drawn: such a clock does not say how old a request is, so nobody's word can be weighed by it",
  },
  {
    fault: "A timeline that is slower than the five minutes of looking, with the faults of the table of worlds",
    state: "drawn only with `--with` (the mutant `once`): the stated limit of the promise",
  },
  {
    fault: "A month in one world (`--mode long`)",
    state: "over eight minutes a seed on a busy machine; not in the figures above unless it is named there",
  },
];
