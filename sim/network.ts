/** The way to X and back: a request may take its time, be carried out long after its sender gave up, or lose its answer. */

import type { FetchLike } from "../src/platforms/x/transport.ts";
import { sandboxFetch } from "../src/sandbox/fetch.ts";
import type { SandboxX } from "../src/sandbox/rules.ts";
import { markOf, type SentTweet } from "./invariants.ts";
import type { Prng } from "./prng.ts";
import { Process, type Scheduler } from "./scheduler.ts";
import type { RequestKind } from "./sometimes.ts";
import type { Underway } from "./underway.ts";

export interface NetworkFaults {
  /** Probability that a request takes seconds instead of a fraction of one. */
  slow: number;
  /** The longest way there, and back, in ms. */
  slowMsMax: number;
}

export interface SendObserver {
  /** A process hands a create to its network: the last moment at which it could still be stopped. */
  onSend(process: Process, sent: SentTweet): Promise<void>;
  /** A process asks X to delete a tweet. */
  onDelete(tweetId: string): void;
  /** X has dealt with a create, or with a deletion. */
  onActed(): void;
  /** A request leaves with a sign-in that X made for one app, from a process that is set up with one. */
  onSignInUsed(madeFor: string, setUpWith: string): void;
  underway: Underway;
}

export class Network {
  readonly #sandbox: SandboxX;
  readonly #scheduler: Scheduler;
  readonly #prng: Prng;
  readonly #observer: SendObserver;
  /** The wires do not die with a process. */
  readonly #wires = new Process("x");
  /** Nothing leaves the machine until then, in virtual ms. */
  awayUntilMs = 0;
  faults: NetworkFaults = { slow: 0, slowMsMax: 0 };

  constructor(sandbox: SandboxX, scheduler: Scheduler, prng: Prng, observer: SendObserver) {
    this.#sandbox = sandbox;
    this.#scheduler = scheduler;
    this.#prng = prng;
    this.#observer = observer;
  }

  /** `fetch` as one process has it, which is set up with this app. */
  fetchOf(process: Process, clientId: string): FetchLike {
    const ask = sandboxFetch(this.#sandbox, async () => {});
    return (url, init) => {
      const { signal, ...request } = init;
      const path = new URL(url).pathname.replace(/\d{5,}/, ":id");
      const isCreate = init.method === "POST" && path === "/2/tweets";
      const isDelete = init.method === "DELETE" && path === "/2/tweets/:id";
      const name = `${init.method} ${path}`;
      return new Promise<Response>((resolve, reject) => {
        const abort = () => reject(signal?.reason);
        signal?.addEventListener("abort", abort, { once: true });
        const exchange = async () => {
          if (this.#scheduler.nowMs < this.awayUntilMs) {
            await this.#scheduler.gate(process, `${name} does not leave`, () => {}, { afterMs: this.#wayMs() });
            throw Object.assign(new TypeError("fetch failed"), { code: "ENOTFOUND" });
          }
          const token = tokenIn(init);
          const madeFor = token && this.#sandbox.clientIdOf(token);
          if (madeFor) this.#observer.onSignInUsed(madeFor, clientId);
          const kind = kindOf(init.method ?? "GET", path);
          const { underway } = this.#observer;
          const post = isCreate ? (markOf(String(init.body))?.post ?? null) : null;
          const tracked = kind && underway.begin(process, kind, post);
          if (isCreate) await this.#announce(process, String(init.body));
          if (isDelete) this.#observer.onDelete(new URL(url).pathname.split("/").at(-1) ?? "");
          const answer = await this.#scheduler.gate(
            this.#wires,
            `${name} for ${process.name}`,
            async () => {
              // That a connection broke reaches the sender on the way back.
              const outcome = await ask(url, request).then(
                (response) => ({ response }),
                (error: unknown) => ({ error }),
              );
              if (tracked) underway.acted(tracked, this.#scheduler.nowMs);
              if (isCreate || isDelete) this.#observer.onActed();
              return outcome;
            },
            { afterMs: this.#wayMs() },
          );
          await this.#scheduler.gate(
            process,
            `answer ${"response" in answer ? answer.response.status : "lost"}`,
            () => {
              if (tracked) underway.answered(tracked);
            },
            { afterMs: this.#wayMs() },
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
      () => this.#observer.onSend(process, sent),
      {
        isUrgent: true,
      },
    );
  }

  #wayMs(): number {
    return this.#prng.is(this.faults.slow) ? this.#prng.int(500, this.faults.slowMsMax) : this.#prng.int(5, 150);
  }
}

// --- internal ---

/** The access token that a request shows X, or the one that is to be refreshed. */
function tokenIn({ headers, body }: RequestInit): string | null {
  const [, bearer] = /^Bearer (.+)$/.exec(new Headers(headers).get("authorization") ?? "") ?? [];
  return bearer ?? (typeof body === "string" ? new URLSearchParams(body).get("refresh_token") : null);
}

function kindOf(method: string, path: string): RequestKind | null {
  if (path === "/2/tweets") return method === "POST" ? "tweet" : null;
  if (path === "/2/oauth2/token") return "refresh";
  if (path.startsWith("/2/media/")) return "upload";
  return /^\/2\/users\/.+\/tweets$/.test(path) ? "look" : null;
}
