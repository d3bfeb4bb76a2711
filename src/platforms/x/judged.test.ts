/** What each judge makes of answers as X, or something in front of it, gives them: whole, with the words that are kept. */
import { expect, test } from "bun:test";
import { PsnError } from "../../core/errors.ts";
import { DETAIL_LENGTH_MAX, safeDetail, wellFormed } from "./detail.ts";
import { answerMeta, judgeRefusal, processCreatePostResponse } from "./judge.ts";
import { processByIdResponse, processDeleteResponse } from "./judge-by-id.ts";
import { isTooLarge, processMediaResponse, processPlainMediaResponse } from "./judge-media.ts";
import { processExchangeResponse, processRefreshResponse, processRevokeResponse } from "./judge-oauth.ts";
import { judgeReadFailure, processMeResponse, processTimelineResponse } from "./judge-posts.ts";
import { describe as describeAnswer, readProblem } from "./problem.ts";
import { readRateLimits, readWait } from "./rate-limit.ts";
import { idTime } from "./snowflake.ts";
import { answered, NOW, TOKEN } from "./testing.ts";
import { toApiError } from "./to-error.ts";
import type { Answer, Responded } from "./transport.ts";

const context = { now: NOW, secrets: [TOKEN], isReply: false };
const PROBLEMS = "https://api.x.com/2/problems";
const problem = (type: string, more: object = {}) => ({ type: `${PROBLEMS}/${type}`, ...more });
const silent = (neverSent: boolean): Answer => ({ kind: "silent", neverSent, cause: "no answer (ECONNRESET)" });
const formed = (status: number, form: Responded["form"]): Responded => ({
  kind: "responded",
  status,
  headers: new Headers(),
  form,
  json: form === "json" ? {} : undefined,
});

/** On one line, with instants as seconds from now. */
const said = (value: unknown) =>
  JSON.stringify(value, (_, one) =>
    typeof one === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(one)
      ? `+${(Date.parse(one) - NOW.getTime()) / 1_000} s`
      : one,
  );
/** What a judge says, or the error that a person reads. */
function heard(act: () => unknown): string {
  try {
    return said(act()) ?? "nothing";
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    return said({ code: error.code, message: error.message, hint: error.hint });
  }
}
const table = (rows: Record<string, () => unknown>) =>
  Object.entries(rows)
    .map(([name, act]) => `${name}: ${heard(act)}`)
    .join("\n");
const each = <Value>(values: Record<string, Value>, judge: (value: Value) => unknown) =>
  table(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, () => judge(value)])));

