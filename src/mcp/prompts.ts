/** The prompts: what `/psn:post` and `/psn:setup` say, for any client. */
import type { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { GUIDES } from "../cli/guides/guides.ts";

export function registerPrompts(server: McpServer): void {
  for (const { name, summary, text } of GUIDES) {
    server.registerPrompt(
      name,
      {
        title: summary,
        description: summary,
        argsSchema: z.object({ wants: z.string().optional().describe("what the person wants") }),
      },
      ({ wants = "" }) => ({
        description: summary,
        messages: [
          { role: "user", content: { type: "text", text: `${text("psn")}\n\nWhat the person wants: ${wants}` } },
        ],
      }),
    );
  }
}
