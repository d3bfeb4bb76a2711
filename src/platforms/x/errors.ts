/** The errors that `XClient` throws. `platform.ts` never does: the core reads outcomes instead. */
import type { RateLimitWindow } from "../../core/platform.ts";
import type { XEndpoint } from "./endpoints.ts";

export interface XApiErrorFacts {
  endpoint: XEndpoint;
  /** HTTP status; null when none came back. */
  status: number | null;
  /** Last path segment of X's problem type, such as "invalid-request"; null for about:blank and unreadable bodies. */
  problemType: string | null;
  title: string | null;
  /** Bounded and free of secrets. */
  detail: string;
  /** X's `x-transaction-id`, which its support asks for. */
  transactionId: string | null;
  rateLimits: RateLimitWindow[];
  /**
   * False only when X certainly did nothing: it refused, or the request never left. A create that is true here may
   * exist.
   */
  mayHaveHappened: boolean;
}

/**
 * X refused, failed or did not answer. The message, and all enumerable fields, are safe to log; the body that X sent
 * can be read with `body()` only, so that neither a log nor an inspector spills it.
 */
export class XApiError extends Error implements XApiErrorFacts {
  override readonly name: string = "XApiError";
  readonly endpoint: XEndpoint;
  readonly status: number | null;
  readonly problemType: string | null;
  readonly title: string | null;
  readonly detail: string;
  readonly transactionId: string | null;
  readonly rateLimits: RateLimitWindow[];
  readonly mayHaveHappened: boolean;
  readonly #body: unknown;

  constructor(facts: XApiErrorFacts, body?: unknown) {
    super(`${facts.endpoint}: ${facts.detail}`);
    this.endpoint = facts.endpoint;
    this.status = facts.status;
    this.problemType = facts.problemType;
    this.title = facts.title;
    this.detail = facts.detail;
    this.transactionId = facts.transactionId;
    this.rateLimits = facts.rateLimits;
    this.mayHaveHappened = facts.mayHaveHappened;
    this.#body = body;
  }

  /** The parsed body as X sent it, unredacted; undefined when there was none that could be read. */
  body(): unknown {
    return this.#body;
  }
}

/** HTTP 429 that ends by itself. Nothing was done. */
export class RateLimitError extends XApiError {
  override readonly name = "RateLimitError";
  /** When X allows the next request; null when it named no time. */
  readonly until: Date | null;
  readonly scope: "account" | "app";

  constructor(facts: XApiErrorFacts, wait: { until: Date | null; scope: "account" | "app" }, body?: unknown) {
    super(facts, body);
    this.until = wait.until;
    this.scope = wait.scope;
  }
}

/** A thread stopped before its end. What was posted stays posted. */
export class ThreadError extends Error {
  override readonly name = "ThreadError";
  /** Ids of the tweets that exist, in order. */
  readonly postedIds: string[];
  /** 0-based position of the tweet that was not confirmed; `cause` says why. */
  readonly failedPosition: number;

  constructor(postedIds: string[], failedPosition: number, cause: unknown) {
    super(`the thread stopped at tweet ${failedPosition + 1}: ${cause instanceof Error ? cause.message : "unknown"}`, {
      cause,
    });
    this.postedIds = postedIds;
    this.failedPosition = failedPosition;
  }
}
