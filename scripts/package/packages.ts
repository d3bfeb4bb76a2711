/** Packages for another system than this one, which `npm install` left out: fetched by npm, and compared with package-lock.json. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import { call } from "./install.ts";

/** @param scratch a folder for what is fetched @returns the package's folder, of the version that the lock names */
export async function packageFolder(name: string, scratch: string): Promise<string> {
  const lock = JSON.parse(await readFile(join(PROJECT_DIR, "package-lock.json"), "utf8"));
  const { version, integrity } = lock.packages[`node_modules/${name}`];
  const installed = join(PROJECT_DIR, "node_modules", name);
  if (await isThere(installed, version)) return installed;
  const folder = join(scratch, name.replace("/", "-"));
  await mkdir(folder, { recursive: true });
  const said = await call("npm", ["pack", "--json", "--pack-destination", folder, `${name}@${version}`], {
    env: process.env,
    cwd: scratch,
  });
  const [packed] = JSON.parse(said);
  if (packed.integrity !== integrity) throw new Error(`${name} is not what package-lock.json names`);
  await call("tar", ["-xzf", join(folder, packed.filename), "-C", folder], { env: process.env });
  return join(folder, "package");
}

async function isThere(folder: string, version: string): Promise<boolean> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "{}");
  return JSON.parse(text).version === version;
}
