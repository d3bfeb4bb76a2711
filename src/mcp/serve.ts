/** Serves over stdio, in the protocol's revision of July 2026 and, for older clients, in those before. */
import { randomBytes } from "node:crypto";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Io } from "../cli/_command.ts";
import { createServer } from "./server.ts";

/** Until the client closes stdin, or a stop signal. */
export async function serve(io: Io): Promise<void> {
  const stateKey = randomBytes(32);
  const handle = serveStdio(() => createServer(io, { stateKey }), {
    onerror: (error) => io.note(`warning  ${error.message}`),
  });
  await new Promise<void>((resolve) => {
    process.stdin.once("end", resolve);
    process.stdin.once("close", resolve);
    io.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await handle.close();
}
