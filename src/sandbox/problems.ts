/** X's refusals, word for word where somebody saw them. Every function makes one answer. */
import { type Page, pageHeaders } from "../page/shell.ts";
import type { Dialect, SandboxResponse } from "./types.ts";

/** `application/json` with the given value; `raw` bodies go through as they are. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): SandboxResponse {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    acted: true,
  };
}

export function html(status: number, body: string, headers: Record<string, string> = {}): SandboxResponse {
  return { status, headers: { "content-type": "text/html; charset=utf-8", ...headers }, body, acted: true };
}

/** A page with its policy. */
export function pageAnswer(status: number, { html: markup, policy }: Page): SandboxResponse {
  return html(status, markup, pageHeaders(policy));
}

export function empty(status: number): SandboxResponse {
  return { status, headers: {}, body: "", acted: true };
}

/** The address of a problem type; its host changed with the rewrite of August 2026. */
export function problemType(dialect: Dialect, name: string): string {
  return `https://${dialect === "2026-06" ? "api.twitter.com" : "api.x.com"}/2/problems/${name}`;
}

function problem(status: number, body: Record<string, unknown>): SandboxResponse {
  return json(status, body, { "content-type": "application/problem+json; charset=utf-8" });
}

/** The plain family: `about:blank`, a title from the status, a sentence. */
export function blank(status: number, title: string, detail: string): SandboxResponse {
  return json(status, { title, detail, type: "about:blank", status });
}

export const unauthorized = () => blank(401, "Unauthorized", "Unauthorized");
export const forbidden = (detail: string) => blank(403, "Forbidden", detail);
/** X's catch-all: too long for the account, a missing scope, a locked account, and more. */
export const notPermitted = () => forbidden("You are not permitted to perform this action.");
export const duplicate = () => forbidden("You are not allowed to create a Tweet with duplicate content.");
export const notVisible = () => forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.");
export const tooManyCashtags = () => forbidden("Posts are limited to a maximum of one cashtag.");
export const locked = () =>
  forbidden(
    "To protect our users from spam and other malicious activity, this account is temporarily locked. Please log in to https://x.com to unlock your account.",
  );
export const videoTooLong = (minutes: number) =>
  forbidden(`This user is not allowed to post a video longer than ${minutes} minutes.`);
export const notFound = () => blank(404, "Not Found", "Not Found");
export const tooManyRequests = () => blank(429, "Too Many Requests", "Too Many Requests");
export const unavailable = () => blank(503, "Service Unavailable", "Service Unavailable");

export interface ParameterError {
  parameters?: Record<string, string[]>;
  message: string;
}

/** 400 with the parameters that are wrong and why. */
export function invalidRequest(dialect: Dialect, errors: ParameterError[]): SandboxResponse {
  return problem(400, {
    errors,
    title: "Invalid Request",
    detail: "One or more parameters to your request was invalid.",
    type: problemType(dialect, "invalid-request"),
  });
}

/** 403 when the app-only bearer is used where a user must act. */
export function unsupportedAuthentication(dialect: Dialect): SandboxResponse {
  return problem(403, {
    title: "Unsupported Authentication",
    detail:
      "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
    type: problemType(dialect, "unsupported-authentication"),
    status: 403,
  });
}

/** 403 when the app is in no package. */
export function notEnrolled(dialect: Dialect, clientId: string): SandboxResponse {
  return problem(403, {
    client_id: clientId,
    detail:
      "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a Twitter developer App that is attached to a Project. You can create a project via the developer portal.",
    reason: "client-not-enrolled",
    required_enrollment: "Appropriate Level of API Access",
    registration_url: "https://developer.x.com/en/docs/projects/overview",
    title: "Client Forbidden",
    type: problemType(dialect, "client-forbidden"),
  });
}

export function suspended(dialect: Dialect): SandboxResponse {
  return problem(403, {
    title: "Forbidden",
    detail: "User has been suspended.",
    type: problemType(dialect, "user-suspended"),
    status: 403,
  });
}

/** 403 for a reply or a quote that the rules of 2026 forbid. */
export function replyNotAllowed(dialect: Dialect): SandboxResponse {
  return problem(403, {
    title: "Authorization Error",
    detail: "You can only reply to or quote posts where you are mentioned or are the author.",
    type: problemType(dialect, "not-authorized-for-resource"),
    resource_type: dialect === "2026-06" ? "tweet" : "post",
    status: 403,
  });
}

/** One entry of `errors`, or a whole body, for something that is not there. */
export function missingResource(
  dialect: Dialect,
  resource: "tweet" | "user" | "media",
  parameter: string,
  value: string,
): Record<string, unknown> {
  const kind = resource === "tweet" && dialect === "2026-08" ? "post" : resource;
  return {
    value,
    detail: `Could not find ${kind} with ${parameter}: [${value}].`,
    title: "Not Found Error",
    resource_type: kind,
    parameter,
    resource_id: value,
    type: problemType(dialect, "resource-not-found"),
  };
}

export function resourceNotFound(
  dialect: Dialect,
  resource: "tweet" | "user" | "media",
  parameter: string,
  value: string,
): SandboxResponse {
  return problem(404, { ...missingResource(dialect, resource, parameter, value), status: 404 });
}

/** 402. `account_id` is a bare JSON number beyond 2^53, as at X, so the body is written by hand. */
export function creditsDepleted(dialect: Dialect, accountId: string): SandboxResponse {
  const rest = JSON.stringify({
    title: "CreditsDepleted",
    detail: `Your enrolled account [${accountId}] does not have any credits to fulfill this request.`,
    type: problemType(dialect, "credits"),
  });
  return json(402, `{"account_id":${accountId},${rest.slice(1)}`, {
    "content-type": "application/problem+json; charset=utf-8",
  });
}

export function spendCapReached(dialect: Dialect, accountId: string): SandboxResponse {
  const rest = JSON.stringify({
    title: "SpendCapReached",
    detail: `Your enrolled account [${accountId}] has reached its billing cycle spend cap.`,
    type: problemType(dialect, "credits"),
  });
  return json(403, `{"account_id":${accountId},${rest.slice(1)}`, {
    "content-type": "application/problem+json; charset=utf-8",
  });
}

export function usageCapped(dialect: Dialect, accountId: string): SandboxResponse {
  const rest = JSON.stringify({
    title: "UsageCapExceeded",
    detail: "Usage cap exceeded: Monthly product cap",
    period: "Monthly",
    scope: "Product",
    type: problemType(dialect, "usage-capped"),
  });
  return json(429, `{"account_id":${accountId},${rest.slice(1)}`, {
    "content-type": "application/problem+json; charset=utf-8",
  });
}

/** Not an answer of X: the sandbox itself is full. */
export function sandboxFull(cap: string, value: number): SandboxResponse {
  return blank(
    507,
    "Sandbox Full",
    `This sandbox holds at most ${value} ${cap}. Nothing was done. POST /sandbox/reset empties it.`,
  );
}
