/** What an author saved in their editor, whatever ends the editor or PSN, in a real terminal (tmux). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { isAlive } from "../../src/testing/processes.ts";
import { hasTmux, psn, Screen } from "../../src/testing/screen.ts";
import { until } from "../../src/testing/wait.ts";
import { clear, created, script, TEST_MS_MAX } from "./at-terminal.ts";

const OFFER = "Words of an editor that was cut off";
const KEPT = "What you wrote is kept: press the same key again.";

let home: TestHome;
const at = (name: string) => join(home.folder, name);
const edits = () => at("data/edits");
const contents = async () =>
  (await home.hub.pool.query("select content from psn.posts")).rows.map((row) => row.content);

/** The program's own pid is in `pid`. */
const start = (command: string, editor: string, size?: { columns: number; rows: number }) =>
  Screen.start(home, `sh -c 'echo $$ > pid; exec ${psn} ${command}'`, size, { EDITOR: editor });
const pidIn = async (name: string) => Number(await readFile(at(name), "utf8"));

describe.skipIf(!hasTmux)("words in the editor", () => {
  beforeAll(async () => {
    home = await testHome();
    await home.signIn();
  });
  afterAll(() => home?.close());
  beforeEach(async () => {
    await clear(home);
    for (const name of ["saved", "editor.pid", "seen"]) await rm(at(name), { force: true });
  });

  for (const way of ["SIGTERM", "hang-up", "SIGKILL"] as const) {
    test(
      `scenario 35: words that were saved before ${way} are kept, told, and offered by the next edit`,
      async () => {
        const id = await created(home, "Old words.");
        const editor = await script(
          home,
          "saves.sh",
          `printf 'Hours of work.\\n' > "$1"\nsleep 600 &\necho $! > ${at("editor.pid")}\ntouch ${at("saved")}\nwait`,
        );
        const screen = await start(`post edit ${id}`, editor);
        try {
          await screen.shows("q leave");
          await screen.keys("e");
          await until(() => Bun.file(at("saved")).exists());
          const pid = await pidIn("pid");
          if (way === "hang-up") await screen.close();
          else process.kill(pid, way);
          if (way === "SIGTERM") {
            const text = await screen.shows("ended with 143");
            expect(text).toContain(`psn post edit ${id} offers them again`);
            expect(text.replaceAll("\n", "")).toContain(edits());
          }
          await until(() => !isAlive(pid));
          // Nothing that PSN started is left at the terminal.
          if (way === "SIGKILL") process.kill(await pidIn("editor.pid"), "SIGKILL");
          else await until(async () => !isAlive(await pidIn("editor.pid")));
        } finally {
          await screen.close();
        }
        const [name = ""] = await readdir(edits());
        expect((await stat(join(edits(), name))).mode & 0o777).toBe(0o700);
        expect((await stat(join(edits(), name, "tweet.txt"))).mode & 0o777).toBe(0o600);
        expect(await readFile(join(edits(), name, "tweet.txt"), "utf8")).toBe("Hours of work.\n");
        expect(await contents()).toEqual(["Old words."]);

        const again = await start(`post edit ${id}`, "true");
        try {
          expect((await again.shows(OFFER)).replace(/\s+/g, " ")).toContain("for tweet 1, from");
          await again.keys("Escape");
          await again.shows("q leave");
          // Opened and not saved, they are taken only when one says so.
          await again.keys("e");
          await again.shows("They were not saved anew.");
          await again.keys("Escape");
          await again.shows("What you wrote is kept.");
          expect(await contents()).toEqual(["Old words."]);
          await again.keys("e");
          await again.shows("They were not saved anew.");
          await again.keys("T");
          await again.shows("The words are changed.");
          expect(await contents()).toEqual(["Hours of work."]);
          expect(await readdir(edits())).toEqual([]);
          await again.keys("q");
          expect(await again.shows("ended with 0")).not.toContain("not taken");
        } finally {
          await again.close();
        }
      },
      TEST_MS_MAX,
    );
  }

  test(
    "what is refused is opened again to the byte, told on leaving, and offered by the next edit",
    async () => {
      const id = await created(home, "Old words.");
      // It shows what it was given, and saves what stands in `next`, if there is any.
      const editor = await script(
        home,
        "editor.sh",
        `cp "$1" ${at("part")}\nmv ${at("part")} ${at("seen")}\n[ -f ${at("next")} ] && cp ${at("next")} "$1"\nexit $(cat ${at("code")})`,
      );
      const screen = await start(`post edit ${id}`, editor);
      let last: Uint8Array = Buffer.from("Old words.\n");
      const press = async (next: Uint8Array | null, code: number) => {
        await rm(at("next"), { force: true });
        if (next) await writeFile(at("next"), next);
        await writeFile(at("code"), String(code));
        await rm(at("seen"), { force: true });
        await screen.keys("e");
        await until(() => Bun.file(at("seen")).exists());
        expect(Buffer.from(await readFile(at("seen"))).equals(last)).toBe(true);
        if (next) last = next;
      };
      try {
        await screen.shows("q leave");
        // Nothing saved, as by `:cq`: nothing kept.
        await press(null, 1);
        await screen.shows("Nothing was changed.");
        expect(await readdir(edits())).toEqual([]);
        for (const [next, code, said] of [
          [Buffer.from("An \x1b escape\n"), 0, "control character U+001B"],
          [Buffer.from("Gr\xfc\xdfe, caf\xe9\n", "latin1"), 0, "is not UTF-8"],
          [Buffer.from("Saved, then it failed.\n"), 1, "ended with code 1"],
          [Buffer.from("\n"), 0, "is kept"],
          [Buffer.from("Once more \x07\n"), 0, "U+0007"],
        ] as const) {
          await press(next, code);
          const text = (await screen.shows(said)).replace(/\s+/g, " ");
          expect(text).toContain(KEPT);
          expect(await contents()).toEqual(["Old words."]);
          await screen.keys("Home");
          await screen.shows(/^(?![\s\S]*is kept)/);
        }
        await screen.keys("q");
        const text = await screen.shows("ended with 0");
        expect(text).toContain(`psn post edit ${id} offers them again`);
        expect(text.replaceAll("\n", "")).toContain(edits());
      } finally {
        await screen.close();
      }
      const again = await start(`post edit ${id}`, editor);
      try {
        await again.shows(OFFER);
        await again.keys("D");
        await again.shows("Delete them for good?");
        await again.keys("n");
        await again.shows("q leave");
        expect(await readdir(edits())).toHaveLength(1);
        // Taken by the key, with other words.
        await rm(at("seen"), { force: true });
        await writeFile(at("next"), "Better.\n");
        await writeFile(at("code"), "0");
        await again.keys("e");
        await again.shows("The words are changed.");
        expect((await readFile(at("seen"))).equals(last)).toBe(true);
        expect(await contents()).toEqual(["Better."]);
        expect(await readdir(edits())).toEqual([]);
      } finally {
        await again.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "an editor that removes its file, or puts a folder there, changes nothing and is told in a sentence",
    async () => {
      const id = await created(home, "Old words.");
      const editor = await script(home, "removes.sh", `rm "$1"; [ -f ${at("folder")} ] && mkdir "$1"; exit 0`);
      const screen = await start(`post edit ${id}`, editor);
      try {
        await screen.shows("q leave");
        await screen.keys("e");
        await screen.shows("The editor removed the file that it was given. Nothing was changed.");
        await writeFile(at("folder"), "");
        await screen.keys("E");
        await screen.shows("it is a folder");
        expect(await contents()).toEqual(["Old words."]);
        await screen.keys("q");
        await screen.shows("ended with 0");
      } finally {
        await screen.close();
      }
      await rm(at("folder"));
      const removed = await start("post create", editor);
      try {
        const text = await removed.shows(/ended with [1-9]/);
        expect(text).toContain("The editor removed the file");
        expect(text).not.toContain("    at ");
      } finally {
        await removed.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "a new post's words that were cut off are told, and offered by the next create",
    async () => {
      const editor = await script(home, "new.sh", `printf 'A new post.\\n' > "$1"; touch ${at("saved")}; sleep 600`);
      const screen = await start("post create", editor);
      try {
        await until(() => Bun.file(at("saved")).exists());
        process.kill(await pidIn("pid"), "SIGTERM");
        const text = await screen.shows("ended with 143");
        expect(text).toContain("What you wrote is kept: psn post create --file");
      } finally {
        await screen.close();
      }
      const again = await start("post create", "true");
      try {
        await again.shows("begin anew; they stay");
        await again.keys("o");
        await again.shows("▌ A new post.");
        expect(await readdir(edits())).toEqual([]);
      } finally {
        await again.close();
      }
    },
    TEST_MS_MAX,
  );
});
