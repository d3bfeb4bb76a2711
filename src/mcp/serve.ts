/** Serves over stdio, in the protocol's revision of July 2026 and, for older clients, in those before. */
import { randomBytes } from "node:crypto";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Io } from "../cli/_command.ts";
import { createServer } from "./server.ts";
import { Wire } from "./wire.ts";

/** Until the client closes stdin and has its answers, or a stop signal. */
export async function serve(io: Io): Promise<void> {
  const stateKey = randomBytes(32);
  const wire = new Wire();
  const handle = serveStdio(() => createServer(io, { stateKey }), {
    transport: wire,
    onerror: (error) => io.note(`warning  ${error.message}`),
  });
  const stopped = new Promise<void>((resolve) => io.signal.addEventListener("abort", () => resolve(), { once: true }));
  await Promise.race([wire.ended(), stopped]);
  await handle.close();
  process.stdin.destroy();
}
