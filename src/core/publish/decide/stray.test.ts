/** A tweet that was never sent, as far as the record knows, and what X shows of the account. */
import { expect, test } from "bun:test";
import { sameText } from "../../../platforms/x/match.ts";
import { judgeStray, type Stray, type UnsentTweet } from "./stray.ts";

const TWEET: UnsentTweet = { text: "Hello", replyToId: null, mediaCount: 0 };
const STRAY: Stray = { id: "20", text: "Hello", replyToId: null, mediaCount: 0 };
const judge = (tweet: Partial<UnsentTweet>, ...strays: Partial<Stray>[]) =>
  judgeStray(
    { ...TWEET, ...tweet },
    strays.map((stray) => ({ ...STRAY, ...stray })),
    sameText,
  );

test("scenario 59: the same words in the same place are the tweet, and the oldest of several is", () => {
  expect(judge({}, {})).toEqual({ kind: "ours", post: STRAY });
  expect(judge({}, { id: "100" }, { id: "20" }, { id: "9" })).toMatchObject({ kind: "ours", post: { id: "9" } });
  expect(judge({ replyToId: "7" }, { replyToId: "7" }).kind).toBe("ours");
});

test("scenario 59: other words, another place or other media are another post", () => {
  expect(judge({})).toEqual({ kind: "none" });
  expect(judge({}, { text: "Hello!" }).kind).toBe("none");
  expect(judge({}, { replyToId: "7" }).kind).toBe("none");
  expect(judge({ replyToId: "7" }, {}).kind).toBe("none");
  expect(judge({}, { mediaCount: 1 }).kind).toBe("none");
  expect(judge({ text: "Hello, this is all of it" }, { text: "Hello, this…" }).kind).toBe("none");
});

test("scenario 59: of a long text that X shows cut the beginning is enough", () => {
  const text = `${"word ".repeat(80)}end`;
  expect(judge({ text }, { text: `${text.slice(0, 200)}…`, isBeginning: true }).kind).toBe("ours");
});

test("scenario 60: a picture without words tells nobody whose it is, but in a thread its place does", () => {
  const picture = { text: " ", mediaCount: 1 };
  expect(judge(picture, { text: "", mediaCount: 1 }).kind).toBe("perhaps");
  expect(judge({ ...picture, replyToId: "7" }, { text: "", mediaCount: 1, replyToId: "7" }).kind).toBe("ours");
});
