import { expect, test } from "bun:test";
import { howMany } from "../../src/testing/counts.ts";
import { storm } from "./storm.ts";

test("scenario 18: eight processes refresh a hundred accounts at once: one call each, and every stored pair works", async () => {
  const { accounts } = await storm({ processes: 8, accounts: 100, faults: false });
  expect(accounts).toHaveLength(100);
  for (const account of accounts)
    expect(account).toMatchObject({ refreshes: 1, refused: 0, flagged: false, works: true });
});

test("scenario 15: with a third of the answers late, lost or 503, and workers killed, only what X refused is flagged", async () => {
  const { accounts, killed, rounds } = await storm({ processes: 8, accounts: howMany(40, 200), faults: true });
  expect(killed).toBeGreaterThan(0);
  expect(rounds).toBeGreaterThan(1);
  for (const { handle, flagged, refused, works } of accounts) {
    // Flagged is what X refused, and nothing else; whatever is not flagged has a pair that works.
    expect({ handle, flagged, works }).toEqual({ handle, flagged: refused > 0, works: refused === 0 });
  }
  // Lost answers are a seventh of all: most accounts must have come through.
  expect(accounts.filter((account) => account.flagged).length).toBeLessThan(accounts.length * 0.6);
});
