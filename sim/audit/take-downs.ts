/** What authors asked to be taken down, by the answers that they have had. */
import type { AuditEvent } from "./events.ts";

type Asked = Extract<AuditEvent, { kind: "take_down_asked" }>;

export class TakeDowns {
  readonly #asked = new Map<number, Asked & { isDone: boolean }>();

  ask(event: Asked): void {
    this.#asked.set(event.act, { ...event, isDone: false });
  }

  answer(act: number, outcome: "done" | "refused"): void {
    const asked = this.#asked.get(act);
    if (outcome === "refused") this.#asked.delete(act);
    else if (asked) asked.isDone = true;
  }

  /** Its author asked for it, whether they were answered or not. */
  may(post: number, position: number): boolean {
    return this.#any(post, position, () => true);
  }

  /** Its author was answered that it will be gone. */
  must(post: number, position: number): boolean {
    return this.#any(post, position, ({ isDone }) => isDone);
  }

  // --- internal ---

  #any(post: number, position: number, which: (asked: { isDone: boolean }) => boolean): boolean {
    return [...this.#asked.values()].some(
      (asked) =>
        asked.post === post && which(asked) && (asked.positions === null || asked.positions.includes(position)),
    );
  }
}
