/** The page of a draft inside an agent's client, as an MCP App. Its frame is loaded once; each tool's answer brings what stands in it. */
import { html, NOTHING } from "../page/html.ts";
import { appFrame, changingOf } from "../page/shell.ts";
import { approvalPanel, statusWords } from "./approval-panel.ts";
import type { DraftView, ThreadView } from "./draft.ts";
import { AS_ON_X, EDITABLE, undoButtons } from "./draft-page.ts";
import { actsForm, addForm, editTools } from "./edit-forms.ts";
import { APP_SCRIPT } from "./scripts/app.ts";
import { EDIT_SCRIPT } from "./scripts/edit.ts";
import { DRAFT_STYLE } from "./style.ts";
import { articlesOf, feedHtml, summaryHtml } from "./thread-page.ts";

const TITLE = "PSN: preview";
const SKIP = "Skip to the thread";
const APP_STYLE = `
main{min-height:0;padding-bottom:12px}.top{position:static}.sticky{position:static;max-height:none}
aside{padding-bottom:12px}
`;

/** The frame, before a tool has answered. It asks nobody for anything: its policy allows itself alone, and pictures as data. */
export function appPage(): string {
  return appFrame({
    title: TITLE,
    heading: html`Preview`,
    main: html`<p class="empty" id="waits">The thread comes here.</p>`,
    aside: NOTHING,
    skip: SKIP,
    style: DRAFT_STYLE + APP_STYLE,
    scripts: [EDIT_SCRIPT, APP_SCRIPT],
  });
}

/** What stands in the frame for a post. Its acts are tools, so no form bears a nonce. */
export function appDraft(draft: DraftView, { zone, hasWorker }: { zone: string; hasWorker: boolean }): string {
  const isEditable = EDITABLE.includes(draft.status);
  const panel = approvalPanel(draft, { nonce: "", step: { kind: "ask" }, zone, hasWorker, question: null });
  const summary = summaryHtml(draft, html`<p class="state">${statusWords(draft)}</p>`, undoButtons(isEditable));
  const tools = isEditable ? editTools(draft, { hasFiles: false }) : null;
  return changingOf({
    title: TITLE,
    heading: html`Post ${draft.postId.slice(0, 8)} <small>@${draft.author.handle}</small>`,
    main: html`${actsForm(draft)}${summary}${feedHtml(articlesOf(draft, tools))}${isEditable ? addForm(draft) : NOTHING}`,
    mainData: { post: draft.postId },
    aside: html`<section class="panel" id="readback" hidden aria-label="Read back"><p class="readback"></p><div class="buttons"><button type="button" class="solid">Yes</button><button type="button">Back</button></div></section>${panel}`,
    skip: SKIP,
  });
}

/** What stands in the frame for a text that is no draft yet. */
export function appThread(thread: ThreadView): string {
  const summary = summaryHtml(
    thread,
    html`<p class="state">A preview; nothing is stored</p>`,
    html`<div class="buttons">${AS_ON_X}</div>`,
  );
  return changingOf({
    title: TITLE,
    heading: html`Preview <small>@${thread.author.handle}</small>`,
    main: html`${summary}${feedHtml(articlesOf(thread, null))}`,
    aside: NOTHING,
    skip: SKIP,
  });
}
