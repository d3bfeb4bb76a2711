import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { openStage, type Stage } from "../../testing/tokens.ts";
import { until } from "../../testing/wait.ts";
import { findFlow, saveFlow } from "../accounts/flows.ts";
import { readEnvFile, writeEnvFile } from "../config/env-file.ts";
import { PROJECT_DIR } from "../config/folders.ts";
import { newKeyHex } from "../utils/crypto.ts";
import { loadHubEnv } from "../utils/env.ts";
import { requireHubKey } from "./hub-key.ts";
import { credentialsFor } from "./keeper.ts";
import { forgetSecrets, type RotationPoint, rotateKeys } from "./rotate.ts";

const HOUR_MS = 3_600_000;
let stage: Stage;
let folder: string;
let file: string;
let accountIds: string[];

beforeAll(async () => {
  stage = await openStage();
  folder = await mkdtemp(join(tmpdir(), "psn-rotate-"));
  file = join(folder, "hub.env");
  accountIds = [];
  for (let n = 0; n < 5; n++) accountIds.push((await stage.signIn(`author_${n}`, HOUR_MS)).id);
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  // Back to the first key, whatever a test left behind.
  const { values } = await readEnvFile(file);
  if (!values.ENCRYPTION_KEY) await writeEnvFile(file, { ENCRYPTION_KEY: stage.keyHex });
});

/** What a command started now would have: the ring of hub.env, checked against the hub. */
async function command() {
  const { keyRing } = await loadHubEnv({ PSN_CONFIG_DIR: folder });
  await requireHubKey(stage.hub, keyRing);
  return { ...stage.deps, keyRing };
}

/** Every token opens, one is refreshed and sealed, and a sign-in can be begun: a hub that works. */
async function expectWorkingHub() {
  const deps = await command();
  for (const id of accountIds) expect((await credentialsFor(deps, id)).kind).toBe("ok");
  const [first] = accountIds;
  const before = await credentialsFor(deps, first ?? "");
  if (before.kind !== "ok") throw new Error(before.reason);
  expect(await credentialsFor(deps, first ?? "", { refusedVersion: before.version })).toMatchObject({
    kind: "ok",
    version: before.version + 1,
  });
  const state = newKeyHex();
  await saveFlow(stage.hub, deps.keyRing, { state, codeVerifier: "v", redirectUri: "r" });
  expect((await findFlow(stage.hub, deps.keyRing, state)).codeVerifier).toBe("v");
}

async function keysInUse(): Promise<string[]> {
  const { rows } = await stage.hub.pool.query(`
    select access_token as envelope from psn.oauth_tokens
    union all select refresh_token from psn.oauth_tokens
    union all select code_verifier from psn.oauth_flows`);
  return [...new Set(rows.map((row) => row.envelope.split(".")[1] ?? "none"))];
}

test("every secret is sealed with the new key, the old one is gone, and all goes on", async () => {
  await saveFlow(stage.hub, [stage.key], { state: "waiting", codeVerifier: "verifier", redirectUri: "r" });
  const old = (await readEnvFile(file)).values.ENCRYPTION_KEY ?? "";
  const { keyId, resealed, damaged, resumed } = await rotateKeys(stage.hub, file);
  expect({ resealed, damaged, resumed }).toEqual({ resealed: 11, damaged: [], resumed: false });
  expect(await keysInUse()).toEqual([keyId]);
  expect(await readFile(file, "utf8")).not.toContain(old);
  expect((await findFlow(stage.hub, (await command()).keyRing, "waiting")).codeVerifier).toBe("verifier");
  await expectWorkingHub();
});

describe("killed at any point, the hub works, and the next rotation finishes", () => {
  const points: RotationPoint[] = ["begun", "file written", "sealed anew", "committed"];
  for (const point of points) {
    test(point, async () => {
      const child = Bun.spawn([
        process.execPath,
        join(PROJECT_DIR, "test/accounts/fixtures/rotate.ts"),
        stage.hubUrl,
        file,
        point,
      ]);
      await child.exited;
      expect(child.signalCode).toBe("SIGKILL");
      await expectWorkingHub();
      const { keyId, resumed } = await rotateKeys(stage.hub, file);
      expect(resumed).toBe(point !== "begun");
      expect(await keysInUse()).toEqual([keyId]);
      expect(Object.keys((await readEnvFile(file)).values)).toEqual(["ENCRYPTION_KEY"]);
      await expectWorkingHub();
    });
  }
});

test("a refresh that runs ends first, and its new pair is sealed anew with the rest", async () => {
  const deps = await command();
  const [id = ""] = accountIds;
  const before = await credentialsFor(deps, id);
  if (before.kind !== "ok") throw new Error(before.reason);
  stage.x.sandbox.addFault({ kind: "delay", ms: 1_000, when: "after", match: { path: "/2/oauth2/token" } });
  const refreshing = credentialsFor(deps, id, { refusedVersion: before.version });
  const asked = stage.asked("author_0").refreshes;
  await until(() => stage.asked("author_0").refreshes > asked);
  const { keyId } = await rotateKeys(stage.hub, file);
  expect(await refreshing).toMatchObject({ kind: "ok", version: before.version + 1 });
  expect(await keysInUse()).toEqual([keyId]);
  await expectWorkingHub();
});

test("of two rotations at once, one is refused for the moment, and no key is lost", async () => {
  const results = await Promise.allSettled([rotateKeys(stage.hub, file), rotateKeys(stage.hub, file)]);
  const refused = results.filter((result) => result.status === "rejected");
  for (const { reason } of refused) expect(reason.code).toBe("ROTATION_RUNNING");
  expect(refused.length).toBeLessThan(2);
  await expectWorkingHub();
});

test("a secret that is damaged does not hold up the others", async () => {
  await saveFlow(stage.hub, (await command()).keyRing, { state: "damaged", codeVerifier: "v", redirectUri: "r" });
  await stage.hub.db.execute(
    sql`update psn.oauth_flows set code_verifier = left(code_verifier, -4) where state = 'damaged'`,
  );
  expect((await rotateKeys(stage.hub, file)).damaged).toEqual(["oauth_flows/damaged/code_verifier"]);
  await expectWorkingHub();
  await stage.hub.db.execute(sql`delete from psn.oauth_flows where state = 'damaged'`);
});

test("with a key that is not the hub's, nothing is written", async () => {
  const before = await readFile(file, "utf8");
  await writeEnvFile(file, { ENCRYPTION_KEY: newKeyHex() });
  const wrong = await readFile(file, "utf8");
  await expect(rotateKeys(stage.hub, file)).rejects.toMatchObject({ code: "SECRET_KEY_WRONG" });
  await expect(command()).rejects.toMatchObject({ code: "SECRET_KEY_WRONG" });
  expect(await readFile(file, "utf8")).toBe(wrong);
  await writeEnvFile(file, (await import("node:util")).parseEnv(before) as Record<string, string>);
  await expectWorkingHub();
});

test("a key that is lost for good: the hub starts anew with another, every account must sign in", async () => {
  await writeEnvFile(file, { ENCRYPTION_KEY: newKeyHex() });
  const { keyRing } = await loadHubEnv({ PSN_CONFIG_DIR: folder });
  const [key] = keyRing;
  if (!key) throw new Error("no key");
  expect(await forgetSecrets(stage.hub, key, new Date())).toBe(5);
  const deps = await command();
  for (const id of accountIds) {
    expect(await credentialsFor(deps, id)).toMatchObject({
      kind: "signed_out",
      reason: expect.stringContaining("key was lost"),
    });
  }
  expect((await rotateKeys(stage.hub, file)).resealed).toBe(0);
});
