/**
 * The embedded engine: graphile-worker's jobs in the hub itself. Row and job are written in one transaction, by plain
 * SQL, so scheduling does not even load the library; core/db/graphile.ts does that.
 */
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "../core/db/connection.ts";
import type { Engine } from "../core/engine.ts";

export const PUBLISH_TASK = "psn_publish";

/** The job only wakes us; the row says what is due. */
export const PublishJobSchema = z.object({
  postId: z.string().min(1).max(64),
  scheduleVersion: z.number().int().min(0),
});

/** Well above what we use: giving up is decided in our own row, never by the job library. */
const JOB_ATTEMPTS_MAX = 1000;

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
  async cancel(tx, postId) {
    await tx.execute(sql`select graphile_worker.remove_job(${jobKey(postId)})`);
  },
  async reconcile() {},
};

/** Gives every post that waits for a time its job anew, in one statement. @returns how many */
export async function wakeAllWaiting(db: Db): Promise<number> {
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
