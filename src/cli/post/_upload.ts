/** How far a post's media are on their way to X, for a person. */
import { loadPost } from "../../core/posts/read.ts";
import type { App } from "../_app.ts";
import { type PostAnswer, postAnswer } from "../_shapes.ts";
import { nameLine } from "../_wrap.ts";

type Upload = PostAnswer["tweets"][number]["media"][number]["upload"];

const BAR_CHARS = 10;
const LOOK_MS = 300;

/** A file's state in words. */
export function uploadText(upload: Upload): string {
  if (upload === null) return "on X";
  const { state, percent } = upload;
  switch (state) {
    case "waiting":
      return "not at X yet";
    case "uploading":
      return `uploading   ${bar(percent ?? 0)}`;
    case "processing":
      return `X processes ${percent === null ? "it" : bar(percent)}`;
    case "ready":
      return "ready at X";
  }
}

/** A line for each file that is on its way or there, and is not on X with its tweet. */
export function uploadLines({ tweets }: PostAnswer, all = false): string[] {
  return tweets.flatMap(({ position, media }) =>
    media
      .filter(({ upload }) => upload !== null && (all || upload.state !== "waiting"))
      .map(({ fileName, upload }) => `${position + 1}  ${nameLine(fileName)}  ${uploadText(upload)}`),
  );
}

/** Notes each file's line when it has changed. */
export class UploadWatch {
  private readonly told = new Set<string>();

  look(post: PostAnswer, note: (line: string) => void): void {
    for (const line of uploadLines(post)) {
      if (this.told.has(line)) continue;
      this.told.add(line);
      note(line);
    }
  }
}

/** Runs `act` and tells meanwhile how the post's media get on. */
export async function withUploads<T>(
  app: App,
  { note }: { note?: (line: string) => void },
  postId: string,
  act: () => Promise<T>,
): Promise<T> {
  if (!note) return await act();
  const watch = new UploadWatch();
  const look = async () => watch.look(postAnswer(await loadPost(app.hub.db, postId), app.hubEnv.timezone), note);
  // A look that fails is told by the command itself.
  const timer = setInterval(() => void look().catch(() => {}), LOOK_MS);
  try {
    return await act();
  } finally {
    clearInterval(timer);
  }
}

// --- internal ---

/** In tenths, so that a long upload is ten lines and not a hundred. */
function bar(percent: number): string {
  const full = Math.min(Math.floor(percent / BAR_CHARS), BAR_CHARS);
  return `${"█".repeat(full)}${"░".repeat(BAR_CHARS - full)} ${full * 10}%`;
}
