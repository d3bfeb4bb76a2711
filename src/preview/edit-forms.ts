/** The forms with which a draft is edited in place. They work without a script; a script adds dragging, keys and live counts. */
import { createHash } from "node:crypto";
import { attribute, type Html, html, NOTHING } from "../page/html.ts";
import type { DraftView } from "./draft.ts";
import { type Numbers, nth, numbersOf, type Tools } from "./thread-page.ts";

/** Forms that hold words of a person say to which words they belong, so that they find their tweet when another place has it. */
export function wordsKey(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}

/** The one form of all buttons; each says its act in its value. */
export function actsForm({ contentVersion }: DraftView): Html {
  return html`<form id="acts" method="post" action="act" data-live autocomplete="off"><input type="hidden" name="version" value="${contentVersion}"></form>`;
}

/** `title` is shown beside a pointer. */
export function actButton(act: string, words: string, label: string, title?: string): Html {
  return html`<button class="slim" form="acts" name="act" value="${act}" aria-label="${label}"${attribute("title", title)}>${words}</button>`;
}

/** What can be done with each tweet, and with each border. Without files media can be taken away, and none be added. */
export function editTools(
  draft: DraftView,
  {
    hasFiles = true,
    version = draft.contentVersion,
    numbers = numbersOf(draft),
  }: { hasFiles?: boolean; version?: number | string; numbers?: Numbers } = {},
): Tools {
  const { tweets } = draft;
  const sentCount = tweets.filter(({ isOnX }) => isOnX).length;
  return {
    tweet: (index) => tweetTools(draft, index, sentCount, { hasFiles, version, numbers }),
    border: (index) => (index < sentCount ? NOTHING : borderTools(numbers.n(index), numbers.at(index))),
  };
}

/** What `editTools` adds to a tweet depends on, beside the tweet, its numbers and whether it is the last. */
export function toolMakingsOf({ tweets }: DraftView, index: number): unknown[] {
  const sentCount = tweets.filter(({ isOnX }) => isOnX).length;
  return [Math.sign(index - sentCount), tweets.length - sentCount > 1];
}

/** A new tweet at the end. */
export function addForm(draft: DraftView): Html {
  const position = draft.tweets.length;
  return html`<details class="draft-more" id="add"><summary>Add a tweet</summary><form method="post" action="words" data-live autocomplete="off">${hidden("insert", { at: position, words: "", version: draft.contentVersion })}<label><span class="unseen">Words of the new tweet</span><textarea name="text" dir="auto" data-count required></textarea></label>${countLine("add-count")}<div class="buttons"><button class="solid slim">Add</button></div></form></details>`;
}

/** Words that were meant for a tweet that is another one by now. Nothing of them is lost. */
export function conflictForm(draft: DraftView, position: number, typed: string): Html {
  const now = draft.tweets[position]?.text ?? null;
  const words =
    now === null
      ? html`<p>That tweet is no more.</p>`
      : html`<p>Tweet ${position + 1} says now:</p><blockquote class="text" dir="auto">${now}</blockquote>`;
  const what = now === null ? "insert" : "text";
  const at = Math.min(position, draft.tweets.length);
  return html`<section class="notice is-bad" id="conflict" aria-labelledby="conflict-head"><h2 id="conflict-head">It was changed elsewhere. Your words are here</h2>${words}<form method="post" action="words" data-live autocomplete="off">${hidden(what, { at, words: now ?? "", version: draft.contentVersion })}<label class="field"><span>Yours</span><textarea name="text" dir="auto" data-count>${typed}</textarea></label>${countLine("conflict-count")}<div class="buttons"><button class="solid slim">${now === null ? "Put it in" : "Save mine"}</button><a class="button slim" href="./">Leave it as it is now</a></div></form></section>`;
}

// --- internal ---

function hidden(
  act: string,
  { at, words, version }: { at: number | string; words: string; version: number | string },
): Html {
  return html`<input type="hidden" name="do" value="${act}"><input type="hidden" name="position" value="${at}"><input type="hidden" name="version" value="${version}"><input type="hidden" name="was" value="${wordsKey(words)}">`;
}

