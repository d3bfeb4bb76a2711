/**
 * A person's approval by MCP's elicitation. The question is asked by the client, in its own window: a model sees neither it nor a way to
 * answer it. A tool that needs the answer returns the question, and is called again with it; what was asked travels with the client,
 * sealed, so that a yes to one post is none to another.
 */
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { Suspended } from "../cli/_dry-run.ts";

const KEY = "approve";
const AnswerSchema = z.object({ approve: z.boolean().meta({ title: "Approve", description: "Yes, exactly this" }) });

/** What was asked about, as it is sealed. */
export interface ApprovalState {
  about: string;
}

/** Thrown out of the command by the question, for the tool to return. */
export class QuestionAsked extends Suspended {
  override readonly name = "QuestionAsked";

  constructor(
    readonly question: string,
    readonly about: string,
  ) {
    super("A person is asked.");
  }
}

/** `Io.elicit` for one call of a tool. */
export function elicitIn(server: McpServer, ctx: ServerContext) {
  return async (question: string, about: string): Promise<string | "declined" | null> => {
    if (!canAsk(server, ctx)) return null;
    const response = inputResponse(ctx.mcpReq.inputResponses, KEY);
    const asked = ctx.mcpReq.requestState<ApprovalState>();
    const isThisOne = typeof asked === "object" && asked !== null && asked.about === about;
    if (response.kind !== "elicit" || !isThisOne) throw new QuestionAsked(question, about);
    const answer = acceptedContent(ctx.mcpReq.inputResponses, KEY, AnswerSchema);
    return answer?.approve === true ? `the person at ${clientName(server, ctx)}` : "declined";
  };
}

/** What the tool returns so that the client asks. */
export async function askClient(
  { question, about }: QuestionAsked,
  mint: (state: ApprovalState) => Promise<string>,
): Promise<InputRequiredResult> {
  return inputRequired({
    inputRequests: { [KEY]: inputRequired.elicit({ message: question, requestedSchema: AnswerSchema }) },
    requestState: await mint({ about }),
  });
}

// --- internal ---

/** Whether the client can ask by a form, as it says with each request or, before July 2026, once. */
function canAsk({ server }: McpServer, ctx: ServerContext): boolean {
  const envelope = ctx.mcpReq.envelope as Record<string, ClientCapabilities | undefined> | undefined;
  const { elicitation } = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities() ?? {};
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/** As it calls itself. */
function clientName({ server }: McpServer, ctx: ServerContext): string {
  const envelope = ctx.mcpReq.envelope as Record<string, { name?: string } | undefined> | undefined;
  return (envelope?.[CLIENT_INFO_META_KEY]?.name ?? server.getClientVersion()?.name ?? "the client").slice(0, 60);
}
