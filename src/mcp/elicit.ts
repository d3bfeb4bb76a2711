/**
 * A person's approval by MCP's elicitation. The question is asked by the client, in its own window: a model that has only its tools sees
 * neither it nor a way to answer it. Whoever holds the client's end of stdin and stdout answers it as they like. A tool that needs the
 * answer returns the question, and is called again with it; the question's id travels with the client, sealed, and takes one answer.
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
  /** The question's id. */
  about: string;
  /** By which the first call read its times, ISO 8601; null where it read none. */
  readAt: string | null;
}

/** What the first call of a tool left with its question; null for a first call. */
export function stateOf(ctx: ServerContext): ApprovalState | null {
  const state = ctx.mcpReq.requestState<ApprovalState>();
  return typeof state === "object" && state !== null && typeof state.about === "string" ? state : null;
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
    // A yes of before is to a question that was answered: it is none to this one.
    if (response.kind !== "elicit" || stateOf(ctx)?.about !== about) throw new QuestionAsked(question, about);
    const answer = acceptedContent(ctx.mcpReq.inputResponses, KEY, AnswerSchema);
    return answer?.approve === true ? `the person at ${clientName(server, ctx)}` : "declined";
  };
}

/** What the tool returns so that the client asks. */
export async function askClient(
  { question, about }: QuestionAsked,
  readAt: Date | undefined,
  mint: (state: ApprovalState) => Promise<string>,
): Promise<InputRequiredResult> {
  return inputRequired({
    inputRequests: { [KEY]: inputRequired.elicit({ message: question, requestedSchema: AnswerSchema }) },
    requestState: await mint({ about, readAt: readAt?.toISOString() ?? null }),
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