/** Bodies of refusals, by what they are about. */
const REFUSALS: Record<string, Answer> = {
  "credits by type": answered(402, problem("credits", { title: "CreditsDepleted", detail: "no credits" })),
  "credits by title": answered(402, { title: "Credits Depleted" }),
  "credits by words": answered(403, { detail: "The account does not have any credits left." }),
  "credits by type elsewhere": answered(400, problem("credits")),
  "credits by title elsewhere": answered(400, { title: "CreditsDepleted" }),
  "a spend limit": answered(403, { detail: "the spend limit" }),
  "a spendcap": answered(403, { detail: "the spendcap" }),
  "402 without a word": answered(402, {}),
  "spend cap by type": answered(403, problem("spend-cap-reached")),
  "spend cap by title": answered(400, { title: "Spend-Cap Reached" }),
  "spend cap by words": answered(429, { detail: "Your spending limit is reached." }),
  "usage cap by type": answered(429, problem("usage-capped")),
  "usage cap by title": answered(400, { title: "UsageCapExceeded" }),
  "usage cap by words": answered(403, { detail: "Usage cap exceeded: Monthly product cap" }),
  "words of money elsewhere": answered(400, { detail: "the usage cap, the spend cap, CreditsDepleted" }),
  "429": answered(429, {}, { "x-rate-limit-reset": String(NOW.getTime() / 1_000 + 60) }),
  "88 in a 400": answered(400, { errors: [{ code: 88, message: "Rate limit exceeded" }] }),
  "limit by type": answered(400, problem("rate-limit-exceeded")),
  "401": answered(401, { title: "Unauthorized", detail: "Unauthorized" }),
  "not enrolled": answered(403, problem("client-forbidden", { reason: "client-not-enrolled" })),
  "no project": answered(403, { detail: "must be attached to a Project" }),
  "level of access": answered(403, { required_enrollment: "Appropriate Level of API Access" }),
  "app 453": answered(403, { errors: [{ code: 453, message: "a subset of X API V2 endpoints" }] }),
  "app 261": answered(403, { errors: [{ code: "261", message: "no write" }] }),
  "app 416": answered(401, { errors: [{ code: 416 }] }),
  "app by type": answered(403, problem("oauth1-permissions")),
  "unsupported authentication": answered(403, { errors: [problem("unsupported-authentication")] }),
  "app suspended": answered(403, { detail: "This application has been suspended" }),
  "app may not write": answered(403, { detail: "Application cannot perform write actions" }),
  "locked 326": answered(403, { errors: [{ code: 326, message: "This account is temporarily locked." }] }),
  "locked by words": answered(403, { detail: "Please log in to https://x.com to unlock your account." }),
  "suspended 64": answered(403, { errors: [{ code: 64 }] }),
  "suspended 63": answered(403, { errors: [{ code: 63 }] }),
  "suspended by type": answered(403, problem("user-suspended")),
  "suspended by words": answered(403, { detail: "Your account was suspended." }),
  "over its day": answered(403, { errors: [{ code: 185 }] }),
  "over its day by words": answered(403, { detail: "User is over daily status update limit." }),
  "daily limit for posts": answered(403, { detail: "You reached the daily limit for sending posts." }),
  "automated 226": answered(403, { errors: [{ code: 226 }] }),
  "automated by words": answered(403, { detail: "This request looks like it might be automated." }),
  "words of holds at 400": answered(400, { detail: "account is temporarily locked, looks like it might be automated" }),
  duplicate: answered(403, { detail: "You are not allowed to create a Tweet with duplicate content." }),
  "duplicate 187": answered(403, { errors: [{ code: 187, message: "Status is a duplicate." }] }),
  "parent 385": answered(403, { errors: [{ code: 385 }] }),
  "parent by words": answered(400, { detail: "a Tweet that is deleted or not visible to you" }),
  "reply 433": answered(403, { errors: [{ code: 433 }] }),
  "reply by type": answered(403, problem("not-authorized-for-resource")),
  "reply by words": answered(403, { detail: "Reply to this conversation is not allowed" }),
  "not mentioned": answered(403, { detail: "You have not been mentioned or otherwise engaged by the author" }),
  "video too long": answered(403, { detail: "This user is not allowed to post a video longer than 2 minutes" }),
  "media 324": answered(400, { errors: [{ code: 324 }] }),
  "media 325": answered(400, { errors: [{ code: 325 }] }),
  "media by words": answered(400, { errors: [{ message: "Your media IDs are invalid." }] }),
  "media by parameter": answered(400, {
    errors: [{ parameters: { "media.media_ids": ["1"] }, message: "One is wrong" }],
  }),
  "media by parameter at 403": answered(403, { errors: [{ parameters: { "media.media_ids": ["1"] } }] }),
  "media by a path": answered(400, { errors: [{ parameters: { "$.media.of.media_ids": ["1"] } }] }),
  "no media": answered(400, { errors: [{ parameters: { "social_media.media_ids": ["1"] } }] }),
  "vague among others": answered(403, { detail: "no", errors: [{ message: "the scope is missing" }] }),
  "a hold's number in a 500": answered(500, { errors: [{ code: 326 }] }),
  "other parameter": answered(400, { errors: [{ parameter: "reply.in_reply_to_tweet_id", value: "1" }] }),
  "attachments 386": answered(403, { errors: [{ code: 386 }] }),
  "too long 186": answered(403, { errors: [{ code: 186, message: "Tweet needs to be a bit shorter." }] }),
  cashtags: answered(400, { detail: "too many cashtags" }),
  "403 vague": answered(403, { detail: "You are not permitted to perform this action." }),
  "404": answered(404, { title: "Not Found Error", ...problem("resource-not-found") }),
  "400 of nobody's shape": answered(400, []),
};
const OUTAGES: Record<string, Answer> = {
  "never sent": silent(true),
  "no answer": silent(false),
  ...Object.fromEntries(
    [200, 204, 302, 400, 401, 403, 404, 407, 408, 409, 413, 421, 425, 429, 499, 500].flatMap((status) =>
      (["json", "other"] as const).map((form) => [`${status} ${form}`, formed(status, form)]),
    ),
  ),
  ...Object.fromEntries((["empty", "cut", "too_large"] as const).map((form) => [`200 ${form}`, formed(200, form)])),
  ...Object.fromEntries((["empty", "cut", "too_large"] as const).map((form) => [`400 ${form}`, formed(400, form)])),
};
const ALL = { ...REFUSALS, ...OUTAGES };

