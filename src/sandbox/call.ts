/** What every endpoint gets: who asks, what for, and how the answer should speak. */
import type { z } from "zod";
import { invalidRequest, type ParameterError } from "./problems.ts";
import type { SandboxApp, SandboxUser, World } from "./state.ts";
import type { Dialect, SandboxRequest, SandboxResponse } from "./types.ts";

export interface Call {
  world: World;
  request: SandboxRequest;
  app: SandboxApp;
  /** Null for the app-only bearer. */
  user: SandboxUser | null;
  /** What `:id` in the route stood for. */
  id: string;
  dialect: Dialect;
  /** Effects of faults that only an endpoint can play. */
  timelineLagMs: number;
  timelineHasGap: boolean;
  processingFails: boolean;
}

/** A call that a user makes. The router refuses app-only bearers before. */
export type UserCall = Call & { user: SandboxUser };

export type Parsed<T> = { ok: true; value: T } | { ok: false; response: SandboxResponse };

/** Reads a JSON body with its schema, or makes X's 400 with one error per fault found (at most 20). */
export function parseJsonBody<T>(call: Call, schema: z.ZodType<T>): Parsed<T> {
  const body = call.request.body;
  const text = typeof body === "string" ? body : Buffer.from(body).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, response: invalidRequest(call.dialect, [{ message: "The request body is not valid JSON." }]) };
  }
  return parseValue(call.dialect, value, schema);
}

/** The same for a value that is already read. */
export function parseValue<T>(dialect: Dialect, value: unknown, schema: z.ZodType<T>): Parsed<T> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const errors: ParameterError[] = [];
  for (const issue of result.error.issues.slice(0, 20)) {
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys.slice(0, 20)) {
        const path = ["$", ...issue.path, key].join(".");
        errors.push({
          parameters: { [key]: [] },
          message: `${path}: is not defined in the schema and the schema does not allow additional properties`,
        });
      }
      continue;
    }
    const path = issue.path.join(".");
    errors.push({ parameters: { [path === "" ? "body" : path]: [] }, message: `$.${path}: ${issue.message}` });
  }
  return { ok: false, response: invalidRequest(dialect, errors) };
}
