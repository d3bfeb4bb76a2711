/** What a person does in their first hour, as README has it, in one terminal of 80×24 (tmux): each step by what the one before showed. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { consent, type TestHome, testHome } from "../../src/testing/cli.ts";
import { freePort } from "../../src/testing/free-port.ts";
import { hasTmux, Screen } from "../../src/testing/screen.ts";

const COLUMNS = 80;
const ESSAY = [
  "A lighthouse keeper writes one line a day. The line says what the sea did.",
  "After forty years the lines are a book, and the book is the sea's.",
  "Nobody had asked for it; everybody in the village has read it twice.",
  "The keeper says that the secret is to write only what happened, and to stop when it has been said.",
].join(" ");

let home: TestHome;
let screen: Screen;
let sandboxPid = 0;

beforeAll(async () => {
  home = await testHome();
  // The keys come from setup, as they do for a person.
  for (const name of Object.keys(home.env)) if (name.startsWith("X_")) delete home.env[name];
  home.env.PATH = `${join(PROJECT_DIR, "bin")}:${home.env.PATH}`;
  await writeFile(join(home.folder, "essay.md"), `${ESSAY}\n`);
});
afterAll(async () => {
  await screen?.close();
  if (sandboxPid > 0) process.kill(sandboxPid);
  await home?.close();
});

let commands = 0;
/** The end of the command that was typed last: its number, and the exit code. */
const ended = (code: number) => `ended ${commands} with ${code}`;

/** Types a command on an empty screen. */
async function run(command: string): Promise<void> {
  commands += 1;
  await screen.type(`clear; ${command}; echo "ended ${commands} with $?"`);
  await screen.keys("Enter");
}

/** A command from its first to its last line, none of which may be wider than the terminal. */
async function shown(command: string, code = 0): Promise<string> {
  await run(command);
  await screen.shows(new RegExp(`^ended ${commands} with`, "m"));
  const text = await screen.whole();
  expect(text).toContain(ended(code));
  const wide = text.split("\n").filter((line) => line.trimEnd().length > COLUMNS && !/https?:|^\$ clear/.test(line));
  expect(wide).toEqual([]);
  return text;
}

test.skipIf(!hasTmux)(
  "README's steps at 80×24: setup on the sandbox, compose, schedule, edit, cancel, fail, retry, over to X",
  async () => {
    screen = await Screen.start(home, "sh", { columns: COLUMNS, rows: 24 }, { PS1: "$ " });

    await run(`psn setup --sandbox --port ${await freePort()}`);
    await screen.shows(/Paste the whole address/);
    const asked = await screen.whole();
    sandboxPid = Number(/kill (\d+) stops it/.exec(asked)?.[1] ?? 0);
    const address = /^http\S+authorize\S+$/m.exec(asked)?.[0] ?? "";
    const pasted = await consent(address, "sandbox_author");
    await screen.type(pasted);
    // Read together with its Enter it would be a text with a line break.
    await screen.shows(pasted.slice(-20));
    await screen.keys("Enter");
    await screen.shows(ended(0));

    expect(await shown("psn preview --file essay.md")).toContain("2 tweets, about $0.030 at X");

    await run("psn post create --file essay.md");
    await screen.shows("approve…");
    await screen.keys("[");
    await screen.shows("Gave a sentence.");
    await screen.keys("u");
    await screen.shows("Undone");
    await screen.keys("a");
    await screen.shows("Approve this, all 2 tweets");
    await screen.keys("t");
    await screen.shows("When, in Europe/Berlin?");
    await screen.type("tomorrow 9am");
    // Read together with its Enter it would be a paste, which waits for one.
    await screen.shows("> tomorrow 9am");
    await screen.keys("Enter");
    await screen.shows(/\d 09:00 Europe\/Berlin[^\n]*\n+y yes/);
    await screen.keys("y");
    await screen.shows(ended(0));

    const list = await shown("psn post list");
    expect(list).toContain("no worker runs; 1 post waits: psn worker");
    const id = /^([a-z0-9]{12}) +scheduled /m.exec(list)?.[1] ?? "";
    expect(await shown(`psn post edit ${id} --text 'Better words, and fewer.' --approve`)).toContain(
      "Changed: the text.",
    );
    const status = await shown("psn status");
    for (const said of ["@sandbox_author", "no worker runs", id]) expect(status).toContain(said);
    expect(status.trimEnd().split("\n").length).toBeLessThanOrEqual(24);
    expect(await shown(`psn post cancel ${id}`)).toMatch(new RegExp(`^${id} {2}draft`, "m"));

    await shown("psn sandbox fault status --status 400");
    expect(await shown(`psn post now ${id}`, 3)).toContain("X does not accept this tweet.");
    expect(await shown("psn post failures")).toContain(id);
    expect(await shown(`psn post retry ${id}`)).toContain("1/1 on X");
    expect(await shown(`psn post show ${id}`)).toMatch(/^1\/1 on X|published[\s\S]*Tried again by its author/m);
    expect(await shown("psn post failures")).not.toContain(id);

    await run("psn setup --x");
    await screen.shows(/◆ {2}Client ID/);
    expect(await screen.whole()).toContain("console.x.com");
    await screen.keys("C-c");
    await screen.shows(ended(130));
    // Without keys of X nothing goes out, and certainly not to the sandbox.
    await shown("psn post create 'For X alone.' --now", 4);
  },
  240_000,
);
