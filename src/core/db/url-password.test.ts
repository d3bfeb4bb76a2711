/** Scenario 46: a password in DATABASE_URL that is no part of a URL as it stands is never printed, not a character of it. */
import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import { PsnError } from "../errors.ts";
import { readDatabaseUrl } from "./url.ts";

function refused(url: string): PsnError {
  try {
    readDatabaseUrl(url);
  } catch (error) {
    if (error instanceof PsnError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

describe("scenario 46", () => {
  test.each([
    ["#", "Zq7#Xk9"],
    ["# after digits, which would be a port", "5517#Xk9"],
    ["/", "5517/Xk9"],
    ["?", "5517?Xk9"],
    ["#, ? and /", "#Zq7?Xk9/Wv3"],
    ["@ before /", "Zq7@Xk9/Wv3"],
    ["% that encodes nothing", "Zq7%Xk9"],
    ["a blank", "Zq7 Xk9"],
    ["a line break", "Zq7\nXk9"],
    ["[", "Zq7[Xk9#"],
    [":", "Zq7:#Xk9"],
  ])("%s is refused with what to do, and without a character of it", (_, password) => {
    const error = refused(`postgres://me:${password}@db.example.com:5432/psn`);
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.hint).toContain("percent-encode");
    const said = inspect(error, { depth: 9 }) + JSON.stringify({ ...error, message: error.message });
    for (const piece of ["Zq7", "Xk9", "Wv3", "5517"]) expect(said.split("\n    at ")[0]).not.toContain(piece);
  });

  test("an env file that takes # for a comment leaves no port of it behind", () => {
    expect(refused("postgres://me:5517").code).toBe("CONFIG_INVALID");
  });

  test.each([
    ["postgres://me:Zq7%23Xk9@db.example.com:5432/psn", "Zq7%23Xk9"],
    ["postgres://me:Zq7@Xk9@db.example.com/psn", "Zq7%40Xk9"],
    ["postgres://me:a:b!c$d&e*f@127.0.0.1:5432/psn?sslmode=disable", "a%3Ab!c$d&e*f"],
    ["postgres://127.0.0.1/psn", ""],
    ["postgres:///psn?host=/tmp/socket", ""],
  ])("%s is taken", (url, password) => {
    expect(readDatabaseUrl(url).password).toBe(password);
  });
});
