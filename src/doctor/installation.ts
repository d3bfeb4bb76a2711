/** How this PSN came here, and so how it is brought up to date and taken away; and what changed in it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FILES_DIR, IS_BINARY, IS_PACKAGE, PROJECT_DIR, PSN_COMMAND } from "../core/config/folders.ts";

/** As a release names it. */
const FILE = "./psn-VERSION.tgz";
const BINARY = `./psn-VERSION-${process.platform}-${process.arch}`;

export interface Installation {
  by: "checkout" | "npm" | "bun" | "binary";
  folder: string;
  update: string;
  remove: string;
}

/** Pure but for the defaults. @param program the single program's file, where PSN is one */
export function installation(
  folder: string = PROJECT_DIR,
  isPackage: boolean = IS_PACKAGE,
  program: string | null = IS_BINARY ? PSN_COMMAND : null,
): Installation {
  const quoted = quote(folder);
  if (program !== null) {
    // Makes a new file in its place, so that a worker that runs keeps the old one.
    const update = `install -m 755 ${BINARY} ${quote(program)}`;
    return { by: "binary", folder, update, remove: `rm ${quote(program)}` };
  }
  if (!isPackage) {
    return { by: "checkout", folder, update: `cd ${quoted} && git pull && npm install`, remove: `rm -r ${quoted}` };
  }
  // From the file of a release, never by a bare name: whoever owns that name at a registry would be run.
  if (folder.includes("/.bun/"))
    return { by: "bun", folder, update: `bun add -g ${FILE}`, remove: "bun remove -g psn" };
  return { by: "npm", folder, update: `npm install -g ${FILE}`, remove: "npm uninstall -g psn" };
}

const quote = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;

const SECTIONS_MAX = 3;

/** The newest parts of the changelog that lies beside this PSN, each from its heading on. */
export async function changes(): Promise<{ title: string; text: string }[]> {
  const all = await readFile(join(FILES_DIR, "CHANGELOG.md"), "utf8");
  return all
    .split(/^## /m)
    .slice(1, 1 + SECTIONS_MAX)
    .map((section) => {
      const [title = "", ...lines] = section.split("\n");
      return { title: title.trim(), text: lines.join("\n").trim() };
    });
}
