/** The stage for tests of tokens: a real hub, the sandbox over real sockets, a clock that can be moved. */

import type { AccountRow } from "../core/accounts/choose.ts";
import { type Clock, wallClock } from "../core/clock.ts";
import { createHubConnection, type Hub } from "../core/db/connection.ts";
import { tokenPlace } from "../core/tokens/envelopes.ts";
import type { KeeperDeps } from "../core/tokens/keeper.ts";
import { readToken } from "../core/tokens/rows.ts";
import { decrypt, type EncryptionKey, keyFromHex, newKeyHex } from "../core/utils/crypto.ts";
import { type RunningSandbox, startSandbox } from "../sandbox/server.ts";
import { testHub } from "./hub.ts";
import { platformAt, signInAt } from "./sandbox.ts";

/** The machine's clock, set forward by so many milliseconds. */
export class ShiftedClock implements Clock {
  shiftMs: number;
  constructor(shiftMs = 0) {
    this.shiftMs = shiftMs;
  }
  now(): Date {
    return new Date(Date.now() + this.shiftMs);
  }
  sleep = wallClock.sleep;
}

export interface Stage {
  hub: Hub;
  /** For child processes. */
  hubUrl: string;
  x: RunningSandbox;
  key: EncryptionKey;
  keyHex: string;
  clock: ShiftedClock;
  deps: KeeperDeps;
  /** A second process, as far as the hub can tell: connections of its own. */
  otherProcess(more?: Partial<KeeperDeps>): Promise<KeeperDeps>;
  /** A new X user who has signed in here; the token ends in `expiresInMs` (default: now). */
  signIn(handle: string, expiresInMs?: number): Promise<AccountRow>;
  /** What the hub holds for an account, opened. */
  stored(accountId: string): Promise<{ accessToken: string; refreshToken: string; version: number }>;
  /** How often X was asked to refresh, and how often it refused. */
  asked(handle: string): { refreshes: number; refusedRefreshes: number };
  close(): Promise<void>;
}

const NEVER_ASKED = { refreshes: 0, refusedRefreshes: 0 };

/** @param sandboxOptions as `startSandbox` takes them */
export async function openStage(sandboxOptions: Parameters<typeof startSandbox>[0] = {}): Promise<Stage> {
  const [{ hub, url: hubUrl, drop }, x] = await Promise.all([testHub(), startSandbox(sandboxOptions)]);
  const keyHex = newKeyHex();
  const key = keyFromHex(keyHex);
  const clock = new ShiftedClock();
  const deps: KeeperDeps = { hub, platform: platformAt(x.url), keyRing: [key], clock };
  const others: Hub[] = [];
  return {
    hub,
    hubUrl,
    x,
    key,
    keyHex,
    clock,
    deps,
    async otherProcess(more = {}) {
      const other = await createHubConnection({ databaseUrl: hubUrl, dataDir: "" });
      others.push(other);
      return { ...deps, hub: other, ...more };
    },
    async signIn(handle, expiresInMs = 0) {
      return await signInAt({ hub, key, sandbox: x.sandbox }, handle, clock.now(), expiresInMs);
    },
    async stored(accountId) {
      const row = await readToken(hub.db, accountId);
      if (!row?.refreshToken) throw new Error(`no pair is stored for ${accountId}`);
      return {
        accessToken: decrypt(row.accessToken, key, tokenPlace(row.id, "access_token")),
        refreshToken: decrypt(row.refreshToken, key, tokenPlace(row.id, "refresh_token")),
        version: row.version,
      };
    },
    asked(handle) {
      const { refreshes, refusedRefreshes } = x.sandbox.report().accounts[handle]?.signIns ?? NEVER_ASKED;
      return { refreshes, refusedRefreshes };
    },
    async close() {
      await x.stop();
      for (const other of others) await other.close();
      await drop();
    },
  };
}
