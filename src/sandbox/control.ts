/** `/sandbox/…`: the switches of the sandbox, as JSON. Faults never strike here. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import type { AppInput, UserChange, UserInput } from "./accounts.ts";
import type { Fault, FaultInput } from "./fault-schema.ts";
import type { IssuedTokens } from "./oauth-tokens.ts";
import { missingPage, postPage, timelinePage } from "./page.ts";
import { actOnPanel } from "./panel-acts.ts";
import { empty, json, pageAnswer } from "./problems.ts";
import { REPLAY_PATH, replayPage } from "./replay.ts";
import { type SandboxReport, usd } from "./report.ts";
import type { SettingsChange } from "./settings.ts";
import { type SandboxUser, userByHandle, type World } from "./state.ts";
import type { SandboxRequest, SandboxResponse } from "./types.ts";

const LOG_SHOWN_MAX = 1_000;

const TokensSchema = z.strictObject({
  handle: z.string(),
  scopes: z.array(z.string()).optional(),
  clientId: z.string().optional(),
});
const CreditsSchema = z.strictObject({ usd: z.number(), clientId: z.string().optional() });
const ResetSchema = z.strictObject({ keepAccounts: z.boolean().optional() });

/** What can be asked of a sandbox and changed in it, beside X's own API. Each throws a PsnError for what cannot be. */
export interface SandboxControls {
  /** Grows with every request and change; the page and the host that saves the state watch it. */
  readonly revision: number;
  /** Everything that stands on this X and was asked of it. A copy. */
  report(): SandboxReport;
  /** Back to an empty timeline. With `keepAccounts`, users, apps and sign-ins stay. Settings always stay. */
  reset(options?: { keepAccounts?: boolean | undefined }): void;
  faults(): Fault[];
  /** Adds one fault; see `fault-schema.ts`. @throws PsnError SANDBOX_BAD_INPUT, SANDBOX_FULL */
  addFault(input: FaultInput): Fault;
  /** Removes one fault, or all. @returns how many */
  clearFaults(id?: string): number;
  /** @throws PsnError SANDBOX_BAD_INPUT, SANDBOX_USER_EXISTS, SANDBOX_FULL */
  addUser(input: UserInput): SandboxUser;
  /** Also to another handle. @throws PsnError SANDBOX_NO_USER, SANDBOX_USER_EXISTS, SANDBOX_BAD_INPUT */
  changeUser(handle: string, change: UserChange): SandboxUser;
  /** As when the person removes the app under "connected apps": all tokens of the account end. @returns how many */
  revokeUser(handle: string): number;
  /** Registers an app with its callback addresses (at most 10), or replaces one. */
  addApp(input: AppInput): void;
  /** Tokens for an account without the consent page. @throws PsnError SANDBOX_NO_USER, SANDBOX_NO_APP */
  signIn(handle: string, options?: { scopes?: string[] | undefined; clientId?: string | undefined }): IssuedTokens;
  /** The app's balance in dollars; at or below 0 X answers 402 to everything. @throws PsnError SANDBOX_NO_APP */
  setCredits(balanceUsd: number, clientId?: string): void;
  /** Changes some settings: limits, lag, windows, dialect. @throws PsnError SANDBOX_BAD_INPUT */
  configure(change: SettingsChange): void;
}

type Step = (sandbox: SandboxControls, world: World, request: SandboxRequest, part: string) => unknown;

/** Method, pattern (`*` is one segment), and what it does. The value returned is the JSON answer. */
const STEPS: [method: string, pattern: RegExp, step: Step][] = [
  ["GET", /^\/sandbox\/state$/, (sandbox) => sandbox.report()],
  ["GET", /^\/sandbox\/revision$/, (sandbox) => ({ revision: sandbox.revision, user: process.getuid?.() })],
  [
    "POST",
    /^\/sandbox\/reset$/,
    (sandbox, _world, request) => {
      sandbox.reset(ResetSchema.parse(body(request)));
      return { done: true };
    },
  ],
  ["GET", /^\/sandbox\/faults$/, (sandbox) => ({ faults: sandbox.faults() })],
  ["POST", /^\/sandbox\/faults$/, (sandbox, _world, request) => sandbox.addFault(body(request) as FaultInput)],
  ["POST", /^\/sandbox\/panel$/, () => null],
  ["DELETE", /^\/sandbox\/faults$/, (sandbox) => ({ removed: sandbox.clearFaults() })],
  ["DELETE", /^\/sandbox\/faults\/([^/]+)$/, (sandbox, _w, _r, id) => ({ removed: sandbox.clearFaults(id) })],
  ["POST", /^\/sandbox\/users$/, (sandbox, _world, request) => sandbox.addUser(body(request) as UserInput)],
  [
    "PATCH",
    /^\/sandbox\/users\/([^/]+)$/,
    (sandbox, _world, request, handle) => sandbox.changeUser(handle, body(request) as UserChange),
  ],
  ["POST", /^\/sandbox\/users\/([^/]+)\/revoke$/, (sandbox, _w, _r, handle) => ({ ended: sandbox.revokeUser(handle) })],
  [
    "POST",
    /^\/sandbox\/apps$/,
    (sandbox, _world, request) => {
      sandbox.addApp(body(request) as AppInput);
      return { done: true };
    },
  ],
  [
    "POST",
    /^\/sandbox\/tokens$/,
    (sandbox, _world, request) => {
      const { handle, ...options } = TokensSchema.parse(body(request));
      return sandbox.signIn(handle, options);
    },
  ],
  [
    "PUT",
    /^\/sandbox\/credits$/,
    (sandbox, _world, request) => {
      const input = CreditsSchema.parse(body(request));
      sandbox.setCredits(input.usd, input.clientId);
      return { done: true };
    },
  ],
  ["GET", /^\/sandbox\/settings$/, (_sandbox, world) => world.state.settings],
  [
    "PATCH",
    /^\/sandbox\/settings$/,
    (sandbox, world, request) => {
      sandbox.configure(body(request) as SettingsChange);
      return world.state.settings;
    },
  ],
  [
    "GET",
    /^\/sandbox\/ledger$/,
    (_sandbox, world) => ({
      entries: world.state.ledger.map(({ atMs, micros, ...entry }) => ({
        at: new Date(atMs).toISOString(),
        ...entry,
        usd: usd(micros),
      })),
    }),
  ],
  [
    "GET",
    /^\/sandbox\/requests$/,
    (_sandbox, world) => ({
      requests: world.state.log
        .slice(-LOG_SHOWN_MAX)
        .map(({ atMs, ...entry }) => ({ at: new Date(atMs).toISOString(), ...entry })),
    }),
  ],
];

