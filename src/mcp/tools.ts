/** The commands as tools: the same schemas, the same run, the same answers. */
import type { CallToolResult, McpServer, ServerContext, StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { z } from "zod";
import { answerSchemaOf } from "../cli/_answer.ts";
import { type Command, type Entry, flag, type Io } from "../cli/_command.ts";
import { type Ran, ranInto, runCommand } from "../cli/_outcome.ts";
import { makePaint } from "../cli/_paint.ts";
import { inputOf, requireKnown } from "../cli/_parse.ts";
import { DryStop, PsnError } from "../core/errors.ts";
import { annotationsOf, askedFirst, isRead, needsVersion } from "./annotations.ts";
import { pageMeta, showsApps, withPage } from "./app.ts";
import {
  type ApprovalState,
  answerIn,
  askClient,
  askInPlace,
  asksInPlace,
  elicitIn,
  QuestionAsked,
  type Said,
  stateOf,
} from "./elicit.ts";
import { toolCallsIn } from "./next.ts";

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
  "spend",
  "limits show",
  "account list",
  "when",
  "schema",
];

const DRY_RUN = { dryRun: flag("Check everything and say what would happen; write nothing") };

/** A command of `TOOLS`, loaded. */
interface Tool extends Omit<Entry, "load"> {
  command: Command;
  /** What a call of it takes. */
  schema: z.ZodObject;
}

type Mint = (state: ApprovalState, ctx: ServerContext) => Promise<string>;

export const toolName = (name: string): string => name.replaceAll(" ", "_").replaceAll("-", "_");

/** Registers a tool for each command of `TOOLS` that there is, in their order. */
export async function registerTools(server: McpServer, io: Io, mint: Mint): Promise<void> {
  const tools: Tool[] = [];
  for (const name of TOOLS) {
    const entry = io.commands.find((one) => one.name === name);
    if (!entry) continue;
    const command = await entry.load();
    const schema = z.strictObject({ ...fieldsOf(name, command), ...(isRead(name) ? {} : DRY_RUN) });
    tools.push({ name, summary: entry.summary, command, schema });
  }
  const withCalls = toolCallsIn(
    tools.map(({ name, command, schema }) => ({
      name,
      tool: toolName(name),
      fields: Object.keys(schema.shape),
      command,
    })),
  );
  for (const tool of tools) registerTool(server, io, tool, mint, withCalls);
}

// --- internal ---

function registerTool(
  server: McpServer,
  io: Io,
  { name, summary, command, schema }: Tool,
  mint: Mint,
  withCalls: ReturnType<typeof toolCallsIn>,
): void {
  const fields = Object.keys(schema.shape);
  const readInput = (given: Record<string, unknown>) => {
    requireKnown(name, fields, given);
    if (needsVersion(name, fields) && given.version === undefined) throw versionMissing(given.id);
    const { dryRun, ...input } = given;
    return {
      dryRun: inputOf(z.object(DRY_RUN), name, { dryRun }).dryRun === true,
      input: inputOf(command.input, name, input),
    };
  };
  const answered = (result: CallToolResult): CallToolResult => ({
    ...result,
    structuredContent: withCalls(result.structuredContent ?? {}),
  });
  server.registerTool(
    toolName(name),
    {
      title: `psn ${name}`,
      description: `${summary}.${askedFirst(name, fields)}`,
      inputSchema: uncheckedBySdk(schema),
      // An error, or a dry run that stopped, has less than the whole.
      outputSchema: answerSchemaOf(command).partial().required({ outcome: true }),
      ...pageMeta(name),
      annotations: annotationsOf(name, fields),
    },
    async (given: Record<string, unknown>, ctx) => {
      let said = answerIn(ctx);
      let readAt = stateOf(ctx)?.readAt ?? null;
      for (;;) {
        const called = ioFor(server, io, ctx, said);
        if (readAt !== null) called.readAt = new Date(readAt);
        try {
          const { input, dryRun } = readInput(given);
          called.dryRun = dryRun;
          const result = answered(await call(called, command, input, io.note));
          return showsApps(server, ctx) && !dryRun ? await withPage(io, result, given) : result;
        } catch (thrown) {
          if (thrown instanceof QuestionAsked) {
            readAt = called.readAt?.toISOString() ?? null;
            if (!asksInPlace(ctx)) return await askClient(thrown, readAt, (state) => mint(state, ctx));
            said = await askInPlace(ctx, thrown);
            continue;
          }
          const { body, stack } = await ranInto(thrown, io.env);
          if (stack) io.note(stack);
          return answered({ content: [{ type: "text", text: saidOf(body) }], structuredContent: body, isError: true });
        }
      }
    },
  );
}