test("a create: what became of the tweet, and whose no it is", () => {
  expect(each(ALL, (answer) => processCreatePostResponse(answer, context))).toMatchSnapshot();
});

test("a create that is a reply: only a parent that is not there is judged otherwise", () => {
  const asReply = (answer: Answer) => said(processCreatePostResponse(answer, { ...context, isReply: true }));
  const differs = Object.entries(ALL).filter(
    ([, answer]) => asReply(answer) !== said(processCreatePostResponse(answer, context)),
  );
  expect(differs.map(([name, answer]) => `${name}: ${asReply(answer)}`).join("\n")).toMatchSnapshot();
});

test("an upload and its alt text: what is refused, what may be tried again", () => {
  const judge = (answer: Answer) => {
    const step = processMediaResponse(answer, context);
    const plain = processPlainMediaResponse(answer, context);
    return said(step) === said(plain) ? step : { step, plain };
  };
  expect(each(ALL, judge)).toMatchSnapshot();
  expect(
    Object.keys(ALL)
      .filter((name) => isTooLarge(ALL[name] as Answer))
      .join(", "),
  ).toMatchSnapshot();
});

test("an upload that X took: ready, in processing, or given up", () => {
  const data = (more: object) => answered(200, { data: { id: "55", media_key: "3_55", ...more } });
  const processing = (state: string, more: object = {}) => data({ processing_info: { state, ...more } });
  const error = (name: string, message?: string) => ({ error: { code: 1, name, ...(message ? { message } : {}) } });
  const answers: Record<string, Answer> = {
    ready: data({}),
    "ready without a key": answered(200, { data: { id: "55" } }),
    "kept for an hour": data({ expires_after_secs: 3_600 }),
    "kept for a year": data({ expires_after_secs: 31_536_000 }),
    "kept for 30 days": data({ expires_after_secs: 2_592_000 }),
    succeeded: processing("succeeded", { progress_percent: 100 }),
    pending: processing("pending"),
    "in progress": processing("in_progress", { check_after_secs: 5, progress_percent: 40 }),
    "check at once": processing("in_progress", { check_after_secs: 0 }),
    "check in an hour": processing("in_progress", { check_after_secs: 3_600 }),
    "a state of X's own": processing("queued"),
    "failed without a word": processing("failed"),
    "failed for the file": processing("failed", error("InvalidMedia", "file type is wrong")),
    "failed inside X": processing("failed", error("InternalError", "try later")),
    "failed by timeout": processing("failed", error("", "Timeout")),
    "X's part is unavailable": processing("failed", error("Unavailable")),
    "no id": answered(200, { data: {} }),
    "a number for an id": answered(200, { data: { id: 55 } }),
  };
  expect(each(answers, (answer) => processMediaResponse(answer, context))).toMatchSnapshot();
});

