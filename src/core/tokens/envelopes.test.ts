/** A pair of tokens in its envelopes. */
import { expect, test } from "bun:test";
import { decrypt, keyFromHex } from "../utils/crypto.ts";
import { flowPlace, sealTokens, tokenPlace } from "./envelopes.ts";

const KEY = keyFromHex("7".repeat(64));
const PAIR = { accessToken: "access", refreshToken: "refresh", expiresAt: new Date(5), scopes: ["tweet.read"] };

test("each token opens in its own place, and in no other row or column", () => {
  const sealed = sealTokens("t1", PAIR, KEY);
  expect(decrypt(sealed.accessToken, [KEY], "oauth_tokens/t1/access_token")).toBe("access");
  expect(decrypt(sealed.refreshToken ?? "", [KEY], "oauth_tokens/t1/refresh_token")).toBe("refresh");
  expect(() => decrypt(sealed.accessToken, [KEY], tokenPlace("t2", "access_token"))).toThrow();
  expect(() => decrypt(sealed.accessToken, [KEY], tokenPlace("t1", "refresh_token"))).toThrow();
  expect(sealed).toMatchObject({ expiresAt: PAIR.expiresAt, scopes: PAIR.scopes });
});

test("a sign-in without a refresh token keeps none", () => {
  expect(sealTokens("t1", { ...PAIR, refreshToken: null }, KEY).refreshToken).toBeNull();
});

test("the verifier of a sign-in is bound to its state", () => {
  expect(flowPlace("s1")).toBe("oauth_flows/s1/code_verifier");
});
