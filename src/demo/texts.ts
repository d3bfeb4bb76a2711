/** What the demo posts beside the text it was given. */

export interface DemoText {
  name: string;
  text: string;
}

export const POSTCARD: DemoText = {
  name: "The postcard",
  text: "Written now, sent in a few seconds. Nobody has to sit and watch the clock: weather fine, apples nearly ripe. 📮",
};

export const CORRECTION = {
  name: "The correction",
  before: "There is a misteak in this sentence, and it is scheduled.",
  after: "There was a mistake in this sentence, and it was corrected in time.",
} as const;

export const REGRET: DemoText = {
  name: "The regret",
  text: "Written in anger, scheduled in haste, and cancelled before anybody could read it.",
};

/** What the held-back tweet of `CROSSING` contains and no other: plain ASCII, since faults look into the raw request. */
export const HELD_WORDS = "The oar breaks here";

/**
 * The thread whose worker is killed. The tweet that is in flight then has what X decorates (a link, an ampersand, an
 * emoji), so that recognising it again is no child's play.
 */
export const CROSSING: DemoText = {
  name: "The crossing",
  text: [
    "A thread is a crossing in a small boat: one oar stroke after the other, each leaning on the last.",
    "Somewhere the far bank comes into sight, and nothing has gone wrong so far.",
    "第三のツイート。ここまでは順調。",
    `${HELD_WORDS}. <The worker is killed> while X has this tweet & the answer is still on its way: https://en.wikipedia.org/wiki/Two_Generals%27_Problem 🛶`,
    "The next worker must not row the last stroke twice. It looks first, finds the tweet on X, and goes on.",
    "The far bank. Six strokes, counted.",
  ].join("\n---\n"),
};
