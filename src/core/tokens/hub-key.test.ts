import { afterAll, beforeAll, expect, test } from "bun:test";
import { openStage, type Stage } from "../../testing/tokens.ts";
import { saveFlow } from "../accounts/flows.ts";
import { keyFromHex, newKeyHex } from "../utils/crypto.ts";
import { hubKeyId, requireHubKey } from "./hub-key.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const newKey = () => keyFromHex(newKeyHex());
const WRONG = { code: "SECRET_KEY_WRONG" };

test("a hub without secrets takes any key, one after the other; with the first secret it keeps its key", async () => {
  const abandoned = newKey();
  await requireHubKey(stage.hub, [abandoned]);
  expect(await hubKeyId(stage.hub.db)).toBe(abandoned.id);
  // A setup that died before it wrote its key down has locked nobody out.
  await requireHubKey(stage.hub, [stage.key]);
  expect(await hubKeyId(stage.hub.db)).toBe(stage.key.id);
  await saveFlow(stage.hub, [stage.key], { state: "s", codeVerifier: "v", redirectUri: "r" });
  await expect(requireHubKey(stage.hub, [newKey()])).rejects.toMatchObject(WRONG);
  await requireHubKey(stage.hub, [newKey(), stage.key]);
});

test("a hub from before keys had names takes the one that its tokens were sealed with", async () => {
  await stage.signIn("author");
  await stage.hub.pool.query("delete from psn.hub_settings");
  await expect(requireHubKey(stage.hub, [newKey()])).rejects.toMatchObject(WRONG);
  await requireHubKey(stage.hub, [stage.key]);
  expect(await hubKeyId(stage.hub.db)).toBe(stage.key.id);
});

test("ten processes that come first at once, with ten keys: all but one hear of it once something is sealed", async () => {
  await stage.hub.pool.query("delete from psn.hub_settings");
  await stage.hub.pool.query("delete from psn.oauth_tokens");
  await stage.hub.pool.query("delete from psn.oauth_flows");
  const keys = Array.from({ length: 10 }, newKey);
  await Promise.all(keys.map((key) => requireHubKey(stage.hub, [key])));
  const sealed = await Promise.allSettled(
    keys.map((key, n) => saveFlow(stage.hub, [key], { state: `s${n}`, codeVerifier: "v", redirectUri: "r" })),
  );
  expect(sealed.filter((result) => result.status === "fulfilled")).toHaveLength(1);
});
