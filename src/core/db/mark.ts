/**
 * An embedded hub is a folder, and folders are copied and put back from backups. What its record knows is then older than
 * what was sent, or two hubs send the same. So a mark outside of it, in the configuration's folder, moves forward with each
 * request: written after the request's record is committed and before it is sent. A record that is behind the mark, or lies in
 * another folder or on another machine than the mark says, sends nothing until a person says which hub is the right one
 * (`psn hub claim`). What `psn restore` made says itself that it is a copy, on any server, until that is said.
 *
 * A crash in between leaves the mark behind the record, which is in order. For a remote hub there is no mark: machines and
 * containers change there all the time, and what X shows is the evidence (publish/confirm/look-back.ts).
 */

import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { isWriteRefused } from "../config/file-error.ts";
import { PsnError } from "../errors.ts";
import type { Db, Hub, Tx } from "./connection.ts";
import { type Folder, folderOf, type MarkFile, machineId, readMarkFile, writeMarkFile } from "./mark-file.ts";
import { readMark, writeMark } from "./moved.ts";
import { accountLooks } from "./schema.ts";
import { settingSql, writeSetting } from "./settings.ts";

export type Doubt = "older" | "copied" | "machine" | "other" | "restored";

const CLAIM_SETTING = "claim";
const MARK_LOCK = 0x70736e06;

interface Here {
  folder: Folder;
  machine: string | null;
}

