/** What scripts write is committed, so each file is held against what its script makes today. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { generatedFiles } from "../../scripts/generated.ts";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";

test("every file that a script writes is current; else: npm run generate", async () => {
  const files = await generatedFiles();
  expect(files.size).toBeGreaterThan(5);
  for (const [path, text] of files) expect(await readFile(join(PROJECT_DIR, path), "utf8"), path).toBe(text);
});
