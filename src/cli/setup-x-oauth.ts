/** Signing an X account in: an address to open, and what the browser comes back with pasted here. No callback server. */
import { listAccounts, storeSignIn } from "../core/accounts/accounts.ts";
import { type AccountRow, chooseAccount, isAccount } from "../core/accounts/choose.ts";
import { dropFlow, findFlow, saveFlow } from "../core/accounts/flows.ts";
import { wallClock } from "../core/clock.ts";
import { DryStop, PsnError } from "../core/errors.ts";
import type { Identity } from "../core/platform.ts";
import { resumeAccount } from "../core/posts/write.ts";
import { chargedIdentity } from "../core/spend/charge.ts";
import { credentialsFor } from "../core/tokens/keeper.ts";
import {
  assertScopes,
  createXOAuthClient,
  exchangeCode,
  generateAuthUrl,
  parseRedirect,
  START_OVER,
  takeCode,
} from "../platforms/x/oauth.ts";
import type { App } from "./_app.ts";
import { askPaste } from "./_ask.ts";
import type { Io } from "./_command.ts";
import type { Step } from "./_step.ts";

export const CODE_LIVES_SECONDS = 30;
const IDENTITY_TRIES = 3;
const IDENTITY_PAUSE_MS = 1_000;

export interface SignInChoice {
  /** The account that is meant, with or without @. One that is not known here yet is signed in. */
  account?: string;
  /** Sign in although the stored sign-in works. */
  again?: boolean;
  /** What a person or an agent brings back from the browser. */
  pasted?: string;
}

/**
 * The whole step: skipped when the stored sign-in works, else an address, and at a terminal the paste, until it works.
 * A paste that fails leads straight to a fresh address.
 * @throws PsnError X_KEYS_MISSING, ACCOUNT_AMBIGUOUS, OAUTH_CLIENT_WRONG, CANCELLED, HUB_…
 */
export async function signInStep(app: App, io: Io, choice: SignInChoice): Promise<Step> {
  let step = choice.pasted === undefined ? await setupXOAuth(app, choice) : await pasteStep(app, choice.pasted, choice);
  while (step.status === "need_input" && io.interactive) {
    io.note(`${step.message}\n\n${step.data?.url}\n`);
    io.note("The page it ends at may not load. That is fine: its address is what counts.");
    step = await pasteStep(app, await askPaste(io, "Paste the whole address of that page, or the code in it"), choice);
  }
  return step;
}

/**
 * Begins a sign-in, unless the account's stored one works. The verifier of the address is kept, encrypted, until the
 * code is pasted (`completeXOAuth`), also across a restart.
 * @throws PsnError X_KEYS_MISSING, ACCOUNT_AMBIGUOUS, HUB_…
 */
export async function setupXOAuth(app: App, choice: SignInChoice = {}): Promise<Step> {
  const known = await listAccounts(app.hub.db);
  const { apiHost } = await app.keys();
  const isHere = known.some((account) => account.apiHost === null || account.apiHost === apiHost);
  if (known.length === 0 || choice.again || (choice.account === undefined && !isHere)) return await begin(app, choice);
  const account = await chooseAccount(app.hub.db, choice.account, apiHost).catch((error) => {
    if (error instanceof PsnError && error.code === "ACCOUNT_UNKNOWN" && !error.details?.renamedTo) return null;
    throw error;
  });
  if (account === null) return await begin(app, choice);
  const token = await credentialsFor(await app.publishDeps(), account.id);
  // By its id: it may have another handle by now.
  if (token.kind === "signed_out")
    return await begin(app, { ...choice, account: account.platformUserId }, token.reason);
  if (token.kind === "unavailable") {
    return {
      step: "sign_in",
      status: "failed",
      message: `@${account.handle}: ${token.reason}`,
      data: { code: "X_UNAVAILABLE", hint: "The sign-in is kept. Try again in a minute: psn setup" },
    };
  }
  // Should an earlier setup have ended between the sign-in and this.
  const resumed = await resumeAccount(app.hub, app.engine, account.id);
  return {
    step: "sign_in",
    status: "skipped",
    message: `@${account.handle} is signed in.${waited(resumed)}`,
    data: { handle: account.handle, platformUserId: account.platformUserId, resumed },
  };
}

