/** Posts asked for by their ids, and their deletion: what each of X's answers means. */
import { afterEach, expect, test } from "bun:test";
import type { Credentials } from "../../core/platform.ts";
import { createXPlatform } from "./platform.ts";
import { sendJson, serve, TOKEN } from "./testing.ts";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of closing.splice(0)) await server.close();
});

const credentials: Credentials = { accessToken: TOKEN, platformUserId: "42" };
const NOT_FOUND = "https://api.x.com/2/problems/resource-not-found";

async function answering(...answers: [status: number, body: unknown][]) {
  const server = await serve((_, response) => {
    const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, {}];
    sendJson(response, status, body);
  });
  closing.push(server);
  const { url } = server;
  const oauth = {
    clientId: "id",
    clientSecret: "test-client-secret",
    redirectUri: "https://example.com/",
    authorizeUrl: `${url}/i/oauth2/authorize`,
    tokenUrl: `${url}/2/oauth2/token`,
    revokeUrl: `${url}/2/oauth2/revoke`,
  };
  return { server, x: createXPlatform({ oauth, apiBaseUrl: url }) };
}

test("what is missing is what X calls not found; another problem says nothing of a post", async () => {
  const { x } = await answering([
    200,
    {
      data: [{ id: "1", text: "a", author_id: "42" }],
      errors: [
        { resource_id: "2", type: NOT_FOUND },
        { resource_id: "3", type: "https://api.x.com/2/problems/not-authorized-for-resource" },
      ],
    },
  ]);
  const { answer } = await x.postsById(credentials, ["1", "2", "3"]);
  expect(answer).toEqual({ kind: "posts", posts: [{ id: "1", authorId: "42" }], missing: ["2"] });
});

test("an author that the older vocabulary leaves out is asked for in the newer one", async () => {
  const { server, x } = await answering(
    [200, { data: [{ id: "1", text: "a" }] }],
    [200, { data: [{ id: "1", text: "a", author_id: "43" }] }],
  );
  const { answer } = await x.postsById(credentials, ["1"]);
  expect(answer).toMatchObject({ posts: [{ authorId: "43" }] });
  expect(server.seen.map(({ query }) => query.get("expansions") === "author_id")).toEqual([false, true]);
});

const DELETIONS: [what: string, status: number, body: unknown, kind: string][] = [
  ["the word of X", 200, { data: { deleted: true } }, "deleted"],
  ["a success without that word", 200, { data: {} }, "unknown"],
  ["a post that is gone", 404, { title: "Not Found Error", type: NOT_FOUND, status: 404 }, "gone"],
  ["a 404 of something else", 404, { title: "Not Found", type: "about:blank", status: 404 }, "unknown"],
  ["another account's post", 403, { title: "Forbidden", detail: "You may not.", type: "about:blank" }, "refused"],
  ["a limit", 429, { title: "Too Many Requests", type: "about:blank", status: 429 }, "wait"],
  ["a token that is refused", 401, { title: "Unauthorized", type: "about:blank", status: 401 }, "signed_out"],
  ["an outage", 503, { title: "Service Unavailable", type: "about:blank", status: 503 }, "unknown"],
];
for (const [what, status, body, kind] of DELETIONS) {
  test(`a deletion that is answered by ${what}: ${kind}`, async () => {
    const { server, x } = await answering([status, body]);
    const { outcome } = await x.deletePost(credentials, "77");
    expect(outcome.kind).toBe(kind as typeof outcome.kind);
    expect(server.seen).toMatchObject([{ method: "DELETE", path: "/2/tweets/77" }]);
  });
}
