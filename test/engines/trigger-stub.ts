/**
 * A server with exactly the endpoints of Trigger.dev that PSN uses, with the shapes and the traps of the real one
 * (4.5.12): a past or unreadable delay is "at once", a cancelled run keeps its idempotency key, only a DELAYED run can
 * be moved. When a run's time comes it hands it to `onRun`, as a worker would.
 */
import { z } from "zod";

export type RunStatus =
  | "PENDING_VERSION"
  | "DELAYED"
  | "QUEUED"
  | "EXECUTING"
  | "COMPLETED"
  | "CANCELED"
  | "FAILED"
  | "EXPIRED";

export interface StubRun {
  id: string;
  task: string;
  payload: Record<string, unknown>;
  status: RunStatus;
  delayedUntil: Date | null;
  key: string | null;
  options: Record<string, unknown>;
}

const FINAL: RunStatus[] = ["COMPLETED", "CANCELED", "FAILED", "EXPIRED"];

const TriggerBody = z.object({
  payload: z.string(),
  options: z
    .object({
      payloadType: z.string().optional(),
      delay: z.string().optional(),
      ttl: z.union([z.string(), z.number()]).optional(),
      idempotencyKey: z.string().optional(),
      idempotencyKeyTTL: z.string().optional(),
    })
    .loose(),
});

export class TriggerStub {
  readonly runs = new Map<string, StubRun>();
  /** Every request, as `POST /api/v1/…`. */
  readonly calls: string[] = [];
  readonly waits: Date[] = [];
  /** What was deployed with a schedule. They fire when a test says so. */
  crons: { task: string; cron: string }[] = [];
  /** What a worker does with a run; its end is the run's end. Without it runs stay queued. */
  onRun: ((run: StubRun) => Promise<unknown>) | null = null;
  /** Answers every request with this status while it is set. */
  failing: number | null = null;
  /** As after lost Redis data: delayed runs never come. */
  isForgetful = false;
  /** Nothing is deployed: triggers are accepted, and stay. */
  isUndeployed = false;

  readonly #keys = new Map<string, string>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #server: ReturnType<typeof Bun.serve>;
  #count = 0;

  constructor(readonly key = "tr_dev_stub") {
    this.#server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => this.#answer(request) });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.onRun = null;
    await this.#server.stop(true);
  }

