import { describe, expect, test } from "bun:test";
import { judgeRecording, type OnX, type RecordedPost } from "./recording.ts";

const first: OnX = { externalPostId: "11", how: "posted", position: 0, count: 2 };
const running: RecordedPost = {
  status: "publishing",
  subStatus: null,
  isApproved: true,
  isOurs: true,
  othersLeft: 1,
  knownId: null,
  attempt: { outcome: null, externalPostId: null },
};
const judged = (onX: Partial<OnX> | null, post: Partial<RecordedPost> = {}) =>
  judgeRecording(onX && { ...first, ...onX }, { ...running, ...post });
const kindsOf = (...given: Parameters<typeof judged>) => judged(...given).events.map(({ kind }) => kind);

describe("a tweet that is new", () => {
  test("the attempt made it, the tweet gets its id, the thread goes on", () => {
    const recording = judged({});
    expect(recording).toMatchObject({ newId: "11", makesProgress: true, publishes: false, isComplete: false });
    expect(recording.attempt).toMatchObject({ outcome: "posted", externalPostId: "11", isSuccess: true });
    expect(recording.events).toMatchObject([{ kind: "tweet_posted", note: "Tweet 1/2 is on X." }]);
  });

  test("the last one publishes the post; of a single tweet one line says all", () => {
    expect(judged({ position: 1 }, { othersLeft: 0 })).toMatchObject({ publishes: true, isComplete: true });
    expect(kindsOf({ position: 1 }, { othersLeft: 0 })).toEqual(["tweet_posted", "published"]);
    expect(judged({ count: 1 }, { othersLeft: 0 }).events).toMatchObject([{ kind: "published", note: "It is on X." }]);
    expect(kindsOf({ count: 1, how: "adopted" }, { othersLeft: 0 })).toEqual(["tweet_adopted", "published"]);
  });

  test("a late answer overrules 'absent'; a look does not", () => {
    const absent = { attempt: { outcome: "absent", externalPostId: null } } as const;
    expect(judged({}, absent).attempt).toMatchObject({ outcome: "posted" });
    expect(judged({ how: "adopted" }, absent)).toMatchObject({ attempt: null, newId: "11" });
  });
});

describe("the post belongs to nobody, or to another worker", () => {
  test("another worker that has it finds out by itself", () => {
    expect(judged({}, { isOurs: false, othersLeft: 0 })).toMatchObject({
      publishes: false,
      isComplete: true,
      newId: "11",
    });
  });

  test("one that waits, failed or was cancelled too late is published once all of it is on X", () => {
    for (const status of ["retry", "failed", "draft", "scheduled"] as const) {
      expect(judged({}, { status, isOurs: false, othersLeft: 0 })).toMatchObject({ publishes: true });
      expect(judged({}, { status, isOurs: false })).toMatchObject({
        publishes: false,
        makesProgress: false,
        newId: "11",
      });
    }
    expect(judged({}, { status: "draft", isApproved: false, isOurs: false, othersLeft: 0 }).publishes).toBe(false);
    expect(judged({}, { status: "published", isOurs: false, othersLeft: 0, knownId: "11" }).publishes).toBe(false);
  });

  test("without a tweet it is only asked whether all are there", () => {
    expect(judged(null, { othersLeft: 0, attempt: null })).toMatchObject({
      publishes: true,
      attempt: null,
      newId: null,
    });
    expect(judged(null, { attempt: null })).toMatchObject({ publishes: false, isComplete: false, events: [] });
  });
});

describe("a tweet that has an id", () => {
  test("the same id again changes nothing, but an open attempt made nothing besides", () => {
    expect(judged({}, { knownId: "11" })).toMatchObject({ newId: null, events: [], attempt: { outcome: "absent" } });
    const done = { outcome: "posted", externalPostId: "11" } as const;
    expect(judged({}, { knownId: "11", attempt: done })).toMatchObject({ newId: null, events: [], attempt: null });
  });

  test("another id is a duplicate, and its author hears of it once", () => {
    const recording = judged({ externalPostId: "12" }, { knownId: "11" });
    expect(recording).toMatchObject({ newId: null, attempt: { outcome: "duplicate", externalPostId: "12" } });
    expect(recording.events).toMatchObject([{ kind: "duplicate_on_x", facts: { kept: "11", second: "12" } }]);
    const noted = { outcome: "duplicate", externalPostId: "12" } as const;
    expect(judged({ externalPostId: "12" }, { knownId: "11", attempt: noted })).toMatchObject({
      attempt: null,
      events: [],
    });
  });

  test("a duplicate of a request that was given up stays 'absent', and bears its id", () => {
    const attempt = { outcome: "absent", externalPostId: null } as const;
    expect(judged({ externalPostId: "12" }, { knownId: "11", attempt }).attempt).toMatchObject({
      outcome: "absent",
      externalPostId: "12",
      isSuccess: false,
    });
  });
});

test("each tweet that is found on X, on each kind of post: what is written, with every word of the history", () => {
  const attempts = [
    null,
    { outcome: null, externalPostId: null },
    { outcome: "absent", externalPostId: null },
  ] as const;
  const posts: Partial<RecordedPost>[] = [
    {},
    { othersLeft: 0 },
    { othersLeft: 0, isOurs: false },
    { status: "retry", subStatus: "confirming", isOurs: false, othersLeft: 0 },
    { status: "draft", subStatus: "unpublishing", isOurs: false, othersLeft: 0 },
    { status: "published", isOurs: false, othersLeft: 0 },
  ];
  const lines = posts.flatMap((post) =>
    attempts.flatMap((attempt) =>
      [null, "11", "9"].flatMap((knownId) =>
        [null, {}, { how: "adopted" }, { count: 1 }, { count: 1, how: "adopted" }].map((onX) => {
          const given = { ...post, attempt, knownId };
          return `${JSON.stringify(onX)} ${JSON.stringify(given)}: ${JSON.stringify(judged(onX as Partial<OnX> | null, given))}`;
        }),
      ),
    ),
  );
  expect(lines.join("\n")).toMatchSnapshot();
});
