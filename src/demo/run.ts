/** The demo from its first line to its last trace: sandbox, leftovers, folder, the play, and cleaning up behind it. */
import { PsnError } from "../core/errors.ts";
import { startSandbox } from "../sandbox/server.ts";
import type { DemoAnswer } from "./answer.ts";
import { removeLeftovers, withDemoFolder } from "./folder.ts";
import type { Narrator } from "./narrator.ts";
import { play } from "./play.ts";
import { Scene } from "./scene.ts";
import { type Source, TWEETS_IN_15_MIN_MAX } from "./source.ts";

/** Far more than it needs on a slow machine. */
const DEMO_MS_MAX = 180_000;

export interface DemoInput {
  source: Source;
  /** Of the sandbox; 0 takes a free one. */
  port: number;
  signal: AbortSignal;
  narrator: Narrator;
  /** Called when all is said; sandbox and hub stay up until it ends. */
  keep?: (facts: { url: string; configDir: string }) => Promise<void>;
}

/**
 * Plays the demo and cleans up behind it.
 * @throws PsnError PORT_IN_USE, DEMO_…, and whatever its steps throw
 */
export async function runDemo(input: DemoInput): Promise<DemoAnswer> {
  const startedMs = performance.now();
  const { preview } = input.source;
  const isLong = preview.tweetCount > TWEETS_IN_15_MIN_MAX;
  // The port comes first: when it is taken, nothing has begun.
  const sandbox = await startSandbox({
    port: input.port,
    ...(isLong ? { settings: { limits: { "POST /2/tweets": { user15min: 1_000 } } } } : {}),
  });
  const stop = new AbortController();
  const onAbort = () => stop.abort(input.signal.reason);
  if (input.signal.aborted) onAbort();
  input.signal.addEventListener("abort", onAbort, { once: true });
  const deadline = setTimeout(() => {
    stop.abort(new PsnError("DEMO_TIMEOUT", `The demo did not end within ${DEMO_MS_MAX / 1000} s.`));
  }, DEMO_MS_MAX);
  try {
    input.narrator.begin();
    const removed = await removeLeftovers();
    if (removed > 0) {
      const whose = removed === 1 ? "an earlier demo that was" : `${removed} earlier demos that were`;
      input.narrator.line("Clean up", `removed what was left of ${whose} killed`);
    }
    if (isLong) {
      input.narrator.line("Note", "this sandbox allows more than X's 100 posts in 15 minutes");
    }
    return await withDemoFolder(async (folder) => {
      const { source, narrator } = input;
      const scene = new Scene({ source, folder, x: sandbox, narrator, signal: stop.signal });
      try {
        const answer = await play(scene, startedMs);
        clearTimeout(deadline);
        await scene.stopWorker();
        narrator.end(answer);
        await input.keep?.({ url: sandbox.url, configDir: folder.configDir });
        return answer;
      } finally {
        await scene.close();
      }
    });
  } finally {
    clearTimeout(deadline);
    input.signal.removeEventListener("abort", onAbort);
    await sandbox.stop();
  }
}
