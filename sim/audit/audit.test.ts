/** The auditor, on events that are written by hand: each promise broken once, and the innocent twin of it. */
import { expect, test } from "bun:test";
import { Auditor, audit, REST_MS_MAX } from "./audit.ts";
import type { AuditEvent, Change, TweetOnX } from "./events.ts";

const TWEETS = [
  { text: "one", media: ["aa"] },
  { text: "two", media: [] },
];
const WRITTEN: AuditEvent = { kind: "written", atMs: 0, post: 0, account: "7", tweets: TWEETS };
const ON_X: TweetOnX[] = [
  { id: "100", account: "7", text: "one", replyToId: null, media: ["aa"] },
  { id: "101", account: "7", text: "two", replyToId: "100", media: [] },
];

const done = (act: number, change: Change): AuditEvent[] => [
  { kind: "asked", atMs: act, post: 0, act, change },
  { kind: "answered", atMs: act, act, outcome: "done" },
];
const sent = (text: string, more: Partial<Extract<AuditEvent, { kind: "sent" }>> = {}): AuditEvent => ({
  kind: "sent",
  atMs: 50,
  hubMs: 50,
  text,
  replyToId: null,
  mediaCount: text === "one" ? 1 : 0,
  ...more,
});
const onX = (tweets: readonly TweetOnX[]): AuditEvent => ({ kind: "on_x", atMs: 60, tweets });
const shown = (more: Partial<Extract<AuditEvent, { kind: "shown" }>> = {}): AuditEvent => ({
  kind: "shown",
  atMs: 90,
  post: 0,
  status: "published",
  reason: null,
  texts: ["one", "two"],
  tweetIds: ["100", "101"],
  ...more,
});
const GOING = [WRITTEN, ...done(1, { isGoing: true, notBeforeMs: 40 })];

test("a thread that goes out as it was asked for breaks nothing", () => {
  expect(audit([...GOING, sent("one"), sent("two"), onX(ON_X), shown()])).toEqual([]);
});

const TAKEN_DOWN: AuditEvent[] = [
  { kind: "take_down_asked", atMs: 65, post: 0, act: 9, positions: null },
  { kind: "answered", atMs: 66, act: 9, outcome: "done" },
];
const FOLLOWING: AuditEvent = {
  kind: "written",
  atMs: 55,
  post: 1,
  account: "7",
  tweets: [{ text: "more", media: [] }],
  follows: 0,
};

test("a thread that is taken down from its end, and a follow-up under what was there, break nothing", () => {
  const reply: TweetOnX = { id: "200", account: "7", text: "more", replyToId: "101", media: [] };
  const down: AuditEvent[] = [
    { kind: "delete_sent", atMs: 70, tweetId: "101" },
    onX([ON_X[0] as TweetOnX, reply]),
    { kind: "delete_sent", atMs: 71, tweetId: "100" },
    onX([reply]),
    shown({ deletedIds: ["100", "101"] }),
  ];
  expect(audit([...GOING, FOLLOWING, onX([...ON_X, reply]), ...TAKEN_DOWN, ...down])).toEqual([]);
});

