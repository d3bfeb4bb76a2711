/**
 * N real processes refresh the same accounts at once, against the sandbox over HTTP. With faults, a third of the
 * answers come late, are lost or are 503, and processes are killed in the middle; rounds go on, each a minute later on
 * the workers' clocks, until nothing is due.
 *
 * In full: bun test/accounts/storm.ts [--faults]
 */
import { join } from "node:path";
import { sql } from "drizzle-orm";
import type { TokenMetadata } from "../../src/core/db/schema.ts";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { openStage, type Stage } from "../../src/testing/tokens.ts";

export interface StormOptions {
  processes: number;
  accounts: number;
  faults: boolean;
}

export interface StormResult {
  rounds: number;
  killed: number;
  /** By handle, at the end. */
  accounts: {
    handle: string;
    /** Calls that X answered with a new pair, and with a refusal. */
    refreshes: number;
    refused: number;
    flagged: boolean;
    /** Whether both tokens that the hub holds are good at X. */
    works: boolean;
  }[];
}

const ROUNDS_MAX = 12;
const ROUND_MS = 60_000;
const TOKEN_CALL = { method: "POST", path: "/2/oauth2/token" };
const FAULTS = [
  { kind: "delay", ms: 150, when: "after", probability: 0.11 },
  { kind: "drop_after", probability: 0.06 },
  { kind: "cut_answer", probability: 0.04 },
  { kind: "drop_before", probability: 0.03 },
  { kind: "status", status: 503, probability: 0.06 },
  { kind: "status", status: 503, acted: true, probability: 0.03 },
] as const;

export async function storm({ processes, accounts, faults }: StormOptions): Promise<StormResult> {
  const stage = await openStage();
  try {
    const handles = Array.from({ length: accounts }, (_, n) => `author_${n}`);
    const ids = new Map<string, string>();
    for (const handle of handles) ids.set(handle, (await stage.signIn(handle)).id);
    if (faults) for (const fault of FAULTS) stage.x.sandbox.addFault({ ...fault, match: TOKEN_CALL });

    let rounds = 0;
    let killed = 0;
    while (rounds < ROUNDS_MAX && (rounds === 0 || (await dueCount(stage)) > 0)) {
      killed += await round(stage, processes, rounds * ROUND_MS, faults && rounds < 3 ? 3 : 0);
      rounds++;
    }
    stage.x.sandbox.clearFaults();

    const counted = handles.map((handle) => ({ handle, ...stage.asked(handle) }));
    const result: StormResult = { rounds, killed, accounts: [] };
    for (const { handle, refreshes, refusedRefreshes } of counted) {
      const id = ids.get(handle) ?? "";
      const flagged = (await metadataOf(stage, id)).requiresReauth === true;
      result.accounts.push({ handle, refreshes, refused: refusedRefreshes, flagged, works: await works(stage, id) });
    }
    return result;
  } finally {
    await stage.close();
  }
}

// --- internal ---

/** Starts the processes, lets them begin together, kills some. @returns how many died of it */
async function round(stage: Stage, processes: number, shiftMs: number, kills: number): Promise<number> {
  const env = {
    ...process.env,
    HUB_URL: stage.hubUrl,
    X_URL: stage.x.url,
    KEY: stage.keyHex,
    SHIFT_MS: String(shiftMs),
  };
  const file = join(PROJECT_DIR, "test/accounts/fixtures/refresh.ts");
  const children = Array.from({ length: processes }, () =>
    Bun.spawn([process.execPath, file], { env, stdin: "pipe", stdout: "pipe", stderr: "inherit" }),
  );
  const readers = children.map((child) => child.stdout.getReader());
  await Promise.all(readers.map((reader) => reader.read()));
  for (const child of children) {
    child.stdin.write("go\n");
    child.stdin.end();
  }
  for (let n = 0; n < kills; n++) {
    await Bun.sleep(30 + 60 * n);
    children[n]?.kill("SIGKILL");
  }
  await Promise.all(children.map((child) => child.exited));
  for (const child of children) {
    if (child.exitCode !== 0 && child.signalCode !== "SIGKILL")
      throw new Error(`a worker ended with ${child.exitCode}`);
  }
  return children.filter((child) => child.signalCode === "SIGKILL").length;
}

async function dueCount(stage: Stage): Promise<number> {
  const { rows } = await stage.hub.pool.query(`
    select count(*)::int as due from psn.oauth_tokens
    where expires_at < now() + interval '45 minutes' and not coalesce((metadata ->> 'requiresReauth')::boolean, false)`);
  return rows[0].due;
}

async function metadataOf(stage: Stage, accountId: string): Promise<TokenMetadata> {
  const { rows } = await stage.hub.db.execute<{ metadata: TokenMetadata }>(
    sql`select metadata from psn.oauth_tokens where account_id = ${accountId}`,
  );
  return rows[0]?.metadata ?? {};
}

/** Spends the refresh token. */
async function works(stage: Stage, accountId: string): Promise<boolean> {
  const { accessToken, refreshToken } = await stage.stored(accountId);
  const [identity, refresh] = [
    await stage.deps.platform.identity(accessToken),
    await stage.deps.platform.refresh(refreshToken),
  ];
  return identity.kind === "identity" && refresh.kind === "refreshed";
}

if (import.meta.main) {
  const begun = performance.now();
  const result = await storm({ processes: 8, accounts: 500, faults: process.argv.includes("--faults") });
  const { rounds, killed, accounts } = result;
  const wrong = accounts.filter(({ flagged, refused, works: good }) => flagged !== refused > 0 || flagged === good);
  const said = {
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    rounds,
    killed,
    accounts: accounts.length,
    refreshes: accounts.reduce((sum, account) => sum + account.refreshes, 0),
    flagged: accounts.filter((account) => account.flagged).length,
    wrong,
  };
  process.stdout.write(`${JSON.stringify(said, null, 2)}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
