/** Words that were typed at the terminal, for a post that then could not be made. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PsnError } from "../../../core/errors.ts";
import type { Io } from "../../_command.ts";
import { WrittenText } from "./editor.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn typed "));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("what was typed is kept where its post was refused, front matter and all, and gone once the post has it", async () => {
  const said: string[] = [];
  const env = { PSN_DATA_DIR: folder, PSN_CONFIG_DIR: join(folder, "config"), HOME: folder };
  const io = { env, note: (line: string) => said.push(line), signal: new AbortController().signal };
  const refused = new PsnError("TIME_INVALID", "No such time.");
  const typed = "---\nat: blursday\n---\nTyped by hand.";

  const written = await WrittenText.typed(io as unknown as Io, typed);
  expect(await written.failed(refused).catch((error) => error)).toBe(refused);
  const quoted = /^What you wrote is kept: psn post create --file (.+)$/.exec(said[0] ?? "")?.[1] ?? "";
  const file = join(folder, "edits", (await readdir(join(folder, "edits")))[0] ?? "", "post.md");
  // As a shell takes it: the path has a blank.
  expect(quoted).toBe(`'${file}'`);
  expect(await readFile(file, "utf8")).toBe(`${typed}\n`);

  const taken = await WrittenText.typed(io as unknown as Io, "Typed as well.");
  await taken.stored();
  expect(await readdir(join(folder, "edits"))).toHaveLength(1);
  expect(await taken.failed(refused).catch((error) => error)).toBe(refused);
  expect(said).toHaveLength(1);
});