function textOf({ body }: SandboxRequest): string {
  return typeof body === "string" ? body : Buffer.from(body).toString("utf8");
}

function body(request: SandboxRequest): unknown {
  const text = textOf(request);
  return text.trim() === "" ? {} : JSON.parse(text);
}

function failed(status: number, code: string, message: string, hint?: string): SandboxResponse {
  return json(status, { error: { code, message, hint } });
}

/** The page at `/`, the pictures under `/sandbox/media/`, and the JSON switches. */
export function answerControl(sandbox: SandboxControls, world: World, request: SandboxRequest): SandboxResponse {
  const { method, path } = request;
  if (path === "/favicon.ico") return empty(204); // browsers ask on their own; there is none
  if (method === "GET" || method === "HEAD") {
    const found = pageAt(world, request);
    if (found !== null) return found;
  }
  const picture = /^\/sandbox\/media\/([0-9]{1,19})$/.exec(path)?.[1];
  if (picture !== undefined && method === "GET") return media(world, picture);
  const fitting = STEPS.filter(([, pattern]) => pattern.test(path));
  const found = fitting.find(([wanted]) => wanted === method);
  if (found === undefined) {
    return fitting.length > 0
      ? failed(405, "SANDBOX_METHOD", `${method} is not possible here`)
      : failed(404, "SANDBOX_NOT_FOUND", `the sandbox has no ${path}`, "The page is at /, X's API under /2/.");
  }
  const [, pattern, step] = found;
  try {
    if (path === "/sandbox/panel") return goTo(actOnPanel(sandbox, textOf(request)));
    const part = decodeURIComponent(pattern.exec(path)?.[1] ?? "");
    return json(200, step(sandbox, world, request, part), { "cache-control": "no-store" });
  } catch (error) {
    if (error instanceof PsnError) return failed(400, error.code, error.message, error.hint);
    if (error instanceof z.ZodError) return failed(400, "SANDBOX_BAD_INPUT", error.issues[0]?.message ?? "invalid");
    if (error instanceof SyntaxError || error instanceof URIError) {
      return failed(400, "SANDBOX_BAD_INPUT", "the body is not valid JSON");
    }
    throw error;
  }
}

/** The page at a path, as X has them: the timeline, an account, a post. Null when the path is none of a page. */
function pageAt(world: World, { path, query, headers }: SandboxRequest): SandboxResponse | null {
  if (path === "/") return pageAnswer(200, timelinePage(world, query, null));
  if (path === REPLAY_PATH) return pageAnswer(200, replayPage(world, query));
  const [, handle, , id] = /^\/([A-Za-z0-9_]{1,15})(\/status\/([0-9]{1,19}))?$/.exec(path) ?? [];
  if (handle === undefined) return null;
  if (id === undefined) {
    const user = userByHandle(world.state, handle);
    if (user !== undefined) return pageAnswer(200, timelinePage(world, query, user));
    // A program that asks for a wrong path is answered as X does, a person by a page.
    const isPerson = /\btext\/html\b/.test(headers.accept ?? "");
    return isPerson ? pageAnswer(404, missingPage(world, "There is no such account")) : null;
  }
  const post = world.state.posts[id];
  const author = world.state.users[post?.authorId ?? ""];
  if (post === undefined || author === undefined) return pageAnswer(404, missingPage(world, "There is no such post"));
  if (post.deletedAtMs !== null) return pageAnswer(404, missingPage(world, "This post was deleted"));
  // X leads to the author, whatever name stands in the address.
  const own = `/${author.handle}/status/${id}`;
  return path === own ? pageAnswer(200, postPage(world, author, id)) : goTo(own);
}

function goTo(location: string): SandboxResponse {
  return { ...empty(303), headers: { location, "cache-control": "no-store" } };
}

function media(world: World, id: string): SandboxResponse {
  const bytes = world.bytes.get(id);
  const mime = world.state.media[id]?.mime;
  if (bytes === undefined || mime === null || mime === undefined) return empty(404);
  const headers = {
    "content-type": mime,
    "cache-control": "private, max-age=86400",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
  };
  return { status: 200, headers, body: bytes, acted: true };
}
