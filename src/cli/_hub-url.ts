/** A hub's address as a person gives it: its password is no argument. */
import { join } from "node:path";
import { lookBeforeStart, statusEmbedded } from "../core/db/embedded/index.ts";
import { parseDatabaseUrl } from "../core/db/url.ts";
import { PsnError } from "../core/errors.ts";
import { ask } from "./_ask.ts";
import type { Io } from "./_command.ts";

/**
 * The hub that --to names, else the variable's.
 * @param given of --to; `stored` is the variable's value, and may hold a password
 * @throws PsnError USAGE, CONFIG_INVALID, SECRET_IN_ARGUMENT
 */
export async function targetUrl(
  io: Io,
  given: string | undefined,
  stored: string | undefined,
  variable: string,
): Promise<string> {
  const text = given ?? stored;
  if (!text) throw new PsnError("USAGE", `Where to? Give --to URL, or ${variable} in the environment.`);
  if (text === "embedded") return text;
  if (!/^postgres(ql)?:\/\//.test(text)) {
    throw new PsnError("CONFIG_INVALID", "--to takes embedded or a URL such as postgres://user@host/database.");
  }
  const url = parseDatabaseUrl(text);
  if (given === undefined) return url.href;
  if (url.password !== "" || url.searchParams.has("password")) {
    throw new PsnError(
      "SECRET_IN_ARGUMENT",
      "A URL with a password must not be an argument: other users of this machine can read it.",
      { hint: `Give it in the environment instead: ${variable}=… and no --to.` },
    );
  }
  if (io.interactive && !url.searchParams.has("host"))
    url.password = encodeURIComponent(await ask("Password for that user", { secret: true }));
  return url.href;
}

/** A dry run makes no hub to look into; an embedded one that is there is looked into as any other. */
export async function requireHubToLookAt(io: Pick<Io, "willWrite">, dataDir: string, would: string): Promise<void> {
  const options = { dataDir: join(dataDir, "hub") };
  await lookBeforeStart(options);
  if (!(await statusEmbedded(options)).exists) io.willWrite(would);
}