test("a list of posts, an account, posts by id, a deletion", () => {
  const lists: Record<string, Answer> = {
    ...ALL,
    "no posts": answered(200, { meta: { result_count: 0 } }),
    "no list": answered(200, { meta: {} }),
    "fewer than counted": answered(200, { data: [], meta: { result_count: 1, next_token: "n" } }),
    "a post that cannot be read": answered(200, { data: [{ text: "no id" }], meta: { result_count: 1 } }),
    "a problem beside a reference": answered(200, { data: [], errors: [{ parameter: "referenced_tweets.id" }] }),
    "a problem of a post": answered(200, { data: [], errors: [{ parameter: "id" }] }),
    "a problem without a parameter": answered(200, { data: [], errors: [{}] }),
    "a problem whose parameter holds the word": answered(200, { data: [], errors: [{ parameter: "my_attachments" }] }),
    "a long next page": answered(200, { data: [], meta: { next_token: "n".repeat(1_024) } }),
    "a next page that is too long": answered(200, { data: [], meta: { next_token: "n".repeat(1_025) } }),
    "one that can be read and one that cannot": answered(200, { data: [{ id: "1", text: "x" }, { id: "y" }] }),
    "vocabulary in a 500": answered(500, { detail: "tweet.fields" }),
    "problems of nobody's shape": answered(200, { data: [], errors: [7] }),
    "another vocabulary": answered(400, { errors: [{ parameters: { "tweet.fields": ["x"] } }] }),
    "another vocabulary by words": answered(400, { errors: [{ message: "expansions: unknown" }] }),
    "another vocabulary at 403": answered(403, { detail: "post.fields" }),
  };
  expect(each(lists, (answer) => processTimelineResponse(answer, context))).toMatchSnapshot();
  const known = new Set(
    Object.entries(lists).map(([name, answer]) => `${name} ${said(judgeReadFailure(answer, context))}`),
  );
  expect([...known].filter((line) => line.endsWith(" null")).join("\n")).toMatchSnapshot();
  const me = (data: unknown) => answered(200, { data });
  const accounts: Record<string, Answer> = {
    whole: me({ id: "12", username: "acme", name: "Acme", subscription_type: "Premium" }),
    "without what X need not say": me({ id: "12", username: "acme", name: "Acme" }),
    "no handle": me({ id: "12", name: "Acme" }),
    nothing: me(undefined),
    "401": answered(401, {}),
    "503": answered(503, {}),
    "no answer": silent(false),
  };
  expect(each(accounts, (answer) => processMeResponse(answer, context))).toMatchSnapshot();
  const gone = (more: object) => answered(200, { errors: [{ type: `${PROBLEMS}/resource-not-found`, ...more }] });
  const byId: Record<string, Answer> = {
    "no answer": silent(false),
    there: answered(200, { data: [{ id: "1", author_id: "12" }, { id: "2" }] }),
    "gone by resource": gone({ resource_id: "3", value: "4" }),
    "gone by value": gone({ value: "4" }),
    "gone, nobody knows which": gone({}),
    "there and gone": answered(200, {
      data: [{ id: "3" }],
      errors: [{ type: `${PROBLEMS}/resource-not-found`, resource_id: "3" }],
    }),
    "hidden for another reason": answered(200, { errors: [problem("not-authorized-for-resource", { value: "4" })] }),
    "gone at an address that goes on": answered(200, { errors: [problem("resource-not-found/x", { value: "4" })] }),
    "a problem without a type": answered(200, { errors: [{ value: "4" }] }),
    nothing: answered(200, {}),
    "503": answered(503, {}),
  };
  expect(each(byId, (answer) => processByIdResponse(answer, context))).toMatchSnapshot();
  const deletions: Record<string, Answer> = {
    ...OUTAGES,
    deleted: answered(200, { data: { deleted: true } }),
    "not deleted": answered(200, { data: { deleted: false } }),
    gone: answered(404, problem("resource-not-found")),
    "gone 144": answered(403, { errors: [{ code: 144 }] }),
    refused: answered(403, { detail: "not yours" }),
    locked: answered(403, { errors: [{ code: 326 }] }),
  };
  expect(each(deletions, (answer) => processDeleteResponse(answer, context))).toMatchSnapshot();
});

