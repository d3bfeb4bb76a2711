/**
 * What X's error bodies say, whichever of their shapes they have. Pure, and never throws on anything that X may send.
 */
import { safeDetail } from "./detail.ts";
import type { Responded } from "./transport.ts";

/** Texts are X's own and unbounded here; `describe` makes the one that may be kept. */
export interface Problem {
  /** Last path segment of the problem type: its host changed in 2026. Null for about:blank. */
  type: string | null;
  /** The types of all problems in the answer. */
  types: string[];
  title: string | null;
  detail: string | null;
  /** `reason` of client-forbidden, such as "client-not-enrolled". */
  reason: string | null;
  /** What client-forbidden says the app would need. */
  enrollment: string | null;
  /** Numbers of the old API, such as 187 for a duplicate. */
  codes: number[];
  /** The details of all problems in the answer, and the messages; those of `errors[]` are more precise than `detail`. */
  details: string[];
  messages: string[];
  /** Names of the parameters that X complains of. */
  parameters: string[];
}

/** X lists a problem for each of up to 100 ids; more than these say nothing new. */
const ENTRIES_MAX = 20;
/** `errors` inside `errors` has been seen; deeper is nobody's shape. */
const DEPTH_MAX = 2;
/** Names of parameters that are shown. */
const PARAMETERS_MAX = 3;

/** Reads problem+json, `{errors:[…]}`, `{error, error_description}`, and these inside each other. */
export function readProblem(json: unknown): Problem {
  const top = recordOf(json);
  // Some refusals come as the only entry of `errors`, without anything of their own above it.
  const spoken = spokenIn(json, 0);
  const texts = (key: string) => spoken.map((one) => textOf(one[key])).filter((text) => text !== null);
  const firstText = (key: string) => texts(key)[0] ?? null;
  const types = texts("type")
    .map(lastSegment)
    .filter((type) => type !== null);
  return {
    type: types[0] ?? null,
    types,
    title: firstText("title") ?? textOf(top.error),
    detail: textOf(top.detail) ?? textOf(top.error_description) ?? firstText("detail"),
    reason: firstText("reason"),
    enrollment: firstText("required_enrollment"),
    codes: spoken.map((one) => codeOf(one.code)).filter((code) => code !== null),
    details: texts("detail"),
    messages: texts("message"),
    parameters: spoken.flatMap((one) => {
      const named = textOf(one.parameter);
      return [...Object.keys(recordOf(one.parameters)), ...(named === null ? [] : [named])];
    }),
  };
}

/** One bounded line on an answer, free of the given secrets: what X said, its status, the problem type if any. */
export function describe(answer: Responded, secrets: readonly string[]): string {
  const problem = readProblem(answer.json);
  const said = [problem.detail, ...problem.details, ...problem.messages].filter((text) => text !== null);
  const plain = said.length > 0 ? [...new Set(said)].join(" ") : (problem.title ?? silence(answer));
  const unnamed = [...new Set(problem.parameters)].filter((name) => !plain.includes(name)).slice(0, PARAMETERS_MAX);
  const words = unnamed.length > 0 ? `${plain} (${unnamed.join(", ")})` : plain;
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

/** The record itself and those that it holds as `errors` or `error`, outermost first. */
function spokenIn(value: unknown, depth: number): Record<string, unknown>[] {
  const record = recordOf(value);
  if (depth > DEPTH_MAX) return [];
  const listed = Array.isArray(record.errors) ? record.errors.slice(0, ENTRIES_MAX) : [record.errors];
  // What is no record is an empty one, which says nothing.
  const inner = [...listed, record.error];
  return [record, ...inner.flatMap((one) => spokenIn(one, depth + 1))];
}

/** A number, also as text. */
function codeOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^[0-9]{1,6}$/.test(value) ? Number(value) : null;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

function lastSegment(type: string): string | null {
  if (type === "about:blank") return null;
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
