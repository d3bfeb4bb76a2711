/** The author's hand in a real terminal (tmux): what is pasted, typed ahead, pressed by mistake or left, and how the terminal is given back. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { howMany } from "../../src/testing/counts.ts";
import { hasTmux, psn, Screen } from "../../src/testing/screen.ts";
import { clear, script, TEST_MS_MAX } from "./at-terminal.ts";
import { PNG } from "./stage.ts";

const TEXT = "One sentence. Another one.\n---\nThe second tweet.\n---\nAnd the third.";
const IGNORED = "Pasted text is ignored here; press e to edit.";

let home: TestHome;
const start = (command: string, env?: Record<string, string>) => Screen.start(home, command, undefined, env);
const posted = () => home.sandbox.sandbox.report().accounts.sandbox_author?.posts ?? [];
const contents = async () => {
  const { rows } = await home.hub.pool.query<{ content: string }>(
    "select content from psn.posts order by coalesce(parent_post_id, id), thread_position",
  );
  return rows.map((row) => row.content);
};

/** The terminal shows what is typed, and a line ends at Enter: it is as it was before. */
async function isGivenBack(screen: Screen): Promise<void> {
  const tty = (await screen.tmux("display-message", "-p", "#{pane_tty}")).trim();
  const settings = Bun.spawnSync(["stty", "-a", "-F", tty]).stdout.toString();
  expect(settings).toMatch(/(^|\s)icanon(\s|;)/);
  expect(settings).toMatch(/(^|\s)echo(\s|;)/);
  expect(settings).toMatch(/(^|\s)isig(\s|;)/);
  expect((await screen.tmux("display-message", "-p", "#{alternate_on}")).trim()).toBe("0");
}

/** The keys by which the loop, once it is there, publishes. */
async function publish(screen: Screen): Promise<void> {
  await screen.shows("q leave");
  await screen.keys("a");
  await screen.shows("Approve this");
  await screen.keys("p");
  await screen.shows("type publish");
  await screen.type("publish");
  await screen.shows("> publish");
  await screen.keys("Enter");
}

