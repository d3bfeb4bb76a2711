/** `psn account list|default|remove`: the X accounts of this hub. */
import { z } from "zod";
import { listAccounts, setDefaultAccount } from "../core/accounts/accounts.ts";
import { withApp } from "./_app.ts";
import { defineCommand } from "./_command.ts";

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
  name: "account list",
  summary: "List the X accounts that are signed in",
  answer: z.object({ accounts: z.array(AccountSchema) }),
  run: (io) => withApp(io, async (app) => ({ accounts: await listAccounts(app.hub.db) })),
  render: ({ accounts }, paint) =>
    accounts.length === 0
      ? "No account is signed in. psn setup signs one in."
      : accounts
          .map((account) => {
            const mark = account.signedIn ? paint.green("✓") : paint.red("✗");
            const rest = account.trouble ? `  ${account.trouble}` : "";
            return `${mark} @${account.handle}  ${account.name}${account.isDefault ? paint.dim("  default") : ""}${rest}`;
          })
          .join("\n"),
});

export const accountDefaultCommand = defineCommand({
  name: "account default",
  summary: "Choose the account that is meant when none is named",
  args: [{ name: "handle", help: "the account, e.g. @acme", required: true }],
  answer: z.object({ handle: z.string() }),
  run: (io, { args }) =>
    withApp(io, async (app) => ({ handle: (await setDefaultAccount(app.hub, args.handle ?? "")).handle })),
  render: ({ handle }) => `@${handle} is the default account.`,
});
