/** All that could be written: each row's version, each file's change, each request at X. */
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { Glob } from "bun";
import type { TestHome } from "../../src/testing/cli.ts";

export async function everything({ hub, folder, sandbox }: TestHome) {
  const { rows: tables } = await hub.pool.query<{ name: string }>(
    "select schemaname || '.' || tablename as name from pg_tables where schemaname in ('psn', 'graphile_worker')",
  );
  const rows: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows: seen } = await hub.pool.query(
      `select count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) as seen from ${name}`,
    );
    rows[name] = seen[0].seen;
  }
  const glob = new Glob("**").scan({ cwd: folder, dot: true, onlyFiles: false, followSymlinks: false });
  // Bun, which runs the checkout, keeps what it has compiled.
  const names = (await Array.fromAsync(glob)).filter((name) => !name.startsWith(".bun")).toSorted();
  const files = await Promise.all(
    names.map(async (name) => [name, (await lstat(join(folder, name))).mtimeMs] as const),
  );
  return { rows, files: Object.fromEntries(files), x: sandbox.sandbox.report().counts };
}