describe.skipIf(!hasTmux)("the author's hand", () => {
  beforeAll(async () => {
    home = await testHome();
    await home.signIn();
    await writeFile(join(home.folder, "v.md"), `${TEXT}\n`);
    await writeFile(join(home.folder, "cover.png"), PNG);
  });
  afterAll(() => home?.close());
  beforeEach(() => clear(home));

  const PASTES = [
    "Have a nice day",
    "can you join this?\nThanks",
    "another",
    "and then",
    "joined them",
    "https://example.com/a/nice/page",
    "see them\nthere",
    "apublish\n",
    "at 9am\ny\n",
    "exit",
    "delete all of it",
  ];

  test(
    "scenario 33: no text that is pasted into the loop is obeyed, with brackets around it or without",
    async () => {
      const screen = await start(`${psn} post create --file v.md`, { EDITOR: "true" });
      try {
        await screen.shows("q leave");
        const before = await contents();
        const count = howMany(PASTES.length, 200);
        for (let index = 0; index < count; index++) {
          const text = PASTES[index % PASTES.length] ?? "";
          await screen.tmux("set-buffer", "--", text);
          const ways = [
            () => screen.type(text),
            () => screen.tmux("paste-buffer"),
            () => screen.tmux("paste-buffer", "-p"),
          ];
          await ways[index % ways.length]?.();
          await screen.shows(IGNORED);
          // A key that does nothing but take the message away.
          await screen.keys("Home");
          await screen.shows(/^(?![\s\S]*Pasted text)/);
        }
        expect(await contents()).toEqual(before);
        expect(posted()).toEqual([]);
        await screen.keys("q");
        await screen.shows("ended with 0");
        await isGivenBack(screen);
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "scenario 33: a pasted answer is one line and waits for Enter; what was typed ahead answers nothing",
    async () => {
      const screen = await start(`${psn} post create --file v.md`);
      try {
        await screen.shows("q leave");
        for (const way of [["paste-buffer", "-p"], ["paste-buffer"]]) {
          await screen.keys("m");
          await screen.shows("A file for tweet 1:");
          await screen.type("cover.png");
          await screen.shows("> cover.png");
          await screen.keys("Enter");
          await screen.shows("What is to be seen");
          await screen.tmux("set-buffer", "A lighthouse\nat night, an old one");
          await screen.tmux(...way);
          await screen.shows("> A lighthouse at night, an old one");
          await screen.keys("Enter");
          await screen.shows("▣ cover.png: A lighthouse at night, an old one");
          await screen.shows("q leave");
        }
        await screen.keys("a");
        await screen.shows("Approve this");
        await screen.keys("t");
        await screen.shows("When, in Europe/Berlin?");
        await screen.tmux("set-buffer", "tomorrow 9am\n\n");
        await screen.tmux("paste-buffer");
        await screen.shows("> tomorrow 9am");
        await screen.keys("Enter");
        await screen.shows("y yes");
        await screen.tmux("set-buffer", "yes\ny\n");
        await screen.tmux("paste-buffer");
        await screen.shows("Pasted text is ignored here.");
        await screen.keys("n");
        await screen.shows("When, in Europe/Berlin?");
        await screen.keys("C-c");
        await screen.shows("ended with 130");
        const { rows } = await home.hub.pool.query("select distinct status from psn.posts where status is not null");
        expect(rows).toEqual([{ status: "draft" }]);
        expect(posted()).toEqual([]);
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "scenario 33: lines pasted with the command are no keys of the loop that it opens",
    async () => {
      const screen = await start("sh");
      try {
        await screen.tmux("set-buffer", `${psn} post create --file v.md\nnano v.md\nand then\n`);
        await screen.tmux("paste-buffer");
        await screen.shows("q leave");
        await screen.shows(IGNORED);
        await screen.keys("C-c");
        await screen.shows("The draft is kept.");
        expect(posted()).toEqual([]);
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "scenario 34: n, q, Esc, Ctrl-C and every key that is not offered mean no, at each question that sends",
    async () => {
      const screen = await start(`${psn} post create "Only this."`);
      try {
        await screen.shows("q leave");
        for (const key of ["n", "q", "Escape", "y", "Enter", "Space", "x"]) {
          await screen.keys("a");
          await screen.shows("Approve this, one tweet");
          await screen.keys(key);
          await screen.shows("q leave");
        }
        for (const key of ["n", "q", "Escape", "N"]) {
          await screen.keys("a");
          await screen.shows("Approve this, one tweet");
          await screen.keys("p");
          await screen.shows("type publish and press Enter");
          await screen.keys(key);
          await screen.shows("Nothing was published.");
        }
        for (const word of ["yes", "no", "publis"]) {
          await screen.keys("a");
          await screen.shows("Approve this, one tweet");
          await screen.keys("p");
          await screen.shows("type publish and press Enter");
          await screen.type(word);
          await screen.shows(`> ${word}`);
          await screen.keys("Enter");
          await screen.shows("Nothing was published.");
        }
        await screen.keys("a");
        await screen.shows("Approve this, one tweet");
        await screen.keys("p");
        await screen.shows("type publish and press Enter");
        await screen.type("publish");
        await screen.shows("> publish");
        await screen.keys("C-c");
        await screen.shows("The draft is kept.");
        await screen.shows("ended with 130");
        await isGivenBack(screen);
        expect(posted()).toEqual([]);
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "scenario 35: a text typed for `-` ends with Ctrl-D and no loop opens; the first Ctrl-C leaves",
    async () => {
      const created = await start(`${psn} post create -`);
      try {
        await created.shows("Ctrl-D on a line of its own ends it");
        await created.type("Typed by hand.");
        await created.keys("Enter");
        await created.keys("C-d");
        await created.shows("ended with 0");
        await isGivenBack(created);
        expect(await contents()).toEqual(["Typed by hand."]);
      } finally {
        await created.close();
      }
      // Nobody is asked for words that no post takes, and those of a post that is refused are kept.
      const refused = await start(
        `sh -c '${psn} post text zzzz 1 -; ${psn} post edit zzzz --file -; ${psn} post create - --at blursday'`,
      );
      try {
        await refused.shows("Ctrl-D on a line of its own ends it");
        expect((await refused.text()).match(/POST_UNKNOWN/g)).toHaveLength(2);
        await refused.type("Typed for no time.");
        await refused.keys("Enter");
        await refused.keys("C-d");
        await refused.shows("What you wrote is kept");
        await refused.shows("TIME_INVALID");
      } finally {
        await refused.close();
      }
      for (const command of ["preview -", "post create -", "setup --paste"]) {
        const left = await start(`${psn} ${command}`);
        try {
          await left.shows("Ctrl-D on a line of its own ends it");
          await left.type("some words");
          await left.keys("C-c");
          await left.shows("ended with 130");
          await isGivenBack(left);
        } finally {
          await left.close();
        }
      }
    },
    TEST_MS_MAX,
  );

  test(
    "scenario 35: the terminal is given back after a hang-up, a stop in an open question, and an editor that dies",
    async () => {
      // It breaks the terminal's settings, then dies as by a crash.
      const dies = await script(home, "dies.sh", "stty raw -echo; printf '\\033[?1049h\\033[?1000h'; kill -9 $$");
      for (const signal of ["SIGHUP", "SIGTERM"] as const) {
        const screen = await start(`sh -c 'echo $$ > pid; exec ${psn} post create "Stop here."'`, { EDITOR: dies });
        try {
          await screen.shows("q leave");
          await screen.keys("e");
          await screen.shows("Nothing was changed.");
          await screen.keys("a");
          await screen.shows("Approve this");
          process.kill(Number(await Bun.file(join(home.folder, "pid")).text()), signal);
          await screen.shows("The draft is kept.");
          await screen.shows("ended with 143");
          await isGivenBack(screen);
        } finally {
          await screen.close();
        }
      }
    },
    TEST_MS_MAX,
  );

  test(
    "what was written in the editor is kept in a file when it cannot be stored",
    async () => {
      const editor = await script(home, "essay.sh", 'printf "Hours of work.\\n" > "$1"');
      const screen = await start(`${psn} post create --account @nobody`, { EDITOR: editor });
      try {
        const text = await screen.shows(/ended with [1-9]/);
        expect(text).toContain("ACCOUNT_UNKNOWN");
        const file =
          /psn post create --file (\S+)/.exec(text.replace("--file\n", "--file ").replace(/\n/g, ""))?.[1] ?? "";
        expect(await Bun.file(file.replace(/post\.md.*/, "post.md")).text()).toBe("Hours of work.\n");
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "scenario 33, 34: which of two times is meant is one key after the question; all others take neither",
    async () => {
      const command = `${psn} post create "Twice." --date 2027-10-31 --time 02:30`;
      for (const key of ["Enter", "n", "Escape", "C-c", "y"]) {
        const screen = await start(command);
        try {
          await screen.shows(/2 {2}Sun 2027-10-31 02:30 .*\+01:00/);
          await screen.tmux("set-buffer", "1\n2\n");
          await screen.tmux("paste-buffer");
          await screen.shows("Pasted text is ignored here.");
          await screen.keys(key);
          await screen.shows(/ended with [1-9]/);
          expect(await contents()).toEqual([]);
        } finally {
          await screen.close();
        }
      }
      const screen = await start(command);
      try {
        await screen.shows(/2 {2}Sun 2027-10-31 02:30 .*\+01:00/);
        await screen.keys("2");
        expect(await screen.shows("ended with 0")).toContain("+01:00");
        await isGivenBack(screen);
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "scenario 35: an exception that nobody catches gives the terminal back, and Ctrl-C stops what publishes",
    async () => {
      const crashed = await start(`${process.execPath} ${join(import.meta.dirname, "fixtures/crash.ts")}`);
      try {
        await crashed.shows("broken on purpose");
        await crashed.shows("ended with 1");
        await isGivenBack(crashed);
      } finally {
        await crashed.close();
      }
      home.sandbox.sandbox.addFault({
        kind: "delay",
        ms: 2_000,
        times: null,
        match: { method: "POST", path: "/2/tweets" },
      });
      const screen = await start(`${psn} post create --file v.md`);
      try {
        await publish(screen);
        await screen.shows("Publishing…");
        await screen.keys("C-c");
        await screen.shows(/ended with/);
        await isGivenBack(screen);
        expect(posted().length).toBeLessThan(3);
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "while it publishes, the loop says what is on X, and what is waited for until when",
    async () => {
      const create = { method: "POST", path: "/2/tweets" };
      home.sandbox.sandbox.addFault({ kind: "drop_after", match: create });
      home.sandbox.sandbox.addFault({ kind: "status", status: 503, times: null, match: { path: "/2/users/*/tweets" } });
      const screen = await start(`${psn} post create --file v.md`);
      try {
        await publish(screen);
        await screen.shows(/Publishing… \S[\s\S]*Ctrl-C\s+leaves\s+it\s+to\s+a\s+worker/);
        await screen.keys("C-c");
        await screen.shows(/ended with/);
        await isGivenBack(screen);
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "a thread gains and loses tweets by keys, is edited whole, and what was undone is done again",
    async () => {
      const editor = await script(home, "editor.sh", 'cp next.txt "$1"');
      const next = (text: string) => writeFile(join(home.folder, "next.txt"), `${text}\n`);
      await next("First.\n---\nSecond.");
      const screen = await start(`${psn} post create`, { EDITOR: editor });
      try {
        await screen.shows("2/2  7 of 280");
        await next("Between.");
        await screen.keys("o");
        await screen.shows("2/3  8 of 280");
        await screen.shows("▌ Between.");
        await next("Split\n---\nin two.");
        await screen.keys("e");
        await screen.shows("3/4  7 of 280");
        await screen.keys("x");
        await screen.shows("Removed; u brings it back.");
        await screen.keys("u");
        await screen.shows("Undone: Tweet 2 was removed.");
        await screen.keys("U");
        await screen.shows("Done again: Tweet 2 was removed.");
        // Refused, it is not lost: the editor is given it again, and `true` leaves it so.
        await next("");
        await screen.keys("E");
        await screen.shows("What you wrote is kept");
        await next("All.\n---\nAnew.");
        await screen.keys("E");
        await screen.shows("The thread is changed.");
        expect(await contents()).toEqual(["All.", "Anew."]);
        await screen.keys("q");
        await screen.shows("ended with 0");
      } finally {
        await screen.close();
      }
      const { rows } = await home.hub.pool.query("select id from psn.posts where parent_post_id is null");
      const asked = await start(`${psn} post delete ${rows[0].id}`);
      try {
        await asked.shows("Type yes and Enter");
        await asked.keys("n");
        await asked.shows("Nothing was changed.");
        await asked.shows("ended with 130");
        expect(await contents()).toHaveLength(2);
      } finally {
        await asked.close();
      }
      const deleted = await start(`${psn} post delete ${rows[0].id}`);
      try {
        await deleted.shows("Type yes and Enter");
        await deleted.type("yes");
        await deleted.shows("> yes");
        await deleted.keys("Enter");
        await deleted.shows("ended with 0");
        expect(await contents()).toEqual([]);
      } finally {
        await deleted.close();
      }
    },
    TEST_MS_MAX,
  );
});
