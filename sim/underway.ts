/** Which requests are under way, so that a blow that falls meanwhile can be named. */
import { SECOND_FROM } from "./invariants.ts";
import type { Process } from "./scheduler.ts";
import { type Blow, BOTH_HUBS, duringAct, type RequestKind, type Sometimes, type Stage, whileAt } from "./sometimes.ts";

export interface Request {
  readonly process: Process;
  readonly kind: RequestKind;
  /** The number of the post that it sends a tweet of. */
  readonly post: number | null;
  stage: Stage;
  isRecording: boolean;
}

export class Underway {
  readonly #sometimes: Sometimes;
  readonly #requests = new Set<Request>();

  constructor(sometimes: Sometimes) {
    this.#sometimes = sometimes;
  }

  begin(process: Process, kind: RequestKind, post: number | null): Request {
    const request: Request = { process, kind, post, stage: "leaving", isRecording: false };
    this.#requests.add(request);
    const tweets = [...this.#requests].filter((one) => one.kind === "tweet" && one.stage !== "answered");
    if (tweets.length > 1) this.#sometimes.reach("two tweets under way at once");
    const isSeconds = ({ post }: Request) => (post ?? 0) >= SECOND_FROM;
    if (tweets.some(isSeconds) && !tweets.every(isSeconds)) this.#sometimes.reach(BOTH_HUBS);
    return request;
  }

  /** X has dealt with it. */
  acted(request: Request, nowMs: number): void {
    request.stage = "acted";
    if (request.kind !== "tweet") return;
    const { isDead, frozenUntilMs } = request.process;
    if (isDead) this.#sometimes.reach("X acts for a sender who is dead");
    else if (frozenUntilMs > nowMs) this.#sometimes.reach("X acts for a sender who is frozen");
    if (isDead) this.#requests.delete(request);
  }

  /** Its answer, or that there is none, has reached its sender. Only of a tweet is anything recorded. */
  answered(request: Request): void {
    request.stage = "answered";
    if (request.kind !== "tweet") this.#requests.delete(request);
  }

  /** A process is about to take a step: what it had been told is recorded with its next commit. */
  step(process: Process, label: string): void {
    for (const request of this.#requests) {
      if (request.process !== process || request.stage !== "answered") continue;
      if (request.isRecording) this.#requests.delete(request);
      else request.isRecording = label === "sql commit";
    }
  }

  /** Something happens to one process, or to everybody. */
  blow(blow: Blow, process?: Process): void {
    for (const request of this.#requests) {
      if (process && request.process !== process) continue;
      this.#sometimes.reach(whileAt(blow, request.kind, request.stage));
    }
  }

  /** A process dies when it was about to do `label`, or has just done it. */
  died(process: Process, label: string, hasDone: boolean): void {
    const own = [...this.#requests].filter((request) => request.process === process);
    if (hasDone && label === "sql with publish_attempts" && own.length === 0)
      this.#sometimes.reach("crash: an attempt written, its tweet not sent");
    this.blow("crash", process);
    for (const request of own) if (request.stage !== "leaving") this.#requests.delete(request);
  }

  authorActs(act: string, post: number): void {
    const isUnderWay = [...this.#requests].some((request) => request.post === post && request.stage !== "answered");
    if (isUnderWay) this.#sometimes.reach(duringAct(act));
  }
}
