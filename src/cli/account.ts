/** `psn account list|default|remove`: the X accounts of this hub. */
import { z } from "zod";
import { chooseAccount, listAccounts, removeAccount, setDefaultAccount } from "../core/accounts/accounts.ts";
import { createXOAuthClient, revokeToken } from "../platforms/x/oauth.ts";
import { withApp } from "./_app.ts";
import { confirm } from "./_ask.ts";
import { defineCommand, flag } from "./_command.ts";

const HANDLE = z.string().meta({ position: 0, description: "the account, e.g. @acme" });

const AccountSchema = z.object({
  id: z.string(),
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
  run: (io) => withApp(io, async (app) => ({ accounts: await listAccounts(app.hub.db) })),
  render: ({ accounts }, paint) =>
    accounts.length === 0
      ? "No account is signed in. psn setup signs one in."
      : accounts
          .map((account) => {
            const mark = account.signedIn ? paint.green("✓") : paint.red("✗");
            const kind = account.subscription && account.subscription !== "None" ? `  ${account.subscription}` : "";
            const rest = account.trouble
              ? `\n  ${account.trouble}${account.signedIn ? "" : " psn setup signs it in."}`
              : "";
            return `${mark} @${account.handle}  ${account.name}${kind}${account.isDefault ? paint.dim("  default") : ""}${rest}`;
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
  answer: z.object({ handle: z.string(), revokedAtX: z.boolean() }),
  run: (io, { handle, local, yes }) =>
    withApp(io, async (app) => {
      const account = await chooseAccount(app.hub.db, handle);
      await confirm(io, { yes }, `Sign @${account.handle} out?`);
      const keys = local ? null : await app.keys();
      const client = keys && createXOAuthClient(keys.oauth);
      const atX = client && {
        clientId: keys.oauth.clientId,
        revoke: (token: string) => revokeToken(client, token, io.signal),
        stillWorks: async (accessToken: string) =>
          WORKS[(await (await app.platform()).identity(accessToken, io.signal)).kind],
      };
      const revokedAtX = await removeAccount(app.hub, app.hubEnv.keyRing, account, atX, keys?.apiHost);
      return { handle: account.handle, revokedAtX };
    }),
  render: ({ handle, revokedAtX }) =>
    revokedAtX
      ? `@${handle} is signed out. psn setup --sign-in signs it in again.`
      : `@${handle} is forgotten here. It is not certain that X ended the access; see https://x.com/settings/connected_apps`,
});
