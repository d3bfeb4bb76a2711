/** The commands as tools: the same schemas, the same run, the same answers. */
import type { CallToolResult, InputRequiredResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import { z } from "zod";
import { answerSchemaOf } from "../cli/_answer.ts";
import { type Command, type Entry, flag, type Io } from "../cli/_command.ts";
import { DryStop } from "../cli/_dry-run.ts";
import { effectOf } from "../cli/_effects.ts";
import { ranInto, runCommand } from "../cli/_outcome.ts";
import { makePaint } from "../cli/_paint.ts";
import { PsnError } from "../core/errors.ts";
import { type ApprovalState, askClient, elicitIn, QuestionAsked } from "./elicit.ts";

/** A client's list of tools is read by a model: what sets PSN up, ends sign-ins or moves the hub is a person's, at a terminal. */
export const TOOLS: readonly string[] = [
  "status",
  "preview",
  "post create",
  "post reply",
  "post show",
  "post list",
  "post failures",
  "post split",
  "post join",
  "post move",
  "post text",
  "post insert",
  "post remove",
  "post reorder",
  "post attach",
  "post detach",
  "post undo",
  "post redo",
  "post edit",
  "post approve",
  "post schedule",
  "post now",
  "post cancel",
  "post retry",
  "when",
];

/** The same call again finds its work done. */
const IDEMPOTENT = new Set(["post approve", "post schedule", "post now", "post edit", "post text"]);
/** They take something away, or cannot be taken back. */
const DESTRUCTIVE = new Set(["post now", "post retry", "post schedule", "post remove", "post detach"]);

type Mint = (state: ApprovalState, ctx: ServerContext) => Promise<string>;

export const toolName = (name: string): string => name.replaceAll(" ", "_").replaceAll("-", "_");

/** Registers a tool for each command of `TOOLS` that there is, in their order. */
export async function registerTools(server: McpServer, io: Io, mint: Mint): Promise<void> {
  for (const name of TOOLS) {
    const entry = io.commands.find((one) => one.name === name);
    if (entry) registerTool(server, io, entry, await entry.load(), mint);
  }
}

// --- internal ---

function registerTool(server: McpServer, io: Io, { name, summary }: Entry, command: Command, mint: Mint): void {
  const isRead = effectOf(name)?.effect === "read";
  server.registerTool(
    toolName(name),
    {
      title: `psn ${name}`,
      description: `${summary}.${effectOf(name)?.needsPerson ? " Ask the person first." : ""}`,
      inputSchema: z.object({
        ...command.input.shape,
        ...(isRead ? {} : { dryRun: flag("Check everything and say what would happen; write nothing") }),
      }),
      // An error, or a dry run that stopped, has less than the whole.
      outputSchema: answerSchemaOf(command).partial().required({ outcome: true }),
      annotations: {
        readOnlyHint: isRead,
        destructiveHint: DESTRUCTIVE.has(name),
        idempotentHint: isRead || IDEMPOTENT.has(name),
        openWorldHint: effectOf(name)?.effect === "sends",
      },
    },
    async ({ dryRun = false, ...given }: Record<string, unknown>, ctx) =>
      await call(ioFor(server, io, ctx, dryRun === true), command, given, (state) => mint(state, ctx)),
  );
}

async function call(
  io: Io,
  command: Command,
  given: Record<string, unknown>,
  mint: (state: ApprovalState) => Promise<string>,
): Promise<CallToolResult | InputRequiredResult> {
  try {
    const parsed = command.input.safeParse(given);
    if (!parsed.success) throw new PsnError("USAGE", parsed.error.issues[0]?.message ?? "The input is not taken.");
    const { body, answer, stack } = await runCommand(command, io, parsed.data);
    if (stack) io.note(stack);
    const { error } = body;
    const said = error ? `${error.code}  ${[error.message, error.hint].filter(Boolean).join("  ")}` : null;
    const shown = answer === undefined ? null : command.render(answer, io.paint);
    const text = [said, shown, body.would ? `It would ${body.would}.` : null].filter((part) => part !== null);
    return {
      content: [{ type: "text", text: text.join("\n\n") }],
      structuredContent: body,
      ...(error ? { isError: true } : {}),
    };
  } catch (thrown) {
    if (thrown instanceof QuestionAsked) return await askClient(thrown, mint);
    const { body } = await ranInto(thrown);
    return { content: [{ type: "text", text: body.error?.message ?? "" }], structuredContent: body, isError: true };
  }
}

/** What a command is given in a call: no terminal, no stdin, and the client to ask. */
function ioFor(server: McpServer, io: Io, ctx: ServerContext, dryRun: boolean): Io {
  const progressToken = ctx.mcpReq._meta?.progressToken;
  let progress = 0;
  const tell = (message: string) => {
    if (progressToken === undefined) return;
    progress += 1;
    const params = { progressToken, progress, message };
    void ctx.mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
  };
  return {
    ...io,
    // Progress is wanted only where somebody asked for it.
    json: progressToken === undefined,
    interactive: false,
    paint: makePaint(false),
    dryRun,
    willWrite: (what) => {
      if (dryRun) throw new DryStop(what);
    },
    answerNow: async () => {},
    note: tell,
    elicit: elicitIn(server, ctx),
    readStdin: async () => {
      throw new PsnError("USAGE", "There is no stdin in a tool's call: give the text itself, or a file.");
    },
    signal: ctx.mcpReq.signal,
  };
}
