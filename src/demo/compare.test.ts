/** The judge itself is judged: each fault that the demo must find is planted here, one at a time. */
import { expect, test } from "bun:test";
import type { OwnPost } from "../core/platform.ts";
import { compare } from "./compare.ts";
import type { Expected, Seen, SeenPost } from "./facts.ts";
import type { CheckName } from "./judge.ts";

const DUE = new Date("2026-11-21T10:00:00.000Z");
const PICTURE = { sha256: "ab".repeat(32), altText: "A lighthouse" };

function expected(): Expected {
  return {
    threads: [
      {
        name: "The essay",
        source: "\nOne & two.\n\nThree 🕊️.\n---\nFour.\n",
        leading: "\n",
        tweets: [
          { text: "One & two.", separatorAfter: "\n\n", media: [PICTURE] },
          { text: "Three 🕊️.", separatorAfter: "\n---\n", media: [] },
          { text: "Four.", separatorAfter: "\n", media: [] },
        ],
        notBefore: null,
      },
      {
        name: "The note",
        source: "New words.",
        leading: "",
        tweets: [{ text: "New words.", separatorAfter: "", media: [] }],
        notBefore: DUE,
      },
    ],
    absent: [
      { name: "The note", text: "Old words." },
      { name: "The regret", text: "Never mind." },
    ],
  };
}

function posts(): SeenPost[] {
  const at = (ms: number) => new Date(DUE.getTime() + ms);
  return [
    { id: "1001", text: "One & two.", replyToId: null, media: [{ ...PICTURE }], createdAt: at(-3000) },
    { id: "1002", text: "Three 🕊️.", replyToId: "1001", media: [], createdAt: at(-2900) },
    { id: "1003", text: "Four.", replyToId: "1002", media: [], createdAt: at(-2800) },
    { id: "1004", text: "New words.", replyToId: null, media: [], createdAt: at(7) },
  ];
}

const shownOf = (list: SeenPost[]): OwnPost[] =>
  list
    .map(({ id, text, replyToId, media, createdAt }) => ({
      id,
      text,
      replyToId,
      mediaCount: media.length,
      mediaKeys: media.map(() => null),
      createdAt,
    }))
    .reverse();

/** What X shows after `plant` changed its posts; the timeline and the counts follow, as they would. */
function seen(plant: (list: SeenPost[]) => SeenPost[] | undefined = () => undefined): Seen {
  const list = posts();
  const changed = plant(list) ?? list;
  return {
    posts: changed,
    timeline: { posts: shownOf(changed), complete: true },
    creates: { received: changed.length, acted: changed.length },
  };
}

const failed = (what: Seen, wanted = expected()): CheckName[] =>
  compare(wanted, what)
    .checks.filter(({ held }) => !held)
    .map(({ name }) => name);

const edit = (index: number, change: Partial<SeenPost>) => (list: SeenPost[]) =>
  list.map((post, at) => (at === index ? { ...post, ...change } : post));

test("what was approved and is there holds, with its lateness", () => {
  const result = compare(expected(), seen());
  expect(result.problems).toEqual([]);
  expect(result.held).toBe(true);
  expect(result.threads.map(({ ids, latenessMs }) => [ids, latenessMs])).toEqual([
    [["1001", "1002", "1003"], null],
    [["1004"], 7],
  ]);
});

test("a duplicate is found: a reply twice, a root twice, and at the end of a chain", () => {
  const copy = (index: number, change: Partial<SeenPost>) => (list: SeenPost[]) => [
    ...list,
    { ...(list[index] as SeenPost), id: "1009", ...change },
  ];
  expect(failed(seen(copy(1, {})))).toEqual(["once", "creates"]);
  expect(failed(seen(copy(3, {})))).toEqual(["once", "creates"]);
  expect(failed(seen(copy(2, { replyToId: "1003" })))).toEqual(["once", "creates"]);
  expect(compare(expected(), seen(copy(1, {}))).problems[0]?.says).toContain("is there twice");
});

