/** What the simulation does to the hub from outside, before a seed and after it. */

import type { HubServer } from "./hub.ts";
import type { EngineName } from "./world-plan.ts";

/** All that a seed may write. Ids begin anew with each, so nothing of an earlier one may be left. */
export const TABLES = [
  "deletions",
  "deleted_keys",
  "draft_versions",
  "approvals",
  "media_preparations",
  "synced_files",
  "post_events",
  "publish_attempts",
  "post_media",
  "posts",
  "refresh_intents",
  "oauth_tokens",
  "rate_limits",
  "clock_offsets",
  "holds",
  "account_looks",
  "unknown_posts",
  "spend",
  "spend_limits",
  "spend_promises",
  "accounts",
  // How long workers have been alive must not reach into the next seed.
  "hub_settings",
];

/** No seed writes these: the simulation keeps media by itself, and nobody signs in. */
export const NEVER_WRITTEN = ["media_blobs", "media_chunks", "oauth_flows"];

/** An empty hub, without the triggers that guard history. */
export async function wipe(server: HubServer): Promise<void> {
  await server.look(
    `set session_replication_role = replica;
    ${TABLES.map((table) => `delete from psn.${table};`).join("\n")}
    delete from psn_sim.jobs;
    set session_replication_role = origin;`,
  );
}

export async function setEngine(server: HubServer, name: EngineName): Promise<void> {
  await server.look(
    "insert into psn.hub_settings (key, value, updated_at) values ('engine', to_jsonb($1::text), now())",
    [name],
  );
}

export async function isAtRest(server: HubServer): Promise<boolean> {
  const { rows } = await server.look(
    `select 1
    from psn.posts
    where status in ('scheduled', 'publishing', 'retry')
    union all
    select 1
    from psn.publish_attempts as attempt
    join psn.posts as root on root.id = attempt.root_id
    where attempt.outcome is null
      -- Only its author can tell, and has been told; it is looked for until then.
      and root.fail_code is distinct from 'PERHAPS_ON_X'
      and not exists (
        select from psn.post_events as event
        where event.post_id = root.id and (event.facts ->> 'perhapsOfAttempt')::bigint = attempt.id
      )
    limit 1`,
  );
  return rows.length === 0;
}

/** Keeps a copy of all that the hub holds, as a backup does. */
export async function copyTables(server: HubServer): Promise<void> {
  await server.look(
    [
      "drop schema if exists psn_copy cascade; create schema psn_copy;",
      ...copied.map(([schema, table]) => `create table psn_copy.${table} as table ${schema}.${table};`),
    ].join("\n"),
  );
}

/** The copy in the place of what the hub holds now, without the triggers that guard history. */
export async function putTablesBack(server: HubServer): Promise<void> {
  await server.look(
    [
      "set session_replication_role = replica;",
      ...copied.map(([schema, table]) => `delete from ${schema}.${table};`),
      ...copied.map(
        ([schema, table]) => `insert into ${schema}.${table} overriding system value table psn_copy.${table};`,
      ),
      "set session_replication_role = origin;",
    ].join("\n"),
  );
}

// --- internal ---

const copied = [...TABLES.map((table) => ["psn", table] as const), ["psn_sim", "jobs"] as const];
