import { describe, expect, test } from "bun:test";
import type { Outcome } from "../../core/platform.ts";
import { answerMeta, processCreatePostResponse } from "./judge.ts";
import { answered, NOW, TOKEN } from "./testing.ts";
import { readAnswer } from "./transport.ts";

const ID = "1989000000000000001";
const PROBLEMS = "https://api.twitter.com/2/problems";
const context = { now: NOW, secrets: [TOKEN], isReply: false };
const judge = (answer: Parameters<typeof processCreatePostResponse>[0], isReply = false) =>
  processCreatePostResponse(answer, { ...context, isReply });

/** What the outcome comes down to: its kind, and its reason, cap or scope. */
function gist(outcome: Outcome): string {
  switch (outcome.kind) {
    case "refused":
      return `refused ${outcome.reason}`;
    case "out_of_credits":
      return `out_of_credits ${outcome.cap}`;
    case "wait":
      return `wait ${outcome.scope}`;
    case "held":
      return `held ${outcome.scope} ${outcome.reason}`;
    default:
      return outcome.kind;
  }
}

/** Bodies as X has been seen to send them (x-api.md, 2.4 and 4.2), and what each means. */
const TABLE: [name: string, status: number, body: unknown, expected: string][] = [
  ["201 with an id", 201, { data: { id: ID, text: "hi", edit_history_tweet_ids: [""] } }, "posted"],
  ["201 with an id and problems beside it", 201, { data: { id: ID, text: "hi" }, errors: [{ title: "x" }] }, "posted"],
  ["200 with an id", 200, { data: { id: ID } }, "posted"],
  ["201 without an id", 201, { data: { text: "hi", edit_history_tweet_ids: [ID] } }, "unknown"],
  ["201 with an empty id", 201, { data: { id: "", text: "hi" } }, "unknown"],
  ["201 with a number, which lost its last digits", 201, { data: { id: Number(ID), text: "hi" } }, "unknown"],
  ["201 with only problems", 201, { errors: [{ title: "Forbidden", detail: "no" }] }, "unknown"],
  ["200 with null", 200, null, "unknown"],
  ["201 without a body", 201, undefined, "unknown"],
  ["200 with a page", 200, "<html>", "unknown"],
  ["204", 204, undefined, "unknown"],
  ["302", 302, undefined, "unknown"],
  ["307", 307, { data: { id: ID } }, "unknown"],

  [
    "400 media ids",
    400,
    {
      errors: [{ parameters: { "media.media_ids": ["1"] }, message: "Your media IDs are invalid." }],
      title: "Invalid Request",
      detail: "One or more parameters to your request was invalid.",
      type: `${PROBLEMS}/invalid-request`,
    },
    "refused media_invalid",
  ],
  [
    "400 media ids by the parameter alone",
    400,
    { errors: [{ parameters: { "media.media_ids": [] } }] },
    "refused media_invalid",
  ],
  [
    "400 other",
    400,
    { title: "Invalid Request", type: `${PROBLEMS}/invalid-request`, detail: "bad" },
    "refused invalid",
  ],
  ["400 empty", 400, undefined, "refused invalid"],
  ["401", 401, { title: "Unauthorized", type: "about:blank", status: 401, detail: "Unauthorized" }, "signed_out"],
  ["401 empty", 401, undefined, "signed_out"],
  ["401 page", 401, "<html>", "unknown"],
  ["402 page", 402, "<html>", "unknown"],
  [
    "402 credits",
    402,
    {
      account_id: 1,
      title: "CreditsDepleted",
      detail: "Your enrolled account [1] does not have any credits to fulfill this request.",
      type: "https://api.x.com/2/problems/credits",
    },
    "out_of_credits credits",
  ],
  ["402 empty", 402, undefined, "out_of_credits credits"],
  ["402 spending limit", 402, { title: "SpendCapReached" }, "out_of_credits spend_cap"],
  ["403 spending limit", 403, { title: "SpendCapReached", type: "about:blank" }, "out_of_credits spend_cap"],
  [
    "403 spending limit by its words",
    403,
    { title: "Forbidden", detail: "Monthly spending limit reached" },
    "out_of_credits spend_cap",
  ],
  ["403 usage cap", 403, { title: "UsageCapExceeded", type: `${PROBLEMS}/usage-capped` }, "out_of_credits usage_cap"],
  [
    "403 duplicate",
    403,
    {
      detail: "You are not allowed to create a Tweet with duplicate content.",
      type: "about:blank",
      title: "Forbidden",
      status: 403,
    },
    "refused duplicate",
  ],
  [
    "403 duplicate of the old API",
    403,
    { errors: [{ code: 187, message: "Status is a duplicate." }] },
    "refused duplicate",
  ],
  [
    "403 catch-all",
    403,
    { detail: "You are not permitted to perform this action.", type: "about:blank", title: "Forbidden" },
    "refused not_permitted",
  ],
  ["403 empty", 403, undefined, "refused not_permitted"],
  [
    "403 locked",
    403,
    { errors: [{ code: 326, message: "this account is temporarily locked" }] },
    "held account locked",
  ],
  [
    "403 reply rule",
    403,
    {
      title: "Authorization Error",
      type: `${PROBLEMS}/not-authorized-for-resource`,
      detail: "You can only reply to or quote posts where you are mentioned or are the author.",
    },
    "refused reply_not_allowed",
  ],
  [
    "403 reply rule on X's new host",
    403,
    { type: "https://api.x.com/2/problems/not-authorized-for-resource" },
    "refused reply_not_allowed",
  ],
  [
    "403 reply settings",
    403,
    {
      title: "Forbidden",
      type: "about:blank",
      detail:
        "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.",
    },
    "refused reply_not_allowed",
  ],
  [
    "403 parent not visible",
    403,
    {
      title: "Forbidden",
      type: "about:blank",
      detail: "You attempted to reply to a Tweet that is deleted or not visible to you.",
    },
    "refused parent_missing",
  ],
  [
    "403 video length",
    403,
    { detail: "This user is not allowed to post a video longer than 2 minutes.", type: "about:blank" },
    "refused media_too_long",
  ],
  [
    "403 cashtags",
    403,
    { detail: "Posts may contain a maximum of one cashtag.", type: "about:blank" },
    "refused cashtags",
  ],
  [
    "403 not enrolled",
    403,
    { reason: "client-not-enrolled", type: `${PROBLEMS}/client-forbidden`, title: "Client Forbidden" },
    "held app app_not_enrolled",
  ],
  [
    "403 client",
    403,
    { reason: "official-client-forbidden", type: `${PROBLEMS}/client-forbidden` },
    "held app app_forbidden",
  ],
  [
    "403 app-only token",
    403,
    { type: `${PROBLEMS}/unsupported-authentication`, title: "Unsupported Authentication" },
    "held app app_forbidden",
  ],
  ["403 suspended by type", 403, { type: `${PROBLEMS}/user-suspended` }, "held account suspended"],
  [
    "403 suspended by words",
    403,
    { detail: "Your account is suspended and is not permitted to access this feature." },
    "held account suspended",
  ],
  [
    "403 problem inside errors only",
    403,
    { errors: [{ type: `${PROBLEMS}/not-authorized-for-resource`, title: "x" }] },
    "refused reply_not_allowed",
  ],
  [
    "403 suspended, 64",
    403,
    { errors: [{ code: 64, message: "Your account is suspended" }] },
    "held account suspended",
  ],
  ["403 suspended, 63 as text", 403, { errors: [{ code: "63" }] }, "held account suspended"],
  [
    "403 locked, in v2's words",
    403,
    {
      title: "Forbidden",
      type: "about:blank",
      detail:
        "To protect our users from spam and other malicious activity, this account is temporarily locked. Please log in to https://x.com to unlock your account.",
    },
    "held account locked",
  ],
  ["403 locked, errors inside errors", 403, { errors: [{ errors: [{ code: 326 }] }] }, "held account locked"],
  ["403 locked, errors as a record", 403, { errors: { code: 326 } }, "held account locked"],
  ["403 locked, under error", 403, { error: { code: 326, message: "x" } }, "held account locked"],
  [
    "403 over the day",
    403,
    { errors: [{ code: 185, message: "User is over daily status update limit." }] },
    "held account daily_limit",
  ],
  [
    "403 over the day, v2",
    403,
    { title: "Forbidden", detail: "User is over daily status update limit." },
    "held account daily_limit",
  ],
  [
    "403 automated",
    403,
    {
      detail:
        "This request looks like it might be automated. To protect our users from spam and other malicious activity, we can't complete this action right now.",
    },
    "held account automated",
  ],
  ["403 automated, 226", 403, { errors: [{ code: 226 }] }, "held account automated"],
  [
    "403 may not write, 261",
    403,
    { errors: [{ code: 261, message: "Application cannot perform write actions." }] },
    "held app app_forbidden",
  ],
  [
    "403 subset of the API, 453",
    403,
    {
      errors: [
        {
          code: 453,
          message: "You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints",
        },
      ],
    },
    "held app app_forbidden",
  ],
  [
    "403 OAuth 1.0a app permissions",
    403,
    { detail: "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint." },
    "held app app_forbidden",
  ],
  [
    "403 not enrolled, by what it would need",
    403,
    { title: "Client Forbidden", required_enrollment: "Appropriate Level of API Access", type: "about:blank" },
    "held app app_not_enrolled",
  ],
  ["400 repeats words of the author", 400, { detail: "Bad: my account is locked" }, "refused invalid"],
  ["403 too long, 186", 403, { errors: [{ code: 186 }] }, "refused too_long"],
  ["403 media, 325", 403, { errors: [{ code: 325 }] }, "refused media_invalid"],
  ["400 media, 324", 400, { errors: [{ code: 324 }] }, "refused media_invalid"],
  ["403 too many attachments, 386", 403, { errors: [{ code: 386 }] }, "refused invalid"],
  ["403 page", 403, "<html>Attention Required! | Cloudflare</html>", "unknown"],
  ["404", 404, { type: `${PROBLEMS}/resource-not-found` }, "refused invalid"],
  ["404 page", 404, "Not here", "unknown"],
  ["407", 407, "proxy", "not_sent"],
  ["408", 408, undefined, "unknown"],
  ["409", 409, { title: "Conflict" }, "unknown"],
  ["413", 413, undefined, "refused invalid"],
  ["413 page", 413, "<html>", "refused invalid"],
  ["421", 421, undefined, "not_sent"],
  ["425", 425, undefined, "not_sent"],
  ["422", 422, { title: "?" }, "refused invalid"],
  ["499", 499, { title: "?" }, "refused invalid"],
  [
    "429",
    429,
    { title: "Too Many Requests", detail: "Too Many Requests", type: "about:blank", status: 429 },
    "wait account",
  ],
  ["429 of the old API", 429, { errors: [{ code: 88, message: "Rate limit exceeded" }] }, "wait account"],
  ["429 page", 429, "<html>", "wait account"],
  [
    "429 usage cap",
    429,
    { title: "UsageCapExceeded", period: "Monthly", scope: "Product", type: `${PROBLEMS}/usage-capped` },
    "out_of_credits usage_cap",
  ],
  ["400 of the old API's rate limit", 400, { errors: [{ code: 88, message: "Rate limit exceeded" }] }, "wait account"],
  ["500", 500, { title: "Internal Server Error", type: "about:blank", status: 500 }, "unknown"],
  ["502 page", 502, "<html>", "unknown"],
  ["503", 503, { title: "Service Unavailable", detail: "duplicate content" }, "unknown"],
  ["503 with an id", 503, { data: { id: ID } }, "unknown"],
  ["520", 520, undefined, "unknown"],
  ["a status of no class", 700, { detail: "duplicate content" }, "unknown"],
];

