/**
 * What X charges: the one list of prices, as data. In millionths of a dollar, so that sums stay exact. Where X's page can be read in two
 * ways, the dearer one is written.
 */
export const PRICES = {
  /** The day on which the list was compared with its source. */
  asOf: "2026-09-11",
  source: "https://docs.x.com/x-api/getting-started/pricing",
  micros: {
    /** “Post: Create”. */
    create: 15_000,
    /** “Post: Create (with URL)”: any URL, written with a scheme or not, and also a word that only looks like one. */
    createWithLink: 200_000,
    /** “Media Metadata”. Uploads are not on the list. */
    altText: 5_000,
    /** “Posts: Read”, a post. An account that owns the app pays 1,000 for its own; the hub cannot know whether it does. */
    postRead: 5_000,
    /** “User: Read”, a user: /2/users/me. */
    userRead: 10_000,
    /** “Interaction: Delete”. Should X count it as “Content: Manage”, it is half. */
    deletion: 10_000,
  },
} as const;

export type Price = keyof typeof PRICES.micros;

/** A list that is older than this should be compared with its source. */
export const PRICES_DAYS_MAX = 120;

export const MICROS_PER_DOLLAR = 1_000_000;
