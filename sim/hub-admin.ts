/** What the simulation does to the hub from outside, before a seed and after it. */

import type { HubServer } from "./hub.ts";
import type { EngineName } from "./world-plan.ts";

/** All that a seed may write. Ids begin anew with each, so nothing of an earlier one may be left. */
const TABLES = [
  "deletions",
  "draft_versions",
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
  "accounts",
  // How long workers have been alive must not reach into the next seed.
  "hub_settings",
];

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
    from psn.publish_attempts
    where outcome is null
    limit 1`,
  );
  return rows.length === 0;
}