test("the token endpoint: a code, a refresh, a revocation, with what a person reads", () => {
  const oauth = (error: string, description = "no") => answered(400, { error, error_description: description });
  const tokens = (more: object) => answered(200, { token_type: "bearer", access_token: "new", ...more });
  const answers: Record<string, Answer> = {
    ...OUTAGES,
    whole: tokens({ refresh_token: "next", expires_in: 100, scope: "tweet.read  tweet.write" }),
    "without what may be left out": tokens({}),
    "an absurd life": tokens({ expires_in: -5, scope: 7 }),
    "kinds that only look alike": tokens({ token_type: "macbearer" }),
    "kinds that begin alike": tokens({ token_type: "bearer2" }),
    "refused by a 500": answered(500, { error: "invalid_grant" }),
    "callback in one word": oauth("invalid_request", "RedirectUri is wrong"),
    "verifier in one word": oauth("invalid_request", "codeverifier"),
    "words apart": answered(400, {
      error: "invalid_request",
      error_description: "code",
      errors: [{ message: "verifier" }],
    }),
    "another kind of token": tokens({ token_type: "mac" }),
    "a token with a blank": tokens({ access_token: "new token" }),
    "unauthorized client": answered(401, { error: "unauthorized_client", error_description: "Missing" }),
    "invalid client": answered(401, { error: " Invalid_Client " }),
    "client forbidden": answered(403, problem("client-forbidden")),
    "callback 415": answered(403, { errors: [{ code: 415 }] }),
    "callback by words": oauth("invalid_request", "redirect_uri is wrong"),
    "callback url": oauth("invalid_request", "Callback URL not approved"),
    scope: oauth("invalid_scope"),
    "grant type": oauth("unsupported_grant_type"),
    denied: oauth("access_denied"),
    busy: oauth("temporarily_unavailable"),
    "no word": answered(400, { detail: "something" }),
    header: oauth("invalid_request", "Missing valid authorization header"),
    "client id": oauth("invalid_request", "client_id is wrong"),
    verifier: oauth("invalid_request", "code verifier did not match"),
    "missing parameter": oauth("invalid_request", "Missing required parameter [code]"),
    "missing in a grant": oauth("invalid_grant", "Missing required parameter"),
    "spent token": oauth("invalid_request", `Value passed for the token was invalid: ${TOKEN}`),
    grant: oauth("invalid_grant"),
    "429 in words": answered(429, { error: "invalid_grant" }),
  };
  expect(each(answers, (answer) => processExchangeResponse(answer, context, ["tweet.read"]))).toMatchSnapshot();
  expect(each(answers, (answer) => processRefreshResponse(answer, context, "old"))).toMatchSnapshot();
  expect(each(answers, (answer) => processRevokeResponse(answer, context))).toMatchSnapshot();
});

