/** Whose app and whose name: the keys of another app are set up in mid-run, and X's handles change hands. */
import type { Hub } from "../src/core/db/connection.ts";
import { resumeAccount } from "../src/core/posts/write.ts";
import type { SandboxX } from "../src/sandbox/rules.ts";
import { SANDBOX_CALLBACK_URL, SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../src/sandbox/types.ts";
import { handleOf, type TimedEvent } from "./extras.ts";
import type { App, Population } from "./population.ts";
import { Prng } from "./prng.ts";
import { Process, type Scheduler } from "./scheduler.ts";
import { NAME_TAKEN, NEW_NAME, OTHER_APP_SIGNED_IN, type Sometimes } from "./sometimes.ts";

export interface IdentityParts {
  seed: number;
  sandbox: SandboxX;
  scheduler: Scheduler;
  population: Population;
  sometimes: Sometimes;
  /** The hub's accounts, by X's ids. */
  xAccounts: readonly string[];
  /** As `psn setup` does it, under the name that the account has now. @returns the hub's id of the account */
  signIn: (hub: Hub, xAccount: string) => Promise<{ id: string }>;
}

const OLD: App = { clientId: SANDBOX_CLIENT_ID, clientSecret: SANDBOX_CLIENT_SECRET };
const OTHER: App = { clientId: "another-client-id", clientSecret: "another-client-secret" };
const NEW_HANDLE = "new_name";
const ROUNDS_MAX = 50;

/** Other keys; a while later the accounts sign in with them, or the old ones are put back. */
export function swappedEvents(parts: IdentityParts, lastsMs: number): TimedEvent[] {
  const prng = new Prng(`swapped app ${parts.seed}`);
  const { sandbox, population, sometimes } = parts;
  const atMs = prng.int(0, Math.floor(lastsMs * 0.6));
  const isPutBack = prng.is(0.3);
  const swap = async () => {
    sandbox.addApp({ ...OTHER, callbacks: [SANDBOX_CALLBACK_URL] });
    await population.setApp(OTHER);
  };
  const settle = async () => {
    if (isPutBack) return await population.setApp(OLD);
    void signInAll(parts, parts.xAccounts).then(() => sometimes.reach(OTHER_APP_SIGNED_IN));
  };
  return [
    { atMs, act: swap },
    { atMs: prng.int(atMs + 1, lastsMs), act: settle },
  ];
}

/**
 * The first account gets another handle, and somebody else the one that it had: the hub's other account, or a stranger. A while later
 * all of them sign in again, in any order.
 */
export function renamedEvents(parts: IdentityParts, lastsMs: number): TimedEvent[] {
  const prng = new Prng(`renamed ${parts.seed}`);
  const { sandbox, scheduler, sometimes } = parts;
  const atMs = prng.int(0, Math.floor(lastsMs * 0.6));
  let stranger: string | null = null;
  let before = 0;
  const postsOf = () => sandbox.report().accounts[NEW_HANDLE]?.posts.length ?? 0;
  const rename = () => {
    const [first = "", second] = parts.xAccounts;
    const old = handleOf(sandbox, first);
    scheduler.note("x", `@${old} is RENAMED`);
    sandbox.changeUser(old, { handle: NEW_HANDLE });
    before = postsOf();
    if (second) sandbox.changeUser(handleOf(sandbox, second), { handle: old });
    else stranger = sandbox.addUser({ handle: old }).id;
  };
  const signIn = () => {
    const accounts = [...parts.xAccounts, ...(stranger ? [stranger] : [])];
    const order = prng.is(0.5) ? accounts : accounts.toReversed();
    void signInAll(parts, order).then(() => sometimes.reach(NAME_TAKEN));
  };
  const lookBack = () => {
    if (postsOf() > before) sometimes.reach(NEW_NAME);
  };
  return [
    { atMs, act: rename },
    { atMs: prng.int(atMs + 1, lastsMs), act: signIn },
    { atMs: lastsMs, act: lookBack },
  ];
}

// --- internal ---

/** One after the other, again while the hub is away. */
async function signInAll(parts: IdentityParts, xAccounts: readonly string[]): Promise<void> {
  const { population, scheduler } = parts;
  const process = new Process("setup");
  for (const xAccount of xAccounts) {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const deps = population.depsOf(process);
      try {
        const { id } = await parts.signIn(deps.hub, xAccount);
        await resumeAccount(deps.hub, deps.engine, id);
        break;
      } catch (error) {
        scheduler.note(process.name, `threw ${String((error as Error).message).slice(0, 80)}`);
        await deps.clock.sleep(5_000);
      }
    }
  }
}
