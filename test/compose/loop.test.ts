/**
 * The loop as a person meets it: `psn post create` in a real terminal (tmux), driven by keys, read from the screen.
 * Without tmux these tests are skipped, unless PSN_REQUIRE_TMUX=1.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { hasTmux, psn, Screen } from "../../src/testing/screen.ts";
import { script } from "./at-terminal.ts";
import { PNG } from "./stage.ts";

const TEXT = [
  "The first paragraph has two sentences. This is its second one.",
  "The second paragraph, with a link to https://example.com/ledger, is here.",
  "And an end.",
].join("\n---\n");
let home: TestHome;
const start = (command: string, size?: { columns: number; rows: number }, env?: Record<string, string>) =>
  Screen.start(home, command, size, env);

async function status(id: string): Promise<string> {
  return (await home.hub.pool.query("select status from psn.posts where id = $1", [id])).rows[0].status;
}

describe.skipIf(!hasTmux)("the loop in a terminal", () => {
  beforeAll(async () => {
    home = await testHome();
    await home.signIn();
    await writeFile(join(home.folder, "essay.md"), `${TEXT}\n`);
    await writeFile(join(home.folder, "cover.png"), PNG);
    // An editor that changes one word, as a person would.
    await script(home, "editor.sh", 'sed -i "s/And an end/And a better end/" "$1"');
  });
  afterAll(() => home?.close());

  test("scenario 53: what a line of dashes means is asked; a border in a sentence shows what it tears", async () => {
    await writeFile(join(home.folder, "title.md"), "Tides\n---\n\nThey come twice a day. They go.\n———\nThe end.\n");
    const screen = await start(`${psn} post create --file title.md`);
    try {
      await screen.shows("looks like a break that an editor changed");
      await screen.keys("b");
      await screen.shows("Under “Tides” stands a line of ---");
      await screen.keys("h");
      const first = await screen.shows("q leave, the draft stays");
      expect(first).toContain("## Tides");
      expect(first).toContain("1/2");
      await screen.keys("s");
      await screen.shows("┃✂┃They come");
      await screen.keys("Right");
      await screen.shows("They ┃✂┃come");
      await screen.keys("Enter");
      await screen.shows("tears a sentence that fits into one");
      await screen.keys("u");
      await screen.shows("Undone:");
      expect(await screen.text()).not.toContain("tears a sentence");
      await screen.keys("U");
      await screen.shows("tears a sentence that fits into one");
      await screen.keys("q");
      await screen.shows("ended with 0");
    } finally {
      await screen.close();
    }
  });

  test("a thread is worked on with keys, approved and published; what X has equals what was shown", async () => {
    const editor = join(home.folder, "editor.sh");
    const screen = await start(`${psn} post create --file essay.md`, undefined, { EDITOR: editor });
    try {
      const first = await screen.shows("q leave, the draft stays");
      expect(first).toContain("1/3  62 of 280  $0.015");
      expect(first).toContain("$0.200");
      expect(first).toContain("╌╌ your line of ---");

      await screen.keys("[");
      await screen.shows("Gave a sentence.");
      await screen.keys("u");
      await screen.shows("Undone: The end of tweet 1");
      await screen.keys("s");
      await screen.shows("┃✂┃This is its second one.");
      await screen.keys("Enter");
      await screen.shows("1/4  38 of 280");
      await screen.keys("j");
      await screen.shows("1/3  62 of 280");
      await screen.keys("Down");
      await screen.shows(/▌ The second paragraph/);
      await screen.keys("Down");
      await screen.shows(/▌ And an end/);
      await screen.keys("e");
      await screen.shows("And a better end.");
      await screen.keys("<");
      await screen.shows("It is tweet 2 now.");
      await screen.keys("m");
      await screen.shows("A file for tweet 2:");
      await screen.type("nowhere.png");
      await screen.shows("> nowhere.png");
      await screen.keys("Enter");
      await screen.shows("there is no such file");
      await screen.keys("m");
      await screen.shows("A file for tweet 2:");
      await screen.type("cover.png");
      await screen.shows("> cover.png");
      await screen.keys("Enter");
      await screen.shows("What is to be seen");
      await screen.type("One red dot");
      await screen.shows("> One red dot");
      await screen.keys("Enter");
      const approved = await screen.shows("▣ cover.png: One red dot");
      await screen.keys("a");
      await screen.shows("Approve this, all 3 tweets, to be posted as @sandbox_author?");
      await screen.keys("p");
      await screen.shows("type publish and press Enter");
      await screen.type("publish");
      await screen.shows("> publish");
      await screen.keys("Enter");
      const end = await screen.shows("ended with 0");
      expect(end).toContain("published");
      expect(end).toMatch(/http:\/\/127\.0\.0\.1:\d+\/sandbox_author\/status\//);

      const onX = home.sandbox.sandbox.report().accounts.sandbox_author?.posts ?? [];
      expect(onX.map((post) => post.text)).toEqual([
        "The first paragraph has two sentences. This is its second one.",
        "And a better end.",
        "The second paragraph, with a link to https://example.com/ledger, is here.",
      ]);
      expect(onX.map((post) => post.media.map((item) => item.altText))).toEqual([[], ["One red dot"], []]);
      for (const { text } of onX) for (const word of text.split(" ")) expect(approved).toContain(word);
    } finally {
      await screen.close();
    }
  }, 240_000);

  test("leaving keeps the draft; edit opens it again, on a screen that changes its size, without colours", async () => {
    const screen = await start(`${psn} post create "One text. It has two sentences."`, undefined, {
      NO_COLOR: "1",
    });
    let id = "";
    try {
      id = /^([a-z0-9]{12}) {2}draft/m.exec(await screen.shows("q leave"))?.[1] ?? "";
      expect(await screen.tmux("capture-pane", "-p", "-e")).not.toContain("\x1b[1");
      await screen.keys("C-c");
      await screen.shows("The draft is kept.");
      await screen.shows("ended with 130");
    } finally {
      await screen.close();
    }
    const again = await start(`${psn} post edit ${id}`, { columns: 40, rows: 12 });
    try {
      await again.shows("▌ One text. It has two sentences.");
      await again.tmux("resize-window", "-x", "24", "-y", "14");
      await again.shows("▌ sentences.");
      await again.tmux("resize-window", "-x", "100", "-y", "30");
      await again.shows("▌ One text. It has two sentences.");
      // Somebody else changes it meanwhile: the screen follows, and nothing is lost.
      await again.keys("s");
      await again.shows("Where to split it?");
      await home.psn(["post", "text", id, "1", "Changed by another hand."]);
      await again.keys("Enter");
      await again.shows("It was changed elsewhere meanwhile");
      await again.shows("▌ Changed by another hand.");
      await again.keys("a");
      await again.shows("at a time");
      await again.keys("t");
      await again.shows("When, in Europe/Berlin?");
      await again.type("2027-03-28 02:30");
      await again.shows("> 2027-03-28 02:30");
      await again.keys("Enter");
      await again.shows(/does not exist|no such|skipped|never/i);
      await again.keys("C-u");
      await again.type("in 2 hours");
      await again.shows("> in 2 hours");
      await again.keys("Enter");
      await again.shows("y yes");
      await again.keys("y");
      await again.shows("ended with 0");
      await again.shows("scheduled");
    } finally {
      await again.close();
    }
    const shown = (await home.psn(["post", "show", id])).json as { post: { status: string; approved: boolean } };
    expect(shown.post).toMatchObject({ status: "scheduled", approved: true });

    // Looked at it stays scheduled; changed it is a draft while one works on it, and its time is offered again.
    const third = await start(`${psn} post edit ${id}`);
    try {
      await third.shows("goes out");
      await third.keys("e");
      await third.shows("take it back to a draft while you work");
      await third.keys("Escape");
      await third.shows("q leave");
      expect(await status(id)).toBe("scheduled");
      await third.keys("m");
      await third.shows("take it back to a draft while you work");
      await third.keys("B");
      await third.shows("A file for tweet 1:");
      expect(await status(id)).toBe("draft");
      await third.type("cover.png");
      await third.shows("> cover.png");
      await third.keys("Enter");
      await third.shows("What is to be seen");
      await third.keys("Enter");
      await third.shows("Attached.");
      await third.keys("q");
      await third.shows("It was to go out");
      await third.keys("R");
      await third.shows("ended with 0");
      expect(await status(id)).toBe("scheduled");
    } finally {
      await third.close();
    }
  }, 240_000);

  test("told to stop, it ends at once, whatever is asked, and gives the terminal back", async () => {
    const screen = await start(`sh -c 'echo $$ > pid; exec ${psn} post create "Stop here."'`);
    try {
      await screen.shows("q leave");
      await screen.keys("m");
      await screen.shows("A file for tweet 1:");
      process.kill(Number(await Bun.file(join(home.folder, "pid")).text()), "SIGTERM");
      await screen.shows("The draft is kept.");
      await screen.shows("ended with 143");
      // The terminal echoes again what is typed.
      await screen.type("echoed");
      await screen.shows("echoed");
    } finally {
      await screen.close();
    }
  }, 240_000);

  test("--no-input never asks, also at a terminal", async () => {
    const screen = await start(`${psn} post create "Ask me nothing." --no-input`);
    try {
      const text = await screen.shows("ended with 0");
      expect(text).toContain("next: psn post approve");
    } finally {
      await screen.close();
    }
  }, 240_000);
});
