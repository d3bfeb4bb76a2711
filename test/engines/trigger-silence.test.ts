/** Trigger.dev's crons may end without a word: it is said, and a run of the watchdog is started in their place. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { silenceOf } from "../../src/engines/trigger-silence.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { TriggerStub } from "./trigger-stub.ts";

let home: TestHome;
let stub: TriggerStub;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  stub = new TriggerStub();
  Object.assign(home.env, { TRIGGER_API_URL: stub.url, TRIGGER_SECRET_KEY: "tr_dev_stub", PSN_ENGINE: "trigger" });
});
afterAll(async () => {
  await stub.close();
  await home.close();
});

const lastCame = (ago: string) =>
  home.hub.pool.query(
    `insert into psn.hub_settings (key, value, updated_at)
     values ('awake', to_jsonb(psn.now()), psn.now() - $1::interval)
     on conflict (key) do update set updated_at = excluded.updated_at`,
    [ago],
  );
const watchdogRuns = () => [...stub.runs.values()].filter(({ task }) => task === "watchdog").length;
const schedule = async (text: string) => {
  const ran = await home.psn(["post", "create", text, "--at", "in 3 hours"]);
  return (ran.json as { post: { id: string } }).post.id;
};

test("while the watchdog comes nothing is said, and the post names its run", async () => {
  await lastCame("1 minute");
  const id = await schedule("Watched.");
  expect((await home.psn(["post", "show", id])).json).toMatchObject({ triggerRunId: expect.stringMatching(/^run/) });
  expect((await home.psn(["status"])).json).toMatchObject({ engine: { name: "trigger", trouble: null } });
  expect(watchdogRuns()).toBe(0);
});

test("after three minutes of silence status and failures say so, and the next schedule starts one run of it", async () => {
  await lastCame("20 minutes");
  const trouble = await silenceOf(home.hub);
  expect(trouble).toContain("last came 20 minutes ago");
  expect((await home.psn(["status"])).json).toMatchObject({ engine: { trouble } });
  const failures = (await home.psn(["post", "failures"])).json as { notices: { code: string; message: string }[] };
  expect(failures.notices).toContainEqual(expect.objectContaining({ code: "ENGINE_SILENT", message: trouble }));
  await schedule("One.");
  await schedule("Two.");
  // At most one a minute, whoever asks.
  expect(watchdogRuns()).toBe(1);
});

test("a schedule while Trigger.dev is away is tried once, and its warning has one full stop", async () => {
  await lastCame("1 minute");
  stub.failing = 503;
  const before = stub.calls.length;
  const ran = await home.psn(["post", "create", "Away.", "--at", "in 4 hours"]);
  stub.failing = null;
  expect(ran.code).toBe(0);
  expect(stub.calls.length - before).toBe(1);
  expect(ran.stderr).toContain("Its watchdog tries again".replace("Its", "its"));
  expect(ran.stderr).not.toContain("..");
});
