/** Tells the auditor what happens, in plain data: acts and answers of the author, requests, and what X holds. */
import type { SandboxX } from "../src/sandbox/rules.ts";
import { Auditor } from "./audit/audit.ts";
import type { AuditEvent, Change } from "./audit/events.ts";

type Timeless<Event> = Event extends AuditEvent ? Omit<Event, "atMs"> : never;

export class Witness {
  readonly #auditor = new Auditor();
  readonly #now: () => number;
  readonly #fail: (what: string) => void;
  #acts = 0;

  /** @param now ms by the true clock  @param fail gets each breach */
  constructor(now: () => number, fail: (what: string) => void) {
    this.#now = now;
    this.#fail = fail;
  }

  tell(event: Timeless<AuditEvent>): void {
    for (const breach of this.#auditor.take({ ...event, atMs: this.#now() } as AuditEvent)) this.#fail(breach);
  }

  /** The author asks for an act. @returns what to call with its answer */
  ask(post: number, change: Change): (outcome: "done" | "refused") => void {
    const act = ++this.#acts;
    this.tell({ kind: "asked", post, act, change });
    return (outcome) => this.tell({ kind: "answered", act, outcome });
  }

  /** The author asks to take down tweets of a post, counted from 0; null: all. @returns what to call with the answer */
  askTakeDown(post: number, positions: readonly number[] | null): (outcome: "done" | "refused") => void {
    const act = ++this.#acts;
    this.tell({ kind: "take_down_asked", post, act, positions });
    return (outcome) => this.tell({ kind: "answered", act, outcome });
  }

  /** All that X holds now. */
  tellOfX(sandbox: SandboxX): void {
    const tweets = Object.values(sandbox.report().accounts).flatMap(({ id: account, posts }) =>
      posts
        .filter(({ deletedAt }) => deletedAt === null)
        .map(({ id, text, replyToId, media }) => ({
          id,
          account,
          text,
          replyToId,
          media: media.map(({ sha256 }) => sha256 ?? ""),
        })),
    );
    this.tell({ kind: "on_x", tweets });
  }
}
