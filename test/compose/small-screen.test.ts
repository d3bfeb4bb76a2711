/** Questions that send, schedule or delete, in terminals of 20×6 and 40×10 (tmux): read to their end before a key answers them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { hasTmux, psn, Screen } from "../../src/testing/screen.ts";
import { clear, created, TEST_MS_MAX } from "./at-terminal.ts";

const SMALL = { columns: 20, rows: 6 };
let home: TestHome;
/** What a narrow screen breaks into lines. */
const flat = (text: string) => text.replace(/\s+/g, "");

describe.skipIf(!hasTmux)("a small screen", () => {
  beforeAll(async () => {
    home = await testHome();
    await home.signIn();
  });
  afterAll(() => home?.close());
  beforeEach(() => clear(home));

  test(
    "scenario 33, 34: at 20×6 no key and no word publishes before the question was read whole, also while the size changes",
    async () => {
      const id = await created(home, "First words.\n---\nSecond words.");
      const screen = await Screen.start(home, `${psn} post edit ${id}`, SMALL);
      try {
        await screen.shows("▌ First words.");
        await screen.keys("a");
        let read = await screen.shows("Space: more");
        // An answer before the end turns the page, and n says no.
        await screen.keys("p");
        read += await screen.shows("Esc back");
        await screen.keys("n");
        await screen.shows("▌ First words.");
        expect(flat(read)).toContain(flat("Approve this, all 2 tweets, to be posted as"));
        await screen.keys("a");
        await screen.shows("Space: more");
        await screen.keys("Space");
        await screen.shows("Esc back");
        await screen.keys("p");
        read = await screen.shows("To publish all 2");
        await screen.type("publish");
        read += await screen.shows("Esc back");
        expect(flat(read)).toContain(flat("type publish and press Enter."));
        expect(home.onX()).toEqual([]);
        for (const [columns, rows] of [
          [12, 4],
          [40, 10],
          [13, 3],
          [60, 9],
        ]) {
          await screen.tmux("resize-window", "-x", String(columns), "-y", String(rows));
        }
        await screen.shows("To publish all 2 tweets as @sandbox_author now, type publish");
        expect(home.onX()).toEqual([]);
        await screen.type("publish");
        await screen.shows("> publish");
        await screen.keys("Enter");
        await screen.shows("ended with 0");
        expect(home.onX()).toHaveLength(2);
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "a line as wide as the screen keeps its last character, and what X would refuse is told whole at 40×10",
    async () => {
      const id = await created(home, "x".repeat(90));
      const screen = await Screen.start(home, `${psn} post edit ${id}`, { columns: 40, rows: 10 });
      try {
        const text = await screen.shows("q leave");
        expect(flat(text).replaceAll("▌", "")).toContain("x".repeat(90));
        await screen.keys("a");
        await screen.shows("t at a time…");
        await screen.keys("t");
        await screen.shows("When, in Europe/Berlin?");
        await screen.type("yesterday at noon");
        await screen.shows("> yesterday at noon");
        await screen.keys("Enter");
        const said = await screen.shows("in the past");
        expect(flat(said)).toContain(flat("When, in Europe/Berlin?"));
        await screen.keys("Escape");
        await screen.shows("q leave");
        await screen.keys("q");
        await screen.shows("ended with 0");
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "scenario 34: a question outside of the loop is whole at 20×6, and what is typed stays in one row",
    async () => {
      const id = await created(home, "Delete me.");
      const screen = await Screen.start(home, `${psn} post delete ${id}`, SMALL);
      try {
        await screen.shows("Esc for no");
        await screen.type("a line that is far longer than the row");
        await screen.shows("than the row");
        const all = await screen.tmux("capture-pane", "-p", "-S", "-100");
        expect(all.match(/Esc for no/g)).toHaveLength(1);
        expect(all).not.toContain("> a line");
        await screen.keys("C-u");
        await screen.type("yes");
        await screen.shows("> yes");
        await screen.keys("Enter");
        await screen.shows("ended with 0");
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );
});
