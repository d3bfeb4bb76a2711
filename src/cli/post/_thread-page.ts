/** A text that is no draft yet, as a page or a picture. Writes nothing to the hub. */
import type { Preview } from "../../core/compose/preview.ts";
import type { InspectedMedia } from "../../core/media/inspect.ts";
import { mediaView, threadView } from "../../preview/draft.ts";
import { localMediaUrl, ThreadSite } from "../../preview/thread-site.ts";
import type { Author } from "../../preview/tweet-view.ts";
import type { Io } from "../_command.ts";
import { showPage } from "../_page.ts";
import type { PageAnswerFields, PageFields } from "../_page-fields.ts";
import type { FrontPoll } from "./_fields.ts";

/** Before an account is named nobody is asked who posts. */
const NOBODY: Author = { name: "You", handle: "you", platformUserId: null, subscription: null };
const POLL_MINUTES = 1_440;

/** @throws PsnError what `showPage` throws */
export async function showThread(
  io: Io,
  page: PageFields,
  preview: Preview,
  more: {
    account: Author | null;
    media: readonly (readonly (InspectedMedia & { altText: string | null })[])[];
    poll: FrontPoll | undefined;
    zone: string;
  },
): Promise<Preview & PageAnswerFields> {
  const files = more.media.flat();
  const thread = threadView(preview, {
    author: more.account ?? NOBODY,
    zone: more.zone,
    media: more.media.map((items) => items.map((item) => mediaView(localMediaUrl(files.indexOf(item)), item))),
    poll: more.poll ? { options: more.poll.options, durationMinutes: more.poll.minutes ?? POLL_MINUTES } : null,
  });
  return await showPage(io, page, new ThreadSite(thread, files), preview);
}
