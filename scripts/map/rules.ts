/**
 * The map of `src/` as rules. `npm run map` holds every import against them, imports of types and dynamic ones too;
 * each rule has one sentence, which is printed where it is broken.
 */

/** A room is a folder ("core/post/") or a file ("psn.ts"), named from its house's folder. */
export interface Floor {
  rooms: readonly string[];
  why: string;
}

/** Imports run from a floor to the floors below it. Rooms on one floor do not import each other. */
export interface House {
  folder: string;
  floors: readonly Floor[];
}

/** Tests and what only they use: they stand above every house, import what they like, and nothing else imports them. */
export const TESTING = [/\.test\.ts$/, /\/testing\.ts$/, /\/fixtures\//, /^src\/testing\//];
export const TESTING_WHY = "Code for tests stays out of the product.";

export const HOUSES: readonly House[] = [
  {
    folder: "src/",
    floors: [
      { rooms: ["package/"], why: "What the published package shows to the outside; nothing depends on it." },
      { rooms: ["psn.ts"], why: "The entry registers the commands; nothing depends on it." },
      { rooms: ["demo/"], why: "The demo plays with the commands; no command knows it." },
      { rooms: ["mcp/"], why: "MCP serves the commands; no command knows it." },
      { rooms: ["cli/"], why: "Only cli/ prints and asks; what it calls knows no terminal." },
      { rooms: ["doctor/"], why: "What an installation needs is looked at without a terminal; cli/ prints it." },
      {
        rooms: ["trigger/"],
        why: "Trigger.dev's tasks are a few lines over engines/ and core/; nothing below knows them.",
      },
      { rooms: ["engines/"], why: "The core sees an engine only through core/engine.ts." },
      {
        rooms: ["wiring.ts"],
        why: "wiring.ts puts the parts together; a part does not know what it is put together with.",
      },
      {
        rooms: ["preview/"],
        why: "A draft's page does what an author does; how a time is read and a post is sent is given to it.",
      },
      {
        rooms: ["sandbox/", "platforms/x/"],
        why: "The sandbox and X's client share nothing but the protocol, so that each tests the other; the core sees X only through core/platform.ts.",
      },
      {
        rooms: ["page/"],
        why: "HTML is made of what it is given, so that a draft and a sandbox's timeline look the same: it knows neither hub nor sandbox.",
      },
      {
        rooms: ["core/posts/", "core/publish/"],
        why: "What an author does and how a post is sent meet only in core/post/; core/ reaches nothing outside core/.",
      },
      { rooms: ["core/accounts/"], why: "A sign-in lets waiting posts go on; it does not edit or send them." },
      { rooms: ["core/backup/"], why: "A backup holds rows and media whole; it knows no post and no account." },
      { rooms: ["core/tokens/"], why: "Tokens are kept fresh without knowing how an account signs in." },
      { rooms: ["core/media/"], why: "Media are kept without knowing which post they belong to." },
      { rooms: ["core/spend/"], why: "What X bills is counted without knowing how a post is edited or sent." },
      { rooms: ["core/post/"], why: "What a post is does not depend on who edits, sends or signs in." },
      { rooms: ["core/engine.ts"], why: "The port to an engine needs a hub and nothing else." },
      { rooms: ["core/db/"], why: "The database is below everything that is stored in it." },
      { rooms: ["core/times/"], why: "Words of time are read without a database or a clock of their own." },
      { rooms: ["core/utils/"], why: "Helpers know no database and no rule of publishing." },
      { rooms: ["core/config/"], why: "Where settings and data lie is asked by everything above." },
      { rooms: ["core/compose/"], why: "Splitting a text is pure: no database, no clock, no network." },
      { rooms: ["core/platform.ts"], why: "The port to a platform is types; it imports no more than words." },
      { rooms: ["core/clock.ts", "core/errors.ts"], why: "Everything may use these; so they use nothing." },
      { rooms: ["core/types/"], why: "Everything may use the words; so they use nothing." },
    ],
  },
  {
    folder: "src/core/publish/",
    floors: [
      {
        rooms: ["publish.ts", "ahead/", "watchdog.ts"],
        why: "publish.ts tells the story and calls the steps; no step calls it.",
      },
      { rooms: ["unpublish/"], why: "Taking down is a story of its own; no step of publishing calls it." },
      {
        rooms: ["missed/", "send/"],
        why: "How a post is sent, and how a missed one gets its time, are called by the story alone.",
      },
      { rooms: ["confirm/"], why: "Confirming does not send." },
      { rooms: ["finish.ts"], why: "A run ends without sending or looking up." },
      { rooms: ["run.ts"], why: "What a run has is known to all of its steps; it takes none." },
      { rooms: ["attempts/"], why: "The ledger of attempts records what it is given; it neither sends nor looks up." },
      { rooms: ["lease/"], why: "A lease is taken, kept and released without knowing what for." },
      { rooms: ["clock-jump.ts"], why: "What a clock that was set back leaves behind are rows." },
      { rooms: ["x-clock.ts"], why: "X's times are brought to the hub's clock in one place, below all that hear X." },
      {
        rooms: ["rate-limits.ts", "worker-liveness.ts"],
        why: "Limits, and when workers were here, are rows of their own.",
      },
      { rooms: ["deps.ts"], why: "What publishing needs is types." },
      { rooms: ["decide/"], why: "Decisions are pure, so they stand below everything that acts." },
    ],
  },
];

/** What a folder may import at all, when that is less than the floors below it. */
export interface Limit {
  folder: string;
  /** Path prefixes; packages are not allowed. */
  only: readonly string[];
  why: string;
}

export const LIMITS: readonly Limit[] = [
  {
    folder: "src/core/publish/decide/",
    only: ["src/core/publish/decide/", "src/core/platform.ts", "src/core/types/"],
    why: "A decision is a function of its arguments: no clock, no database, no fetch.",
  },
  {
    folder: "src/page/",
    only: ["src/page/", "node:crypto"],
    why: "HTML is made of what it is given: no hub, no sandbox, no clock, no package.",
  },
];

/** Who may import a package; path prefixes. Tests may import every one. */
export interface PackageRule {
  name: string;
  only: readonly string[];
  why: string;
}

export const PACKAGES: readonly PackageRule[] = [
  {
    name: "drizzle-orm",
    only: ["src/core/", "src/engines/"],
    why: "Only core/ and engines/ ask the database; the others call them.",
  },
  { name: "pg", only: ["src/core/db/"], why: "Connections are opened and their errors judged in one folder." },
  {
    name: "arctic",
    only: ["src/platforms/x/oauth.ts"],
    why: "One file signs in at X, so the library can be exchanged there.",
  },
  {
    name: "graphile-worker",
    only: ["src/core/db/graphile.ts", "src/engines/worker.ts"],
    why: "core/db/graphile.ts loads it, so that it executes nothing of the current folder; engines/worker.ts knows its types.",
  },
  { name: "cosmiconfig", only: ["src/core/db/graphile.ts"], why: "PSN reads no configuration but its own." },
  {
    name: "@trigger.dev/sdk",
    only: ["src/trigger/", "src/engines/trigger-api.ts", "src/doctor/world.ts"],
    why: "The SDK is called in one file and registers tasks in trigger/; without it PSN runs all the same.",
  },
  { name: "@clack/prompts", only: ["src/cli/"], why: "Only cli/ asks a person." },
];

/** Files that import what they have looked for; each says why in its own words. */
export const COMPUTED: readonly string[] = ["src/core/db/graphile.ts", "src/core/config/lock.ts"];

/** Broken today and to be repaired: lines as `npm run map` prints them, "from -> to". It is empty when all is well. */
export const KNOWN: readonly string[] = [];
