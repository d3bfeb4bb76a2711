/** What an error of the driver means. */

/** The code of the Postgres error under a drizzle error, e.g. 23505 for a unique violation. */
export function pgCode(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return cause?.code ?? code;
}

/** Of the machine or the network; a name that cannot be looked up is how a laptop without a network sees its hub. */
export const CONNECTION_CODES = /^(ECONN|EPIPE$|ETIMEDOUT$|ENOENT$|ENOTFOUND$|EAI_AGAIN$|ENET|EHOST)/;

/**
 * True for a hub that went away or was busy in the middle of things: the same again may work, and nobody is to blame.
 * Connection errors, a machine that is offline for a moment, a server that stops or starts, too many clients, deadlocks.
 */
export function isHubOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const root = error.cause instanceof Error ? error.cause : error;
  const code = pgCode(error) ?? "";
  return (
    /^(08|53|57P0|40001|40P01|25P03)/.test(code) ||
    CONNECTION_CODES.test(code) ||
    /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection)/.test(
      root.message,
    )
  );
}

/** True for what Postgres answered with an SQLSTATE, such as a broken rule. */
export function isRefusal(error: unknown): boolean {
  return /^[0-9A-Z]{5}$/.test(pgCode(error) ?? "");
}
