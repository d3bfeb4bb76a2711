/**
 * The sandbox itself: a whole X as one synchronous object. No socket, no timer, no clock of its own, so that the
 * simulation drives exactly what the HTTP host serves.
 *
 * A host does, for every request: wait `delayBefore(request)` ms, call `handle(request)`, wait the answer's `delayMs`,
 * then send it, or break the connection when it says `transport`.
 */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { type AppInput, accounts, type UserChange, type UserInput } from "./accounts.ts";
import { answerApi, callerOf, type SideEffects } from "./api.ts";
import { answerControl, type SandboxControls } from "./control.ts";
import { type Fault, type FaultInput, parseFault } from "./fault-schema.ts";
import { answerFault, answerUnder, delayOf, drawFaults, type Struck } from "./faults.ts";
import { randomText, sha256Hex } from "./ids.ts";
import { authorizeCall } from "./oauth-authorize.ts";
import { accountOfTokenCall, type IssuedTokens, newGrant, revokeCall, revokeWhere, tokenCall } from "./oauth-tokens.ts";
import { empty } from "./problems.ts";
import { makeReport, type SandboxReport } from "./report.ts";
import { bodyBytesMax, isApi, normalized, oauthEndpoint } from "./request.ts";
import { endpointOf, findRoute } from "./routes.ts";
import { changedSettings, type SettingsChange, SettingsSchema } from "./settings.ts";
import { CAPS, emptyState, SandboxStateSchema, type SandboxUser, userByHandle, type World } from "./state.ts";
import {
  SANDBOX_CLIENT_ID,
  SANDBOX_SCOPES,
  type SandboxClock,
  type SandboxRequest,
  type SandboxResponse,
} from "./types.ts";

export interface SandboxOptions {
  clock: SandboxClock;
  /** Every token, link and random draw follows from it. Default "psn". */
  seed?: string | number;
  settings?: SettingsChange;
  /** Instead of the two default accounts. The first owns the default app. */
  users?: UserInput[];
}

const SnapshotSchema = z.object({ state: SandboxStateSchema, bytes: z.record(z.string(), z.string()) });
export type SandboxSnapshot = z.infer<typeof SnapshotSchema>;

/** The sandbox; `SandboxControls` describes what can be done with it beside X's API. */
export class SandboxX implements SandboxControls {
  readonly #clock: SandboxClock;
  readonly #users: UserInput[] | undefined;
  readonly #world: World;
  #faultNumber = 0;

  /** Throws a PsnError for a user or setting that cannot be. */
  constructor(options: SandboxOptions) {
    this.#clock = options.clock;
    this.#users = options.users;
    const settings = changedSettings(SettingsSchema.parse({}), options.settings ?? {});
    this.#world = {
      state: emptyState(String(options.seed ?? "psn"), settings),
      bytes: new Map(),
      uploads: new Map(),
      leftOut: new Set(),
      now: options.clock.now(),
    };
    accounts.addDefaults(this.#world, this.#users);
  }

  get revision(): number {
    return this.#world.state.revision;
  }

  /** The present of the injected clock, also for the request that is being answered. */
  now(): Date {
    return this.#world.now;
  }

  /** How long a fault holds this request before X acts, in milliseconds. Uses the fault up; call once per request. */
  delayBefore(request: SandboxRequest): number {
    const world = this.#tick();
    const normal = normalized(request);
    if (!isApi(normal.path) || world.state.faults.length === 0) return 0;
    return delayOf(drawFaults(world, this.#struck(normal), "before"));
  }

  /** Answers one request. Never throws for what a request holds. */
  handle(request: SandboxRequest): SandboxResponse {
    const world = this.#tick();
    const normal = normalized(request);
    if (!isApi(normal.path)) return answerControl(this, world, normal);

    const struck = this.#struck(normal);
    const drawn = drawFaults(world, struck, "handle");
    const { dialect } = world.state.settings;
    const caller = callerOf(world, normal);
    let inner: SandboxResponse | null = null;
    const act = (): SandboxResponse => {
      const lag = drawn.map(({ effect }) => (effect.kind === "timeline_lag" ? effect.ms : 0));
      const has = (kind: Fault["effect"]["kind"]) => drawn.some(({ effect }) => effect.kind === kind);
      inner = this.#answer(normal, {
        timelineLagMs: Math.max(0, ...lag),
        timelineHasGap: has("timeline_gap"),
        processingFails: has("processing_failed"),
      });
      return inner;
    };
    const fault = answerFault(drawn);
    const app = caller?.app ?? world.state.apps[SANDBOX_CLIENT_ID] ?? null;
    const answer = fault === null ? act() : answerUnder(fault, { now: world.now, dialect, app }, act);
    const transactionId = randomText(world, 16).toLowerCase();
    this.#record(struck, drawn, answer, inner, transactionId);
    const headers = {
      date: world.now.toUTCString(),
      server: "cloudflare envoy",
      "api-version": dialect === "2026-06" ? "2.166" : "2.167",
      "x-transaction-id": transactionId,
      "x-access-level": "read-write",
      "x-response-time": "12",
      "cache-control": "no-cache, no-store, max-age=0",
      ...answer.headers,
    };
    const delayMs = delayOf(drawn);
    return { ...answer, headers, ...(delayMs > 0 ? { delayMs } : {}) };
  }

