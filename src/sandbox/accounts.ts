/** The people and apps of the sandbox. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { sha256Hex } from "./ids.ts";
import { CAPS, type SandboxApp, type SandboxUser, userByHandle, type World } from "./state.ts";
import {
  SANDBOX_APP_BEARER,
  SANDBOX_CALLBACK_URL,
  SANDBOX_CLIENT_ID,
  SANDBOX_CLIENT_SECRET,
  SANDBOX_HANDLE,
  SANDBOX_PREMIUM_HANDLE,
  SUBSCRIPTIONS,
} from "./types.ts";

const UserInputSchema = z.strictObject({
  /** X's own rule for handles. */
  handle: z.string().regex(/^[A-Za-z0-9_]{1,15}$/, "a handle has 1 to 15 letters, digits or underscores"),
  name: z.string().min(1).max(50).optional(),
  description: z.string().max(160).optional(),
  subscription: z.enum(SUBSCRIPTIONS).optional(),
  verifiedType: z.enum(["none", "blue", "business", "government"]).optional(),
  suspended: z.boolean().optional(),
  locked: z.boolean().optional(),
});
/** A new account; only `handle` is needed. */
export type UserInput = z.infer<typeof UserInputSchema>;
const UserChangeSchema = UserInputSchema.partial();
/** What may change about an account. */
export type UserChange = z.infer<typeof UserChangeSchema>;

const AppInputSchema = z.strictObject({
  clientId: z.string().min(1).max(100),
  clientSecret: z.string().min(1).max(200),
  name: z.string().min(1).max(100).optional(),
  callbacks: z.array(z.url().max(500)).min(1).max(10),
  /** App-only bearer; none when absent. */
  appBearer: z.string().min(1).max(200).optional(),
  /** Who owns the app and reads own posts cheaply; the first account when absent. */
  owner: z.string().optional(),
  balanceUsd: z.number().optional(),
  enrolled: z.boolean().optional(),
  spendCapReached: z.boolean().optional(),
  enterprise: z.boolean().optional(),
});
export type AppInput = z.infer<typeof AppInputSchema>;

const DEFAULT_USERS: UserInput[] = [
  { handle: SANDBOX_HANDLE, name: "Sandbox Author", description: "Writes to nobody but you." },
  { handle: SANDBOX_PREMIUM_HANDLE, name: "Sandbox Premium", subscription: "Premium", verifiedType: "blue" },
];
const DEFAULT_BALANCE_USD = 100;

/** Runs a parser; what zod finds becomes PsnError SANDBOX_BAD_INPUT. */
function checked<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof z.ZodError) {
      const first = error.issues[0];
      const where = first?.path.join(".") ?? "";
      throw new PsnError("SANDBOX_BAD_INPUT", `${where === "" ? "input" : where}: ${first?.message ?? "invalid"}`);
    }
    if (error instanceof SyntaxError) throw new PsnError("SANDBOX_BAD_INPUT", error.message);
    throw error;
  }
}

/** A 19-digit number that follows from a name alone, so that a reset or a restart keeps every id. */
function stableNumber(name: string): string {
  return (
    1_000_000_000_000_000_000n +
    (BigInt(`0x${sha256Hex(name).slice(0, 15)}`) % 900_000_000_000_000_000n)
  ).toString();
}

const userExists = (handle: string) => new PsnError("SANDBOX_USER_EXISTS", `the sandbox already has @${handle}`);

function addUser(world: World, input: UserInput): SandboxUser {
  const user = checked(() => UserInputSchema.parse(input));
  if (userByHandle(world.state, user.handle) !== undefined) throw userExists(user.handle);
  if (Object.keys(world.state.users).length >= CAPS.users) {
    throw new PsnError("SANDBOX_FULL", `the sandbox holds at most ${CAPS.users} accounts`);
  }
  let id = stableNumber(`user ${user.handle.toLowerCase()}`);
  // Whoever had this handle before keeps their number.
  while (world.state.users[id] !== undefined) id = stableNumber(`user ${id}`);
  const made: SandboxUser = {
    id,
    handle: user.handle,
    name: user.name ?? user.handle,
    description: user.description ?? "",
    subscription: user.subscription ?? "None",
    verifiedType: user.verifiedType ?? "none",
    suspended: user.suspended ?? false,
    locked: user.locked ?? false,
    createdAtMs: world.now.getTime(),
    signIns: { consents: 0, refreshes: 0, refusedRefreshes: 0 },
  };
  world.state.users[id] = made;
  return made;
}

