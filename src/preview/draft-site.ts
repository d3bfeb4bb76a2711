/** One draft as a site: its page, the acts of its forms, its approval. The same acts, and the same rule of versions, as the command line's. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { borderPlaces, partsOf } from "../core/compose/acts.ts";
import { weightedLength } from "../core/compose/weighted-length.ts";
import type { Hub } from "../core/db/connection.ts";
import type { Engine } from "../core/engine.ts";
import { PsnError } from "../core/errors.ts";
import type { MediaStore } from "../core/media/store.ts";
import { boundFacts, boundMedia } from "../core/posts/approval-shown.ts";
import {
  answerApproval as answerQuestion,
  openApproval,
  type PendingApproval,
  pendingApprovals,
} from "../core/posts/person-approval.ts";
import { limitOf } from "../core/posts/preview.ts";
import { loadPost, type Post } from "../core/posts/read.ts";
import {
  actOnPost,
  cancelPost,
  checkedAltText,
  type DraftAct,
  redoPost,
  storeAttachments,
  undoPost,
} from "../core/posts/write.ts";
import { withLocalTimes } from "../core/utils/timezone.ts";
import type { Html } from "../page/html.ts";
import { changingOf, pageOf, THEMES } from "../page/shell.ts";
import { Nonces, type Step } from "./approval.ts";
import type { PanelState } from "./approval-panel.ts";
import { type ApprovalDeps, answerApproval } from "./approve.ts";
import { bodiesOf, type DraftView, draftView } from "./draft.ts";
import { draftArticles, draftShell, EDITABLE, type Notice } from "./draft-page.ts";
import { conflictForm, wordsKey } from "./edit-forms.ts";
import {
  BorderQuery,
  type ButtonAct,
  readAnswer,
  readButton,
  readCounted,
  readMediaForm,
  readWordsForm,
} from "./forms.ts";
import { KeptFiles, NO_MEDIA } from "./media-files.ts";
import { goTo, jsonAnswer, type PageAnswer, type PageRequest, pageAnswer, partAnswer, type Site } from "./server.ts";
import { ShownFeeds } from "./shown-feeds.ts";

export interface DraftSiteDeps extends ApprovalDeps {
  hub: Hub;
  engine: Engine;
  media: MediaStore;
  /** The author's zone. */
  zone: string;
  now(): Date;
  /** Whether anything publishes what falls due. */
  hasWorker(): Promise<boolean>;
}

/** How a page is answered beside what the hub has. */
interface More {
  status?: number;
  notice?: Notice;
  conflict?: Html;
  step?: Step;
  panel?: Partial<PanelState>;
}

export class DraftSite implements Site {
  readonly #deps: DraftSiteDeps;
  readonly #postId: string;
  readonly #nonces: Nonces;
  readonly #files: KeptFiles;
  readonly #feeds = new ShownFeeds();
  /** What the next page says of the act before it, by a name in its address. */
  readonly #notices = new Map<string, Notice>();
  /** What acts were answered with, by their names: a browser sends a request again whose answer was lost, and it must not act again. */
  readonly #answered = new Map<string, Promise<PageAnswer>>();

  constructor(deps: DraftSiteDeps, postId: string) {
    this.#deps = deps;
    this.#postId = postId;
    this.#nonces = new Nonces(deps.now);
    this.#files = new KeptFiles(deps.media);
  }

