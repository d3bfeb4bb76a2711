/** Beside a draft: where it stands, and its approval in two steps, of which the second reads back what the first was understood as. */
import { dollars, threadCostUsd } from "../core/compose/cost.ts";
import type { Fact } from "../core/posts/approval-shown.ts";
import type { PendingApproval } from "../core/posts/person-approval.ts";
import type { Reading } from "../core/times/readings.ts";
import { capital } from "../core/utils/capital.ts";
import { utcToUserTime } from "../core/utils/zone-clock.ts";
import { type Html, html, NOTHING } from "../page/html.ts";
import type { Step } from "./approval.ts";
import type { DraftView } from "./draft.ts";
import { actButton } from "./edit-forms.ts";

/** As a command asks it, with all that the yes would bind. */
export type Question = PendingApproval & { nonce: string; facts: readonly Fact[] };

export interface PanelState {
  nonce: string;
  step: Step;
  zone: string;
  /** Whether anything publishes what falls due. */
  hasWorker: boolean;
  /** What a command, such as an agent's, asks the person about this post. */
  question: Question | null;
  /** What was typed as a time, and the readings that it could have. */
  typed?: string;
  readings?: readonly Reading[];
}

export function approvalPanel(draft: DraftView, state: PanelState): Html {
  const { question } = state;
  const asked =
    question === null
      ? NOTHING
      : html`<section class="panel asked" aria-labelledby="asked-head" id="asked">${questionHtml(draft, state, question)}</section>`;
  return html`${asked}<section class="panel" aria-labelledby="approve-head" id="approval">${panelOf(draft, state)}</section>`;
}

/** Where a post stands, in words. */
export function statusWords({ status, subStatus, approved, scheduled }: DraftView): string {
  switch (status) {
    case "draft":
      return approved ? "Draft, approved" : "Draft, not approved";
    case "scheduled":
      return `Goes out ${scheduled ?? "at its time"}`;
    case "publishing":
      return "Being published";
    case "retry":
      return `Waits to go on${subStatus ? ` (${subStatus.replaceAll("_", " ")})` : ""}`;
    case "published":
      return "Published";
    case "failed":
      return "Failed";
  }
}

// --- internal ---

function panelOf(draft: DraftView, state: PanelState): Html {
  const { status, failReason, postId } = draft;
  const noWorker = state.hasWorker
    ? NOTHING
    : html`<p class="warning">No worker runs that would publish it at its time: <code>psn worker</code></p>`;
  switch (status) {
    case "draft":
      return state.step.kind === "ask" ? ask(draft, state) : confirm(draft, state, state.step, noWorker);
    case "scheduled":
    case "retry":
      return html`<h2 id="approve-head">${statusWords(draft)}</h2>${noWorker}<p class="faint">To change it, take it back first: what is half done must not go out.</p><div class="buttons">${actButton("cancel", "Take it back to a draft", "Take it back to a draft")}</div>`;
    case "publishing":
      return html`<h2 id="approve-head">Being published</h2><p class="faint">Each tweet turns green as it is on X. This page may be closed; the command that serves it may not.</p>`;
    case "published":
      return html`<h2 id="approve-head">Published</h2><p class="faint">The times in the thread lead to its tweets.</p>`;
    case "failed":
      return html`<h2 id="approve-head">Failed</h2><p>${failReason ?? ""}</p><p class="faint"><code>psn post show ${postId}</code> says what helps.</p>`;
  }
}

function factsHtml(facts: readonly Fact[]): Html {
  if (facts.length === 0) return NOTHING;
  return html`<dl class="bound">${facts.map(([name, says]) => html`<dt>${name}</dt><dd>${says}</dd>`)}</dl>`;
}

function questionHtml(draft: DraftView, { zone }: PanelState, question: Question): Html {
  const { id, nonce, sends, costUsd, facts } = question;
  const what =
    sends === "draft"
      ? "to be sent later"
      : sends === "now"
        ? "to be published at once"
        : `to go out ${utcToUserTime(new Date(sends), zone).text}`;
  return html`<h2 id="asked-head">A command asks for your yes</h2><p class="readback">${capital(tweetsOf(draft))} as @${draft.author.handle}, ${what}, for up to ${dollars(costUsd)}</p>${factsHtml(facts)}<form method="post" action="answer" data-live autocomplete="off"><input type="hidden" name="id" value="${id}"><input type="hidden" name="nonce" value="${nonce}"><div class="buttons"><button class="solid" name="answer" value="yes">Yes, as it is shown</button><button name="answer" value="no">No</button></div></form><p class="small faint">A yes holds for ten minutes and for exactly this; the command is given again then.</p>`;
}