function changeUser(world: World, handle: string, change: UserChange): SandboxUser {
  const found = user(world, handle);
  const parsed = checked(() => UserChangeSchema.parse(change));
  const other = userByHandle(world.state, parsed.handle ?? handle);
  if (other !== undefined && other !== found) throw userExists(other.handle);
  const named = Object.entries(parsed).filter(([, value]) => value !== undefined);
  return Object.assign(found, Object.fromEntries(named));
}

function addApp(world: World, input: AppInput): SandboxApp {
  const app = checked(() => AppInputSchema.parse(input));
  for (const callback of app.callbacks) {
    // X refuses these when an app is registered; localhost too, since July 2026.
    const url = new URL(callback);
    const refused = ["javascript:", "data:", "file:", "mailto:"].includes(url.protocol) || url.hostname === "localhost";
    if (!refused) continue;
    throw new PsnError("SANDBOX_BAD_INPUT", `X refuses the callback ${callback}`, {
      hint: "For local development X accepts http://127.0.0.1, not localhost.",
    });
  }
  const isNew = world.state.apps[app.clientId] === undefined;
  if (isNew && Object.keys(world.state.apps).length >= CAPS.apps) {
    throw new PsnError("SANDBOX_FULL", `the sandbox holds at most ${CAPS.apps} apps`);
  }
  const owner = app.owner === undefined ? Object.values(world.state.users)[0] : user(world, app.owner);
  const made: SandboxApp = {
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    name: app.name ?? app.clientId,
    callbacks: app.callbacks,
    appBearerHash: app.appBearer === undefined ? "" : sha256Hex(app.appBearer),
    ownerId: owner?.id ?? "",
    accountId: stableNumber(`billing ${app.clientId}`),
    balanceMicros: Math.round((app.balanceUsd ?? DEFAULT_BALANCE_USD) * 1_000_000),
    enrolled: app.enrolled ?? true,
    spendCapReached: app.spendCapReached ?? false,
    enterprise: app.enterprise ?? false,
  };
  world.state.apps[app.clientId] = made;
  return made;
}

/** The account with this handle. Throws PsnError SANDBOX_NO_USER. */
function user(world: World, handle: string): SandboxUser {
  const found = userByHandle(world.state, handle);
  if (found !== undefined) return found;
  const known = Object.values(world.state.users)
    .slice(0, 10)
    .map((each) => `@${each.handle}`);
  throw new PsnError("SANDBOX_NO_USER", `the sandbox has no account @${handle}`, {
    hint: `It has ${known.join(", ")}.`,
  });
}

/** The app with this client id. Throws PsnError SANDBOX_NO_APP. */
function app(world: World, clientId: string): SandboxApp {
  const found = world.state.apps[clientId];
  if (found === undefined) throw new PsnError("SANDBOX_NO_APP", `the sandbox has no app ${clientId}`);
  return found;
}

/** The accounts given, or two by default, and the default app. */
function addDefaults(world: World, users: UserInput[] | undefined): void {
  for (const input of users ?? DEFAULT_USERS) addUser(world, input);
  addApp(world, {
    clientId: SANDBOX_CLIENT_ID,
    clientSecret: SANDBOX_CLIENT_SECRET,
    name: "PSN",
    callbacks: [SANDBOX_CALLBACK_URL, "https://example.com/callback"],
    appBearer: SANDBOX_APP_BEARER,
  });
}

export const accounts = { addDefaults, addUser, changeUser, addApp, user, app, checked };
