import { expect, test } from "bun:test";
import { POST_STATUSES } from "../types/index.ts";
import { statusSaid } from "./status-words.ts";

test("of every status a sentence is said, and none holds a name of the program's own", () => {
  for (const status of POST_STATUSES) {
    for (const subStatus of [null, "rate_limited", "retry_2", "over_cap", "thread_partial", "unknown_here"]) {
      const said = `The post ${statusSaid(status, subStatus)}.`;
      expect(said).toMatch(/^The post (is|waits|has) /);
      expect(said).not.toMatch(/_|\bretry\b|\bis (draft|publishing)\./);
    }
  }
});
