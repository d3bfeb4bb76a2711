/** How the limits stand, for the screens that tell of more. */
import { amountInWords, type LimitState, limitInWords, limitStates } from "../core/spend/limits.ts";
import { utcToUserTime } from "../core/utils/zone-clock.ts";
import type { App } from "./_app.ts";

/** From this part on a limit is named. */
const NEAR = 0.8;

/** Every limit, as it stands now where posts go. */
export async function statesOf(app: App): Promise<LimitState[]> {
  const keys = await app.keys().catch(() => null);
  return await limitStates(app.hub.db, { accountId: null, isSandbox: keys !== null && !keys.isRealX });
}

export const partUsed = ({ used, amount }: LimitState): number => (amount === 0 ? 1 : used / amount);

/** The limit of which most is used, in a sentence; null while all have room. */
export function nearLimit(states: readonly LimitState[]): string | null {
  const [near] = states
    .filter((state) => partUsed(state) >= NEAR)
    .toSorted((one, other) => partUsed(other) - partUsed(one));
  if (!near) return null;
  return `${amountInWords(near.unit, near.used)} of ${limitInWords(near)} used; a new ${near.period} begins at ${utcToUserTime(near.to, near.zone).text}`;
}
