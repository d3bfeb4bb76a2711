/** Folders that `psn post sync` is run on. What runs the product in a test is called a stage. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

export interface Item {
  path: string;
  kind: string;
  postId: string | null;
  renamedFrom: string | null;
  does: string | null;
  note: string | null;
  code: string | null;
  next: { command: string }[];
  foreign: string[];
}
export interface Answer {
  outcome: string;
  wouldSucceed?: boolean;
  applied: boolean;
  items: Item[];
  error?: { code: string };
}
export interface Synced extends Answer {
  /** The exit code. */
  exit: number;
  /** The item of a file. */
  of(path: string): Item | undefined;
  /** The kind of each item by its path. */
  kinds: Record<string, string>;
}
interface ShownPost {
  status: string;
  approved: boolean;
  tweets: { text: string }[];
  scheduled: object | null;
}

interface RowOfPost {
  status: string;
  content: string;
  approved: boolean;
  approvedHash: string | null;
  scheduledAt: Date | null;
  version: number;
}

export interface SyncHome extends TestHome {
  /** How many folders were made: a number for words that no other post has. */
  count: number;
  newFolder(): Promise<string>;
  sync(dir: string, ...flags: string[]): Promise<Synced>;
  /** `sync` with variables of the environment beside the home's own. */
  syncWith(env: Record<string, string>, dir: string, ...flags: string[]): Promise<Synced>;
  post(id: string | null | undefined): Promise<ShownPost>;
}

/** With the sandbox's author signed in. */
export async function syncHome(): Promise<SyncHome> {
  const home = await testHome();
  await home.signIn();
  const synced: SyncHome = {
    ...home,
    count: 0,
    async newFolder() {
      const path = join(home.folder, `folder-${++synced.count}`);
      await mkdir(path);
      return path;
    },
    sync: (dir, ...flags) => synced.syncWith({}, dir, ...flags),
    async syncWith(env, dir, ...flags) {
      const { json, code } = await home.psn(["post", "sync", dir, ...flags], { env: { ...home.env, ...env } });
      const answer = json as Answer;
      const { items } = answer;
      return {
        ...answer,
        exit: code,
        of: (path) => items.find((item) => item.path === path),
        kinds: Object.fromEntries(items.map(({ path, kind }) => [path, kind])),
      };
    },
    async post(id) {
      const { json } = await home.psn(["post", "show", id ?? ""]);
      return (json as { post: ShownPost }).post;
    },
  };
  return synced;
}

const HOUR_MS = 3_600_000;

/** An instant that lies so many hours ahead, on a whole second, as front matter has it. */
export const ahead = (hours: number) => new Date(Math.ceil(Date.now() / 1000) * 1000 + hours * HOUR_MS).toISOString();

/** A folder of one file, which is synced, with its post. */
export async function syncedFile(home: SyncHome, front: string) {
  const dir = await home.newFolder();
  const path = join(dir, "post.md");
  await writeFile(path, `---\n${front}\n---\nFirst words ${home.count}.\n`);
  const sync = async (...flags: string[]) => {
    const answer = await home.sync(dir, ...flags);
    return { ...soleOf(answer), exit: answer.exit };
  };
  const { postId } = await sync("--apply");
  const post = async () => {
    const { rows } = await home.hub.pool.query(
      `select status, content, approved_hash as "approvedHash", approved_hash is not null as approved,
         scheduled_at as "scheduledAt", content_version as version
       from psn.posts where id = $1`,
      [postId],
    );
    return rows[0] as RowOfPost;
  };
  return {
    dir,
    path,
    postId,
    sync,
    post,
    original: await readFile(path, "utf8"),
    change: (from: string | RegExp, to: string) => change(path, from, to),
  };
}

/** The item of a folder's one file. Its post's id is empty where it is none. */
export function soleOf({ items }: Answer): Item & { postId: string } {
  const [item, ...others] = items;
  if (!item || others.length > 0) throw new Error(JSON.stringify(items));
  return { ...item, postId: item.postId ?? "" };
}

/** Changes words of a file, as its author would. */
export async function change(path: string, from: string | RegExp, to: string): Promise<void> {
  await writeFile(path, (await readFile(path, "utf8")).replace(from, to));
}
