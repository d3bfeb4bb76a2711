import { expect, test } from "bun:test";
import { readTweetAddress } from "./address.ts";

const ID = "1989000000000000001";

test("a tweet is named by its number or by its address, as browsers and phones give it", () => {
  for (const [given, handle] of [
    [ID, null],
    [` https://x.com/psn/status/${ID}?s=20 `, "psn"],
    [`x.com/psn/status/${ID}/`, "psn"],
    [`https://twitter.com/psn/statuses/${ID}`, "psn"],
    [`https://mobile.x.com/i/web/status/${ID}`, null],
    [`www.x.com/i/status/${ID}/photo/1`, null],
    [`http://127.0.0.1:4173/psn/status/${ID}`, "psn"],
    [`http://localhost:4173/psn/status/${ID}`, "psn"],
  ] as const) {
    expect(readTweetAddress(given)).toEqual({ externalPostId: ID, handle });
  }
});

test("an address of another host names no tweet, whatever its path says", () => {
  for (const given of [
    `https://evil.example/psn/status/${ID}`,
    `https://x.com.evil.example/psn/status/${ID}`,
    `https://notx.com/psn/status/${ID}`,
    `https://evil.example/?https://x.com/psn/status/${ID}`,
    `https://x.com@evil.example/psn/status/${ID}`,
    `ftp://x.com/psn/status/${ID}`,
    `file:///psn/status/${ID}`,
    `https://x.com/psn/${ID}`,
    "words",
    "",
  ]) {
    expect(readTweetAddress(given)).toBeNull();
  }
});
