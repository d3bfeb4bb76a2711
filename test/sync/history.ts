/**
 * The history of a folder, from one seed: an author writes, edits, renames, copies and deletes files, approves, publishes and undoes
 * posts, and syncs; a sync may be killed at any of its steps, run twice at once, or beside a publish. In the end folder and hub must
 * agree, and X must hold nothing twice and nothing that nobody approved.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Prng } from "../../sim/prng.ts";
import { readFront, readPostFile } from "../../src/cli/post/_post-file.ts";
import type { Hub } from "../../src/core/db/connection.ts";
import { PsnError } from "../../src/core/errors.ts";
import { nodeDisk } from "../../src/core/posts/sync/disk.ts";
import { applySync, isQuiet, planSync } from "../../src/core/posts/sync/sync.ts";
import type { SyncDeps, SyncItem } from "../../src/core/posts/sync/types.ts";
import { approvePost, cancelPost, editPost, takeNow, undoPost } from "../../src/core/posts/write.ts";
import { publishNow } from "../../src/core/publish/publish.ts";
import { embeddedEngine } from "../../src/engines/embedded.ts";
import type { Stage } from "../../src/testing/stage.ts";
import { ioOf } from "../compose/stage.ts";

const OPS_MAX = 24;
const STEPS_MAX = 40;
const ROUNDS_MAX = 6;

/** As other programs begin their files. */
const FRONTS = [
  null,
  "tags:\n  - idea # of mine\naliases: [One, 'Two']\ncssclass: wide",
  'title: "A: title"\ndate: 2026-11-28T09:00:00+01:00\ndraft: true\nslug:   spaced',
  "layout: post\ncategories: [x, y]\npermalink: /a/:b/",
] as const;

class Killed extends Error {}

interface AuthorFile {
  /** Without the id. */
  content: string;
  text: string;
}

