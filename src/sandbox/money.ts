/** What X charges, in millionths of a dollar (pricing page, August 2026), and the record of it. */
import { CAPS, type SandboxApp, type SandboxUser, type World } from "./state.ts";

const PRICE_MICROS = {
  create: 15_000,
  createWithUrl: 200_000,
  createSummonedReply: 10_000,
  delete: 10_000,
  mediaMetadata: 5_000,
  readPost: 5_000,
  /** Only when the account that asks owns the developer app. */
  readOwnPost: 1_000,
  readUser: 10_000,
} as const;
export type Priced = keyof typeof PRICE_MICROS;

/** Books `count` units at once. A refused or failed request never gets here: X bills what succeeded. */
export function charge(
  world: World,
  app: SandboxApp,
  user: SandboxUser | null,
  what: Priced,
  count = 1,
  resourceId: string | null = null,
): void {
  if (count === 0) return;
  const micros = PRICE_MICROS[what] * count;
  app.balanceMicros -= micros;
  const { ledger, ledgerTotals } = world.state;
  const handle = user?.handle ?? null;
  ledger.push({ atMs: world.now.getTime(), clientId: app.clientId, handle, what, count, micros, resourceId });
  if (ledger.length > CAPS.ledgerEntries) ledger.splice(0, ledger.length - CAPS.ledgerEntries);
  const total = ledgerTotals[what] ?? { count: 0, micros: 0 };
  ledgerTotals[what] = { count: total.count + count, micros: total.micros + micros };
}

/** Books reads: each resource once per UTC day, as X does. */
export function chargeReads(
  world: World,
  app: SandboxApp,
  user: SandboxUser | null,
  what: "readPost" | "readOwnPost" | "readUser",
  ids: Iterable<string>,
): void {
  const billed = world.state.billedReads;
  const day = world.now.toISOString().slice(0, 10);
  if (billed.day !== day || Object.keys(billed.resources).length > 4 * CAPS.posts) {
    billed.day = day;
    billed.resources = {};
  }
  let count = 0;
  for (const id of ids) {
    const key = `${app.clientId}|${what === "readUser" ? "user" : "post"}|${id}`;
    if (billed.resources[key]) continue;
    billed.resources[key] = true;
    count += 1;
  }
  charge(world, app, user, what, count);
}