/** What every form of approval bears. */
function form(nonce: string, inner: Html): Html {
  return html`<form method="post" action="approve" data-live autocomplete="off"><input type="hidden" name="nonce" value="${nonce}">${inner}</form>`;
}

const unsentOf = ({ tweets }: DraftView) => tweets.filter(({ isOnX }) => !isOnX);

function tweetsOf(draft: DraftView): string {
  const { length } = unsentOf(draft);
  return length === 1 ? "one tweet" : `all ${length} tweets`;
}

/** What is on X already costs nothing more. */
const costOf = (draft: DraftView) => dollars(threadCostUsd(unsentOf(draft)));

function ask(draft: DraftView, { nonce, zone, typed, readings, hasWorker }: PanelState): Html {
  const { author, tweets, planned, contentHash, approved } = draft;
  const refused = tweets.findIndex(({ warnings }) => warnings.some(({ blocking }) => blocking));
  if (refused >= 0) {
    return html`<h2 id="approve-head">Not ready</h2><p>X would refuse <a class="tag" href="#tweet-${refused + 1}">tweet ${refused + 1}</a> as it is.</p>`;
  }
  const offered = [
    ...(readings ?? []),
    ...(planned && readings === undefined ? [{ at: planned.at, local: `${planned.local}, as its file says` }] : []),
  ].map(({ at, local }) => html`<button class="slim" name="choice" value="at:${at}">${local}</button>`);
  const worker = hasWorker
    ? NOTHING
    : html`<p class="small faint">For a time, a worker has to run: <code>psn worker</code></p>`;
  return html`<h2 id="approve-head">${approved ? "Approved" : "Approve"}</h2>
<p>${capital(tweetsOf(draft))}, to be posted as <b>@${author.handle}</b>, for about ${costOf(draft)}. What is sent is what is shown here, to the byte.</p>
${form(
  nonce,
  html`<label class="field"><span>At a time, in ${zone}</span><input type="text" name="when" maxlength="100" placeholder="tomorrow 9am" value="${typed ?? ""}"></label>${readings ? html`<p class="small">Which one is meant?</p>` : NOTHING}<div class="buttons">${offered}<button class="solid" name="choice" value="time">Schedule…</button><button name="choice" value="now">Publish now…</button>${approved ? NOTHING : html`<button name="choice" value="later">Approve, decide later</button>`}</div>`,
)}${worker}
<p class="small faint">Content <code title="${contentHash}">${contentHash.slice(0, 12)}</code></p>`;
}

function confirm(
  draft: DraftView,
  { nonce, hasWorker }: PanelState,
  step: Exclude<Step, { kind: "ask" }>,
  noWorker: Html,
): Html {
  const again = step.force ? html`<p class="warning">Another post of the account says exactly the same.</p>` : NOTHING;
  const back = html`<a class="button" href="./">Back</a>`;
  const what = `${tweetsOf(draft)} as @${draft.author.handle}`;
  switch (step.kind) {
    case "confirm_now":
      return html`<h2 id="approve-head">Publish now?</h2>${again}<p class="readback">${capital(what)}, for about ${costOf(draft)}</p>${factsHtml(draft.bound)}<p class="faint">It cannot be taken back.</p>${form(nonce, html`<div class="buttons"><button class="solid" name="choice" value="yes">Publish ${tweetsOf(draft)} now</button>${back}</div>`)}`;
    case "confirm_time": {
      const { at, timezone } = step.schedule;
      return html`<h2 id="approve-head">Schedule it for</h2>${again}<p class="readback">${utcToUserTime(at, timezone).text}</p><p class="faint">${capital(what)}, for about ${costOf(draft)}</p>${factsHtml(draft.bound)}${hasWorker ? NOTHING : noWorker}${form(nonce, html`<div class="buttons"><button class="solid" name="choice" value="yes">Yes, then</button>${back}</div>`)}`;
    }
    case "confirm_later":
      return html`<h2 id="approve-head">Approve it all the same?</h2>${again}${factsHtml(draft.bound)}${form(nonce, html`<div class="buttons"><button class="solid" name="choice" value="yes">Approve</button>${back}</div>`)}`;
  }
}
