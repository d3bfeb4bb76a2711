/** `psn mcp`: PSN's commands as tools of the Model Context Protocol, over stdin and stdout, until the client leaves. */
import { z } from "zod";
import { defineCommand } from "../cli/_command.ts";

export const mcpCommand = defineCommand({
  input: z.object({}),
  examples: ["psn mcp", "claude mcp add psn -- psn mcp"],
  answer: z.object({ served: z.literal(true) }),
  // stdout is the protocol's.
  textWhenPiped: true,
  async run(io) {
    // The SDK is loaded by who serves, and by nobody else.
    const { serve } = await import("./serve.ts");
    await serve(io);
    return { served: true as const };
  },
  render: () => "",
});
