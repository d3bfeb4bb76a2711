/** The way to X and back: a request may take its time, be carried out long after its sender gave up, or lose its answer. */

import type { FetchLike } from "../src/platforms/x/transport.ts";
import { sandboxFetch } from "../src/sandbox/fetch.ts";
import type { SandboxX } from "../src/sandbox/rules.ts";
import type { Chance } from "./random.ts";
import { Process, type Scheduler } from "./scheduler.ts";
import type { SentTweet } from "./watch.ts";

export interface NetworkTrouble {
  /** Chance that a request takes seconds instead of a fraction of one. */
  slow: number;
  /** The longest way there, and back, in ms. */
  slowMsMax: number;
}

export interface Watcher {
  /** A process hands a create to its network: the last moment at which it could still be stopped. */
  onSend(process: Process, sent: SentTweet): Promise<void>;
  /** X has dealt with a create. */
  onActed(): void;
}

export class Network {
  readonly #sandbox: SandboxX;
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  readonly #watcher: Watcher;
  /** The wires do not die with a process. */
  readonly #wires = new Process("x");
  trouble: NetworkTrouble = { slow: 0, slowMsMax: 0 };

  constructor(sandbox: SandboxX, scheduler: Scheduler, chance: Chance, watcher: Watcher) {
    this.#sandbox = sandbox;
    this.#scheduler = scheduler;
    this.#chance = chance;
    this.#watcher = watcher;
  }

  /** `fetch` as one process has it. */
  fetchOf(process: Process): FetchLike {
    const ask = sandboxFetch(this.#sandbox, async () => {});
    return (url, init) => {
      const { signal, ...request } = init;
      const path = new URL(url).pathname.replace(/\d{5,}/, ":id");
      const isCreate = init.method === "POST" && path === "/2/tweets";
      const name = `${init.method} ${path}`;
      return new Promise<Response>((resolve, reject) => {
        const abort = () => reject(signal?.reason);
        signal?.addEventListener("abort", abort, { once: true });
        const exchange = async () => {
          if (isCreate) await this.#announce(process, String(init.body));
          const answer = await this.#scheduler.gate(
            this.#wires,
            `${name} for ${process.name}`,
            async () => {
              // A connection that breaks is told to the sender on the way back.
              const outcome = await ask(url, request).then(
                (response) => ({ response }),
                (error: unknown) => ({ error }),
              );
              if (isCreate) this.#watcher.onActed();
              return outcome;
            },
            { afterMs: this.#wayMs() },
          );
          await this.#scheduler.gate(
            process,
            `answer ${"response" in answer ? answer.response.status : "lost"}`,
            () => {},
            {
              afterMs: this.#wayMs(),
            },
          );
          if ("error" in answer) throw answer.error;
          return answer.response;
        };
        exchange()
          .then(resolve, reject)
          .finally(() => signal?.removeEventListener("abort", abort));
      });
    };
  }

  // --- internal ---

  /** Before anything else happens, as the code under test asked for it in the same breath as its last check. */
  #announce(process: Process, body: string): Promise<void> {
    const { text, reply, media } = JSON.parse(body) as {
      text: string;
      reply?: { in_reply_to_tweet_id: string };
      media?: { media_ids: string[] };
    };
    const sent = { text, replyToId: reply?.in_reply_to_tweet_id ?? null, mediaCount: media?.media_ids.length ?? 0 };
    return this.#scheduler.gate(
      this.#wires,
      `send ${JSON.stringify(text)}`,
      () => this.#watcher.onSend(process, sent),
      {
        isUrgent: true,
      },
    );
  }

  #wayMs(): number {
    return this.#chance.is(this.trouble.slow)
      ? this.#chance.int(500, this.trouble.slowMsMax)
      : this.#chance.int(5, 150);
  }
}
