/** The server itself, without a transport: tools, resources and the prompt. */
import { createRequestStateCodec, McpServer } from "@modelcontextprotocol/server";
import { version } from "../../package.json";
import type { Io } from "../cli/_command.ts";
import { registerApp } from "./app.ts";
import type { ApprovalState } from "./elicit.ts";
import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { registerTools } from "./tools.ts";

const INSTRUCTIONS =
  "PSN publishes posts and threads on X, each tweet exactly once. A post is drafted, shown, approved and then sent; what is on X cannot be taken back without a trace. Show the preview and ask the person before post_approve, post_now, post_schedule or anything whose `next` says needsPerson. A call whose answer was lost is made again as it was, and does nothing twice: each change of a draft names the version that was seen. The resource psn://guide/post tells the whole way.";

/** @param options.stateKey seals what a client carries between a question and its answer; 32 random bytes, new in each process */
export async function createServer(io: Io, { stateKey }: { stateKey: Uint8Array }): Promise<McpServer> {
  const codec = createRequestStateCodec({ key: stateKey });
  const server = new McpServer(
    { name: "psn", title: "PSN", version },
    { instructions: INSTRUCTIONS, requestState: { verify: codec.verify } },
  );
  await registerTools(server, io, (state: ApprovalState, ctx) => codec.mint(state, ctx));
  registerResources(server, io);
  registerApp(server);
  registerPrompts(server);
  return server;
}