  addFault(input: FaultInput): Fault {
    const { faults } = this.#tick().state;
    if (faults.length >= CAPS.faults)
      throw new PsnError("SANDBOX_FULL", `the sandbox holds ${CAPS.faults} faults already`);
    this.#faultNumber = Math.max(this.#faultNumber, ...faults.map((fault) => Number(fault.id.slice(1)) || 0)) + 1;
    const fault = accounts.checked(() => parseFault(input, `f${this.#faultNumber}`));
    faults.push(fault);
    this.#changed();
    return structuredClone(fault);
  }

  faults(): Fault[] {
    return structuredClone(this.#world.state.faults);
  }

  clearFaults(id?: string): number {
    const { state } = this.#tick();
    const kept = id === undefined ? [] : state.faults.filter((fault) => fault.id !== id);
    const removed = state.faults.length - kept.length;
    state.faults = kept;
    this.#changed();
    return removed;
  }

  report(): SandboxReport {
    return makeReport(this.#world.state);
  }

  addUser(input: UserInput): SandboxUser {
    const user = accounts.addUser(this.#tick(), input);
    this.#changed();
    return structuredClone(user);
  }

  changeUser(handle: string, change: UserChange): SandboxUser {
    const user = accounts.changeUser(this.#tick(), handle, change);
    this.#changed();
    return structuredClone(user);
  }

  addApp(input: AppInput): void {
    accounts.addApp(this.#tick(), input);
    this.#changed();
  }

  signIn(handle: string, options: { scopes?: string[] | undefined; clientId?: string | undefined } = {}): IssuedTokens {
    const world = this.#tick();
    const user = accounts.user(world, handle);
    const app = accounts.app(world, options.clientId ?? SANDBOX_CLIENT_ID);
    user.signIns.consents += 1;
    this.#changed();
    return newGrant(world, app.clientId, user.id, options.scopes ?? SANDBOX_SCOPES);
  }

  /** The app that a token was made for; null where X does not know the token. */
  clientIdOf(token: string): string | null {
    const { accessTokens, refreshTokens } = this.#world.state;
    const hash = sha256Hex(token);
    return (accessTokens[hash] ?? refreshTokens[hash])?.clientId ?? null;
  }

  revokeUser(handle: string): number {
    const world = this.#tick();
    const user = accounts.user(world, handle);
    this.#changed();
    return revokeWhere(world, (token) => token.userId === user.id);
  }

  setCredits(balanceUsd: number, clientId: string = SANDBOX_CLIENT_ID): void {
    if (!Number.isFinite(balanceUsd) || Math.abs(balanceUsd) > 1e9) {
      throw new PsnError("SANDBOX_BAD_INPUT", "credits must be a number of dollars below a billion");
    }
    accounts.app(this.#tick(), clientId).balanceMicros = Math.round(balanceUsd * 1_000_000);
    this.#changed();
  }

  configure(change: SettingsChange): void {
    const { state } = this.#tick();
    state.settings = accounts.checked(() => changedSettings(state.settings, change));
    this.#changed();
  }

  reset(options: { keepAccounts?: boolean | undefined } = {}): void {
    const world = this.#tick();
    const { settings, users, apps, accessTokens, refreshTokens, codes, ids, prng, revision } = world.state;
    // Ids and random draws go on, so that nothing from before can come again.
    world.state = { ...emptyState("", settings), ids, prng, revision };
    world.bytes.clear();
    world.uploads.clear();
    world.leftOut.clear();
    if (options.keepAccounts === true) Object.assign(world.state, { users, apps, accessTokens, refreshTokens, codes });
    else accounts.addDefaults(world, this.#users);
    this.#changed();
  }

  /** Everything as JSON-safe data. Uploads that are not finalized are left out. */
  save(): SandboxSnapshot {
    const { state, bytes, uploads } = this.#world;
    const copy = structuredClone(state);
    for (const id of uploads.keys()) delete copy.media[id];
    const encoded = Array.from(bytes, ([id, data]) => [id, Buffer.from(data).toString("base64")]);
    return { state: copy, bytes: Object.fromEntries(encoded) as Record<string, string> };
  }

  /** Takes over a saved state. Throws PsnError SANDBOX_BAD_SNAPSHOT and changes nothing when it is none. */
  load(snapshot: unknown): void {
    const parsed = SnapshotSchema.safeParse(snapshot);
    if (!parsed.success) {
      throw new PsnError("SANDBOX_BAD_SNAPSHOT", "this is not a saved sandbox", {
        hint: "Remove the file to start with an empty timeline.",
        cause: parsed.error,
      });
    }
    this.#world.state = parsed.data.state;
    this.#world.uploads.clear();
    this.#world.leftOut.clear();
    this.#world.bytes.clear();
    for (const [id, data] of Object.entries(parsed.data.bytes)) {
      this.#world.bytes.set(id, new Uint8Array(Buffer.from(data, "base64")));
    }
    this.#changed();
  }

  #tick(): World {
    this.#world.now = this.#clock.now();
    return this.#world;
  }

  #changed(): void {
    this.#world.state.revision += 1;
  }

  #answer(request: SandboxRequest, effects: SideEffects): SandboxResponse {
    const world = this.#world;
    if (request.body.length > bodyBytesMax(request.path)) return empty(413);
    const oauth = oauthEndpoint(request);
    if (oauth === "POST /2/oauth2/token") return tokenCall(world, request);
    if (oauth === "POST /2/oauth2/revoke") return revokeCall(world, request);
    if (oauth !== null) return authorizeCall(world, request);
    return answerApi(world, request, callerOf(world, request), effects);
  }

  #struck(request: SandboxRequest): Struck {
    const world = this.#world;
    const found = findRoute(request.method, request.path);
    const endpoint = found === null ? oauthEndpoint(request) : endpointOf(found.route);
    let user = callerOf(world, request)?.user ?? null;
    if (user === null && request.path.startsWith("/2/oauth2/")) {
      user = world.state.users[accountOfTokenCall(world, request) ?? ""] ?? null;
    }
    if (user === null && request.path === "/i/oauth2/authorize") {
      user = userByHandle(world.state, request.query.get("sandbox_user") ?? "") ?? null;
    }
    return { request, endpoint, accountId: user?.id ?? null, handle: user?.handle ?? null };
  }

  #record(
    struck: Struck,
    drawn: Fault[],
    answer: SandboxResponse,
    inner: SandboxResponse | null,
    transactionId: string,
  ): void {
    const { state, now } = this.#world;
    const endpoint = struck.endpoint ?? "other";
    const count = state.counts[endpoint] ?? { received: 0, acted: 0, resets: 0, byStatus: {} };
    const broken = answer.transport !== undefined;
    const done = inner !== null && inner.status < 400;
    count.received += 1;
    if (done) count.acted += 1;
    if (broken) count.resets += 1;
    else count.byStatus[answer.status] = (count.byStatus[answer.status] ?? 0) + 1;
    state.counts[endpoint] = count;
    const route = findRoute(struck.request.method, struck.request.path)?.route;
    if (route?.write) {
      state.writes.received += 1;
      if (done) state.writes.acted += 1;
    }
    state.log.push({
      atMs: now.getTime(),
      endpoint,
      handle: struck.handle,
      status: broken ? null : answer.status,
      acted: done,
      faults: drawn.map((fault) => fault.effect.kind),
      transactionId,
    });
    if (state.log.length > CAPS.logEntries) state.log.splice(0, state.log.length - CAPS.logEntries);
    this.#changed();
  }
}
