/** The last step of setup: every connection is tried for real. */
import { createHash } from "node:crypto";
import { listAccounts, noteIdentity } from "../core/accounts/accounts.ts";
import { chooseAccount } from "../core/accounts/choose.ts";
import { hubNow } from "../core/db/connection.ts";
import { withoutStatement } from "../core/db/errors.ts";
import { PsnError } from "../core/errors.ts";
import { TWEET_LIMIT, textLimitOf } from "../core/platform.ts";
import { clockSkew, noteClock, skewInWords } from "../core/publish/x-clock.ts";
import { chargedIdentity } from "../core/spend/charge.ts";
import { credentialsFor } from "../core/tokens/keeper.ts";
import { countWorkers } from "../engines/presence.ts";
import type { App } from "./_app.ts";
import type { Io } from "./_command.ts";
import type { Check, Step } from "./_step.ts";
import { requireKnownClient } from "./setup-keys.ts";

/** A machine whose clock is further off would refresh tokens too late or too early. */
const CLOCK_OFF_MS_MAX = 60_000;

/**
 * The checklist. Failed when something is broken that posting needs.
 * @throws PsnError ACCOUNT_UNKNOWN, ACCOUNT_AMBIGUOUS
 */
export async function validate(
  app: App,
  { willWrite }: Pick<Io, "willWrite">,
  handle: string | undefined,
): Promise<Step> {
  const account = await chooseAccount(app.hub.db, handle, (await app.keys()).apiHost);
  willWrite("try every connection");
  const checks = [
    await check("hub", () => checkHub(app)),
    await check("media", () => checkMedia(app)),
    await check("X app", async () => {
      const answer = await requireKnownClient(await app.keys());
      if (answer.known) return "X knows its client id and secret";
      throw new PsnError("X_UNREACHABLE", `Its client id and secret could not be checked: ${answer.why}`, {
        hint: "Then: psn setup",
      });
    }),
    await check(`@${account.handle}`, () => checkAccount(app, account.id)),
    await check("clock", () => checkClock(app)),
    ...(app.engine.name === "embedded" ? [await checkWorker(app)] : []),
  ];
  const isSignedOut = (await listAccounts(app.hub.db)).some(({ id, signedIn }) => id === account.id && !signedIn);
  const isGood = checks.every(({ ok, optional }) => ok || optional);
  const accounts = await listAccounts(app.hub.db);
  return {
    step: "validate",
    status: isGood ? "success" : "failed",
    message: isGood ? "Every connection works." : "Not everything works.",
    data: {
      checks,
      ...(isSignedOut ? { code: "ACCOUNT_SIGNED_OUT" } : {}),
      accounts: accounts.map(({ handle: name, isDefault, signedIn, subscription }) => ({
        handle: name,
        isDefault,
        signedIn,
        subscription,
      })),
    },
  };
}

// --- internal ---

/** What a check throws is what it found. */
async function check(name: string, act: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, says: await act() };
  } catch (thrown) {
    const error = withoutStatement(thrown);
    if (!(error instanceof Error)) throw thrown;
    return {
      name,
      ok: false,
      says: error instanceof PsnError && error.hint ? `${error.message} ${error.hint}` : error.message,
    };
  }
}

async function checkHub(app: App): Promise<string> {
  const offMs = Math.abs((await hubNow(app.hub.db)).getTime() - Date.now());
  if (offMs > CLOCK_OFF_MS_MAX) {
    throw new Error(`its clock and this machine's differ by ${Math.round(offMs / 1000)} s; set the wrong one right`);
  }
  return app.hub.where;
}

async function checkMedia({ media }: App): Promise<string> {
  const bytes = new TextEncoder().encode("psn setup");
  const blob = { sha256: createHash("sha256").update(bytes).digest("hex"), byteLength: bytes.length };
  const { backend } = media;
  await backend.put(
    blob,
    (async function* () {
      yield bytes;
    })(),
  );
  const back = await backend.read(blob.sha256, 0, bytes.length);
  await backend.remove(blob.sha256);
  if (!Buffer.from(back).equals(bytes)) throw new Error(`${backend.name} gives back something else than it was given`);
  return backend.name;
}

async function checkAccount(app: App, accountId: string, isOther = false): Promise<string> {
  const deps = await app.publishDeps();
  let token = await credentialsFor(deps, accountId);
  const ask = (accessToken: string) => chargedIdentity(deps.hub, deps.platform, { accountId, accessToken });
  let identity = token.kind === "ok" ? await ask(token.credentials.accessToken) : null;
  if (token.kind === "ok" && identity?.kind === "signed_out") {
    // The token may have been ended before its time; a new one shows whether the sign-in was.
    token = await credentialsFor(deps, accountId, { refusedVersion: token.version });
    identity = token.kind === "ok" ? await ask(token.credentials.accessToken) : null;
  }
  if (identity?.clock) await noteClock(deps, identity.clock);
  if (token.kind === "signed_out") throw new Error(`${token.reason} It must sign in again.`);
  if (token.kind === "unavailable") throw new Error(token.reason);
  if (identity?.kind !== "identity") {
    throw new Error(identity?.kind === "unavailable" ? identity.cause : (identity?.detail ?? "no answer"));
  }
  // A handle that two accounts seem to have has changed hands: X is asked about the other one, too.
  const others = await noteIdentity(app.hub, accountId, identity.identity);
  if (!isOther) for (const other of others) await checkAccount(app, other, true).catch(() => {});
  const { handle, name, subscription } = identity.identity;
  return `X knows it as @${handle} (${name}), ${textLimitOf(subscription) > TWEET_LIMIT ? subscription : "not Premium"}`;
}

/** After X was asked for the account. */
async function checkClock(app: App): Promise<string> {
  const { host } = await app.platform();
  const skew = await clockSkew(app.hub, host);
  if (!skew) return "X has not said what time it is";
  const off = skewInWords(skew);
  if (off) throw new Error(off);
  return "the hub's is right by X's";
}

async function checkWorker(app: App): Promise<Check> {
  const workers = await countWorkers(app.hub);
  const says = workers > 0 ? `${workers} running` : "none runs; scheduled posts wait for one: psn worker";
  return { name: "worker", ok: workers > 0, says, optional: true };
}