const BROKEN: Record<string, [AuditEvent[], RegExp]> = {
  "a tweet twice": [[...GOING, onX([...ON_X, { ...ON_X[0], id: "102" } as TweetOnX])], /p0.t0 is on X twice/],
  "two versions of one tweet": [
    [
      ...GOING,
      ...done(2, { tweets: [{ text: "uno", media: [] }] }),
      onX([...ON_X, { ...ON_X[0], id: "102", text: "uno" } as TweetOnX]),
    ],
    /p0.t0 is on X twice/,
  ],
  "a reply to nothing": [[...GOING, onX([{ ...ON_X[1], replyToId: null } as TweetOnX])], /does not reply/],
  "another's name": [[...GOING, onX([{ ...ON_X[0], account: "8" } as TweetOnX])], /another's name/],
  "a stranger's words": [[...GOING, sent("three")], /no author wrote/],
  "sent as a draft": [[WRITTEN, sent("one")], /does not go out/],
  "sent after a cancel": [[...GOING, ...done(2, { isGoing: false }), sent("one")], /does not go out/],
  "sent too early": [[...GOING, sent("one", { hubMs: 39 })], /a later time/],
  "sent too early by a clock that is known to be off": [
    [...GOING, { kind: "hub_clock_off", atMs: 0, roomMs: 5 }, sent("one", { atMs: 34, hubMs: 9_999 })],
    /a later time/,
  ],
  "sent as it was before an edit": [
    [...GOING, ...done(2, { tweets: [{ text: "uno", media: [] }] }), sent("one")],
    /not what its author was promised last/,
  ],
  "a picture that is missing": [[...GOING, sent("one", { mediaCount: 0 })], /with 0 media instead of 1/],
  "another picture": [
    [...GOING, onX([{ ...ON_X[0], media: ["bb"] } as TweetOnX, ON_X[1] as TweetOnX]), shown()],
    /other media/,
  ],
  "a lost tweet": [[...GOING, onX(ON_X.slice(0, 1)), shown()], /101 is shown as published and is not on X/],
  "a tweet that nobody knows of": [
    [...GOING, onX(ON_X), shown({ status: "draft", tweetIds: ["100"] })],
    /the hub does not know it: 101/,
  ],
  "a thread that ends early": [
    [...GOING, onX(ON_X.slice(0, 1)), shown({ tweetIds: ["100"] })],
    /published with tweets missing/,
  ],
  "asking again and again what is refused": [
    [{ kind: "refused", atMs: 5, why: "locked", count: 9, countMax: 8 }],
    /asked 9 times while it refused everything \(locked\)/,
  ],
  "a sign-in that another app made": [
    [{ kind: "sign_in_used", atMs: 5, madeFor: "the old app", setUpWith: "the new app" }],
    /a sign-in of the old app was used where the new app is set up/,
  ],
  "an account under the name that it had": [
    [{ kind: "named", atMs: 5, account: "7", shown: "before", isNow: "now" }],
    /7 is shown as @before, and X calls it @now/,
  ],
  "a silent wait": [[...GOING, shown({ status: "retry", tweetIds: [] })], /rests as retry/],
  "a failure without a word": [[...GOING, shown({ status: "failed", tweetIds: [] })], /without a word/],
  "a rest that comes too late": [
    [...GOING, { kind: "healed", atMs: 60, restMsMax: REST_MS_MAX }, onX(ON_X), shown({ atMs: 61 + REST_MS_MAX })],
    /1 minutes too late after the last fault/,
  ],
  "a deletion that nobody asked for": [
    [...GOING, onX(ON_X), { kind: "delete_sent", atMs: 70, tweetId: "101" }],
    /nobody asked for it/,
  ],
  "a thread that is taken down from its beginning": [
    [...GOING, onX(ON_X), ...TAKEN_DOWN, { kind: "delete_sent", atMs: 71, tweetId: "100" }],
    /before a later tweet/,
  ],
  "a tweet that is shown as taken down and is there": [
    [...GOING, onX(ON_X), ...TAKEN_DOWN, shown({ deletedIds: ["100", "101"] })],
    /101 is shown as taken down and is on X/,
  ],
  "a tweet that was to be taken down and stays": [
    [...GOING, onX(ON_X), ...TAKEN_DOWN, onX(ON_X.slice(0, 1)), shown({ deletedIds: ["101"] })],
    /100 was to be taken down, and is not/,
  ],
  "a tweet that goes out after it was taken down": [[...GOING, ...TAKEN_DOWN, sent("one")], /does not go out/],
  "a second copy of a tweet that was deleted": [
    [...GOING, onX(ON_X), ...TAKEN_DOWN, onX([]), onX([{ ...ON_X[0], id: "102" } as TweetOnX])],
    /p0.t0 is on X twice/,
  ],
  "a follow-up under nothing": [
    [...GOING, FOLLOWING, onX([{ id: "200", account: "7", text: "more", replyToId: null, media: [] }])],
    /p1.t0 does not reply/,
  ],
  "texts that were not promised": [
    [...GOING, { kind: "stored", atMs: 2, post: 0, texts: ["one", "2"] }],
    /other texts than one,2/,
  ],
};
for (const [what, [events, words]] of Object.entries(BROKEN)) {
  test(`the auditor finds ${what}`, () => {
    expect(audit(events).join("\n")).toMatch(words);
  });
}

test("of an act whose answer was lost both may be true; of a refused one only what was before", () => {
  const cancel: AuditEvent = { kind: "asked", atMs: 2, post: 0, act: 2, change: { isGoing: false } };
  expect(audit([...GOING, cancel, sent("one")])).toEqual([]);
  expect(audit([...GOING, cancel, { kind: "answered", atMs: 3, act: 2, outcome: "refused" }, sent("one")])).toEqual([]);
});

test("the author's own post of the same words is nobody's duplicate", () => {
  const auditor = new Auditor();
  for (const event of GOING) auditor.take(event);
  auditor.take({ kind: "by_hand", atMs: 30, tweetId: "99" });
  expect(auditor.take(onX([{ ...ON_X[0], id: "99" } as TweetOnX, ...ON_X]))).toEqual([]);
});

test("a post may adopt what its author said by hand in its words, and not leave out what it made beside it", () => {
  const hand = { ...ON_X[0], id: "99" } as TweetOnX;
  const reply = { ...ON_X[1], replyToId: "99" } as TweetOnX;
  const adopted = [...GOING, { kind: "by_hand", atMs: 30, tweetId: "99" } as AuditEvent];
  expect(audit([...adopted, onX([hand, reply]), shown({ tweetIds: ["99", "101"] })])).toEqual([]);
  const both = audit([...adopted, onX([hand, ON_X[0] as TweetOnX, reply]), shown({ tweetIds: ["99", "101"] })]);
  expect(both).toEqual(["on X, and the hub does not know it: 100 one"]);
});

test("where the hub's clock is known to be off, the true one says what is early", () => {
  const off: AuditEvent = { kind: "hub_clock_off", atMs: 0, roomMs: 5 };
  expect(audit([...GOING, off, sent("one", { atMs: 35, hubMs: 1 })])).toEqual([]);
});

test("a few requests in flight may be refused before it is known that all are", () => {
  expect(audit([{ kind: "refused", atMs: 5, why: "locked", count: 8, countMax: 8 }])).toEqual([]);
});

test("an app's own sign-ins, and an account under its name of today, break nothing", () => {
  expect(
    audit([
      { kind: "sign_in_used", atMs: 5, madeFor: "app", setUpWith: "app" },
      { kind: "named", atMs: 6, account: "7", shown: "now", isNow: "now" },
    ]),
  ).toEqual([]);
});

test("a time that was promised before the hub's clock was set is not held against it", () => {
  expect(audit([...GOING, { kind: "hub_clock_set", atMs: 2 }, sent("one", { hubMs: 39 })])).toEqual([]);
});
