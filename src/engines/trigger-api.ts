/**
 * The calls to Trigger.dev that PSN makes. Each has a time limit, and each failure is a TriggerError. Tasks are named by
 * their id, so this file does not import them.
 */
import { IS_BINARY } from "../core/config/folders.ts";
import { PsnError } from "../core/errors.ts";

/** One line that adds the SDK, of the version that the tasks are made for. */
export const TRIGGER_SDK_FIX = IS_BINARY
  ? "npm install -g ./psn-VERSION.tgz @trigger.dev/sdk@4.8.3 (the single program takes no library; PSN from npm finds the same hub)"
  : "npm install -g @trigger.dev/sdk@4.8.3 (where Bun installed PSN: bun add -g …)";

/** The id under which the task in trigger/publish-post.ts is deployed. */
export const PUBLISH_TASK_ID = "publish-post";
/** The id of the task in trigger/watchdog.ts. */
export const WATCHDOG_TASK_ID = "watchdog";

export interface TriggerConfig {
  /** tr_dev_… or tr_prod_…; inside a task Trigger.dev sets it in the environment. */
  secretKey?: string | undefined;
  /** Address of a self-hosted server. Default: Trigger.dev Cloud. */
  apiUrl?: string | undefined;
  /** For a person who waits: each call is tried once, for three seconds. The watchdog does what fails. */
  isHasty?: boolean;
}

export const TRIGGER_CLOUD_URL = "https://api.trigger.dev";

/** A run in one of these states does nothing any more. */
const FINAL = ["COMPLETED", "CANCELED", "FAILED", "CRASHED", "SYSTEM_FAILURE", "EXPIRED", "TIMED_OUT"];

export type RunState = "delayed" | "alive" | "final" | "unknown";

export interface NewRun {
  postId: string;
  scheduleVersion: number;
  /** In the future, or null for now. Trigger.dev reads a delay in the past, or one it cannot read, as "now". */
  at: Date | null;
  key: string;
  /** How long Trigger.dev remembers the key, in seconds from now. */
  keyTtlSeconds: number;
}

export interface TriggerApi {
  /** @returns the run's id; the same key gives the same run */
  start(run: NewRun): Promise<string>;
  /** @returns false when the run can no longer be moved: it is due, running, over or unknown */
  move(runId: string, at: Date): Promise<boolean>;
  /** A run that is over or unknown counts as cancelled. */
  cancel(runId: string): Promise<void>;
  state(runId: string): Promise<RunState>;
  /** Starts a run that writes `ping` into the hub (round-trip.ts). @returns its id */
  ping(ping: string): Promise<string>;
  /** Starts one run of the watchdog, which its cron should have started. */
  watch(): Promise<void>;
  /** A run's status in Trigger.dev's words; null when it knows no such run. */
  status(runId: string): Promise<string | null>;
  /** A cheap call. @throws TriggerError when the key is not accepted or nothing answers */
  check(): Promise<void>;
}

/** A call failed. The row in the hub is right all the same, and the watchdog tries again. */
export class TriggerError extends Error {
  override readonly name = "TriggerError";
  /** The HTTP status, when there was an answer. */
  readonly status: number | undefined;
  constructor(message: string, more: { cause: unknown; status: number | undefined }) {
    super(message, { cause: more.cause });
    this.status = more.status;
  }
}

const CALL_MS_MAX = 20_000;
const HASTY_CALL_MS_MAX = 3_000;
/** How long a run may wait at Trigger.dev after its time. The row decides what is too late, so this is the longest allowed. */
const RUN_TTL = "14d";
const PING_TTL = "5m";
const WATCH_TTL = "55s";
const RETRY = { maxAttempts: 3, minTimeoutInMs: 300, maxTimeoutInMs: 2_000, factor: 2, randomize: true };

/** The API of one project and environment. Loads the SDK at the first call, so scheduling alone stays quick. */
export function triggerApi(config: TriggerConfig): TriggerApi {
  const request = { retry: config.isHasty ? { ...RETRY, maxAttempts: 1 } : RETRY };
  const call = <T>(what: string, act: () => Promise<T>) =>
    bounded(what, act, config.isHasty ? HASTY_CALL_MS_MAX : CALL_MS_MAX);
  const sdk = async () => {
    const { TriggerClient, idempotencyKeys } = await import("@trigger.dev/sdk").catch((error) => {
      throw new PsnError("TRIGGER_SDK_MISSING", "Trigger.dev's SDK is not installed beside PSN.", {
        hint: `Add it: ${TRIGGER_SDK_FIX}`,
        cause: error,
      });
    });
    // Not the ambient client: a run started from inside a run must not be its child, nor bound to its version.
    const client = new TriggerClient({
      ...(config.secretKey ? { accessToken: config.secretKey } : {}),
      ...(config.apiUrl ? { baseURL: config.apiUrl } : {}),
    });
    return { client, idempotencyKeys };
  };
  const status = (runId: string) =>
    call("read a run", async () => {
      const { client } = await sdk();
      let said: string | null = null;
      await answered(async () => {
        said = (await client.runs.retrieve(runId, request)).status;
      }, [404]);
      return said as string | null;
    });
  return {
    start: ({ postId, scheduleVersion, at, key, keyTtlSeconds }) =>
      call("start a run", async () => {
        const { client, idempotencyKeys } = await sdk();
        const handle = await client.tasks.trigger(
          PUBLISH_TASK_ID,
          { postId, scheduleVersion },
          {
            ...(at ? { delay: at.toISOString() } : {}),
            ttl: RUN_TTL,
            idempotencyKey: await idempotencyKeys.create(key, { scope: "global" }),
            idempotencyKeyTTL: `${keyTtlSeconds}s`,
            tags: [`psn_${postId}`],
          },
          request,
        );
        return handle.id;
      }),
    move: (runId, at) =>
      call("move a run", async () => {
        const { client } = await sdk();
        return await answered(() => client.runs.reschedule(runId, { delay: at }, request), [400, 404]);
      }),
    cancel: (runId) =>
      call("cancel a run", async () => {
        const { client } = await sdk();
        await answered(() => client.runs.cancel(runId, request), [400, 404]);
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
        return (await client.tasks.trigger(PUBLISH_TASK_ID, payload, { ttl: PING_TTL }, request)).id;
      }),
    watch: () =>
      call("start a run", async () => {
        const { client } = await sdk();
        await client.tasks.trigger(WATCHDOG_TASK_ID, {}, { ttl: WATCH_TTL }, request);
      }),
    check: () =>
      call("answer", async () => {
        const { client } = await sdk();
        await client.runs.list({ limit: 1 }, request);
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

async function bounded<T>(what: string, act: () => Promise<T>, msMax: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${msMax / 1000} s`)), msMax);
  });
  try {
    return await Promise.race([act(), late]);
  } catch (error) {
    if (error instanceof PsnError) throw error;
    const { status, message } = error as { status?: number; message?: string };
    const why =
      status === 401 ? "401, the key is not accepted" : `${message ?? error}`.slice(0, 200).replace(/\.+$/, "");
    throw new TriggerError(`Trigger.dev could not ${what}: ${why}`, { cause: error, status });
  } finally {
    clearTimeout(timer);
  }
}
