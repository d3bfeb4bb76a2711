/** The sandbox as tests use it: X's API there, and accounts that have signed in. */
import { storeSignIn } from "../core/accounts/accounts.ts";
import type { AccountRow } from "../core/accounts/choose.ts";
import type { Hub } from "../core/db/connection.ts";
import type { Platform } from "../core/platform.ts";
import type { EncryptionKey } from "../core/utils/crypto.ts";
import { createXPlatform, type XPlatformConfig } from "../platforms/x/platform.ts";
import type { SandboxX } from "../sandbox/rules.ts";
import { SANDBOX_CALLBACK_URL, SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../sandbox/types.ts";

/** X's API at a sandbox. */
export function platformAt(url: string, more: Partial<XPlatformConfig> = {}): Platform {
  return createXPlatform({
    apiBaseUrl: url,
    oauth: {
      clientId: SANDBOX_CLIENT_ID,
      clientSecret: SANDBOX_CLIENT_SECRET,
      redirectUri: SANDBOX_CALLBACK_URL,
      authorizeUrl: `${url}/i/oauth2/authorize`,
      tokenUrl: `${url}/2/oauth2/token`,
      revokeUrl: `${url}/2/oauth2/revoke`,
    },
    ...more,
  });
}

/** Where an account is stored, and which sandbox knows it. */
interface SignInPlace {
  hub: Hub;
  key: EncryptionKey;
  sandbox: SandboxX;
}

/**
 * Signs an X user in, who is made when the sandbox has none of that name, and stores what X gives.
 * @param now from which the token's life counts
 * @param expiresInMs of the access token; what X says, by default
 * @param clientId the app that signs them in, which the hub then keeps; by default the sandbox's own, and the hub is not told
 */
export async function signInAt(
  { hub, key, sandbox }: SignInPlace,
  handle: string,
  now: Date,
  expiresInMs?: number,
  clientId?: string,
): Promise<AccountRow> {
  const { id } = sandbox.report().accounts[handle] ?? sandbox.addUser({ handle });
  const issued = sandbox.signIn(handle, { clientId });
  const lifeMs = expiresInMs ?? issued.expires_in * 1000;
  return await storeSignIn(
    hub,
    key,
    { platformUserId: id, handle, name: handle, subscription: "None" },
    {
      accessToken: issued.access_token,
      refreshToken: issued.refresh_token ?? null,
      expiresAt: new Date(now.getTime() + lifeMs),
      scopes: issued.scope.split(" "),
    },
    undefined,
    clientId,
  );
}
