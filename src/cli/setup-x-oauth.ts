/** Signing an X account in: an address to open, and what the browser comes back with pasted here. No callback server. */
import { z } from "zod";
import {
  type AccountRow,
  chooseAccount,
  dropFlow,
  findFlow,
  listAccounts,
  saveFlow,
  storeSignIn,
} from "../core/accounts/accounts.ts";
import { PsnError } from "../core/errors.ts";
import { resumeAccount } from "../core/posts/write.ts";
import { credentialsFor } from "../core/tokens/keeper.ts";
import {
  assertScopes,
  createXOAuthClient,
  exchangeCode,
  generateAuthUrl,
  parseRedirect,
  takeCode,
} from "../platforms/x/oauth.ts";
import type { App } from "./_app.ts";

/** What one step of setup answers. `need_input` carries exactly what to ask the person. */
export const StepSchema = z.object({
  step: z.enum(["hub", "keys", "engine", "sign_in", "validate"]),
  status: z.enum(["success", "skipped", "need_input", "failed"]),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
});
export type Step = z.infer<typeof StepSchema>;

/**
 * The sign-in step. Skipped when the account's stored sign-in works; otherwise makes an address to open and keeps its
 * verifier, encrypted, until the code is pasted (`completeXOAuth`), also across a restart.
 * @throws PsnError X_KEYS_MISSING, ACCOUNT_UNKNOWN, HUB_…
 */
export async function setupXOAuth(app: App, options: { account?: string; again?: boolean } = {}): Promise<Step> {
  const { oauth } = await app.keys();
  const known = await listAccounts(app.hub.db);
  if (known.length > 0 && !options.again) {
    const account = await chooseAccount(app.hub.db, options.account);
    const token = await credentialsFor(await app.publishDeps(), account.id);
    if (token.kind === "ok") return { step: "sign_in", status: "skipped", message: `@${account.handle} is signed in.` };
    if (token.kind === "unavailable") {
      return {
        step: "sign_in",
        status: "failed",
        message: `@${account.handle}: ${token.reason}`,
        data: { code: "X_UNAVAILABLE" },
      };
    }
  }
  const begun = generateAuthUrl(createXOAuthClient(oauth));
  await saveFlow(app.hub, app.hubEnv.encryptionKey, { ...begun, redirectUri: oauth.redirectUri });
  return {
    step: "sign_in",
    status: "need_input",
    message:
      "Open the address, authorize, and paste the address that the browser ends at. The code in it lives 30 seconds.",
    data: {
      url: begun.url,
      ask: "The whole address of the page the browser ends at (it may fail to load; that is fine), or the code in it.",
      answerWith: "Give it on stdin to: psn setup --paste",
      codeLivesSeconds: 30,
    },
  };
}

/**
 * Finishes a sign-in with what was pasted. The new pair is proven at X before it replaces a stored one.
 * @throws PsnError OAUTH_… with what to do; the stored sign-in is untouched then
 */
export async function completeXOAuth(app: App, pasted: string): Promise<{ account: AccountRow; resumed: number }> {
  const redirect = parseRedirect(pasted);
  const flow = await findFlow(app.hub, app.hubEnv.keyRing, redirect.state);
  const code = takeCode(pasted, flow.state);
  const { oauth } = await app.keys();
  let tokens: Awaited<ReturnType<typeof exchangeCode>>;
  try {
    tokens = await exchangeCode(createXOAuthClient({ ...oauth, redirectUri: flow.redirectUri }), {
      code,
      codeVerifier: flow.codeVerifier,
    });
  } finally {
    // A code is good for one try, and so is its verifier.
    await dropFlow(app.hub, flow.state);
  }
  assertScopes(tokens.scopes);
  const platform = await app.platform();
  const identity = await platform.identity(tokens.accessToken);
  if (identity.kind !== "identity") {
    const why = identity.kind === "signed_out" ? identity.detail : identity.cause;
    throw new PsnError("OAUTH_IDENTITY", `X signed the account in but does not say who it is: ${why}`, {
      hint: "Try again in a minute: psn setup",
    });
  }
  const account = await storeSignIn(app.hub, app.hubEnv.encryptionKey, identity.identity, tokens);
  const resumed = await resumeAccount(app.hub, app.engine, account.id);
  return { account, resumed };
}