describe("an answer to a create", () => {
  test.each(TABLE)("%s", (_name, status, body, expected) => {
    expect(gist(judge(answered(status, body)))).toBe(expected);
  });

  test("a posted tweet is known by its id, as a string", () => {
    expect(judge(answered(201, { data: { id: ID, text: "x" } }))).toEqual({ kind: "posted", externalPostId: ID });
  });

  test("404 on a reply means the parent", () => {
    const body = { type: `${PROBLEMS}/resource-not-found` };
    expect(gist(judge(answered(404, body), true))).toBe("refused parent_missing");
  });

  test("scenario 2: a body that broke off keeps a 2xx unknown and a 4xx refused", () => {
    for (const form of ["cut", "too_large"] as const) {
      const answer = (status: number) => ({ ...answered(status), form });
      expect(gist(judge(answer(201)))).toBe("unknown");
      expect(gist(judge(answer(503)))).toBe("unknown");
      expect(gist(judge(answer(403)))).toBe("refused not_permitted");
      expect(gist(judge(answer(429)))).toBe("wait account");
    }
  });

  test("scenario 2: only what proves that nothing was sent counts as not sent", () => {
    expect(judge({ kind: "silent", neverSent: true, cause: "c" })).toEqual({ kind: "not_sent", cause: "c" });
    expect(judge({ kind: "silent", neverSent: false, cause: "c" })).toEqual({ kind: "unknown", cause: "c" });
  });

  test("scenario 19: a rate limit waits for the latest time that X names", () => {
    const reset = (offset: number) => String(NOW.getTime() / 1000 + offset);
    const headers = {
      "x-rate-limit-limit": "40000",
      "x-rate-limit-remaining": "39999",
      "x-rate-limit-reset": reset(900),
      "x-app-limit-24hour-limit": "100",
      "x-app-limit-24hour-remaining": "0",
      "x-app-limit-24hour-reset": reset(7_200),
    };
    expect(judge(answered(429, { title: "Too Many Requests" }, headers))).toMatchObject({
      kind: "wait",
      until: new Date(NOW.getTime() + 7_200_000),
      scope: "app",
    });
    expect(judge(answered(429))).toMatchObject({ kind: "wait", until: null });
  });

  test("no outcome holds a token that X echoes, or more than a few lines", () => {
    for (const status of [201, 400, 401, 402, 403, 404, 409, 429, 500]) {
      const outcome = judge(answered(status, { title: TOKEN, detail: `${TOKEN} ${"long ".repeat(1_000)} ${TOKEN}` }));
      const text = JSON.stringify(outcome);
      expect(text).not.toContain(TOKEN);
      expect(text.length).toBeLessThan(600);
    }
  });

  test("the detail says what X said, with the status and the problem", () => {
    const body = {
      errors: [{ message: "Your media IDs are invalid." }],
      title: "Invalid Request",
      detail: "One or more parameters to your request was invalid.",
      type: `${PROBLEMS}/invalid-request`,
    };
    expect(judge(answered(400, body))).toMatchObject({
      detail:
        "HTTP 400, invalid-request: One or more parameters to your request was invalid. Your media IDs are invalid.",
    });
  });

  test("what the entries of errors say reaches the author beside a general sentence, with the parameter", () => {
    const body = {
      errors: [
        { detail: "Your text is too long: 281 of 280.", parameter: "text" },
        { parameters: { "poll.options": [] } },
      ],
      title: "Invalid Request",
      detail: "One or more parameters to your request was invalid.",
    };
    expect(judge(answered(400, body))).toMatchObject({
      detail:
        "HTTP 400: One or more parameters to your request was invalid. Your text is too long: 281 of 280. (poll.options)",
    });
  });

  test("whatever the JSON, a judgement comes of it", () => {
    for (const body of [
      [],
      7,
      true,
      { errors: 5 },
      { errors: [null, 3, "x"] },
      { title: {}, detail: [] },
      { type: 5 },
      { error: { message: 1 } },
    ]) {
      for (const status of [200, 400, 403, 500]) expect(judge(answered(status, body)).kind).toBeString();
    }
  });
});

