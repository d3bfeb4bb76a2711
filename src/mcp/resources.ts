/** What a client can read without calling a tool: a post, the timeline, the guides. The page that it can show is in app.ts. */
import { type McpServer, ResourceNotFoundError, ResourceTemplate } from "@modelcontextprotocol/server";
import type { Command, Io } from "../cli/_command.ts";
import { runCommand } from "../cli/_outcome.ts";
import { GUIDES } from "../cli/guides/guides.ts";

const LISTED_MAX = 20;

export function registerResources(server: McpServer, io: Io): void {
  server.registerResource(
    "timeline",
    "psn://timeline",
    { title: "Posts", description: "The posts, the latest changed first", mimeType: "application/json" },
    async (uri) => json(uri, await answered(io, "post list", { limit: 50 })),
  );
  server.registerResource(
    "post",
    new ResourceTemplate("psn://post/{id}", {
      list: async () => {
        const { posts } = (await answered(io, "post list", { limit: LISTED_MAX }).catch(orNone)) as {
          posts: { id: string; beginning: string; status: string }[];
        };
        return {
          resources: posts.map(({ id, beginning, status }) => ({
            uri: `psn://post/${id}`,
            name: id,
            title: `${beginning} (${status})`,
            mimeType: "application/json",
          })),
        };
      },
    }),
    { title: "A post", description: "A post with its preview and its whole life", mimeType: "application/json" },
    async (uri, { id }) => json(uri, await answered(io, "post show", { id: String(id), all: true })),
  );
  for (const { name, summary, text } of GUIDES) {
    server.registerResource(
      `guide-${name}`,
      `psn://guide/${name}`,
      { title: summary, description: summary, mimeType: "text/markdown" },
      (uri) => ({ contents: [{ uri: uri.href, mimeType: "text/markdown", text: text("psn") }] }),
    );
  }
}

// --- internal ---

const json = (uri: URL, body: object) => ({
  contents: [{ uri: uri.href, mimeType: "application/json", text: JSON.stringify(body) }],
});

/** Before PSN is set up there are no posts; the guides, and the page, are there all the same. */
function orNone(error: unknown): object {
  if (error instanceof ResourceNotFoundError) return { posts: [] };
  throw error;
}

/** @throws ResourceNotFoundError for what the command does not find */
async function answered(io: Io, name: string, input: Record<string, unknown>): Promise<object> {
  const command = (await io.commands.find((entry) => entry.name === name)?.load()) as Command;
  const quiet: Io = { ...io, json: true, interactive: false, note: () => {} };
  const { body } = await runCommand(command, quiet, command.input.parse(input));
  if (body.error) throw new ResourceNotFoundError(String(input.id ?? name), body.error.message);
  return body;
}
