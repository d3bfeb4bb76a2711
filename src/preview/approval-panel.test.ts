import { expect, test } from "bun:test";
import { buildPreview } from "../core/compose/preview.ts";
import { approvalPanel } from "./approval-panel.ts";
import { type DraftView, threadView } from "./draft.ts";

const AUTHOR = { name: "Ann", handle: "ann", platformUserId: "1", subscription: null };

test("what is on X already is neither counted nor charged by an approval", () => {
  const preview = buildPreview([{ text: "Sent, with https://example.com/ a link." }, { text: "Still to be sent." }]);
  const thread = threadView(preview, { author: AUTHOR, zone: "Europe/Berlin", media: [], poll: null });
  const draft: DraftView = {
    ...thread,
    tweets: thread.tweets.map((tweet, index) => ({ ...tweet, isOnX: index === 0 })),
    postId: "abcdefgh1234",
    status: "draft",
    subStatus: null,
    approved: false,
    contentVersion: 1,
    contentHash: "0".repeat(64),
    scheduled: null,
    planned: null,
    failReason: null,
    bound: [],
  };
  const state = { nonce: "n", zone: "Europe/Berlin", hasWorker: true, question: null };
  const asked = approvalPanel(draft, { ...state, step: { kind: "ask" } }).markup;
  expect(asked).toContain("One tweet, to be posted as <b>@ann</b>, for about $0.015.");
  const readBack = approvalPanel(draft, { ...state, step: { kind: "confirm_now", force: false } }).markup;
  expect(readBack).toContain("One tweet as @ann, for about $0.015");
});