  async version(): Promise<string> {
    return versionOf(await this.#post());
  }

  async answer(request: PageRequest): Promise<PageAnswer> {
    const { method, path, once } = request;
    if (method !== "POST" || once === undefined || path === "/count") return await this.#answerOnce(request);
    const given = this.#answered.get(once) ?? this.#answerOnce(request);
    this.#answered.set(once, given);
    // What came to no answer may be tried again.
    given.catch(() => this.#answered.delete(once));
    if (this.#answered.size > ANSWERS_MAX) this.#answered.delete(this.#answered.keys().next().value ?? "");
    return await this.#followed(await given, request);
  }

  // --- internal ---

  /** A script that acts is answered with the page at once: to be sent on to it, and ask again, would take it twice as long. */
  async #followed(answer: PageAnswer, request: PageRequest): Promise<PageAnswer> {
    const { location } = answer.headers;
    if (location === undefined) return answer;
    const { pathname: path, searchParams: query } = new URL(location, "http://localhost");
    return await this.#answerOnce({ ...request, method: "GET", path, query });
  }

  async #answerOnce(request: PageRequest): Promise<PageAnswer> {
    const { method, path } = request;
    try {
      if (method === "GET" || method === "HEAD") return await this.#read(request);
      if (method !== "POST") return { status: 405, headers: {}, body: "" };
      if (path === "/count") return await this.#count(request);
      if (path === "/act") return await this.#press(request);
      if (path === "/words") return await this.#words(request);
      if (path === "/media") return await this.#attach(request);
      if (path === "/answer") return await this.#answer(request);
      if (path === "/approve") return await this.#approve(request);
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      return await this.#page(request, { status: statusOf(error), notice: noticeOf(error) });
    }
    return { status: 404, headers: {}, body: "" };
  }

  async #read(request: PageRequest): Promise<PageAnswer> {
    const { path, query } = request;
    if (path === "/") {
      const notice = this.#notices.get(query.get("said") ?? "");
      return await this.#page(request, notice ? { notice } : {});
    }
    if (path === "/places") return await this.#places(query);
    const sha256 = /^\/media\/([0-9a-f]{64})$/.exec(path)?.[1];
    if (sha256 === undefined) return { status: 404, headers: {}, body: "" };
    const { tweets } = await this.#post();
    // Only what this post has.
    const item = tweets.flatMap(({ media }) => media).find((one) => one.sha256 === sha256);
    if (item === undefined) return NO_MEDIA;
    return await this.#files.answer(item, request.range);
  }

  async #post(): Promise<Post> {
    return await loadPost(this.#deps.hub.db, this.#postId);
  }

  async #draft(post?: Post): Promise<DraftView> {
    return await draftView(this.#deps.hub.db, post ?? (await this.#post()), this.#deps.zone);
  }

  /** The whole page; for a script, what of it is not as the script says that it shows it. */
  async #page({ query, shown }: Pick<PageRequest, "query" | "shown">, more: More = {}): Promise<PageAnswer> {
    const { hub, zone } = this.#deps;
    const [post, pending, hasWorker] = await Promise.all([
      this.#post(),
      pendingApprovals(hub.db),
      this.#deps.hasWorker(),
    ]);
    const draft = await this.#draft(post);
    const step = more.step ?? { kind: "ask" };
    const { contentHash, contentVersion } = draft;
    const panel: PanelState = {
      nonce: this.#nonces.issue({ contentHash, contentVersion, step }),
      step,
      zone,
      hasWorker,
      question: await this.#question(post, contentHash, pending),
      ...more.panel,
    };
    const theme = THEMES.find((one) => one === query.get("theme"));
    const { conflict = null } = more;
    const local = (text: string) => withLocalTimes(text, zone);
    const notice = more.notice
      ? { ...more.notice, message: local(more.notice.message), hint: more.notice.hint && local(more.notice.hint) }
      : null;
    const articles = draftArticles(draft);
    const changed = this.#feeds.since(shown, articles, contentVersion);
    const base = this.#feeds.has(shown) ? shown : undefined;
    const mainData = { version: versionOf(post), shown: this.#feeds.keep(articles), base };
    const shell = draftShell(draft, changed, { mainData, panel, notice, conflict, theme });
    const status = more.status ?? 200;
    return shown === undefined ? pageAnswer(status, pageOf(shell)) : partAnswer(status, changingOf(shell));
  }