test("what is read of a problem, in each of X's shapes", () => {
  const many = Array.from({ length: 25 }, (_, index) => ({
    code: index,
    message: `m${index}`,
    parameter: `p${index}`,
  }));
  const bodies: Record<string, unknown> = {
    nothing: null,
    list: [{ detail: "no" }],
    plain: { type: "about:blank", title: "T", detail: "D", status: 400 },
    "blank texts": { type: " ", title: "", detail: "  ", reason: "\t" },
    oauth: { error: "invalid", error_description: "why" },
    nested: { errors: [{ errors: [{ errors: [{ errors: [{ detail: "too deep" }] }], detail: "deep" }] }] },
    "one error": { errors: { code: "88", message: "one" } },
    "error as a record": { error: { title: "inner", code: 7 } },
    many: { errors: many },
    codes: { errors: [{ code: "1234567" }, { code: "x1" }, { code: "12" }, { code: -3 }, { code: null }] },
    types: { type: "https://a/b/#c-d_e.f!/", errors: [{ type: "/" }, { type: `x/${"y".repeat(70)}` }] },
    parameters: { errors: [{ parameters: { b: 1, a: 2 }, parameter: "c" }, { parameters: ["d"] }] },
    client: { reason: "client-not-enrolled", required_enrollment: "Level" },
  };
  expect(each(bodies, readProblem)).toMatchSnapshot();
  const described = (json: unknown) => describeAnswer(answered(400, json), [TOKEN]);
  expect(each({ ...bodies, "a secret": { detail: `with ${TOKEN}` } }, described)).toMatchSnapshot();
});

test("what is kept of X's words: short, plain, and nothing secret", () => {
  const secrets = ["12345678", "1234567", "a secret/with blanks", "a secret"];
  const texts: Record<string, string> = {
    plain: "nothing to hide",
    "secret of eight": "x12345678y 1234567",
    "inside a URL": "?t=a%20secret%2Fwith%20blanks&u=a secret/with blanks",
    bearer: "Bearer abcdefghijklmnop and Basic   QWxhZGRpbjpvcGVuIHNlc2FtZQ== and bearer short",
    directions: "a\u202eb\u2066c\u2069d\u202ae",
    blanks: "  a\n\r\tb\u2028c\u2029d\u0000e  ",
    "half a pair": "a\ud800b",
    longest: "x".repeat(DETAIL_LENGTH_MAX),
    "one too long": "x".repeat(DETAIL_LENGTH_MAX + 1),
    "cut within a pair": `${"x".repeat(DETAIL_LENGTH_MAX - 2)}😀y`,
    huge: `${" ".repeat(16 * DETAIL_LENGTH_MAX)}lost`,
  };
  expect(each(texts, (text) => safeDetail(text, secrets))).toMatchSnapshot();
  expect(safeDetail("abcdefghij")).toBe("abcdefghij");
  expect(wellFormed("a\udc00\ud83d\ude00")).toBe("a\ufffd😀");
});

test("limits, ids, and what is kept for history", () => {
  const epoch = NOW.getTime() / 1_000;
  const headers: Record<string, Record<string, string>> = {
    none: {},
    all: {
      "x-rate-limit-limit": "100",
      "x-rate-limit-remaining": "0",
      "x-rate-limit-reset": String(epoch + 900),
      "x-user-limit-24hour-limit": "50",
      "x-user-limit-24hour-remaining": "0",
      "x-user-limit-24hour-reset": String(epoch + 80_000),
      "x-app-limit-24hour-limit": "9",
      "x-app-limit-24hour-remaining": "0",
      "x-app-limit-24hour-reset": String(epoch + 89_999),
    },
    "the app's day alone": { "x-app-limit-24hour-remaining": "0", "x-app-limit-24hour-reset": String(epoch + 5) },
    "25 hours": { "x-rate-limit-reset": String(epoch + 90_000) },
    "over 25 hours": { "x-rate-limit-reset": String(epoch + 90_001) },
    now: { "x-rate-limit-reset": String(epoch) },
    smallest: { "x-rate-limit-reset": "1000000000" },
    "too small": { "x-rate-limit-reset": "999999999" },
    greatest: { "x-rate-limit-reset": "9999999999" },
    "too great": { "x-rate-limit-reset": "10000000000" },
    "retry after": { "retry-after": " 30 " },
    "retry after a date": { "retry-after": new Date(NOW.getTime() + 40_000).toUTCString() },
    "retry after nobody's date": { "retry-after": "soon" },
    "fifteen digits": { "x-rate-limit-limit": "123456789012345", "x-rate-limit-remaining": "1234567890123456" },
  };
  const read = (given: Record<string, string>) => [
    readRateLimits(new Headers(given)),
    readWait(new Headers(given), NOW),
    readWait(new Headers(given), NOW, 10_000),
    answerMeta(answered(200, {}, { ...given, "x-transaction-id": "t".repeat(120) })),
  ];
  expect(each(headers, read)).toMatchSnapshot();
  expect(said([silent(true), silent(false)].map(answerMeta))).toMatchSnapshot();
  const ids = ["999999999999999", "1000000000000000", "2126494762520285184", "1", "0"];
  expect(ids.map((id) => `${id}: ${idTime(id)?.toISOString() ?? null}`).join("\n")).toMatchSnapshot();
  expect(() => idTime("x")).toThrow("not an id of X: 1 to 19 digits expected");
});