  /** As if the time of the post's delayed runs had come. */
  timeComes(postId: string): void {
    for (const run of this.open(postId)) {
      if (run.status !== "DELAYED" || !this.#timers.has(run.id)) continue;
      clearTimeout(this.#timers.get(run.id));
      this.#enqueue(run);
    }
  }

  /** As if the post's delayed runs had been delayed until then. */
  comesIn(postId: string, ms: number): void {
    for (const run of this.open(postId)) {
      if (run.status === "DELAYED" && this.#timers.has(run.id)) this.#delay(run, new Date(Date.now() + ms));
    }
  }

  /** Runs for a post that have not ended. */
  open(postId: string): StubRun[] {
    return [...this.runs.values()].filter((run) => run.payload.postId === postId && !FINAL.includes(run.status));
  }

  count(prefix: string): number {
    return this.calls.filter((call) => call.startsWith(prefix)).length;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const call = `${request.method} ${pathname}`;
    this.calls.push(call);
    if (request.headers.get("authorization") !== `Bearer ${this.key}`) {
      return Response.json({ error: "Invalid API Key" }, { status: 401 });
    }
    if (this.failing !== null) return Response.json({ error: "stubbed failure" }, { status: this.failing });
    const [, task] = /^POST \/api\/v1\/tasks\/([^/]+)\/trigger$/.exec(call) ?? [];
    if (task) return this.#trigger(task, TriggerBody.parse(await request.json()));
    if (call === "GET /api/v1/runs") return Response.json({ data: [], pagination: {} });
    if (call === "GET /api/v1/schedules") return this.#schedules();
    const [, waiting] = /^POST \/engine\/v1\/runs\/([^/]+)\/wait\/duration$/.exec(call) ?? [];
    if (waiting) {
      const { date } = z.object({ date: z.coerce.date() }).parse(await request.json());
      this.waits.push(date);
      return Response.json({ waitUntil: date.toISOString(), waitpoint: { id: "waitpoint_1" } });
    }
    const [, id] = /\/runs\/([^/]+)/.exec(pathname) ?? [];
    const run = this.runs.get(id ?? "");
    if (!run) return Response.json({ error: "Run not found" }, { status: 404 });
    if (call === `POST /api/v1/runs/${run.id}/reschedule`) return this.#reschedule(run, await request.json());
    if (call === `POST /api/v2/runs/${run.id}/cancel`) {
      if (!FINAL.includes(run.status)) this.#set(run, "CANCELED");
      return Response.json({ id: run.id });
    }
    if (call === `GET /api/v3/runs/${run.id}`) return Response.json(shown(run));
    return Response.json({ error: `not stubbed: ${call}` }, { status: 501 });
  }

  #schedules(): Response {
    const data = this.crons.map(({ task, cron }, index) => ({
      id: `sched_${index}`,
      type: "DECLARATIVE",
      task,
      active: true,
      generator: { type: "CRON", expression: cron, description: "" },
      timezone: "UTC",
      environments: [],
    }));
    return Response.json({ data, pagination: { currentPage: 1, totalPages: 1, count: data.length } });
  }

  #trigger(task: string, { payload, options }: z.infer<typeof TriggerBody>): Response {
    const key = options.idempotencyKey ? `${task}:${options.idempotencyKey}` : null;
    const known = key ? this.#keys.get(key) : undefined;
    if (known) return Response.json({ id: known, isCached: true });
    const { json } = z
      .object({ json: z.record(z.string(), z.unknown()) })
      .parse(options.payloadType === "application/super+json" ? JSON.parse(payload) : { json: JSON.parse(payload) });
    const id = `run_${(++this.#count).toString().padStart(8, "0")}`;
    const until = options.delay === undefined ? Number.NaN : Date.parse(options.delay);
    const run: StubRun = { id, task, payload: json, status: "QUEUED", delayedUntil: null, key, options };
    this.runs.set(id, run);
    if (key) this.#keys.set(key, id);
    if (until > Date.now()) this.#delay(run, new Date(until));
    else this.#enqueue(run);
    return Response.json({ id, isCached: false });
  }

  #reschedule(run: StubRun, body: unknown): Response {
    const { delay } = z.object({ delay: z.coerce.date() }).parse(body);
    if (run.status !== "DELAYED" || !(delay.getTime() > Date.now())) {
      return Response.json({ error: "An unexpected error occurred while rescheduling the run" }, { status: 400 });
    }
    this.#delay(run, delay);
    return Response.json(shown(run));
  }

  #delay(run: StubRun, until: Date): void {
    clearTimeout(this.#timers.get(run.id));
    run.status = "DELAYED";
    run.delayedUntil = until;
    if (this.isForgetful) return;
    const ms = Math.min(until.getTime() - Date.now(), 2 ** 31 - 1);
    this.#timers.set(
      run.id,
      setTimeout(() => this.#enqueue(run), ms),
    );
  }

  #enqueue(run: StubRun): void {
    run.status = this.isUndeployed ? "PENDING_VERSION" : "QUEUED";
    if (this.isUndeployed) return;
    if (!this.onRun) return;
    this.#set(run, "EXECUTING");
    this.onRun(run).then(
      () => run.status === "EXECUTING" && this.#set(run, "COMPLETED"),
      () => run.status === "EXECUTING" && this.#set(run, "FAILED"),
    );
  }

  #set(run: StubRun, status: RunStatus): void {
    clearTimeout(this.#timers.get(run.id));
    run.status = status;
    // A failed or expired run gives its key back; a completed or cancelled one keeps it.
    if (run.key && (status === "FAILED" || status === "EXPIRED")) this.#keys.delete(run.key);
  }
}

// --- internal ---

function shown(run: StubRun) {
  const isDone = FINAL.includes(run.status);
  return {
    id: run.id,
    status: run.status,
    taskIdentifier: run.task,
    isQueued: run.status === "QUEUED" || run.status === "DELAYED",
    isExecuting: run.status === "EXECUTING",
    isWaiting: false,
    isCompleted: isDone,
    isSuccess: run.status === "COMPLETED",
    isFailed: run.status === "FAILED",
    isCancelled: run.status === "CANCELED",
    isTest: false,
    createdAt: new Date().toISOString(),
    updatedAt: new Date().toISOString(),
    ...(run.delayedUntil ? { delayedUntil: run.delayedUntil.toISOString() } : {}),
    tags: [],
    costInCents: 0,
    baseCostInCents: 0,
    durationMs: 0,
    depth: 0,
    triggerFunction: "trigger",
    relatedRuns: {},
    attempts: [],
    attemptCount: 1,
  };
}
