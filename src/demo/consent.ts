/** What a person does in the browser during a sign-in, on the sandbox. */
import { PsnError } from "../core/errors.ts";

const ANSWER_MS_MAX = 10_000;

/**
 * Says yes on the page that a sign-in opens.
 * @returns the address that the browser ends at
 * @throws PsnError SANDBOX_UNREADABLE
 */
export async function consent(authorizeUrl: string, handle: string): Promise<string> {
  const page = new URL(authorizeUrl);
  page.searchParams.set("sandbox_consent", "auto");
  page.searchParams.set("sandbox_user", handle);
  const answer = await fetch(page, { redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS_MAX) });
  const location = answer.headers.get("location");
  if (location === null) {
    throw new PsnError("SANDBOX_UNREADABLE", `The sandbox's consent page answered ${answer.status}.`);
  }
  return location;
}
