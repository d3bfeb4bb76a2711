/**
 * A client behind a pooler that gives each transaction another session of the server: what is set in a session is the next program's,
 * and lost to ours. So each transaction sets for itself what `openPool` sets once, and a statement by itself is a transaction, too.
 */
import { BoundedClient } from "./bounded-client.ts";

type Ask = [first: unknown, ...more: unknown[]];

/** As `BoundedClient`. @param pins `set` statements, without their word `set`, that hold in every transaction */
export function pinnedClient(pins: readonly string[]): typeof BoundedClient {
  const pin = pins.map((one) => `set local ${one}`).join("; ");
  return class PinnedClient extends BoundedClient {
    #isOpen = false;
    /** Statements one after another: those of two callers must not come into each other's transaction. */
    #last: Promise<unknown> = Promise.resolve();

    // biome-ignore lint/suspicious/noExplicitAny: as pg's own, which has ten forms; a pool uses the one with a callback
    override query(...given: any[]): any {
      const callback = typeof given.at(-1) === "function" ? given.pop() : null;
      const result = this.#last.then(() => this.#ask(given as Ask));
      this.#last = result.catch(() => {});
      if (callback === null) return result;
      result.then(
        (answer) => callback(null, answer),
        (error) => callback(error),
      );
    }

    async #ask(ask: Ask): Promise<unknown> {
      const word = firstWordOf(ask);
      if (word === "begin" || word === "start") {
        const answer = await this.#send(ask);
        await this.#pin(pin);
        return answer;
      }
      if (ENDS.has(word)) {
        this.#isOpen = false;
        return await this.#send(ask);
      }
      if (this.#isOpen) return await this.#send(ask);
      await this.#pin(`begin; ${pin}`);
      try {
        const answer = await this.#send(ask);
        await this.#send(["commit"]);
        return answer;
      } catch (error) {
        await this.#send(["rollback"]).catch(() => {});
        throw error;
      } finally {
        this.#isOpen = false;
      }
    }

    async #pin(statements: string): Promise<void> {
      try {
        await this.#send([statements]);
        this.#isOpen = true;
      } catch (error) {
        await this.#send(["rollback"]).catch(() => {});
        throw error;
      }
    }

    async #send(ask: Ask): Promise<unknown> {
      return await (super.query as (...given: unknown[]) => Promise<unknown>).apply(this, ask);
    }
  };
}

// --- internal ---

const ENDS: ReadonlySet<string> = new Set(["commit", "rollback", "end", "abort"]);

/** Of `rollback to savepoint` it is none that ends: the transaction goes on. */
function firstWordOf([first]: Ask): string {
  const text = typeof first === "string" ? first : ((first as { text?: string })?.text ?? "");
  const [word = "", next = ""] = text
    .trim()
    .toLowerCase()
    .split(/[\s;]+/, 2);
  return word === "rollback" && next === "to" ? "" : word;
}
