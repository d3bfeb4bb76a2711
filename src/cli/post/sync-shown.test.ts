/** A plan as a person reads it. */
import { expect, test } from "bun:test";
import { nextSteps } from "../_effects.ts";
import { makePaint } from "../_paint.ts";
import { syncCommand } from "./sync.ts";

test("a file that differs from its post is shown with every way out of it", () => {
  const ways = ["psn post show 7k3m", "psn post sync '/tmp/my posts' --overwrite"];
  const item = { path: "one.md", kind: "differs" as const, postId: "7k3m", renamedFrom: null, does: null, code: null };
  const shown = syncCommand.render(
    {
      folder: "/tmp/my posts",
      applied: false,
      items: [{ ...item, note: "Both were edited.", next: nextSteps(ways), foreign: [] }],
      skipped: [],
    },
    makePaint(false),
  );
  for (const way of ways) expect(shown).toContain(way);
});
