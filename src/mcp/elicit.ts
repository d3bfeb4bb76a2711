/**
 * A person's approval by MCP's elicitation. The question is asked by the client, in its own window: a model that has only its tools sees
 * neither it nor a way to answer it. Whoever holds the client's end of stdin and stdout answers it as they like. A tool that needs the
 * answer returns the question, and is called again with it; the question's id travels with the client, sealed, and takes one answer.
 */
import {
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
import { PsnError } from "../core/errors.ts";

const KEY = "approve";
const AnswerSchema = z.object({ approve: z.boolean() });
/** The question's form. */
const requestedSchema = {
  type: "object" as const,
  properties: { approve: { type: "boolean" as const, title: "Approve", description: "Yes, exactly this" } },
  required: ["approve"],
};
/** Questions of one call. A post that has changed before each of them is answered is somebody's work at this moment. */
const QUESTIONS_MAX = 3;
/** As long as a yes is good. */
const ANSWER_MS_MAX = 600_000;

/** What was asked about, as it is sealed. */
export interface ApprovalState {
  /** The question's id. */
  about: string;
  /** How many questions this call has asked, with this one. */
  asked: number;
  /** By which the first call read its times, ISO 8601; null where it read none. */
  readAt: string | null;
}

/** What came back for a question. Neither a dismissed question nor an answer in another form is a yes or a no. */
export interface Said extends Pick<ApprovalState, "about" | "asked"> {
  says: "yes" | "no" | "nothing";
}

/** What the first call of a tool left with its question; null for a first call. */
export function stateOf(ctx: ServerContext): ApprovalState | null {
  const state = ctx.mcpReq.requestState<ApprovalState>();
  return typeof state === "object" && state !== null && typeof state.about === "string" ? state : null;
}

/** The answer that a call brings; null for a first call. */
export function answerIn(ctx: ServerContext): Said | null {
  const state = stateOf(ctx);
  if (!state) return null;
  const response = inputResponse(ctx.mcpReq.inputResponses, KEY);
  return { ...state, says: response.kind === "elicit" ? saidBy(response) : "nothing" };
}

/** Thrown out of the command by the question, for the tool to return. */
export class QuestionAsked extends Suspended {
  override readonly name = "QuestionAsked";

  constructor(
    readonly question: string,
    readonly about: string,
    readonly asked: number,
  ) {
    super("A person is asked.");
  }
}

/** `Io.elicit` for one call of a tool. @param said what it brings for the question before */
export function elicitIn(server: McpServer, ctx: ServerContext, said: Said | null) {
  return async (question: string, about: string): Promise<string | "declined" | null> => {
    if (!canAsk(server, ctx)) return null;
    // A yes of before is to a question that was answered: it is none to this one.
    if (said?.about !== about) throw nextQuestion(question, about, said?.asked ?? 0);
    if (said.says === "nothing") return null;
    return said.says === "yes" ? `the person at ${clientName(server, ctx)}` : "declined";
  };
}

/** What the tool returns so that the client asks. */
export async function askClient(
  { question, about, asked }: QuestionAsked,
  readAt: string | null,
  mint: (state: ApprovalState) => Promise<string>,
): Promise<InputRequiredResult> {
  return inputRequired({
    inputRequests: { [KEY]: inputRequired.elicit({ message: question, requestedSchema }) },
    requestState: await mint({ about, asked, readAt }),
  });
}

/** Whether the client speaks a revision from before July 2026, in which the question is a request of its own within the call. */
export const asksInPlace = (ctx: ServerContext): boolean => ctx.mcpReq.envelope === undefined;

/** Asks there. The SDK would do it, and end the call without an answer of the tool where the client fails to ask. */
export async function askInPlace(ctx: ServerContext, { question, about, asked }: QuestionAsked): Promise<Said> {
  const { id, signal } = ctx.mcpReq;
  const params = { message: question, requestedSchema };
  const options = { relatedRequestId: id, signal, timeout: ANSWER_MS_MAX };
  try {
    return { about, asked, says: saidBy(await ctx.mcpReq.elicitInput(params, options)) };
  } catch (error) {
    if (signal.aborted) throw error;
    return { about, asked, says: "nothing" };
  }
}

// --- internal ---

function saidBy({ action, content }: { action: string; content?: unknown }): Said["says"] {
  if (action === "decline") return "no";
  const answer = action === "accept" ? AnswerSchema.safeParse(content).data : undefined;
  if (answer === undefined) return "nothing";
  return answer.approve ? "yes" : "no";
}

function nextQuestion(question: string, about: string, asked: number): Error {
  if (asked < QUESTIONS_MAX) return new QuestionAsked(question, about, asked + 1);
  return new PsnError("APPROVAL_STALE", `The post changed while the person was asked, ${asked} times.`, {
    hint: "Somebody is at work on it. Show the post again when they are done, and ask the person anew.",
    next: ["psn post list"],
    details: { needsPerson: true },
  });
}

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
