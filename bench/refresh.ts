/**
 * How fast the cron keeps tokens fresh: 5,000 due tokens, 4 workers, against the bare request loop in the same run.
 *
 * Both sides are 4 processes with 4 requests in flight each, against the same sandbox. The bare loop asks and forgets;
 * the workers lock, note the intent, ask, seal, and commit each pair. The sides take turns, slice by slice, so that what
 * else the machine does meets both alike.
 *
 * The sandbox answers after 25 ms, as over a short network; X takes several times as long. `ratioWithoutNetwork` is the
 * same with answers in no time: then the figure compares one core's work in Postgres with one core's work in HTTP.
 */
import { join } from "node:path";
import { sealTokens } from "../src/core/tokens/envelopes.ts";
import { newId } from "../src/core/utils/id.ts";
import { openStage, type Stage } from "../src/testing/tokens.ts";
import type { BenchResult } from "./_print.ts";

const TOKENS = 5_000;
const TOKENS_WITHOUT_NETWORK = 1_000;
const LATENCY_MS = 25;
const WORKERS = 4;
const SLICE = 500;
const CONCURRENCY = 4;
/** The sandbox holds at most a thousand users; a user may sign in often. */
const USERS = 500;

/** @returns `ratioToBareLoop`: tokens a second that the workers refresh and store, over those that the loop asks for */
export async function run(_options: { json?: boolean } = {}): Promise<BenchResult> {
  const stage = await openStage();
  const bare = await startWorkers(stage, "bare");
  const keepers = await startWorkers(stage, "keeper");
  try {
    const withNetwork = await measure(stage, { bare, keepers, tokens: TOKENS, latencyMs: LATENCY_MS });
    const without = await measure(stage, { bare, keepers, tokens: TOKENS_WITHOUT_NETWORK, latencyMs: 0 });
    return {
      bench: "refresh",
      figures: [
        { name: "ratioToBareLoop", value: withNetwork.keeperRate / withNetwork.bareRate, goal: 0.5, better: "higher" },
        { name: "tokensPerSecond", value: withNetwork.keeperRate, better: "higher" },
        { name: "bareRequestsPerSecond", value: withNetwork.bareRate, better: "higher" },
        { name: "ratioWithoutNetwork", value: without.keeperRate / without.bareRate, better: "higher" },
      ],
    };
  } finally {
    for (const worker of [...bare, ...keepers]) worker.kill();
    await stage.close();
  }
}

// --- internal ---

interface Sides {
  bare: Worker[];
  keepers: Worker[];
  tokens: number;
  latencyMs: number;
}

async function measure(stage: Stage, { bare, keepers, tokens, latencyMs }: Sides) {
  const handles = Array.from({ length: USERS }, (_, n) => `author_${n}`);
  const { sandbox } = stage.x;
  let bareMs = 0;
  let keeperMs = 0;
  for (let done = 0; done < tokens; done += SLICE) {
    // The sandbox looks through all tokens it has issued: fewer is faster, for both sides alike.
    sandbox.reset();
    for (const handle of handles) sandbox.addUser({ handle });
    if (latencyMs > 0)
      sandbox.addFault({ kind: "delay", ms: latencyMs, match: { path: "/2/oauth2/token" }, times: null });
    const issued = issue(stage, handles, SLICE);
    const shares = bare.map((_, index) => JSON.stringify(issued.filter((_token, at) => at % bare.length === index)));
    bareMs += await turn(bare, shares, SLICE);
    await seed(stage, handles, SLICE);
    keeperMs += await turn(
      keepers,
      keepers.map(() => "go"),
      SLICE,
    );
  }
  const rate = (ms: number) => tokens / (ms / 1000);
  return { bareRate: rate(bareMs), keeperRate: rate(keeperMs) };
}

interface Worker {
  ask(line: string): Promise<string>;
  kill(): void;
}

function issue(stage: Stage, handles: string[], count: number): string[] {
  return Array.from(
    { length: count },
    (_, n) => stage.x.sandbox.signIn(handles[n % handles.length] ?? "").refresh_token ?? "",
  );
}

/** Accounts whose tokens are due, in one statement. */
async function seed(stage: Stage, handles: string[], count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, n) => {
    const issued = stage.x.sandbox.signIn(handles[n % handles.length] ?? "");
    const id = newId();
    const tokens = {
      accessToken: issued.access_token,
      refreshToken: issued.refresh_token ?? null,
      expiresAt: new Date(),
      scopes: [],
    };
    return { id, user: id, ...sealTokens(id, tokens, stage.key) };
  });
  const column = (pick: (row: (typeof rows)[number]) => unknown) => rows.map(pick);
  await stage.hub.pool.query(
    `with fresh as (
      select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as fresh (id, platform_user, access, refresh)
    ), account as (
      insert into psn.accounts (id, platform_user_id, handle, name, created_at, updated_at)
      select id, platform_user, platform_user, platform_user, now(), now() from fresh
    )
    insert into psn.oauth_tokens (id, account_id, access_token, refresh_token, expires_at, scopes, created_at, updated_at)
    select id, id, access, refresh, now() + random() * interval '1 minute', '{}', now(), now() from fresh`,
    [
      column((row) => row.id),
      column((row) => row.user),
      column((row) => row.accessToken),
      column((row) => row.refreshToken),
    ],
  );
}

async function startWorkers(stage: Stage, mode: "bare" | "keeper"): Promise<Worker[]> {
  const env = {
    ...process.env,
    MODE: mode,
    HUB_URL: stage.hubUrl,
    X_URL: stage.x.url,
    KEY: stage.keyHex,
    CONCURRENCY: String(CONCURRENCY),
  };
  return await Promise.all(
    Array.from({ length: WORKERS }, async () => {
      const child = Bun.spawn([process.execPath, join(import.meta.dir, "_refresh-worker.ts")], {
        env,
        stdin: "pipe",
        stdout: "pipe",
        stderr: "inherit",
      });
      const reader = child.stdout.getReader();
      const answer = async () => new TextDecoder().decode((await reader.read()).value).trim();
      await answer();
      return {
        ask: async (line: string) => {
          child.stdin.write(`${line}\n`);
          child.stdin.flush();
          return await answer();
        },
        kill: () => child.kill(),
      };
    }),
  );
}

/** @returns milliseconds until all are done */
async function turn(workers: Worker[], lines: string[], expected: number): Promise<number> {
  const begun = performance.now();
  const counts = await Promise.all(workers.map((worker, n) => worker.ask(lines[n] ?? "")));
  const ms = performance.now() - begun;
  const done = counts.reduce((sum, count) => sum + Number(count), 0);
  if (done !== expected) throw new Error(`${done} of ${expected} tokens were refreshed`);
  return ms;
}
