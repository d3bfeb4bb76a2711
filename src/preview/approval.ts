/**
 * What a page was shown, so that an approval can hold for exactly that. Each form of approval bears a nonce: good once, for one content,
 * for a quarter of an hour.
 */
import { randomBytes } from "node:crypto";
import { PsnError } from "../core/errors.ts";
import type { Schedule } from "../core/posts/write.ts";

const GOOD_MS = 15 * 60_000;
/** Open windows show a few each; the oldest are forgotten first. */
const NONCES_MAX = 500;

/** What the person has said so far. */
export type Step =
  | { kind: "ask" }
  /** Publishing now was asked for and has to be confirmed, as the time was read. */
  | { kind: "confirm_now"; force: boolean }
  | { kind: "confirm_time"; schedule: Schedule; force: boolean }
  /** The same content was approved before in another post. */
  | { kind: "confirm_later"; force: boolean };

export interface Shown {
  contentHash: string;
  contentVersion: number;
  step: Step;
}

export class Nonces {
  readonly #issued = new Map<string, Shown & { expiresAtMs: number }>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  issue(shown: Shown): string {
    const nonce = randomBytes(18).toString("base64url");
    this.#issued.set(nonce, { ...shown, expiresAtMs: this.#now().getTime() + GOOD_MS });
    if (this.#issued.size > NONCES_MAX) this.#issued.delete(this.#issued.keys().next().value ?? "");
    return nonce;
  }

  /**
   * What the nonce's page showed. It is spent by this.
   * @throws PsnError APPROVAL_EXPIRED for one that is unknown, was used, or is too old
   */
  take(nonce: string): Shown {
    const shown = this.#issued.get(nonce);
    this.#issued.delete(nonce);
    if (shown && shown.expiresAtMs > this.#now().getTime()) return shown;
    throw new PsnError(
      "APPROVAL_EXPIRED",
      "That form was used already, or is older than a quarter of an hour. Nothing was approved.",
      {
        hint: "Look at the thread again, and approve it then.",
      },
    );
  }
}
