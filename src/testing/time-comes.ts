/** Moves a post's time to now, in its rows and in its run: a test waits for no hour. */
import type { Hub } from "../core/db/connection.ts";

/** Whatever runs posts finds it due. */
export async function timeComes(pool: Hub["pool"], id: string, secondsAgo = 0): Promise<void> {
  await pool.query(
    `update psn.posts
     set due_at = now() - make_interval(secs => $2), scheduled_at = now() - make_interval(secs => $2),
       trigger_due_at = case when trigger_run_id is null then null else now() - make_interval(secs => $2) end
     where id = $1`,
    [id, secondsAgo],
  );
  await pool.query(
    "update graphile_worker._private_jobs set run_at = now() - make_interval(secs => $2) where key = 'post:' || $1",
    [id, secondsAgo],
  );
  // As graphile-worker does when a job is added: workers poll the next due time.
  await pool.query(`select pg_notify('jobs:insert', '{"r":0,"count":1}')`);
}