test("a missing tweet is found: the last, one in the middle, the first, a whole post", () => {
  const without = (index: number) => (list: SeenPost[]) => list.filter((_, at) => at !== index);
  expect(failed(seen(without(2)))).toEqual(["whole", "creates"]);
  expect(failed(seen(without(1)))).toEqual(["chain", "whole", "creates"]);
  expect(failed(seen(without(0)))).toContain("whole");
  expect(failed(seen(without(3)))).toEqual(["whole", "creates"]);
  expect(failed(seen(() => []))).toEqual(["whole", "creates"]);
});

test("a wrong order is found: two texts swapped, a reply to the wrong tweet, a reply made into a root", () => {
  const swapped = (list: SeenPost[]) =>
    list.map((post, at) => (at === 1 ? { ...post, text: "Four." } : at === 2 ? { ...post, text: "Three 🕊️." } : post));
  expect(failed(seen(swapped))).toEqual(["chain"]);
  expect(failed(seen(edit(2, { replyToId: "1001" })))).toContain("whole");
  expect(failed(seen(edit(1, { replyToId: null })))).toContain("whole");
  expect(failed(seen(edit(2, { id: "1000" })))).toEqual(["chain"]);
});

test("a changed character is found: visible, invisible, at the end, in the first tweet", () => {
  expect(failed(seen(edit(1, { text: "Three 🕊." })))).toEqual(["text"]);
  expect(failed(seen(edit(2, { text: "Four. " })))).toEqual(["text"]);
  expect(failed(seen(edit(2, { text: "Four" })))).toEqual(["text"]);
  expect(failed(seen(edit(0, { text: "One &amp; two." })))).toEqual(["text"]);
  expect(compare(expected(), seen(edit(2, { text: "Foxr." }))).problems[0]?.says).toBe(
    "tweet 3 of 3 differs at character 3: “Foxr.” instead of “Four.”",
  );
});

test("a separator that does not lead back to the source is found", () => {
  const wanted = expected();
  const [essay] = wanted.threads;
  if (essay) essay.source = essay.source.replace("\n---\n", "\n\n---\n");
  expect(failed(seen(), wanted)).toEqual(["text"]);
});

test("media on the wrong tweet, another picture and a lost alt text are found", () => {
  expect(failed(seen(edit(0, { media: [] })))).toEqual(["media"]);
  expect(failed(seen(edit(1, { media: [PICTURE] })))).toEqual(["media"]);
  expect(failed(seen(edit(0, { media: [{ ...PICTURE, altText: null }] })))).toEqual(["media"]);
  expect(failed(seen(edit(0, { media: [{ ...PICTURE, sha256: "cd".repeat(32) }] })))).toEqual(["media"]);
});

test("a post before its time is found", () => {
  expect(failed(seen(edit(3, { createdAt: new Date(DUE.getTime() - 1) })))).toEqual(["time"]);
});

test("a cancelled post, an edit's old text and a post that nobody approved are found", () => {
  const more = (text: string) => (list: SeenPost[]) => [
    ...list,
    { id: "1009", text, replyToId: null, media: [], createdAt: DUE },
  ];
  expect(failed(seen(more("Never mind.")))).toEqual(["once", "absent", "creates"]);
  expect(failed(seen(edit(3, { text: "Old words." })))).toEqual(["text", "absent"]);
  expect(failed(seen(more("Who wrote this?")))).toEqual(["once", "creates"]);
});

test("a timeline that shows something else, or not all, is found", () => {
  const other = (change: (list: OwnPost[]) => OwnPost[]) => {
    const what = seen();
    return failed({ ...what, timeline: { posts: change(what.timeline.posts), complete: true } });
  };
  expect(other((list) => list.slice(1))).toEqual(["timeline"]);
  expect(other((list) => [...list, ...list.slice(0, 1)])).toEqual(["timeline"]);
  expect(other((list) => list.map((post) => ({ ...post, text: `${post.text}!` })))).toEqual(["timeline"]);
  expect(other((list) => list.map((post) => ({ ...post, replyToId: null })))).toEqual(["timeline"]);
  const cut = seen();
  expect(failed({ ...cut, timeline: { ...cut.timeline, complete: false } })).toEqual(["timeline"]);
});

test("a create that X carried out and that left no tweet behind is found", () => {
  expect(failed({ ...seen(), creates: { received: 5, acted: 5 } })).toEqual(["creates"]);
  expect(failed({ ...seen(), creates: { received: 5, acted: 4 } })).toEqual([]);
});