test("refusals as errors, for callers that want one", () => {
  const facts = (answer: Answer) => {
    const error = toApiError("POST /2/tweets", answer, context, true);
    return { kind: error.constructor.name, says: error.message, ...error };
  };
  const some = {
    limit: REFUSALS["429"],
    vague: REFUSALS["403 vague"],
    away: silent(false),
    page: formed(502, "other"),
  };
  expect(each(some as Record<string, Answer>, facts)).toMatchSnapshot();
  expect(judgeRefusal(formed(500, "json"), context)).toBeNull();
});

test("what only looks like a refusal of the account is none", () => {
  const refusal = (answer: Responded) => judgeRefusal(answer, context);
  // A page of something in front of X may repeat X's words beside a 5xx: nothing is known of the request then.
  expect(refusal(answered(503, { errors: [{ code: 88, message: "Rate limit exceeded" }] }))).toBeNull();
  expect(refusal(answered(500, problem("credits")))).toBeNull();
  // Words of two fields do not make one sentence.
  expect(refusal(answered(403, { title: "Your account is ", detail: "locked" }))).toBeNull();
  expect(refusal(answered(403, { detail: "Your account is locked." }))).toMatchObject({ reason: "locked" });
  for (const words of ["daily limit for sending tweets", "daily limit for posts", "over daily tweet limit"])
    expect(refusal(answered(403, { detail: words }))).toMatchObject({ reason: "daily_limit" });
});

test("a number of the old API counts where it is a number, also as text, at any depth that X has used", () => {
  const codes = (json: unknown) => readProblem(json).codes;
  expect(codes({ errors: [{ code: "187" }, { code: 88 }] })).toEqual([187, 88]);
  expect(codes({ errors: [{ code: ["187"] }, { code: " 187" }, { code: "1e3" }, "187", null] })).toEqual([]);
  expect(codes({ errors: [{ errors: [{ errors: [{ code: 1 }] }] }] })).toEqual([]);
  expect(processCreatePostResponse(answered(403, { errors: [{ code: 187 }] }), context)).toMatchObject({
    kind: "refused",
    reason: "duplicate",
  });
  for (const words of ["Your media ID is not found.", "Your media IDs are invalid."])
    expect(processCreatePostResponse(answered(400, { detail: words }), context)).toMatchObject({
      reason: "media_invalid",
    });
});

test("X's title reaches the error that is thrown, without secrets", () => {
  const error = toApiError("POST /2/tweets", answered(400, { title: `Not so, ${TOKEN}` }), context, false);
  expect(error.title).toBe("Not so, [secret]");
});

test("X complains of its vocabulary in a detail alone: it is asked in the other one", () => {
  const failure = judgeReadFailure(answered(400, { detail: "tweet.fields is not known" }), context);
  expect(failure?.kind).toBe("other_dialect");
});

test("an outage that repeats OAuth's words says nothing of the token", () => {
  const torn = processRefreshResponse(answered(503, { error: "invalid_grant" }), context, "old");
  expect(torn).toMatchObject({ kind: "unavailable", tokenMayBeSpent: true });
});
