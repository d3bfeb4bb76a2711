/**
 * What X's error bodies say, whichever of their shapes they have. Pure, and never throws on anything that X may send.
 */
import { safeDetail } from "./detail.ts";
import type { Responded } from "./transport.ts";

/** Texts are X's own and unbounded here; `describe` makes the one that may be kept. */
export interface Problem {
  /** Last path segment of the problem type: its host changed in 2026. Null for about:blank. */
  type: string | null;
  title: string | null;
  detail: string | null;
  /** `reason` of client-forbidden, such as "client-not-enrolled". */
  reason: string | null;
  /** Numbers of the old API, such as 187 for a duplicate. */
  codes: number[];
  /** The messages of `errors[]`, more precise than `detail` where they exist. */
  messages: string[];
  /** Names of the parameters that X complains of. */
  parameters: string[];
}

/** X lists a problem for each of up to 100 ids; more than these say nothing new. */
const ENTRIES_MAX = 20;

/** Reads problem+json, `{errors:[…]}`, `{error, error_description}` and mixtures of them. */
export function readProblem(json: unknown): Problem {
  const top = recordOf(json);
  const entries = (Array.isArray(top.errors) ? top.errors : []).slice(0, ENTRIES_MAX).map(recordOf);
  // Some refusals come as the only entry of `errors`, without anything of their own above it.
  const spoken = [top, ...entries, recordOf(top.error)];
  const firstText = (key: string) => spoken.map((one) => textOf(one[key])).find((text) => text !== null) ?? null;
  return {
    type: lastSegment(firstText("type")),
    title: firstText("title") ?? textOf(top.error),
    detail: textOf(top.detail) ?? textOf(top.error_description) ?? firstText("detail"),
    reason: firstText("reason"),
    codes: spoken.map((one) => one.code).filter((code): code is number => typeof code === "number"),
    messages: spoken.map((one) => textOf(one.message)).filter((message) => message !== null),
    parameters: spoken.flatMap((one) => {
      const named = textOf(one.parameter);
      return [...Object.keys(recordOf(one.parameters)), ...(named === null ? [] : [named])];
    }),
  };
}

/** One bounded line on an answer, free of the given secrets: what X said, its status, the problem type if any. */
export function describe(answer: Responded, secrets: readonly string[]): string {
  const problem = readProblem(answer.json);
  const said = [problem.detail, ...problem.messages].filter((text): text is string => text !== null && text !== "");
  const words = said.length > 0 ? [...new Set(said)].join(" ") : (problem.title ?? silence(answer));
  const kind = [`HTTP ${answer.status}`, problem.type].filter((part) => part !== null).join(", ");
  // The status goes first where it cannot be cut off by a long text of X.
  return safeDetail(`${kind}: ${words}`, secrets);
}

function silence(answer: Responded): string {
  switch (answer.form) {
    case "json":
      return "an answer in an unknown form";
    case "empty":
      return "an empty answer";
    case "other":
      return "an answer that is not X's API's (a page instead of JSON)";
    case "cut":
      return "an answer that broke off";
    case "too_large":
      return "an answer that is too large to be read";
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

function lastSegment(type: string | null): string | null {
  if (type === null || type === "about:blank") return null;
  // Bounded, because it is shown as it stands.
  return (
    type
      .split(/[/#]/)
      .filter((part) => part !== "")
      .at(-1)
      ?.replace(/[^\w.-]/g, "")
      .slice(0, 60) || null
  );
}