export class HubMark {
  readonly #hub: Hub;
  readonly #file: string;
  /** Null for a hub on a server of its own, of which nothing is held but that it was restored. */
  readonly #here: Here | null;
  #doubt: Doubt | null = null;
  #sent = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(hub: Hub, file: string, here: Here | null) {
    this.#hub = hub;
    this.#file = file;
    this.#here = here;
  }

  /**
   * Reads the mark and compares; makes it where hub and configuration have none yet.
   * @returns null for a hub that is not embedded, unless it was restored; null where the configuration cannot be written
   */
  static async open(hub: Hub, file: string): Promise<HubMark | null> {
    if (!hub.embedded && !hub.isRestored) return null;
    const mark = new HubMark(hub, file, hub.embedded ? await hereOf(hub.embedded.dataDir) : null);
    try {
      await mark.check();
    } catch (error) {
      if (isWriteRefused(error)) return null;
      throw error;
    }
    return mark;
  }

  /** What is wrong with this hub, if it must not send; null when it may. */
  get doubt(): Doubt | null {
    return this.#doubt;
  }

  /** Compares hub and mark anew: the hub's server may have been stopped and its folder replaced. */
  async check(): Promise<void> {
    if (this.#hub.isRestored && (await readMark(this.#hub.pool))?.kind === "restored") {
      this.#doubt = "restored";
      return;
    }
    if (this.#here === null) {
      this.#doubt = null;
      return;
    }
    const file = await readMarkFile(this.#file);
    const record = await readRecord(this.#hub.db);
    if (record.claim !== null && file !== null) {
      this.#doubt = doubtOf(file, record, this.#here);
      this.#sent = file.sent;
      return;
    }
    this.#doubt = await this.#begin(this.#here);
  }

  /** @throws PsnError HUB_UNCLAIMED */
  requireOwn(): void {
    if (this.#doubt === null) return;
    throw unclaimed(this.#doubt);
  }

  /**
   * Moves the mark to a request that is recorded and not sent yet.
   * @returns false when the record turns out to be older than the mark: nothing may be sent
   */
  async advance(attemptId: number): Promise<boolean> {
    const turn = this.#writing.then(() => this.#advance(attemptId));
    this.#writing = turn.catch(() => {});
    await turn;
    return this.#doubt === null;
  }

  /** This hub is the one that publishes from now on; X is looked at before each account's next send. */
  async claim(): Promise<void> {
    const claim = randomUUID();
    await this.#hub.db.transaction(async (tx) => {
      await lock(tx);
      await lookBeforeSending(tx);
      await writeSetting(tx, CLAIM_SETTING, claim);
    });
    // A crash before either of these leaves the hub unclaimed: it is asked again.
    if (this.#here !== null) {
      const { newest } = await readRecord(this.#hub.db);
      await writeMarkFile(this.#file, { psnMark: 1, claim, sent: newest, ...this.#here });
    }
    await allowSending(this.#hub);
    await this.check();
  }

  // --- internal ---

  async #advance(attemptId: number): Promise<void> {
    if (this.#doubt !== null || this.#here === null || attemptId <= this.#sent) return;
    const file = await readMarkFile(this.#file);
    const record = await readRecord(this.#hub.db);
    this.#doubt = file === null ? "other" : doubtOf(file, record, this.#here);
    if (this.#doubt !== null || file === null) return;
    // Another process may have gone further.
    const sent = Math.max(file.sent, attemptId, record.newest);
    if (sent > file.sent) await writeMarkFile(this.#file, { ...file, sent });
    this.#sent = sent;
  }

  /** Hub or configuration has no mark: a new hub, one from before there were marks, or a hub without its configuration. */
  async #begin(here: Here): Promise<Doubt | null> {
    return await this.#hub.db.transaction(async (tx) => {
      await lock(tx);
      const file = await readMarkFile(this.#file);
      const record = await readRecord(tx);
      if (record.claim !== null) return file === null ? "other" : doubtOf(file, record, here);
      const isSame = file !== null && sameFolder(file.folder, here.folder);
      if (file !== null && !isSame && !(await isEmpty(tx))) return "copied";
      if (file !== null && isSame && record.newest < file.sent) return "older";
      const fresh: MarkFile = { psnMark: 1, claim: randomUUID(), sent: record.newest, ...here };
      // The file first: a crash in between leaves a mark of this very folder, which is taken up again.
      await writeMarkFile(this.#file, fresh);
      await writeSetting(tx, CLAIM_SETTING, fresh.claim);
      return null;
    });
  }
}

/** Marks where a restored hub lies, before anybody claims it: one that is missing there is never made anew, empty. */
export async function markPlace({ embedded }: Hub, file: string): Promise<void> {
  if (embedded === null) return;
  await writeMarkFile(file, { psnMark: 1, claim: randomUUID(), sent: 0, ...(await hereOf(embedded.dataDir)) });
}

/** For a person: what is wrong. */
export const DOUBTS: Record<Doubt, string> = {
  older: "This hub's record is older than what was sent from it: it was put back from a backup.",
  copied:
    "This hub lies in another folder than the one that last published: it was put back from a backup, copied, or moved.",
  machine: "This hub is on another machine than the one that last published: it was moved, or copied.",
  restored: "This hub was restored from a backup, which may be older than what was sent since.",
  other: "This hub and this configuration do not belong together: one of them is of another time, or a copy.",
};

/** Nothing is sent from a hub that is in doubt. */
export function unclaimed(doubt: Doubt): PsnError {
  return new PsnError(
    "HUB_UNCLAIMED",
    `${DOUBTS[doubt]} Nothing is sent from this hub until a person says which it is.`,
    {
      hint: "See what to choose from: psn hub claim --help. A wrong answer can post things twice, so a person decides.",
      details: { needsPerson: true, doubt },
    },
  );
}

/** X is looked at before each account's next send, for what is there and not in the record. */
export async function lookBeforeSending(tx: Db | Tx): Promise<void> {
  await tx.execute(sql`
    insert into ${accountLooks} (account_id, wanted_at, is_thorough)
    select id, psn.now(), true
    from psn.accounts
    on conflict (account_id) do update
    set wanted_at = excluded.wanted_at, is_thorough = true, looked_at = null`);
}

// --- internal ---

async function hereOf(dataDir: string): Promise<Here> {
  return { folder: await folderOf(`${dataDir}/postgres`), machine: await machineId() };
}

async function allowSending(hub: Hub): Promise<void> {
  if (!hub.isRestored) return;
  const client = await hub.pool.connect();
  try {
    await writeMark(client, null);
  } finally {
    client.release();
  }
}

async function lock(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${MARK_LOCK})`);
}

/** What the hub itself says. */
interface HubRecord {
  /** Null in a hub from before there were marks. */
  claim: string | null;
  /** The newest number that was drawn for a request; numbers of requests whose draft was deleted count. */
  newest: number;
}

async function readRecord(db: Db | Tx): Promise<HubRecord> {
  const { rows } = await db.execute<{ claim: unknown; newest: string }>(sql`
    select
      ${settingSql(CLAIM_SETTING)} as claim,
      case when is_called then last_value else 0 end as newest
    from psn.publish_attempts_id_seq`);
  const [row] = rows;
  return { claim: typeof row?.claim === "string" ? row.claim : null, newest: Number(row?.newest ?? 0) };
}

function doubtOf(file: MarkFile, { claim, newest }: HubRecord, here: Here): Doubt | null {
  if (file.claim !== claim) return "other";
  if (file.machine !== null && here.machine !== null && file.machine !== here.machine) return "machine";
  if (!sameFolder(file.folder, here.folder)) return "copied";
  return newest < file.sent ? "older" : null;
}

function sameFolder(a: Folder, b: Folder): boolean {
  // Some file systems tell no birth; then path and number must do.
  if (a.bornMs === 0 || b.bornMs === 0) return a.inode === b.inode && a.path === b.path;
  return a.inode === b.inode && a.bornMs === b.bornMs;
}

async function isEmpty(db: Db | Tx): Promise<boolean> {
  const { rows } = await db.execute<{ count: number }>(sql`
    select (select count(*) from psn.posts) + (select count(*) from psn.accounts) as count`);
  return Number(rows[0]?.count ?? 0) === 0;
}
