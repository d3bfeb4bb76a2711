/** `psn account list|default|remove`: the X accounts of this hub. */
import { z } from "zod";
import { listAccountsAt, removeAccount, setDefaultAccount } from "../core/accounts/accounts.ts";
import { chooseAccount } from "../core/accounts/choose.ts";
import { chargedIdentity } from "../core/spend/charge.ts";
import { requireLive } from "../platforms/x/live.ts";
import { createXOAuthClient, revokeToken } from "../platforms/x/oauth.ts";
import { withApp } from "./_app.ts";
import { confirm } from "./_ask.ts";
import { defineCommand, flag } from "./_command.ts";
import { oneLine, printable } from "./_wrap.ts";

const HANDLE = z.string().meta({ position: 0, description: "the account, e.g. @acme, or its id at X" });

const AccountSchema = z.object({
  id: z.string(),
  platformUserId: z.string(),
  apiHost: z.string().nullable(),
  /** It signed in at another host than the one that is configured; nothing is published as it. */
  isElsewhere: z.boolean(),
  handle: z.string(),
  name: z.string(),
  subscription: z.string().nullable(),
  isDefault: z.boolean(),
  signedIn: z.boolean(),
  trouble: z.string().nullable(),
  troubleSince: z.string().nullable(),
  scopes: z.array(z.string()),
});

export const accountListCommand = defineCommand({
  input: z.object({}),
  answer: z.object({ accounts: z.array(AccountSchema) }),
  run: (io) =>
    withApp(io, async (app) => {
      const keys = await app.keys().catch(() => null);
      return { accounts: await listAccountsAt(app.hub.db, keys?.apiHost ?? null) };
    }),
  render: ({ accounts }, paint) =>
    accounts.length === 0
      ? "No account is signed in. psn setup signs one in."
      : accounts
          .map((account) => {
            const mark = account.signedIn ? paint.green("✓") : paint.red("✗");
            const kind = account.subscription && account.subscription !== "None" ? `  ${account.subscription}` : "";
            const isTwin = accounts.filter(({ handle }) => handle === account.handle).length > 1;
            const lines = [
              `${account.isElsewhere ? paint.yellow("–") : mark} @${account.handle}  ${oneLine(account.name)}${kind}${account.isDefault ? paint.dim("  default") : ""}${isTwin ? `  X's id ${account.platformUserId}` : ""}`,
            ];
            if (account.isElsewhere) {
              lines.push(
                `  signed in at ${account.apiHost}, which PSN does not talk to now; nothing is published as it.`,
              );
            } else if (account.trouble) {
              lines.push(
                `  ${printable(account.trouble)}${account.signedIn ? "" : ` psn setup --account ${isTwin ? account.platformUserId : `@${account.handle}`} signs it in.`}`,
              );
            }
            return lines.join("\n");
          })
          .join("\n"),
});

export const accountDefaultCommand = defineCommand({
  input: z.object({ handle: HANDLE }),
  answer: z.object({ handle: z.string() }),
  run: (io, { handle }) => withApp(io, async (app) => ({ handle: (await setDefaultAccount(app.hub, handle)).handle })),
  render: ({ handle }) => `@${handle} is the default account.`,
});

/** What an identity, or none, says of the token that asked for it. */
const WORKS = { identity: "works", signed_out: "ended", unavailable: "not_known" } as const;

export const accountRemoveCommand = defineCommand({
  input: z.object({
    handle: HANDLE,
    local: flag("Forget the tokens here even when X cannot be asked; end the access at X yourself"),
    yes: flag("Do not ask", ["y"]),
  }),
  examples: ["psn account remove @acme", "psn account remove @acme --local --yes"],
  answer: z.object({
    handle: z.string(),
    revokedAtX: z.boolean(),
    /** X had ended the sign-in before, so it was not asked. */
    endedBefore: z.literal(true).optional(),
  }),
  run: (io, { handle, local, yes }) =>
    withApp(io, async (app) => {
      if (!local) requireLive(io.env);
      const account = await chooseAccount(app.hub.db, handle);
      await confirm(io, { yes }, `Sign @${account.handle} out?`);
      const keys = local ? null : await app.keys();
      if (!local) io.willWrite("end the sign-in at X");
      const client = keys && createXOAuthClient(keys.oauth);
      const outcome = await removeAccount(
        app.hub,
        app.hubEnv.keyRing,
        account,
        client && {
          clientId: keys.oauth.clientId,
          revoke: (token: string) => revokeToken(client, token, io.signal),
          stillWorks: async (accessToken: string) => {
            const asked = { accountId: account.id, accessToken, signal: io.signal };
            return WORKS[(await chargedIdentity(app.hub, await app.platform(), asked)).kind];
          },
        },
        keys?.apiHost,
      );
      const endedBefore = outcome === "ended_before" ? { endedBefore: true as const } : {};
      return { handle: account.handle, revokedAtX: outcome === "revoked", ...endedBefore };
    }),
  render({ handle, revokedAtX, endedBefore }) {
    if (revokedAtX) return `@${handle} is signed out. psn setup --sign-in signs it in again.`;
    if (endedBefore) return `@${handle} is forgotten here. X had ended this sign-in before, so it was not asked.`;
    return `@${handle} is forgotten here. It is not certain that X ended the access; see https://x.com/settings/connected_apps`;
  },
});