/**
 * Finishes a sign-in with what was pasted. The new pair is proven at X before it replaces a stored one.
 * @throws PsnError OAUTH_… with what to do; the stored sign-in is untouched then
 */
export async function completeXOAuth(
  app: App,
  pasted: string,
  choice: SignInChoice = {},
): Promise<{ account: AccountRow & { isNew: boolean }; resumed: number }> {
  requireNoErrorPage(pasted, (await app.keys()).oauth.redirectUri);
  const redirect = parseRedirect(pasted);
  const flow = await findFlow(app.hub, app.hubEnv.keyRing, redirect.state);
  const { oauth } = await app.keys();
  if (flow.clientId !== undefined && flow.clientId !== oauth.clientId) {
    throw new PsnError(
      "OAUTH_OTHER_APP",
      `This sign-in was begun with another X app (client id ${flow.clientId.slice(0, 60)}) than the one that is set up now.`,
      { hint: "Put that app's keys back and paste again, or begin anew with this one: psn setup --sign-in" },
    );
  }
  let tokens: Awaited<ReturnType<typeof exchangeCode>>;
  try {
    const code = takeCode(pasted, flow.state);
    if (app.isDry) throw new DryStop("finish the sign-in at X");
    tokens = await exchangeCode(createXOAuthClient({ ...oauth, redirectUri: flow.redirectUri }), {
      code,
      codeVerifier: flow.codeVerifier,
    });
  } finally {
    // A code is good for one try, and so is its verifier.
    await dropFlow(app.hub, flow.state);
  }
  assertScopes(tokens.scopes);
  const identity = await identify(app, tokens.accessToken);
  const wished = choice.account ?? flow.account;
  if (wished !== undefined && !(await isAccount(app.hub.db, identity, wished))) {
    throw new PsnError("OAUTH_OTHER_ACCOUNT", `X signed @${identity.handle} in, not ${await shownName(app, wished)}.`, {
      hint: "Switch to the right account at x.com in the same browser first, then open the new address.",
    });
  }
  const account = await storeSignIn(
    app.hub,
    app.hubEnv.keyRing,
    identity,
    tokens,
    (await app.keys()).apiHost,
    oauth.clientId,
  );
  return { account, resumed: await resumeAccount(app.hub, app.engine, account.id) };
}

// --- internal ---

async function begin(app: App, choice: SignInChoice, why?: string): Promise<Step> {
  const { oauth } = await app.keys();
  const started = generateAuthUrl(createXOAuthClient(oauth));
  const { redirectUri, clientId } = oauth;
  const { account } = choice;
  await saveFlow(app.hub, app.hubEnv.keyRing, { ...started, redirectUri, clientId, account });
  const as = account === undefined ? "" : ` as ${await shownName(app, account)}`;
  const steps = `Open the address in a browser, authorize${as}, and bring back the address it ends at. Be quick: the code in it lives ${CODE_LIVES_SECONDS} seconds.`;
  return {
    step: "sign_in",
    status: "need_input",
    message: why === undefined ? steps : `${why} ${steps}`,
    data: {
      // What a dry run keeps of a sign-in is nothing, so nobody could come back from there.
      ...(app.isDry ? {} : { url: started.url }),
      ask: "The whole address of the page the browser ends at (it may fail to load; that is fine), or the code in it.",
      answerWith: `Give it on stdin to: psn setup --paste${choice.account === undefined ? "" : ` --account ${choice.account}`}`,
      codeLivesSeconds: CODE_LIVES_SECONDS,
      callbackUrl: oauth.redirectUri,
    },
  };
}

