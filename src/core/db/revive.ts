/** Bringing the embedded hub back under a process that uses it: it was stopped, or its server was killed. */
import { PsnError } from "../errors.ts";
import { type EmbeddedHub, startEmbedded } from "./embedded/index.ts";

/**
 * A function that starts the server of `known` again where it does not run, and never makes a new hub: a worker on an
 * empty one would seem to be well, with every post gone.
 * @throws PsnError HUB_GONE, HUB_ELSEWHERE, and what `startEmbedded` throws
 */
export function reviverOf(dataDir: string, known: EmbeddedHub): () => Promise<boolean> {
  return async () => {
    const server = await startEmbedded({ dataDir, mustExist: true });
    if (server.socketDir !== known.socketDir) {
      throw new PsnError("HUB_ELSEWHERE", `The hub runs again, and answers at another place (${server.socketDir}).`, {
        hint: "Start this process anew.",
      });
    }
    return server.started;
  };
}
