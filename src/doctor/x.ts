/** X and the accounts, as far as that costs nothing: no token is used, nothing is read or sent as anybody. */
import { isOfAnotherHost, listAccounts } from "../core/accounts/accounts.ts";
import type { Hub } from "../core/db/connection.ts";
import { countStuck } from "../core/posts/stuck.ts";
import { type HubEnv, type KeysEnv, loadKeysEnv } from "../core/utils/env.ts";
import { surroundingsOf } from "../engines/surroundings.ts";
import { type Finding, fault, finding, ok, warning } from "./finding.ts";
import { SET_CLOCK } from "./hub.ts";
import type { World } from "./world.ts";

/** X's times have whole seconds, and an answer takes a while. */
const SKEW_MS_MAX = 30_000;

/** @returns the keys for the other checks; null where there are none */
export async function checkX(world: World): Promise<{ keys: KeysEnv | null; findings: Finding[] }> {
  let keys: KeysEnv | null = null;
  const findings = await finding("x.keys", async () => {
    keys = await loadKeysEnv(world.env);
    return ok("x.keys", keys.isRealX ? "The X app's keys are stored." : `Posts go to ${keys.apiHost}, which is not X.`);
  });
  if (keys !== null) findings.push(...(await checkReach(world, keys)));
  return { keys, findings };
}

export async function checkAccounts(hub: Hub, hubEnv: HubEnv, keys: KeysEnv | null): Promise<Finding[]> {
  const accounts = await listAccounts(hub.db);
  if (accounts.length === 0) return [warning("accounts", "No account is signed in.", "psn setup")];
  const found: Finding[] = [];
  for (const account of accounts) {
    const { handle, apiHost, isDefault, signedIn, trouble } = account;
    if (isDefault && isOfAnotherHost(account, keys?.apiHost ?? null)) {
      const says = `The default account @${handle} signed in at ${apiHost}; posts go to ${keys?.apiHost} now.`;
      found.push(warning("accounts", says, "psn setup, then: psn account default @HANDLE"));
    } else if (!signedIn) {
      const why = trouble ? `: ${trouble}` : ".";
      found.push(fault("accounts", `@${handle} must sign in again${why}`, `psn setup --account @${handle}`));
    } else if (trouble) {
      found.push(warning("accounts", `@${handle}'s token could not be refreshed: ${trouble}`, "psn setup"));
    }
  }
  if (found.length === 0) found.push(ok("accounts", accounts.map(({ handle }) => `@${handle}`).join(", ")));
  return [...found, ...(await checkPosts(hub, hubEnv, keys))];
}

// --- internal ---

async function checkReach(world: World, keys: KeysEnv): Promise<Finding[]> {
  return await finding("x.reach", async () => {
    let date: string | null;
    try {
      ({ date } = await world.fetch(keys.apiBaseUrl));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return keys.isRealX
        ? fault(
            "x.reach",
            `${keys.apiHost} does not answer: ${why}`,
            "Check this machine's network, proxy and firewall.",
          )
        : fault(
            "x.reach",
            `The sandbox at ${keys.apiHost} does not answer.`,
            "psn setup --sandbox, or back to X: psn setup --x",
          );
    }
    const theirs = date === null ? Number.NaN : Date.parse(date);
    const offMs = Math.abs(theirs - world.clock.now().getTime());
    // No readable Date says nothing of a clock.
    return offMs > SKEW_MS_MAX
      ? fault("x.clock", `This machine's clock is ${Math.round(offMs / 1_000)} s off ${keys.apiHost}'s.`, SET_CLOCK)
      : ok("x.reach", `${keys.apiHost} answers, and the clocks agree.`);
  });
}

async function checkPosts(hub: Hub, hubEnv: HubEnv, keys: KeysEnv | null): Promise<Finding[]> {
  const { needPerson, overdue } = await countStuck(hub.db, await surroundingsOf(hub, hubEnv, keys));
  if (needPerson + overdue === 0) return [ok("posts", "No post waits for you.")];
  const says = [
    needPerson === 0 ? "" : needPerson === 1 ? "One post needs you." : `${needPerson} posts need you.`,
    overdue === 0 ? "" : overdue === 1 ? "One post is overdue." : `${overdue} posts are overdue.`,
  ];
  return [warning("posts", says.filter(Boolean).join(" "), "psn post failures")];
}
