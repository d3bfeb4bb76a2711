/** What the HTTP servers on loopback have in common: the page of a draft, and the sandbox. Whom they answer is each one's own rule. */
import type { IncomingMessage, Server } from "node:http";

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 120_000;

/**
 * Begins to listen; a client that sends too slowly is left.
 * @param port 0 for any free one
 * @returns the port @throws what `listen` fails with, such as EADDRINUSE
 */
export async function listenOn(server: Server, host: string, port: number): Promise<number> {
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/** Frees the port; connections that are open are broken. */
export async function stopListening(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** The body of a request; null when it has more than `bytesMax` bytes, of which no more is kept. */
export async function bodyOf(incoming: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  if (Number(incoming.headers["content-length"] ?? "0") > bytesMax) {
    incoming.resume();
    return null;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
