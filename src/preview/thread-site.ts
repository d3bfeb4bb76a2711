/** A text that no hub has yet, as a site that is only looked at. Its pictures are read where they lie. */
import { readAt } from "../core/config/open-file.ts";
import { type FileIdentity, openFile } from "../core/media/open-file.ts";
import { THEMES } from "../page/shell.ts";
import type { ThreadView } from "./draft.ts";
import { threadPage } from "./draft-page.ts";
import { mediaAnswer, NO_MEDIA } from "./media-files.ts";
import { type PageAnswer, type PageRequest, pageAnswer, type Site } from "./server.ts";

/** A file that was looked into before. */
export interface LocalMedia {
  file: string;
  mime: string;
  byteLength: number;
  identity: FileIdentity;
}

/** The address of file `index` on the page. */
export const localMediaUrl = (index: number) => `media/${index}`;

export class ThreadSite implements Site {
  readonly #thread: ThreadView;
  readonly #files: readonly LocalMedia[];

  constructor(thread: ThreadView, files: readonly LocalMedia[]) {
    this.#thread = thread;
    this.#files = files;
  }

  async answer({ method, path, query, range }: PageRequest): Promise<PageAnswer> {
    if (method !== "GET" && method !== "HEAD") return { status: 405, headers: {}, body: "" };
    if (path === "") {
      const theme = THEMES.find((one) => one === query.get("theme"));
      return pageAnswer(200, threadPage(this.#thread, theme));
    }
    const item = this.#files[Number(/^media\/([0-9]{1,5})$/.exec(path)?.[1] ?? "-1")];
    if (item === undefined) return NO_MEDIA;
    const opened = await openFile(item.file, item.identity).catch(() => null);
    if (opened === null) return NO_MEDIA;
    const { handle } = opened;
    try {
      const read = (start: number, end: number) => readAt(handle, start, end - start);
      return await mediaAnswer({ mime: item.mime, byteLength: item.byteLength, read }, range);
    } finally {
      await handle.close();
    }
  }
}
