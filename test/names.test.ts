/** The names that the product's requirements fix: other programs and the slash commands hold on to them. */
import { expect, test } from "bun:test";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { getTableColumns } from "drizzle-orm";
import { PROJECT_DIR } from "../src/core/utils/env.ts";

const NAMES: Record<string, string[]> = {
  "src/core/db/schema.ts": ["posts", "oauthTokens"],
  "src/core/db/connection.ts": ["createHubConnection"],
  "src/core/utils/crypto.ts": ["encrypt", "decrypt", "keyFromHex"],
  "src/core/utils/env.ts": ["loadHubEnv", "loadKeysEnv"],
  "src/core/utils/thread-splitter.ts": ["splitIntoThread", "formatThreadPreview", "weightedLength"],
  "src/core/utils/timezone.ts": ["userTimeToUtc", "utcToUserTime", "isValidTimezone"],
  "src/platforms/x/client.ts": ["XClient"],
  "src/platforms/x/media.ts": ["uploadMedia"],
  "src/platforms/x/oauth.ts": ["createXOAuthClient", "generateAuthUrl", "exchangeCode", "refreshAccessToken"],
  "src/platforms/x/types.ts": [
    "TweetCreateSchema",
    "TweetResponseSchema",
    "MediaUploadResponseSchema",
    "XApiError",
    "RateLimitError",
  ],
  "src/trigger/publish-post.ts": ["publishPost"],
  "src/trigger/token-refresher.ts": ["tokenRefresher"],
  "src/trigger/watchdog.ts": ["watchdog"],
  "src/cli/setup-x-oauth.ts": ["setupXOAuth", "completeXOAuth"],
  "src/cli/post.ts": ["createPost", "schedulePost", "postNow", "cancelPost", "editScheduledPost", "getRecentFailures"],
};

for (const [file, names] of Object.entries(NAMES)) {
  test(`${file} exports ${names.join(", ")}`, async () => {
    // Trigger.dev drops the functions of tasks that are loaded before its catalog; the other tests share this process.
    if (file.startsWith("src/trigger/")) await import("./engines/trigger-tasks.ts");
    const exported = await import(join(PROJECT_DIR, file));
    expect(Object.keys(exported)).toEqual(expect.arrayContaining(names));
  });
}

test("the tables have the columns that the requirements name", async () => {
  const { posts, oauthTokens } = await import("../src/core/db/schema.ts");
  expect(Object.keys(getTableColumns(posts))).toEqual(
    expect.arrayContaining([
      "parentPostId",
      "threadPosition",
      "triggerRunId",
      "subStatus",
      "failReason",
      "platformPostIds",
    ]),
  );
  expect(Object.keys(getTableColumns(oauthTokens))).toContain("metadata");
});

test("XClient has the methods that the requirements name", async () => {
  const { XClient } = await import("../src/platforms/x/client.ts");
  for (const method of ["createTweet", "postThread", "getRateLimit", "isRateLimited"] as const) {
    expect(typeof XClient.prototype[method]).toBe("function");
  }
});

test("the slash commands are there", async () => {
  for (const name of ["setup", "post"]) await access(join(PROJECT_DIR, ".claude/commands/psn", `${name}.md`));
});
