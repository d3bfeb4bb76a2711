/** What a check says. */
import { withoutStatement } from "../core/db/errors.ts";
import { PsnError } from "../core/errors.ts";

export type Verdict = "ok" | "warning" | "error";

export interface Finding {
  /** What was looked at, such as `hub.schema`; stays the same when the words change. */
  check: string;
  verdict: Verdict;
  says: string;
  /** A command, or what to do, in one line; null where nothing is to be done. */
  fix: string | null;
  /** Does what `fix` says, where that is safe: it sends nothing, deletes nothing and can be done twice. */
  repair?: () => Promise<void>;
}

export const ok = (check: string, says: string): Finding => ({ check, verdict: "ok", says, fix: null });

export const warning = (check: string, says: string, fix: string, repair?: () => Promise<void>): Finding => ({
  check,
  verdict: "warning",
  says,
  fix,
  ...(repair ? { repair } : {}),
});

export const fault = (check: string, says: string, fix: string, repair?: () => Promise<void>): Finding => ({
  ...warning(check, says, fix, repair),
  verdict: "error",
});

/** What a check throws is what it found: the error's message and hint. */
export async function finding(check: string, act: () => Promise<Finding | Finding[]>): Promise<Finding[]> {
  try {
    return [await act()].flat();
  } catch (thrown) {
    const error = withoutStatement(thrown);
    const message = error instanceof Error ? error.message : String(error);
    return [fault(check, message, (error instanceof PsnError && error.hint) || "psn status shows more.")];
  }
}