const countLine = (id: string) => html`<p class="small faint only-script"><output id="${id}"></output></p>`;

function tweetTools(
  draft: DraftView,
  index: number,
  sentCount: number,
  { hasFiles, version, numbers }: { hasFiles: boolean; version: number | string; numbers: Numbers },
): Html {
  const tweet = draft.tweets[index];
  if (!tweet) return NOTHING;
  const [n, at] = [numbers.n(index), numbers.at(index)];
  const own = { at, words: tweet.text, version };
  const key = `tweet-${n}`;
  const { length } = draft.tweets;
  const edit = html`<details class="edit" id="${key}-edit"><summary aria-label="Edit tweet ${n}">Edit</summary><noscript><form method="post" action="words" data-live autocomplete="off">${hidden("text", own)}<label><span class="unseen">Words of tweet ${nth(n)}</span><textarea name="text" dir="auto" data-count>${tweet.text}</textarea></label>${countLine(`${key}-count`)}<div class="buttons"><button class="solid slim">Save</button><button class="slim only-script" type="button" data-split="${at}">Split at the cursor</button><span class="small faint">A line of --- splits it.</span></div></form></noscript></details>`;
  const attached = html`${tweet.media.map((item, nthItem) => html`<p class="small row">${item.fileName} ${actButton(`detach:${at}:${nthItem}`, "Remove", `Remove ${item.fileName} from tweet ${n}`)}</p>`)}`;
  const attach = html`<noscript><form method="post" action="media" enctype="multipart/form-data" data-live autocomplete="off">${hidden("attach", own)}<label class="field"><span>An image, GIF or video</span><input type="file" name="file" accept="image/jpeg,image/png,image/webp,image/gif,video/mp4,video/quicktime" required></label><label class="field"><span>What is to be seen, for those who cannot see it</span><textarea name="alt" dir="auto"></textarea></label><button class="solid slim">Attach</button></form></noscript>`;
  const media =
    hasFiles || tweet.media.length > 0
      ? html`<details class="media-form" id="${key}-attach"><summary aria-label="Media of tweet ${n}">Media</summary>${attached}${hasFiles ? attach : NOTHING}</details>`
      : NOTHING;
  const up = index > sentCount ? actButton(`up:${at}`, "↑", `Move tweet ${n} up`, "Move it up") : NOTHING;
  const down = index < length - 1 ? actButton(`down:${at}`, "↓", `Move tweet ${n} down`, "Move it down") : NOTHING;
  const removal = tweet.media.length > 0 ? ["Remove with its media", "remove-all"] : ["Remove", "remove"];
  const remove =
    length - sentCount > 1 ? actButton(`${removal[1]}:${at}`, removal[0] ?? "", `${removal[0]}: tweet ${n}`) : NOTHING;
  return html`<div class="tools" id="${key}-tools">${edit}${media}${up}${down}${remove}</div>`;
}

function borderTools(n: number | string, at: number | string): Html {
  const move = (by: number, unit: string, words: string) =>
    actButton(
      `move:${at}:${by}:${unit}`,
      words,
      `Move the cut after tweet ${n} ${by < 0 ? "back" : "on"} by a ${unit}`,
      `Move the cut ${by < 0 ? "back" : "on"} by a ${unit}`,
    );
  return html`<div class="moves">${move(-1, "sentence", "«")}${move(-1, "word", "‹")}<button type="button" class="handle-grip only-script" data-cut="${at}" data-focus="cut:${at}" aria-label="The cut after tweet ${n}. Drag it, or use the arrow keys: by a word, with Shift by a sentence. Delete joins the two." title="Drag the cut">⇕</button>${move(1, "word", "›")}${move(1, "sentence", "»")}${actButton(`join:${at}`, "join", `Join tweet ${n} with the next one`, "Join the two")}</div>`;
}
