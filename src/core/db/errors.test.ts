/** What errors of the driver, of the system and of others are taken for. */
import { expect, test } from "bun:test";
import { PsnError } from "../errors.ts";
import {
  explainConnectError,
  explainHubError,
  isHubOutage,
  isRefusal,
  messageOf,
  pgCode,
  withoutStatement,
} from "./errors.ts";

const coded = (code: string, more: object = {}) => Object.assign(new Error(`said ${code}`), { code, ...more });
const within = (depth: number, error: Error): Error =>
  depth === 0 ? error : new Error("Failed query: …", { cause: within(depth - 1, error) });

test.each([0, 1, 2, 5])("the code is found %d causes deep", (depth) => {
  expect(pgCode(within(depth, coded("23505")))).toBe("23505");
  expect(isRefusal(within(depth, coded("23505")))).toBe(true);
  expect(isHubOutage(within(depth, coded("23505")))).toBe(false);
  expect(isHubOutage(within(depth, coded("57P01")))).toBe(true);
  expect(isHubOutage(within(depth, new Error("Connection terminated unexpectedly")))).toBe(true);
  expect(explainHubError(within(depth, coded("ECONNRESET")))?.code).toBe("HUB_LOST");
});

test("a system error is an outage and no refusal, whatever its length", () => {
  for (const code of ["EPIPE", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN"]) {
    expect([isHubOutage(coded(code)), isRefusal(coded(code))]).toEqual([true, false]);
  }
});

test("a file that is missing is no outage, a socket that is missing is one", () => {
  expect(isHubOutage(coded("ENOENT", { syscall: "open" }))).toBe(false);
  expect(explainHubError(coded("ENOENT", { syscall: "open" }))).toBeNull();
  expect(isHubOutage(coded("ENOENT", { syscall: "connect" }))).toBe(true);
});

test("what was explained already is not taken for the hub's", () => {
  const s3 = new PsnError("MEDIA_STORE_UNAVAILABLE", "no answer", { cause: coded("ECONNREFUSED") });
  expect(isHubOutage(new Error("the bucket could not be asked", { cause: s3 }))).toBe(false);
  expect(explainHubError(s3)).toBeNull();
});

test("a hub that is busy is said to be so, and one that was moved names its place", () => {
  expect(explainHubError(coded("53300"))?.message).toBe("The hub was too busy for this (53300).");
  const moved = Object.assign(new Error("This hub was moved to db.example/psn"), { code: "PSN02" });
  expect(explainHubError(within(1, moved))).toMatchObject({ code: "HUB_MOVED" });
  expect(explainHubError(within(1, moved))?.message).toContain("db.example/psn");
});

test("no statement and no parameter of one is said", () => {
  const refused = new Error("Failed query: select 1 where text = $1\nparams: a draft", { cause: coded("23514") });
  const lost = new Error("Failed query: select 1\nparams: a draft", { cause: coded("57P01") });
  expect(messageOf(refused)).toBe("said 23514");
  expect(messageOf(within(2, lost))).toBe("The hub stopped answering in the middle of this (57P01).");
  expect(withoutStatement(lost)).toMatchObject({ code: "HUB_LOST" });
  const explained = new PsnError("MEDIA_STORE_UNAVAILABLE", "no answer", { cause: refused });
  expect(withoutStatement(explained)).toBe(explained);
  const bug = new TypeError("x is not a function");
  expect(withoutStatement(bug)).toBe(bug);
  expect(messageOf("text")).toBe("text");
});

test("a bug stays a bug", () => {
  expect(explainHubError(new TypeError("x is not a function"))).toBeNull();
  expect(explainHubError("text")).toBeNull();
});

test.each([
  ["28P01", "HUB_AUTH"],
  ["3D000", "HUB_DATABASE_MISSING"],
  ["ECONNREFUSED", "HUB_UNREACHABLE"],
])("a hub that cannot be opened: %s is %s", (code, name) => {
  expect(explainConnectError(within(1, coded(code)), "db.example/psn").code).toBe(name);
});