describe("reading a response", () => {
  const read = (body: string | null, init: ResponseInit = {}) => readAnswer(new Response(body, init));

  test("JSON is read whatever the content type", async () => {
    for (const type of ["application/json", "application/problem+json", "text/html", "text/plain", ""]) {
      const answer = await read(`{"data":{"id":"${ID}"}}`, { status: 201, headers: { "content-type": type } });
      expect(gist(judge(answer))).toBe("posted");
    }
    expect((await read("\ufeff {}\n")).form).toBe("json");
  });

  test("HTML is no answer of X's API, whatever it calls itself", async () => {
    expect((await read("<html>", { headers: { "content-type": "text/html" } })).form).toBe("other");
    expect((await read("<html>", { headers: { "content-type": "application/json" } })).form).toBe("cut");
    expect((await read('{"data":{"id":"19', { headers: { "content-type": "application/json" } })).form).toBe("cut");
    expect((await read(" \n")).form).toBe("empty");
    expect((await read(null, { status: 204 })).form).toBe("empty");
  });
});

test("the facts that are kept of an answer hold the transaction id and the limits, and nothing else", () => {
  const answer = answered(201, {}, { "x-transaction-id": "abc123", "set-cookie": "secret", "x-rate-limit-limit": "1" });
  expect(answerMeta(answer)).toEqual({ httpStatus: 201, transactionId: "abc123", rateLimits: [] });
  expect(answerMeta({ kind: "silent", neverSent: true, cause: "" })).toEqual({
    httpStatus: null,
    transactionId: null,
    rateLimits: [],
  });
});
