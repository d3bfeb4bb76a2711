/** One draft as a site: its page, the acts of its forms, its approval. The same acts, and the same rule of versions, as the command line's. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
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
import { loadPost, loadPostState, type Post, type PostState, postState } from "../core/posts/read.ts";
import {
  actOnPost,
  cancelPost,
  checkedAltText,
  type DraftAct,
  redoPost,
  storeAttachments,
  undoPost,
} from "../core/posts/write.ts";
import { withLocalTimes } from "../core/utils/zone-clock.ts";
import type { Html } from "../page/html.ts";
import { changingOf, pageOf, THEMES } from "../page/shell.ts";
import { Nonces, type Step } from "./approval.ts";
import type { PanelState } from "./approval-panel.ts";
import { type ApprovalDeps, answerApproval } from "./approve.ts";
import { countsOf, placesOf } from "./counts.ts";
import { type DraftView, draftView } from "./draft.ts";
import { DraftArticles, draftShell, EDITABLE, type Notice } from "./draft-page.ts";
import { conflictForm } from "./edit-forms.ts";
import { BorderQuery, readAnswer, readButton, readCounted, readMediaForm, readWordsForm } from "./forms.ts";
import { KeptFiles, NO_MEDIA } from "./media-files.ts";
import { DONE, lostWords, Notices, noticeOf, statusOf } from "./notices.ts";
import { type MeantFor, onItsTweet } from "./on-its-tweet.ts";
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
  readonly #articles = new DraftArticles();
  readonly #feeds = new ShownFeeds();
  readonly #notices = new Notices();
  /** What acts were answered with, by their names: a browser sends a request again whose answer was lost, and it must not act again. */
  readonly #answered = new Map<string, Promise<PageAnswer>>();

  constructor(deps: DraftSiteDeps, postId: string) {
    this.#deps = deps;
    this.#postId = postId;
    this.#nonces = new Nonces(deps.now);
    this.#files = new KeptFiles(deps.media);
  }

  async version(): Promise<string> {
    return versionOf(await loadPostState(this.#deps.hub.db, this.#postId));
  }

  async answer(request: PageRequest): Promise<PageAnswer> {
    const { method, path, once } = request;
    if (method !== "POST" || once === undefined || path === "count") return await this.#answerOnce(request);
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
    const { pathname, searchParams: query } = new URL(location, "http://localhost");
    return await this.#answerOnce({ ...request, method: "GET", path: pathname.slice(1), query });
  }

  async #answerOnce(request: PageRequest): Promise<PageAnswer> {
    const { method, path } = request;
    try {
      if (method === "GET" || method === "HEAD") return await this.#read(request);
      if (method !== "POST") return { status: 405, headers: {}, body: "" };
      if (path === "count") return jsonAnswer(200, countsOf(readCounted(request), limitOf(await this.#post())));
      if (path === "act") return await this.#press(request);
      if (path === "words") return await this.#words(request);
      if (path === "media") return await this.#attach(request);
      if (path === "answer") return await this.#answer(request);
      if (path === "approve") return await this.#approve(request);
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
      return await this.#page(request, { status: statusOf(error), notice: noticeOf(error) });
    }
    return { status: 404, headers: {}, body: "" };
  }

  async #read(request: PageRequest): Promise<PageAnswer> {
    const { path, query } = request;
    if (path === "") {
      const notice = this.#notices.get(query.get("said"));
      return await this.#page(request, notice ? { notice } : {});
    }
    if (path === "places") {
      const { data } = BorderQuery.safeParse(Object.fromEntries(query));
      if (data === undefined) return { status: 400, headers: {}, body: "" };
      return jsonAnswer(200, { places: placesOf(await this.#post(), data.border) });
    }
    const sha256 = /^media\/([0-9a-f]{64})$/.exec(path)?.[1];
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
    const articles = this.#articles.of(draft);
    const changed = this.#feeds.since(shown, articles, contentVersion);
    const base = this.#feeds.has(shown) ? shown : undefined;
    const mainData = { version: versionOf(postState(post)), shown: this.#feeds.keep(articles), base };
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
    return goTo(`./?said=${this.#notices.keep({ message, hint, isBad: false })}`);
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

  #onItsTweet(form: MeantFor, isNew: boolean, act: (position: number) => DraftAct): Promise<number> {
    return onItsTweet(form, isNew, { post: () => this.#post(), act: (at, version) => this.#act(act(at), version) });
  }

  async #words(request: PageRequest): Promise<PageAnswer> {
    const form = readWordsForm(request);
    const { text } = form;
    try {
      const at = await this.#onItsTweet(form, form.do === "insert", (position) => ({ do: form.do, position, text }));
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
      const at = await this.#onItsTweet(form, false, (position) => ({ do: "attach", position, media }));
      return this.#done(`Attached to tweet ${at + 1}.`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
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

/** Another one whenever the page would be. */
function versionOf({ contentVersion, scheduleVersion, status, subStatus, isApproved, sentCount }: PostState): string {
  return [contentVersion, scheduleVersion, status, subStatus, isApproved, sentCount].join(" ");
}

const ANSWERS_MAX = 100;
