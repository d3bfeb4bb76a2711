/** How an agent posts and sets PSN up: one text for the slash commands, the plugin's skills, MCP's prompts and `psn context`. */
import post from "./post.md" with { type: "text" };
import setup from "./setup.md" with { type: "text" };

export interface Guide {
  name: "post" | "setup";
  summary: string;
  /** @param psn how the command is called there, e.g. `bin/psn` in a checkout */
  text(psn: string): string;
}

const guide = (name: Guide["name"], summary: string, source: string): Guide => ({
  name,
  summary,
  text: (psn) => source.replaceAll("{psn}", psn).trim(),
});

export const GUIDES: readonly Guide[] = [
  guide("post", "Write, preview, approve and publish a post or thread on X with PSN", post),
  guide("setup", "Set up PSN (hub, X keys, sign-in) step by step with the person", setup),
];
