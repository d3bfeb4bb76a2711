/** Addresses, tags and kinds of spaces between two sentences that do not fit into one tweet. */
import { expect, test } from "bun:test";
import { composeThread } from "./compose.ts";

const FIRST =
  "The first sentence of this text says what we have been doing in the last weeks of the year, and it goes on for some time so that it is long enough to fill a good part of one tweet here";
const SECOND =
  "The second sentence tells what comes next and why everybody should be glad about it, for it took a long time to write and a longer time yet to check by hand, word for word.";
const ADDRESS = "https://example.com/guide/to/all";
const bodies = (text: string) => composeThread(text).tweets.map(({ body }) => body);

test.each([
  ["between two sentences it belongs to the first", `${FIRST}. ${ADDRESS} ${SECOND}`, `${FIRST}. ${ADDRESS}`],
  ["behind a question", `${FIRST}? ${ADDRESS} ${SECOND}`, `${FIRST}? ${ADDRESS}`],
  ["behind a colon", `${FIRST}: ${ADDRESS} ${SECOND}`, `${FIRST}: ${ADDRESS}`],
  ["where words go on, to what it begins", `${FIRST}. ${ADDRESS} explains it. ${SECOND}`, `${FIRST}.`],
])("an address %s", (_, text, first) => {
  expect(bodies(text)[0]).toBe(first);
});

test("tags at the end of a line stay with its last sentence", () => {
  expect(bodies(`${FIRST}. ${SECOND} #rust #js`)).toEqual([`${FIRST}.`, `${SECOND} #rust #js`]);
});

test.each(["\u00a0", "\u2007", "\u202f", "\u3000", "\u2009", "\u2003"])(
  "sentences part at the only space between them, whatever its kind: %j",
  (space) => {
    expect(bodies(`${FIRST}.${space}${SECOND}`)).toEqual([`${FIRST}.`, SECOND]);
    expect(bodies(`${FIRST}. ${SECOND}`.replaceAll(" ", space))).toHaveLength(2);
  },
);

test.each(["`npm` runs", "--force skips", "/etc/x holds", "./run starts", ":smile: says", "№ 5 is", "$HOME is"])(
  "a sentence may begin with %s",
  (start) => {
    expect(bodies(`${FIRST}. ${start} ${SECOND}`)[0]).toBe(`${FIRST}.`);
  },
);
