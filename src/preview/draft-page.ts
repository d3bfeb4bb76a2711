/** The page of a draft, and of a text that is no draft yet. */
import { type Html, html, NOTHING } from "../page/html.ts";
import { type Page, pageOf, type Shell, type Theme } from "../page/shell.ts";
import { approvalPanel, type PanelState, statusWords } from "./approval-panel.ts";
import type { DraftView, ThreadView } from "./draft.ts";
import { actButton, actsForm, addForm, editTools, toolMakingsOf } from "./edit-forms.ts";
import { DRAG_SCRIPT } from "./scripts/drag.ts";
import { EDIT_SCRIPT } from "./scripts/edit.ts";
import { NUMBER_SLOTS, VERSION_SLOT } from "./shown-feeds.ts";
import { DRAFT_STYLE, DRAFT_STYLE_WITHOUT_SCRIPT } from "./style.ts";
import { articleOf, articlesOf, feedHtml, makingsOf, summaryHtml } from "./thread-page.ts";

export interface Notice {
  message: string;
  hint?: string | undefined;
  isBad: boolean;
}

export interface DraftPageState {
  /** `version` as the page's events say it, so that a page which shows it already is not asked for again. */
  mainData: NonNullable<Shell["mainData"]>;
  panel: PanelState;
  notice: Notice | null;
  /** Words that could not be saved, as a form. */
  conflict: Html | null;
  theme: Theme | undefined;
}

/** Statuses in which a post is edited in place. */
export const EDITABLE: readonly DraftView["status"][] = ["draft", "failed"];

const isEditable = ({ status }: DraftView) => EDITABLE.includes(status);

/**
 * The tweets of a draft as its page has them, with slots for the numbers that an act elsewhere in the thread changes. Those made before are
 * kept: most acts change two of a hundred.
 */
export class DraftArticles {
  #made = new Map<string, string>();

  of(draft: DraftView): string[] {
    const isOpen = isEditable(draft);
    const tools = isOpen ? editTools(draft, { version: VERSION_SLOT, numbers: NUMBER_SLOTS }) : null;
    const made = new Map<string, string>();
    const articles = draft.tweets.map((_, index) => {
      const makings = [...makingsOf(draft, index), ...(isOpen ? toolMakingsOf(draft, index) : [])];
      const key = JSON.stringify(makings);
      const article = this.#made.get(key) ?? articleOf(draft, index, tools, NUMBER_SLOTS).markup;
      made.set(key, article);
      return article;
    });
    this.#made = made;
    return articles;
  }
}

/** The page of a draft with its tweets, or with stand-ins for those that a window shows already. */
export function draftShell(
  draft: DraftView,
  articles: readonly Html[],
  { mainData, panel, notice, conflict, theme }: DraftPageState,
): Shell {
  return {
    title: `${statusWords(draft)}: ${(draft.tweets[0]?.text ?? "").slice(0, 50)} · PSN`,
    heading: html`Post ${draft.postId.slice(0, 8)} <small>@${draft.author.handle}</small>`,
    main: html`${notice ? noticeHtml(notice) : NOTHING}${conflict ?? NOTHING}${actsForm(draft)}${summaryHtml(draft, html`<p class="state">${statusWords(draft)}</p>`, undoButtons(isEditable(draft)))}${feedHtml(articles)}${isEditable(draft) ? addForm(draft) : NOTHING}`,
    aside: html`<div class="sticky">${approvalPanel(draft, panel)}${isEditable(draft) ? KEYS : NOTHING}</div>`,
    mainData,
    skip: "Skip to the thread",
    events: {
      url: "events",
      ended: `The command that served this page has ended. What you see may be old, and nothing can be done here any more: keep words that are not saved, and open it anew by psn post show ${draft.postId.slice(0, 8)} --open`,
    },
    style: DRAFT_STYLE,
    styleWithoutScript: DRAFT_STYLE_WITHOUT_SCRIPT,
    scripts: [EDIT_SCRIPT, DRAG_SCRIPT],
    theme,
  };
}

/** A thread that is only looked at. */
export function threadPage(thread: ThreadView, theme: Theme | undefined): Page {
  return pageOf({
    title: `Preview: ${(thread.tweets[0]?.text ?? "").slice(0, 50)} · PSN`,
    heading: html`Preview <small>@${thread.author.handle}</small>`,
    main: html`${summaryHtml(thread, html`<p class="state">A preview; nothing is stored</p>`, html`<div class="buttons">${AS_ON_X}</div>`)}${feedHtml(articlesOf(thread, null))}`,
    skip: "Skip to the thread",
    style: DRAFT_STYLE,
    styleWithoutScript: DRAFT_STYLE_WITHOUT_SCRIPT,
    theme,
  });
}

export const AS_ON_X = html`<label class="toggle"><input type="checkbox" id="as-on-x"> As on X, without counts and cuts</label>`;

export function undoButtons(isEditable: boolean): Html {
  const steps = html`${actButton("undo", "Undo", "Undo the last change")}${actButton("redo", "Redo", "Redo what was undone")}`;
  return html`<div class="buttons">${isEditable ? steps : NOTHING}${AS_ON_X}</div>`;
}

// --- internal ---

function noticeHtml({ message, hint, isBad }: Notice): Html {
  return html`<div class="notice ${isBad ? "is-bad" : "is-good"}" id="notice" role="${isBad ? "alert" : "status"}"><p>${message}</p>${hint ? html`<p class="small faint">${hint}</p>` : NOTHING}</div>`;
}

const KEYS = html`<section class="panel keys only-script" aria-labelledby="keys-head"><h2 id="keys-head">Keys</h2><ul class="small"><li><span>next, previous tweet</span><span><kbd>j</kbd> <kbd>k</kbd></span></li><li><span>edit its words</span><kbd>e</kbd></li><li><span>save, leave</span><span><kbd>Ctrl</kbd> <kbd>Enter</kbd>, <kbd>Esc</kbd></span></li><li><span>move its cut by a word</span><span><kbd>[</kbd> <kbd>]</kbd></span></li><li><span>by a sentence</span><span><kbd>{</kbd> <kbd>}</kbd></span></li><li><span>join with the next</span><kbd>J</kbd></li><li><span>move it up, down</span><span><kbd>Alt</kbd> <kbd>↑</kbd> <kbd>↓</kbd></span></li><li><span>undo, redo</span><span><kbd>u</kbd> <kbd>U</kbd></span></li></ul></section>`;