/** @returns what is wrong in the end; empty when all is well */
export async function runHistory(stage: Stage, seed: number): Promise<string[]> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "psn-sync-")));
  try {
    const history = new History(stage, seed, folder);
    return (await history.live()).map((what) => `seed ${seed}: ${what}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class History {
  readonly #stage: Stage;
  readonly #seed: number;
  readonly #prng: Prng;
  readonly #folder: string;
  readonly #noTouch: boolean;
  /** What the author wrote, by path. */
  readonly #files = new Map<string, AuthorFile>();
  readonly #approved = new Set<string>();
  readonly #wrong: string[] = [];
  #count = 0;

  constructor(stage: Stage, seed: number, folder: string) {
    this.#stage = stage;
    this.#seed = seed;
    this.#prng = new Prng(`sync ${seed}`);
    this.#folder = folder;
    this.#noTouch = this.#prng.is(0.25);
  }

  async live(): Promise<string[]> {
    const ops = this.#prng.int(8, OPS_MAX);
    for (let op = 0; op < ops; op++) await this.#one();
    await this.#end();
    return this.#wrong;
  }

  // --- internal ---

  async #one(): Promise<void> {
    const op = this.#prng.pick([
      "write",
      "write",
      "write",
      "write",
      "edit",
      "edit",
      "rename",
      "trade",
      "delete",
      "copy",
      "sync",
      "sync",
      "kill",
      "kill",
      "twice",
      "approve",
      "publish",
      "beside",
      "undo",
      "by hand",
      "cancel",
    ] as const);
    switch (op) {
      case "write":
        return await this.#write();
      case "edit":
        return await this.#edit();
      case "rename":
        return await this.#move();
      case "trade":
        return await this.#trade();
      case "delete":
        return await this.#remove();
      case "copy":
        return await this.#copy();
      case "sync":
        return void (await this.#sync());
      case "kill":
        return await this.#killed();
      case "twice":
        return void (await Promise.all([this.#sync(), this.#sync()]));
      case "approve":
        return await this.#refusable(async (id) => {
          const text = (await this.#stage.post(id)).root.content;
          this.#approved.add(text);
          await approvePost(this.#stage.hub, id);
        });
      case "publish":
        return await this.#publish();
      case "beside":
        return void (await Promise.all([this.#publish(), this.#sync()]));
      case "undo":
        return await this.#refusable(async (id) => {
          await undoPost(this.#stage.hub, embeddedEngine, id);
          await this.#noteOwnEdit(id);
        });
      case "by hand":
        return await this.#refusable(async (id) => {
          const unsentTweets = [{ text: this.#text(), separatorAfter: "", media: [] }];
          await editPost(this.#stage.hub, embeddedEngine, id, { unsentTweets });
          await this.#noteOwnEdit(id);
        });
      case "cancel":
        return await this.#refusable((id) => cancelPost(this.#stage.hub, embeddedEngine, id));
    }
  }

  #text(): string {
    this.#count += 1;
    return `Words ${this.#seed}.${this.#count} of a post.`;
  }

  async #write(): Promise<void> {
    const path = `${this.#prng.is(0.3) ? "deep/" : ""}post-${this.#files.size}-${this.#count}.md`;
    const text = this.#text();
    const front = this.#prng.pick(FRONTS);
    const own = this.#prng.is(0.3)
      ? `approve: true${this.#prng.is(0.5) ? `\nat: ${new Date(this.#stage.clock.now().getTime() + 86_400_000).toISOString()}` : ""}`
      : null;
    const lines = [own, front].filter((part) => part !== null).join("\n");
    const lineEnd = this.#prng.is(0.2) ? "\r\n" : "\n";
    const content = `${lines === "" ? "" : `---\n${lines}\n---\n\n`}${text}\n`.replaceAll("\n", lineEnd);
    await this.#put(path, { content, text });
  }

  async #put(path: string, file: AuthorFile): Promise<void> {
    this.#files.set(path, file);
    await mkdir(dirname(join(this.#folder, path)), { recursive: true });
    await writeFile(join(this.#folder, path), file.content);
  }

  #any(): string | null {
    const paths = [...this.#files.keys()].sort();
    return paths.length === 0 ? null : this.#prng.pick(paths);
  }

  /** As an editor does: the file as it is on the disk, with other words. */
  async #edit(): Promise<void> {
    const path = this.#any();
    const file = path === null ? undefined : this.#files.get(path);
    if (path === null || !file) return;
    const text = this.#text();
    const onDisk = await readFile(join(this.#folder, path), "utf8");
    await writeFile(join(this.#folder, path), onDisk.replace(file.text, text));
    this.#files.set(path, { content: file.content.replace(file.text, text), text });
  }

  async #move(): Promise<void> {
    const path = this.#any();
    const file = path === null ? undefined : this.#files.get(path);
    if (path === null || !file) return;
    const to = `${this.#prng.is(0.4) ? "other/" : ""}moved-${this.#count++}.md`;
    await mkdir(dirname(join(this.#folder, to)), { recursive: true });
    await rename(join(this.#folder, path), join(this.#folder, to));
    this.#files.delete(path);
    this.#files.set(to, file);
    if (!this.#prng.is(0.3)) return;
    // Another file where that one lay.
    const text = this.#text();
    await this.#put(path, { content: `${text}\n`, text });
  }

  /** Two files get each other's words. */
  async #trade(): Promise<void> {
    const [one, two] = [this.#any(), this.#any()];
    const [first, second] = [one, two].map((path) => (path === null ? undefined : this.#files.get(path)));
    if (one === null || two === null || one === two || !first || !second) return;
    for (const [path, file, text] of [[one, first, second.text] as const, [two, second, first.text] as const]) {
      const onDisk = await readFile(join(this.#folder, path), "utf8");
      await writeFile(join(this.#folder, path), onDisk.replace(file.text, text));
      this.#files.set(path, { content: file.content.replace(file.text, text), text });
    }
  }

  async #remove(): Promise<void> {
    const path = this.#any();
    if (path === null || this.#prng.is(0.5)) return;
    this.#files.delete(path);
    await rm(join(this.#folder, path));
  }

  async #copy(): Promise<void> {
    const path = this.#any();
    const file = path === null ? undefined : this.#files.get(path);
    if (path === null || !file) return;
    const to = `copy-${this.#count++}.md`;
    await cp(join(this.#folder, path), join(this.#folder, to));
    this.#files.set(to, file);
  }

  /** Posts of this history, in a settled order. */
  async #posts(): Promise<string[]> {
    const { rows } = await this.#stage.hub.pool.query(
      "select id from psn.posts where parent_post_id is null and source like $1 order by created_at, id",
      [`%Words ${this.#seed}.%`],
    );
    return rows.map(({ id }) => id);
  }

  async #refusable(act: (postId: string) => Promise<unknown>): Promise<void> {
    const ids = await this.#posts();
    if (ids.length === 0) return;
    try {
      await act(this.#prng.pick(ids));
    } catch (error) {
      if (!(error instanceof PsnError)) throw error;
    }
  }

  /** By editing a post that waits for its time its author approves what it says then. */
  async #noteOwnEdit(id: string): Promise<void> {
    const { root } = await this.#stage.post(id);
    if (root.approvedHash !== null) this.#approved.add(root.content);
  }

  async #publish(): Promise<void> {
    await this.#refusable(async (id) => {
      const { root } = await this.#stage.post(id);
      if (root.approvedHash === null && this.#prng.is(0.7)) {
        this.#approved.add(root.content);
        await approvePost(this.#stage.hub, id, { contentVersion: root.contentVersion });
      }
      const deps = this.#stage.deps();
      const lease = await takeNow(this.#stage.hub, embeddedEngine, id, deps.workerId);
      await publishNow(deps, lease);
    });
  }

  #deps(hub: Hub = this.#stage.hub, disk = nodeDisk): SyncDeps {
    const io = ioOf({ env: {}, folder: this.#folder });
    return {
      hub,
      engine: embeddedEngine,
      media: this.#stage.media,
      disk,
      zone: "UTC",
      now: async () => this.#stage.clock.now(),
      readFile: (path, bytes) => readPostFile(io, path, bytes),
      readFront,
      accountOf: async () => this.#stage.account.id,
      parentOf: async () => "",
      beforeApproval: async () => {},
    };
  }

  /** What a file approves by itself is approved from the moment at which a sync may read it. */
  #noteApprovals(): void {
    for (const { content, text } of this.#files.values())
      if (content.includes("approve: true")) this.#approved.add(text);
  }

  async #sync(overwrite = false, deps = this.#deps()): Promise<{ items: SyncItem[]; isQuiet: boolean }> {
    this.#noteApprovals();
    const options = { folder: this.#folder, noTouch: this.#noTouch, overwrite, mayApprove: true };
    const plan = await planSync(deps, options);
    return { items: await applySync(deps, options, plan), isQuiet: isQuiet(plan) };
  }

  /** A sync that dies before or after one of its transactions, or of its writes to the disk. */
  async #killed(): Promise<void> {
    let left = this.#prng.int(1, STEPS_MAX);
    const step = () => {
      left -= 1;
      if (left <= 0) throw new Killed();
    };
    const db = new Proxy(this.#stage.hub.db, {
      get(target, name) {
        if (name === "transaction") {
          return async (...args: Parameters<typeof target.transaction>) => {
            step();
            const result = await target.transaction(...args);
            step();
            return result;
          };
        }
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const disk: typeof nodeDisk = {
      ...nodeDisk,
      async replace(...args) {
        step();
        const isReplaced = await nodeDisk.replace(...args);
        step();
        return isReplaced;
      },
    };
    try {
      await this.#sync(false, this.#deps({ ...this.#stage.hub, db }, disk));
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }

  async #end(): Promise<void> {
    let items: SyncItem[] = [];
    for (let round = 0; ; round++) {
      const synced = await this.#sync(true);
      items = synced.items;
      // What is refused is asked for again each time.
      if (synced.isQuiet || items.every(({ does }) => does === null)) break;
      if (round === ROUNDS_MAX) {
        this.#wrong.push(`it does not come to rest: ${JSON.stringify(items.filter(({ does }) => does))}`);
        break;
      }
    }
    for (const item of items) await this.#judge(item);
    await this.#judgeFiles();
    await this.#judgeX();
  }

  /** Each file is its post, or it is told why not. */
  async #judge({ path, kind, postId, note }: SyncItem): Promise<void> {
    const file = this.#files.get(path);
    if (kind === "gone") {
      if (file) this.#wrong.push(`${path} is called gone`);
      return;
    }
    if (!file) return void this.#wrong.push(`${path} is named and is not there`);
    if (kind === "problem") {
      // The same words as another approved post's, of a copy whose id was not written yet.
      if (!note?.includes("says exactly the same")) this.#wrong.push(`${path}: ${note}`);
      return;
    }
    if (postId === null) return void this.#wrong.push(`${path} has no post (${kind})`);
    const { root } = await this.#stage.post(postId);
    const isSame = root.content === file.text;
    if (kind === "two_files") return;
    if (kind === "published_meanwhile") {
      if (root.status !== "published" || isSame) this.#wrong.push(`${path} is called published meanwhile, and is not`);
    } else if (!isSame) {
      this.#wrong.push(`${path} says "${file.text}", its post ${postId} "${root.content}" (${kind}, ${root.status})`);
    }
  }

  /** Files hold what the author wrote, and an id. */
  async #judgeFiles(): Promise<void> {
    for (const [path, { content }] of this.#files) {
      const onDisk = await readFile(join(this.#folder, path), "utf8");
      if (this.#noTouch ? onDisk === content : withoutId(onDisk) === withoutId(content)) continue;
      this.#wrong.push(`${path} holds ${JSON.stringify(onDisk)} for ${JSON.stringify(content)}`);
    }
    const names = await readdir(this.#folder, { recursive: true });
    for (const name of names) if (name.includes("psn-new")) this.#wrong.push(`${name} was left behind`);
  }

  async #judgeX(): Promise<void> {
    const texts = this.#stage.onX().map(({ text }) => text);
    for (const text of texts)
      if (!this.#approved.has(text)) this.#wrong.push(`"${text}" went out, and nobody approved it`);
    if (new Set(texts).size !== texts.length) this.#wrong.push("something is on X twice");
    const { rows } = await this.#stage.hub.pool.query(
      "select content from psn.posts where parent_post_id is null and approved_hash is not null and source like $1",
      [`%Words ${this.#seed}.%`],
    );
    for (const { content } of rows)
      if (!this.#approved.has(content)) this.#wrong.push(`"${content}" is approved, and nobody did`);
  }
}

// --- internal ---

/** A block that held the id alone was made for it. */
function withoutId(content: string): string {
  return content.replace(/^---\r?\nid: \w+\r?\n---\r?\n/, "").replace(/^(---\r?\n)id: \w+\r?\n/, "$1");
}
