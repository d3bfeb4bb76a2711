/**
 * What a hub says of itself in the comment of its schema: that it is a copy under way, was moved away, or was restored. A
 * hub that was moved refuses every write, so that a process with an old configuration cannot lose anything in it.
 */
import type pg from "pg";
import { z } from "zod";
import { MOVED_CODE } from "./errors.ts";

const Place = z.string().max(4_096);
/** Whoever owns the database can write it: it is read as any input is. */
const MarkSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("copying"), from: Place }),
  /** From a backup, whole; nobody has said yet that it is the one that publishes. */
  z.object({ kind: z.literal("restored"), from: Place }),
  /** `to` is for a person and holds no password. */
  z.object({ kind: z.literal("moved"), to: Place, at: z.string().max(64) }),
]);
export type Mark = z.infer<typeof MarkSchema>;

/** What a copy from a backup says that it comes from; of a copy from another hub it is that hub's id. */
const BACKUP = "backup ";
export const fromBackup = (id: string): string => `${BACKUP}${id}`;
export const isFromBackup = (mark: Mark | null): boolean => mark?.kind === "copying" && mark.from.startsWith(BACKUP);

const PREFIX = "psn hub: ";

export async function readMark(db: pg.Pool | pg.ClientBase): Promise<Mark | null> {
  const { rows } = await db.query<{ mark: string | null }>(`
    select obj_description(oid, 'pg_namespace') as mark
    from pg_namespace
    where nspname = 'psn'`);
  const text = rows[0]?.mark;
  if (!text?.startsWith(PREFIX)) return null;
  try {
    return MarkSchema.parse(JSON.parse(text.slice(PREFIX.length)));
  } catch {
    return null;
  }
}

export async function writeMark(client: pg.ClientBase, mark: Mark | null): Promise<void> {
  const text = mark ? client.escapeLiteral(PREFIX + JSON.stringify(mark)) : "null";
  await client.query(`comment on schema psn is ${text}`);
}

/** Every write is refused from now on, also those that are waiting for a lock. */
export async function refuseWrites(client: pg.ClientBase, tables: string[], to: string): Promise<void> {
  const message = client.escapeLiteral(`This hub was moved to ${to}`);
  const body = `begin raise exception using errcode = '${MOVED_CODE}', message = ${message}; end`;
  // A literal within a literal: whatever a database is called, it ends neither.
  await client.query(`
    create or replace function psn.refuse_moved() returns trigger language plpgsql
    set search_path = pg_catalog, pg_temp
    as ${client.escapeLiteral(body)}`);
  for (const table of tables) {
    await client.query(`
      create or replace trigger hub_moved
      before insert or update or delete or truncate on psn.${table}
      for each statement execute function psn.refuse_moved()`);
  }
}

export async function allowWrites(client: pg.ClientBase): Promise<void> {
  await client.query("drop function if exists psn.refuse_moved() cascade");
}
