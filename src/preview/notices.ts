/** What the page says of an act: that it was done, or why it was not. */
import { randomUUID } from "node:crypto";
import type { PsnError } from "../core/errors.ts";
import type { Notice } from "./draft-page.ts";
import type { ButtonAct } from "./forms.ts";

/** What the next page says of the act before it, by a name in its address. */
export class Notices {
  readonly #kept = new Map<string, Notice>();

  /** @returns its name */
  keep(notice: Notice): string {
    const name = randomUUID().slice(0, 8);
    this.#kept.set(name, notice);
    if (this.#kept.size > NOTICES_MAX) this.#kept.delete(this.#kept.keys().next().value ?? "");
    return name;
  }

  get(name: string | null): Notice | undefined {
    return this.#kept.get(name ?? "");
  }
}

export const DONE: Partial<Record<ButtonAct["do"], string>> = {
  move: "The cut was moved.",
  join: "Joined.",
  split: "Split.",
  reorder: "Moved.",
  remove: "Removed; undo brings it back.",
  detach: "Taken away; undo brings it back.",
};

export function lostWords(lost: readonly string[]): string | undefined {
  return lost.length === 0 ? undefined : `Not kept any more: ${lost.join(", ")}`;
}

export function statusOf({ code }: PsnError): number {
  return ["POST_CHANGED", "APPROVAL_EXPIRED", "APPROVAL_STALE", "APPROVAL_FORGED", "APPROVAL_UNKNOWN"].includes(code)
    ? 409
    : 422;
}

export function noticeOf({ code, message, hint }: PsnError): Notice {
  if (code === "POST_CHANGED") {
    return {
      message: "It was changed elsewhere meanwhile; this is how it is now. Nothing of it was done.",
      isBad: true,
    };
  }
  return { message, hint, isBad: true };
}

// --- internal ---

const NOTICES_MAX = 100;