/** What a program can give: all fields but those of a terminal. */
function fieldsOf(name: string, { input }: Command): z.ZodRawShape {
  const shape = Object.fromEntries(Object.entries(input.shape).filter(([, field]) => field.meta()?.terminal !== true));
  const { version } = shape;
  if (!version || !needsVersion(name, Object.keys(shape))) return shape;
  return { ...shape, version: z.nonoptional(version as z.ZodType).meta(version.meta() ?? {}) };
}

function versionMissing(id: unknown): PsnError {
  const look = `psn post show ${typeof id === "string" ? id : "ID"}`;
  return new PsnError("USAGE", "version is missing: the contentVersion of the post as it was shown.", {
    hint: `A call that is made again is done once by it. ${look} tells it, as each answer does.`,
    next: [look],
  });
}

/** Published as it is, and checked by the rules of `--input`, whose refusals help. */
function uncheckedBySdk(schema: z.ZodObject): StandardSchemaWithJSON<Record<string, unknown>> {
  const { jsonSchema } = schema["~standard"];
  const validate = (value: unknown) => ({ value: value as Record<string, unknown> });
  return { "~standard": { version: 1, vendor: "psn", jsonSchema, validate } };
}

/** @param note for a bug's stack, which is the server's own affair and no news of the call */
async function call(
  io: Io,
  command: Command,
  input: Record<string, unknown>,
  note: Io["note"],
): Promise<CallToolResult> {
  const { body, answer, stack } = await runCommand(command, io, input);
  if (stack) note(stack);
  const said = body.error ? saidOf(body) : null;
  const shown = answer === undefined ? null : command.render(answer, io.paint);
  const text = [said, shown, body.would ? `It would ${body.would}.` : null].filter((part) => part !== null);
  return {
    content: [{ type: "text", text: text.join("\n\n") }],
    structuredContent: body,
    ...(body.error ? { isError: true } : {}),
  };
}

const saidOf = ({ error }: Ran["body"]): string =>
  error ? `${error.code}  ${[error.message, error.hint].filter(Boolean).join("  ")}` : "";

/** What a command is given in a call: no terminal, no stdin, and the client to ask. */
function ioFor(server: McpServer, io: Io, ctx: ServerContext, said: Said | null): Io {
  const progressToken = ctx.mcpReq._meta?.progressToken;
  let progress = 0;
  const tell = (message: string) => {
    if (progressToken === undefined) return;
    progress += 1;
    const params = { progressToken, progress, message };
    void ctx.mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
  };
  const called: Io = {
    ...io,
    // Progress is wanted only where somebody asked for it.
    json: progressToken === undefined,
    interactive: false,
    paint: makePaint(false),
    dryRun: false,
    willWrite: (what) => {
      if (called.dryRun) throw new DryStop(what);
    },
    answerNow: async () => {},
    note: tell,
    elicit: elicitIn(server, ctx, said),
    isCall: true,
    readStdin: async () => {
      throw new PsnError("USAGE", "There is no stdin in a tool's call: give the text itself, or a file.");
    },
    signal: ctx.mcpReq.signal,
  };
  return called;
}
