/** A port of this machine that nothing listens on, for a program that takes one by its number. */
import { createServer } from "node:net";

/** Below those that a system gives to whoever asks for any: another test, or a connection, might get it before the program does. */
const [FIRST, COUNT] = [10_000, 20_000];
/** Nearly all are free; where so many are not, something else is wrong. */
const TRIES_MAX = 100;

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${TRIES_MAX} ports was free`);
}

// --- internal ---

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
