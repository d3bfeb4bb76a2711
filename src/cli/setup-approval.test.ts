/** Setup asks a person once who approves, and nobody else. */
import { expect, test } from "bun:test";
import { approvalMode } from "../core/post/approval-mode.ts";
import type { KeysEnv } from "../core/utils/env.ts";
import { testHub } from "../testing/hub.ts";
import { askApprovalMode } from "./setup-approval.ts";

test("a person at a terminal is asked once, where posts go to X itself", async () => {
  const { hub, drop } = await testHub();
  try {
    const keys = (isRealX: boolean) => async () => ({ isRealX }) as KeysEnv;
    const person = { interactive: true, json: false, signal: new AbortController().signal, note: () => {} };
    let asked = 0;
    const pick = async () => {
      asked++;
      return "p";
    };
    await askApprovalMode({ hub, keys: keys(true) }, { ...person, interactive: false }, pick);
    await askApprovalMode({ hub, keys: keys(true) }, { ...person, json: true }, pick);
    await askApprovalMode({ hub, keys: keys(false) }, person, pick);
    expect([asked, await approvalMode(hub.db, hub)]).toEqual([0, "agent"]);
    await askApprovalMode({ hub, keys: keys(true) }, person, pick);
    await askApprovalMode({ hub, keys: keys(true) }, person, pick);
    expect([asked, await approvalMode(hub.db, hub)]).toEqual([1, "person"]);
  } finally {
    await drop();
  }
});