/** An account that is named by its id is shown by the handle that it is known by. */
async function shownName(app: App, name: string): Promise<string> {
  const known = (await listAccounts(app.hub.db)).find(({ platformUserId }) => platformUserId === name);
  return `@${known?.handle ?? name.replace(/^@/, "")}`;
}

/** A paste that X or we refuse is asked for again with a fresh address; only wrong keys must be corrected first. */
async function pasteStep(app: App, pasted: string, choice: SignInChoice): Promise<Step> {
  const wished = choice.account ?? (await wishOf(app, pasted));
  try {
    const { account, resumed } = await completeXOAuth(app, pasted, choice);
    const { handle, name, subscription, isNew, isDefault } = account;
    const { length: count } = await listAccounts(app.hub.db);
    const again = `It was signed in here before, so no account was added; its sign-in is new.`;
    const chosen = isDefault ? "It is the default." : `psn account default @${handle} makes it the default.`;
    const added = count > 1 ? ` It is new here; there are ${count} now. ${chosen}` : "";
    return {
      step: "sign_in",
      status: "success",
      message: `Signed in as @${handle} (${name}).${isNew ? added : ` ${again}`}${waited(resumed)}`,
      data: { handle, platformUserId: account.platformUserId, subscription, resumed, isNew },
    };
  } catch (error) {
    if (!(error instanceof PsnError) || !error.code.startsWith("OAUTH_") || error.code === "OAUTH_CLIENT_WRONG")
      throw error;
    const { code, message } = error;
    // A fresh address follows, so nobody needs to be sent for one.
    const hint = error.hint?.replace(START_OVER, "").trim();
    const why = [message, hint, "Here is a fresh address."].filter(Boolean).join(" ");
    const fresh = await begin(app, { ...choice, ...(wished === undefined ? {} : { account: wished }) }, why);
    return { ...fresh, data: { ...fresh.data, code, ...(hint ? { hint } : {}) } };
  }
}

/** The account that the pasted sign-in was begun for, where it names one. */
async function wishOf(app: App, pasted: string): Promise<string | undefined> {
  try {
    return (await findFlow(app.hub, app.hubEnv.keyRing, parseRedirect(pasted).state)).account;
  } catch (error) {
    // What is wrong with the paste is told by the sign-in itself.
    if (error instanceof PsnError) return undefined;
    throw error;
  }
}

/** X shows a mismatch of the callback on a page of its own and redirects nowhere: people paste what they see. */
function requireNoErrorPage(pasted: string, redirectUri: string): void {
  if (!/callback url not approved|something went wrong|weren.t able to give access/i.test(pasted)) return;
  throw new PsnError("OAUTH_CALLBACK_MISMATCH", "X did not accept the address of this sign-in.", {
    hint: `In the app's settings at X, under User authentication settings, the callback URL must be exactly ${redirectUri} and the type Web App, Automated App or Bot.`,
  });
}

/** The pair is only replaced by one that works; an outage of X must not cost the person's consent. */
async function identify(app: App, accessToken: string): Promise<Identity> {
  const platform = await app.platform();
  for (let tries = 1; ; tries++) {
    const answer = await chargedIdentity(app.hub, platform, { accountId: null, accessToken });
    if (answer.kind === "identity") return answer.identity;
    if (tries === IDENTITY_TRIES) {
      const why = answer.kind === "signed_out" ? answer.detail : answer.cause;
      throw new PsnError("OAUTH_IDENTITY", `X signed the account in but does not say who it is: ${why}`, {
        hint: "X may have an outage. Try again in a minute.",
      });
    }
    await wallClock.sleep(IDENTITY_PAUSE_MS);
  }
}

function waited(resumed: number): string {
  return resumed === 0 ? "" : ` ${resumed} waiting ${resumed === 1 ? "post goes" : "posts go"} out now.`;
}
