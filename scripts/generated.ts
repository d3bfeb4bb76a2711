/** `npm run generate`: every file of the repository that a script writes. A test holds each against what its script makes today. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_DIR } from "../src/core/config/folders.ts";
import { cldrSource } from "./cldr.ts";
import { licencesPage } from "./licences.ts";
import { monthsSource } from "./months.ts";
import { terminalPicture } from "./picture.ts";
import { pluginFiles } from "./plugin.ts";
import { composeSource, sandboxSource } from "./tlds.ts";

/** Each file's path in the project, and its text. */
export async function generatedFiles(): Promise<Map<string, string>> {
  return new Map([
    ["src/core/compose/tlds.ts", composeSource()],
    ["src/sandbox/tlds.ts", sandboxSource()],
    ["src/core/compose/cldr-suppressions.ts", cldrSource()],
    ["src/core/compose/month-names.ts", monthsSource()],
    ["docs/terminal.svg", await terminalPicture()],
    ["docs/licences.md", await licencesPage()],
    ...pluginFiles(),
  ]);
}

if (import.meta.main) {
  for (const [path, text] of await generatedFiles()) await writeFile(join(PROJECT_DIR, path), text);
}
