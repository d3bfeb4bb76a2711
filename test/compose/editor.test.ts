/** The person's own editor, however VISUAL and EDITOR name it, and what is said where it is not there; at a terminal without a screen, too. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEditor, wordsOf } from "../../src/cli/post/loop/editor.ts";
import { Edit } from "../../src/cli/post/loop/kept-words.ts";
import { PsnError } from "../../src/core/errors.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { hasTmux, psn, Screen } from "../../src/testing/screen.ts";
import { created, script, TEST_MS_MAX } from "./at-terminal.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-editor-"));
  await mkdir(join(folder, "with blanks"));
  // Writes its arguments but the last into the last, one a line.
  const body =
    '#!/bin/sh\nfor last; do :; done\n: > "$last"\nwhile [ $# -gt 1 ]; do echo "$1" >> "$last"; shift; done\n';
  for (const name of ["ed", "with blanks/ed", "locked"]) {
    await writeFile(join(folder, name), `${body}echo saved >> "$last"\n`);
    await chmod(join(folder, name), name === "locked" ? 0o644 : 0o755);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(env: Record<string, string>): Promise<string[]> {
  const edit = await Edit.begin(folder, { post: "p", what: "all", before: "Before." });
  await openEditor({ ...process.env, VISUAL: undefined, ...env }, edit, new AbortController().signal);
  return (await wordsOf(edit)).split("\n");
}

const NAMED: [name: string, editor: () => string, words: string[]][] = [
  ["a path", () => `${folder}/ed`, ["saved"]],
  ["with an option, as code --wait", () => `${folder}/ed --wait`, ["--wait", "saved"]],
  ['with a quoted one, as vim -c "set tw=0"', () => `${folder}/ed -c "set tw=0"`, ["-c", "set tw=0", "saved"]],
  ["a path with blanks, in quotes", () => `"${folder}/with blanks/ed"`, ["saved"]],
  ["the same with an option", () => `'${folder}/with blanks/ed' --wait`, ["--wait", "saved"]],
  ["a path with blanks, as it is", () => `${folder}/with blanks/ed`, ["saved"]],
  ["with blanks around it", () => `  ${folder}/ed  `, ["saved"]],
];
for (const [name, editor, words] of NAMED) {
  test(`EDITOR is ${name}`, async () => {
    expect(await written({ EDITOR: editor() })).toEqual(words);
    expect(await written({ VISUAL: editor(), EDITOR: "no-such-editor" })).toEqual(words);
  });
}

test("an editor that is not there, or may not be run, is named with the variable that names it", async () => {
  const refused = async (env: Record<string, string>) => {
    const error = await written(env).catch((thrown: unknown) => thrown);
    if (!(error instanceof PsnError)) throw error;
    expect(error.code).toBe("EDITOR_FAILED");
    expect(error.message).not.toContain("code 12");
    return `${error.message} ${error.hint}`;
  };
  const missing = await refused({ EDITOR: "no-such-editor --wait" });
  expect(missing).toContain("no-such-editor --wait, as EDITOR names it");
  expect(missing).toContain("export EDITOR=nano");
  expect(await refused({ VISUAL: "no-such-editor", EDITOR: "true" })).toContain("export VISUAL=nano");
  expect(await refused({ EDITOR: `${folder}/locked` })).toContain(`cannot be run: ${folder}/locked`);
});

describe.skipIf(!hasTmux)("at a terminal that draws nothing (TERM=dumb)", () => {
  let home: TestHome;
  beforeAll(async () => {
    home = await testHome();
    await home.signIn();
  });
  afterAll(() => home?.close());
  const textsOf = async (id: string) =>
    ((await home.psn(["post", "show", id])).json as { post: { tweets: { text: string }[] } }).post.tweets.map(
      ({ text }) => text,
    );

  test(
    "psn post edit opens the thread in the editor, unless it waits for its time as it was approved",
    async () => {
      const id = await created(home, "One.\n---\nTwo.");
      const writes = await script(home, "writes", `printf 'One.\\n---\\nTwo, better.\\n---\\nThree.\\n' > "$1"`);
      const dumb = (EDITOR: string) =>
        Screen.start(home, `${psn} post edit ${id}`, undefined, { TERM: "dumb", EDITOR });
      const screen = await dumb(writes);
      try {
        await screen.shows("ended with 0");
      } finally {
        await screen.close();
      }
      expect(await textsOf(id)).toEqual(["One.", "Two, better.", "Three."]);
      await home.psn(["post", "approve", id]);
      await home.psn(["post", "schedule", id, "--at", "in 2 hours"]);
      // What waits for its time is not even opened without an approval.
      const waits = await dumb(writes);
      try {
        expect(await waits.shows("ended with 3")).toContain("POST_NOT_APPROVED");
      } finally {
        await waits.close();
      }
      await home.psn(["post", "cancel", id]);
      const missing = await dumb("no-such-editor");
      try {
        expect((await missing.shows("ended with")).replace(/\s+/g, " ")).toContain(
          "no-such-editor, as EDITOR names it",
        );
      } finally {
        await missing.close();
      }
      expect(await textsOf(id)).toEqual(["One.", "Two, better.", "Three."]);
    },
    TEST_MS_MAX,
  );
});
