/** The official MCP client on PSN's server, in this process. What runs the product in a test is called a stage. */
import { randomBytes } from "node:crypto";
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { createServer } from "../../src/mcp/server.ts";
import { entries } from "../../src/psn.ts";
import type { TestHome } from "../../src/testing/cli.ts";
import { ioOf } from "../compose/stage.ts";

export type Mode = "legacy" | "auto";
/** What the client brings back for a question: the person's answer, a question that was dismissed, something else, or an error. */
const BROUGHT = {
  yes: { action: "accept", content: { approve: true } },
  "unticked yes": { action: "accept", content: { approve: false } },
  no: { action: "decline" },
  dismissed: { action: "cancel" },
  garbage: { action: "accept", content: { approve: "certainly" } },
  "an empty form": { action: "accept" },
} as const;
/** Without one the client cannot ask. */
export type Person = (question: string) => keyof typeof BROUGHT | Promise<keyof typeof BROUGHT>;

/** A client that is connected to nothing yet. */
export function clientOf(mode: Mode, person?: Person): Client {
  const capabilities = person ? { elicitation: { form: {} } } : {};
  const client = new Client({ name: "a-client", version: "1" }, { capabilities, versionNegotiation: { mode } });
  if (person) {
    client.setRequestHandler("elicitation/create", async ({ params }) => BROUGHT[await person(params.message)]);
  }
  return client;
}

/** Connects a client to a server of its own. @param onSend sees, and may change, what the client sends */
export async function connect(
  home: TestHome,
  client: Client,
  onSend: (message: { params?: Record<string, unknown> }) => void = () => {},
): Promise<Client> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const send = theirs.send.bind(theirs);
  theirs.send = (message, ...rest) => {
    onSend(message as { params?: Record<string, unknown> });
    return send(message, ...rest);
  };
  const stateKey = randomBytes(32);
  const io = { ...ioOf(home), commands: entries };
  serveStdio(() => createServer(io, { stateKey }), { transport: ours });
  await client.connect(theirs);
  return client;
}
