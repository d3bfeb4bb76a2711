/**
 * The calls to Trigger.dev that PSN makes, with a bound on each and every failure as a word instead of an
 * exception. Tasks are named by id; their types alone are imported.
 */
import type { publishPost } from "../trigger/publish-post.ts";

export interface TriggerConfig {
  /** tr_dev_… or tr_prod_…; inside a task Trigger.dev sets it in the environment. */
  secretKey?: string | undefined;
  /** Of a self-hosted server; default Trigger.dev Cloud. */
  apiUrl?: string | undefined;
}

export const TRIGGER_CLOUD_URL = "https://api.trigger.dev";

/** A final run never wakes anybody again. */
const FINAL = ["COMPLETED", "CANCELED", "FAILED", "CRASHED", "SYSTEM_FAILURE", "EXPIRED", "TIMED_OUT"];

export type RunState = "delayed" | "alive" | "final" | "unknown";

export interface NewRun {
  postId: string;
  scheduleVersion: number;
  /** In the future, or null for at once. A past or unreadable delay would silently mean "at once" to Trigger.dev. */
  at: Date | null;
  key: string;
  /** How long Trigger.dev remembers the key, in seconds from now. */
  keyTtlSeconds: number;
}

export interface TriggerApi {
  /** @returns the run's id; the same key gives the same run */
  start(run: NewRun): Promise<string>;
  /** False when the run can no longer be moved: it is due, running, over or unknown. */
  move(runId: string, at: Date): Promise<boolean>;
  /** A run that is over or unknown counts as cancelled. */
  cancel(runId: string): Promise<void>;
  state(runId: string): Promise<RunState>;
  /** Asks a run to sign the hub with `ping`; the setup's round trip. */
  ping(ping: string): Promise<string>;
  /** What Trigger.dev says of a run, in its own words; null when it knows none. */
  status(runId: string): Promise<string | null>;
  /** Any call at all: throws unless the key is good. */
  check(): Promise<void>;
}

/** Trigger.dev did not do what was asked. The row in the hub is safe; the watchdog tries again. */
export class TriggerTrouble extends Error {
  override readonly name = "TriggerTrouble";
  /** The HTTP status, when there was an answer. */
  readonly status: number | undefined;
  constructor(message: string, more: { cause: unknown; status: number | undefined }) {
    super(message, { cause: more.cause });
    this.status = more.status;
  }
}

const CALL_MS_MAX = 20_000;
/** From the time a run may start until it expires there. Ours decides what is too late, so this is the longest allowed. */
const RUN_TTL = "14d";
const PING_TTL = "5m";
const REQUEST = { retry: { maxAttempts: 3, minTimeoutInMs: 300, maxTimeoutInMs: 2_000, factor: 2, randomize: true } };

/** The API of one project and environment. Loads the SDK at the first call, so scheduling alone stays quick. */
export function triggerApi(config: TriggerConfig): TriggerApi {
  const sdk = async () => {
    const { TriggerClient, idempotencyKeys } = await import("@trigger.dev/sdk");
    // Not the ambient client: a run started from inside a run must not be its child, nor bound to its version.
    const client = new TriggerClient({
      ...(config.secretKey ? { accessToken: config.secretKey } : {}),
      ...(config.apiUrl ? { baseURL: config.apiUrl } : {}),
    });
    return { client, idempotencyKeys };
  };
  const status = (runId: string) =>
    call("look at a run", async () => {
      const { client } = await sdk();
      let said: string | null = null;
      await answered(async () => {
        said = (await client.runs.retrieve(runId, REQUEST)).status;
      }, [404]);
      return said as string | null;
    });
  return {
    start: ({ postId, scheduleVersion, at, key, keyTtlSeconds }) =>
      call("start a run", async () => {
        const { client, idempotencyKeys } = await sdk();
        const handle = await client.tasks.trigger<typeof publishPost>(
          "publish-post",
          { postId, scheduleVersion },
          {
            ...(at ? { delay: at.toISOString() } : {}),
            ttl: RUN_TTL,
            idempotencyKey: await idempotencyKeys.create(key, { scope: "global" }),
            idempotencyKeyTTL: `${keyTtlSeconds}s`,
            tags: [`psn_${postId}`],
          },
          REQUEST,
        );
        return handle.id;
      }),
    move: (runId, at) =>
      call("move a run", async () => {
        const { client } = await sdk();
        return await answered(() => client.runs.reschedule(runId, { delay: at }, REQUEST), [400, 404]);
      }),
    cancel: (runId) =>
      call("cancel a run", async () => {
        const { client } = await sdk();
        await answered(() => client.runs.cancel(runId, REQUEST), [400, 404]);
      }),
    async state(runId) {
      const said = await status(runId);
      if (said === null) return "unknown";
      return said === "DELAYED" ? "delayed" : FINAL.includes(said) ? "final" : "alive";
    },
    status,
    ping: (ping) =>
      call("start a run", async () => {
        const { client } = await sdk();
        const payload = { ping };
        return (await client.tasks.trigger<typeof publishPost>("publish-post", payload, { ttl: PING_TTL }, REQUEST)).id;
      }),
    check: () =>
      call("be asked", async () => {
        const { client } = await sdk();
        await client.runs.list({ limit: 1 }, REQUEST);
      }),
  };
}

// --- internal ---

/** @returns false when the server answered with one of `expected` */
async function answered(act: () => PromiseLike<unknown>, expected: number[]): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (expected.includes(Number((error as { status?: unknown }).status))) return false;
    throw error;
  }
}

async function call<T>(what: string, act: () => Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CALL_MS_MAX / 1000} s`)), CALL_MS_MAX);
  });
  try {
    return await Promise.race([act(), late]);
  } catch (error) {
    const { status, message } = error as { status?: number; message?: string };
    const why = status === 401 ? "401, the key is not accepted" : `${message ?? error}`.slice(0, 200);
    throw new TriggerTrouble(`Trigger.dev could not ${what}: ${why}`, { cause: error, status });
  } finally {
    clearTimeout(timer);
  }
}
