/** From nothing to the first scheduled post on X: the commands a person types, and one worker. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { stopEmbedded } from "../../src/core/db/embedded/index.ts";
import type { Env } from "../../src/core/utils/env.ts";
import { consent, type TestHome, testHome } from "../../src/testing/cli.ts";
import { PATIENCE_MS } from "../engines/posts.ts";
import { startWorkerProcess } from "../engines/worker-stage.ts";

let home: TestHome;
let env: Env;
beforeAll(async () => {
  home = await testHome();
  const { DATABASE_URL: _url, ENCRYPTION_KEY: _key, ...bare } = home.env;
  env = bare;
});
afterAll(async () => {
  await stopEmbedded({ dataDir: join(String(env.PSN_DATA_DIR), "hub") });
  await home.close();
});

test("scenario 28: setup, sign in, schedule, published by one worker: four commands, without Docker", async () => {
  const began = Date.now();
  const first = (await home.psn(["setup"], { env })).json as { steps: { data?: { url?: string } }[] };
  const url = first.steps.at(-1)?.data?.url;
  const pasted = await consent(String(url), "sandbox_author");
  const ready = (await home.psn(["setup", "--paste"], { env, stdin: pasted })).json as { ready: boolean };
  expect(ready.ready).toBe(true);

  const worker = startWorkerProcess(env);
  try {
    const made = await home.psn(["post", "create", "My first scheduled post.", "--at", "in 8 seconds"], { env });
    const { post } = made.json as { post: { id: string; scheduled: { utc: string; local: string; timezone: string } } };
    expect(post.scheduled.timezone).toBe("Europe/Berlin");
    expect(post.scheduled.local).toContain("Europe/Berlin");
    expect(Date.parse(post.scheduled.utc)).toBeGreaterThan(began);
    let status = "";
    while (status !== "published" && Date.now() - began < PATIENCE_MS) {
      await Bun.sleep(300);
      const shown = await home.psn(["post", "show", post.id], { env });
      status = (shown.json as { post: { status: string } }).post.status;
    }
    expect(status).toBe("published");
  } finally {
    await worker.stop();
  }
});