  /** What a command asks about the post as it is shown, with a nonce of its own. */
  async #question(post: Post, shownHash: string, pending: readonly PendingApproval[]): Promise<PanelState["question"]> {
    const { hub } = this.#deps;
    const asked = pending.find(({ postId, contentHash }) => postId === this.#postId && contentHash === shownHash);
    if (asked === undefined) return null;
    const facts = [...boundFacts(post, asked, this.#deps.zone), ...boundMedia(post)];
    try {
      return { ...(await openApproval(hub, asked.id)), facts };
    } catch (error) {
      // It was answered in another window meanwhile.
      if (error instanceof PsnError) return null;
      throw error;
    }
  }

  async #answer(request: PageRequest): Promise<PageAnswer> {
    const { id, nonce, answer } = readAnswer(request);
    const yes = answer === "yes";
    const { postId } = await answerQuestion(this.#deps.hub, { id, nonce, yes, how: "page", by: this.#deps.person });
    if (postId !== this.#postId) throw new Error("a question of another post was answered with this one's nonce");
    return this.#done(
      yes ? "Your yes is recorded; the command goes on when it is given again." : "Declined. Nothing was approved.",
    );
  }

  /** After an act: the page anew, so that loading it again repeats nothing. */
  #done(message: string, hint?: string): PageAnswer {
    const name = randomUUID().slice(0, 8);
    this.#notices.set(name, { message, hint, isBad: false });
    if (this.#notices.size > NOTICES_MAX) this.#notices.delete(this.#notices.keys().next().value ?? "");
    return goTo(`/?said=${name}`);
  }

  async #press(request: PageRequest): Promise<PageAnswer> {
    const { version, act } = readButton(request);
    const { hub, engine } = this.#deps;
    const shown = { contentVersion: version };
    const shownEditable = { ...shown, statuses: EDITABLE };
    if (act.do === "undo") {
      const { note, lost } = await undoPost(hub, engine, this.#postId, shownEditable);
      return this.#done(`Undone: ${note}.`, lostWords(lost));
    }
    if (act.do === "redo") {
      const { note, lost } = await redoPost(hub, engine, this.#postId, shownEditable);
      return this.#done(`Done again: ${note}.`, lostWords(lost));
    }
    if (act.do === "cancel") {
      await cancelPost(hub, engine, this.#postId, shown);
      return this.#done("It is a draft again.");
    }
    await this.#act(act, version);
    return this.#done(DONE[act.do] ?? "Done.");
  }

  /** What waits for its time is taken back before it is changed: an act on it would count at once. @throws PsnError POST_STATUS */
  async #act(act: DraftAct, contentVersion: number): Promise<void> {
    const { hub, engine } = this.#deps;
    await actOnPost(hub, engine, this.#postId, act, { contentVersion, statuses: EDITABLE });
  }

  async #words(request: PageRequest): Promise<PageAnswer> {
    const form = readWordsForm(request);
    const { text } = form;
    try {
      const at = await this.#onItsTweet(form, form.do === "insert", (position, version) =>
        this.#act({ do: form.do, position, text }, version),
      );
      return this.#done(form.do === "insert" ? "Added." : `Saved in tweet ${at + 1}.`);
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      // Whatever is wrong, what was typed stays on the page.
      const draft = await this.#draft();
      const conflict = conflictForm(draft, Math.min(form.position, draft.tweets.length), text);
      return await this.#page(request, { status: statusOf(error), notice: noticeOf(error), conflict });
    }
  }

  async #attach(request: PageRequest): Promise<PageAnswer> {
    const form = await readMediaForm(request);
    const folder = await mkdtemp(join(tmpdir(), "psn-page-"));
    try {
      const file = join(
        folder,
        basename(form.file.name)
          .replace(/[\0/\\]/g, "")
          .slice(-200) || "media",
      );
      await writeFile(file, new Uint8Array(await form.file.arrayBuffer()), { mode: 0o600 });
      const attachment = { tweet: 0, file, altText: checkedAltText(form.alt) };
      const [media = []] = await storeAttachments(this.#deps.media, [attachment], 1);
      const at = await this.#onItsTweet(form, false, (position, version) =>
        this.#act({ do: "attach", position, media }, version),
      );
      return this.#done(`Attached to tweet ${at + 1}.`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /**
   * Acts on the tweet that the form was made for, also where another window or a command has changed others meanwhile: it is known by
   * its words. @returns its position @throws PsnError POST_CHANGED when it has other words now
   */
  async #onItsTweet(
    { position, version, was }: { position: number; version: number; was: string },
    isNew: boolean,
    act: (position: number, version: number) => Promise<void>,
  ): Promise<number> {
    for (let round = 1; ; round++) {
      const { root, tweets } = await this.#post();
      const isAsSeen = root.contentVersion === version;
      const at = isAsSeen ? position : isNew ? tweets.length : onlyOneWith(was, tweets);
      if (at === null) {
        throw new PsnError("POST_CHANGED", "This tweet was changed elsewhere meanwhile. Nothing of yours is lost.");
      }
      try {
        await act(at, root.contentVersion);
        return at;
      } catch (error) {
        // Another act came between the look and this one; it may have been about another tweet.
        if (!(error instanceof PsnError && error.code === "POST_CHANGED") || round >= ROUNDS_MAX) throw error;
      }
    }
  }

  /** Counts as X does, whole texts with lines of `---` part by part. */
  async #count(request: PageRequest): Promise<PageAnswer> {
    const limit = limitOf(await this.#post());
    const parts = countedParts(readCounted(request)).map((part) => weightedLength(part));
    return jsonAnswer(200, { parts, limit });
  }

  /** To where a border can be dragged: in the texts as they are shown, with the counts of both tweets then. */
  async #places(query: URLSearchParams): Promise<PageAnswer> {
    const { data } = BorderQuery.safeParse(Object.fromEntries(query));
    if (data === undefined) return { status: 400, headers: {}, body: "" };
    const { border } = data;
    const post = await this.#post();
    const bodies = bodiesOf(post);
    const drafts = bodies.map((text, index) => ({ text, separatorAfter: post.tweets[index]?.separatorAfter ?? "" }));
    const before = [border, border + 1].map((index) =>
      (post.tweets[index]?.content ?? "").indexOf(bodies[index] ?? ""),
    );
    const extra = [border, border + 1].map((index) => {
      const [whole, body] = [post.tweets[index]?.content ?? "", bodies[index] ?? ""];
      return weightedLength(whole) - weightedLength(body);
    });
    const own = [bodies[border] ?? "", bodies[border + 1] ?? ""] as const;
    const places = borderPlaces(drafts, border).map(({ by, left, right }) => ({
      by,
      tweet: by > 0 ? 1 : 0,
      offset: by > 0 ? (before[1] ?? 0) + own[1].length - right.length : (before[0] ?? 0) + left.length,
      left: weightedLength(left) + (extra[0] ?? 0),
      right: weightedLength(right) + (extra[1] ?? 0),
    }));
    return jsonAnswer(200, { places });
  }

  async #approve(request: PageRequest): Promise<PageAnswer> {
    const draft = await this.#draft();
    const outcome = await answerApproval(this.#deps, this.#nonces, draft, request);
    if (outcome.kind === "done") return this.#done(outcome.message, outcome.hint);
    const { step, typed, readings, notice } = outcome;
    const panel = { ...(typed === undefined ? {} : { typed }), ...(readings ? { readings } : {}) };
    return await this.#page(request, { step, panel, ...(notice ? { notice, status: 409 } : {}) });
  }
}

/** Another one whenever the page would be: of content, time, state, approval, and what has gone out. */
function versionOf({ root, tweets }: Post): string {
  const sent = tweets.filter(({ externalPostId }) => externalPostId !== null).length;
  return [
    root.contentVersion,
    root.scheduleVersion,
    root.status,
    root.subStatus,
    root.approvedHash !== null,
    sent,
  ].join(" ");
}

/** What cannot be saved as it stands is counted all the same: it is being typed. */
function countedParts(text: string): string[] {
  try {
    return partsOf(text);
  } catch (error) {
    if (error instanceof PsnError) return [text];
    throw error;
  }
}

/** How often an act is tried on its tweet while others come between: more windows than that nobody has. */
const ROUNDS_MAX = 20;

/** The position of the one tweet that has these words; null where none has, or several. */
function onlyOneWith(was: string, tweets: Post["tweets"]): number | null {
  const found = tweets.flatMap(({ content }, index) => (wordsKey(content) === was ? [index] : []));
  return found.length === 1 ? (found[0] ?? null) : null;
}

const NOTICES_MAX = 100;
const ANSWERS_MAX = 100;

const DONE: Partial<Record<ButtonAct["do"], string>> = {
  move: "The cut was moved.",
  join: "Joined.",
  split: "Split.",
  reorder: "Moved.",
  remove: "Removed; undo brings it back.",
  detach: "Taken away; undo brings it back.",
};

function lostWords(lost: readonly string[]): string | undefined {
  return lost.length === 0 ? undefined : `Not kept any more: ${lost.join(", ")}`;
}

function statusOf({ code }: PsnError): number {
  return ["POST_CHANGED", "APPROVAL_EXPIRED", "APPROVAL_STALE", "APPROVAL_FORGED", "APPROVAL_UNKNOWN"].includes(code)
    ? 409
    : 422;
}

function noticeOf({ code, message, hint }: PsnError): Notice {
  if (code === "POST_CHANGED") {
    return {
      message: "It was changed elsewhere meanwhile; this is how it is now. Nothing of it was done.",
      isBad: true,
    };
  }
  return { message, hint, isBad: true };
}
