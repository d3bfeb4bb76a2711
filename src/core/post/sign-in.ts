/** Which sign-ins a process can use. */
import { type SQL, sql } from "drizzle-orm";

/** Which app, at which host, a process posts with; what is not given is any. */
export interface ThisApp {
  clientId?: string | undefined;
  apiHost?: string | undefined;
}

/**
 * The condition on a row of oauth_tokens that its sign-in is in order and this app's: made at the same host, and by the
 * same app, where the row says by which.
 */
export function isUsable(app: ThisApp, token = sql`token`): SQL {
  const same = (name: "apiHost" | "clientId") =>
    sql`coalesce(${token}.metadata ->> ${sql.raw(`'${name}'`)} = ${app[name] ?? null}::text, true)`;
  return sql`(
        not coalesce((${token}.metadata ->> 'requiresReauth')::boolean, false)
        and ${same("apiHost")}
        and ${same("clientId")}
      )`;
}
