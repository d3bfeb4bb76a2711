/** What tests of the author at a terminal share. */
import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestHome } from "../../src/testing/cli.ts";

/** Of a test that drives a terminal, on a machine that is busy with others. */
export const TEST_MS_MAX = 240_000;

/** Before a test: also what a stopped command had sent already, which the guards would keep; and words of an editor that were not taken. */
export async function clear({ hub, folder }: TestHome): Promise<void> {
  await hub.pool.query("truncate psn.posts cascade");
  await rm(join(folder, "data/edits"), { recursive: true, force: true });
}

/** `psn post create TEXT MORE`. @returns the post's id */
export async function created(home: TestHome, text: string, ...more: string[]): Promise<string> {
  return ((await home.psn(["post", "create", text, ...more])).json as { post: { id: string } }).post.id;
}

/** A program for EDITOR. @returns its path */
export async function script({ folder }: TestHome, name: string, body: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}
