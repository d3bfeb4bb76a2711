/**
 * The embedded engine: graphile-worker's jobs in the hub itself. Row and job are written in one transaction, by plain
 * SQL, so scheduling does not even load the library; core/db/graphile.ts does that.
 */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf } from "../core/db/batch.ts";
import type { Db } from "../core/db/connection.ts";
import type { Engine } from "../core/engine.ts";

export const PUBLISH_TASK = "psn_publish";

/** A job only names the post; the row says what is due. */
export const PublishJobSchema = z.object({
  postId: z.string().min(1).max(64),
  scheduleVersion: z.number().int().min(0),
});

/** More than ever happens: the row decides when to give up, not the library. */
const JOB_ATTEMPTS_MAX = 1000;

/**
 * A worker that took a job has the post's lease long before. Where the hub's answer to it was lost, as in a restart of the hub, nobody
 * knows of the job; a second one for a run that is only slow finds nothing to do.
 */
const TAKEN_SECONDS_MAX = 15;

const jobKey = (postId: string) => `post:${postId}`;

export const embeddedEngine: Engine = {
  name: "embedded",
  async enqueue(tx, { postId, scheduleVersion, at }) {
    await tx.execute(sql`
      select graphile_worker.add_job(
        identifier => ${PUBLISH_TASK},
        payload => ${JSON.stringify({ postId, scheduleVersion })}::json,
        run_at => ${at.toISOString()}::timestamptz,
        max_attempts => ${JOB_ATTEMPTS_MAX},
        job_key => ${jobKey(postId)},
        job_key_mode => 'replace'
      )`);
  },
  async enqueueAll(tx, engineRuns) {
    const rows = engineRuns.map(({ postId, scheduleVersion, at }, place) => ({
      place,
      post_id: postId,
      schedule_version: scheduleVersion,
      at: at.toISOString(),
    }));
    await tx.execute(sql`
      select graphile_worker.add_job(
        identifier => ${PUBLISH_TASK},
        payload => json_build_object('postId', post_id, 'scheduleVersion', schedule_version),
        run_at => at,
        max_attempts => ${JOB_ATTEMPTS_MAX},
        job_key => 'post:' || post_id,
        job_key_mode => 'replace'
      )
      from (
        select *
        from ${rowsOf(rows)} as run (place integer, post_id text, schedule_version integer, at timestamptz)
        order by place
      ) as wanted`);
  },
  // A job that a dead worker took keeps its lock for hours, and one that failed comes late: both are no run.
  isInQueue: sql`exists (
    select
    from graphile_worker.jobs as job
    where job.key = 'post:' || posts.id
      and job.run_at <= psn.now()
      and job.attempts < job.max_attempts
      and (job.locked_at is null or job.locked_at > psn.now() - make_interval(secs => ${sql.raw(String(TAKEN_SECONDS_MAX))}))
  )`,
  async cancel(tx, postId) {
    await tx.execute(sql`select graphile_worker.remove_job(${jobKey(postId)})`);
  },
  async reconcile() {},
};

/** Enqueues every post that waits for a time, in one statement. @returns how many */
export async function enqueueAllWaiting(db: Db): Promise<number> {
  const { rows } = await db.execute<{ count: number }>(sql`
    select count(graphile_worker.add_job(
      identifier => ${PUBLISH_TASK},
      payload => json_build_object('postId', id, 'scheduleVersion', schedule_version),
      run_at => due_at,
      max_attempts => ${JOB_ATTEMPTS_MAX},
      job_key => 'post:' || id,
      job_key_mode => 'replace'
    ))::int as count
    from psn.posts
    where due_at is not null`);
  return rows[0]?.count ?? 0;
}
