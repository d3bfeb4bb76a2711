/** A post as a page: what the commands do with it, a browser can do, too. */

import { approvalMode } from "../../core/post/approval-mode.ts";
import { readAuthorNow } from "../../core/post/due.ts";
import { takeNow } from "../../core/posts/write.ts";
import { publishNow } from "../../core/publish/publish.ts";
import { readingsOf } from "../../core/times/readings.ts";
import { DraftSite, type DraftSiteDeps } from "../../preview/draft-site.ts";
import type { App } from "../_app.ts";
import type { Io } from "../_command.ts";
import { hasHost } from "../_host.ts";
import { showPage } from "../_page.ts";
import type { PageAnswerFields, PageFields } from "../_page-fields.ts";
import { readWhen } from "../_when.ts";
import { beforeApproval } from "./_before-approval.ts";
import { personName } from "./_person.ts";

/** @throws PsnError what `showPage` throws */
export async function showDraft<Answer extends object>(
  io: Io,
  app: App,
  postId: string,
  page: PageFields,
  answer: Answer,
): Promise<Answer & PageAnswerFields> {
  const publishing = new Set<Promise<unknown>>();
  try {
    // In that mode nothing that a program reads may let it approve: the key goes to the browser alone.
    const isKeySecret = io.json && (await approvalMode(app.hub.db, app.hub)) === "person";
    const site = new DraftSite(siteDeps(io, app, publishing), postId);
    return await showPage(io, page, site, answer, { isKeySecret });
  } finally {
    // What is being published comes to a safe end; a second Ctrl-C does not wait for it, and a worker goes on.
    if (publishing.size > 0) io.note("What is being published comes to a safe end.");
    await Promise.all(publishing);
  }
}

// --- internal ---

function siteDeps(io: Io, app: App, publishing: Set<Promise<unknown>>): DraftSiteDeps {
  const zone = app.hubEnv.timezone;
  return {
    hub: app.hub,
    engine: app.engine,
    media: app.media,
    zone,
    now: () => new Date(),
    hasWorker: () => hasHost(app),
    person: personName(),
    readTime: async (words) => {
      const schedule = readWhen({ at: words }, zone, await readAuthorNow(app.hub.db));
      if (schedule === null) throw new Error("a time that is given is read or refused");
      // However it was said, it is the instant that the page reads back.
      return { at: schedule.at, timezone: schedule.timezone };
    },
    readingsOf,
    beforeApproval: (id) => beforeApproval(app, id),
    async publish(id, sending) {
      const deps = await app.publishDeps();
      const lease = await takeNow(app.hub, app.engine, id, deps.workerId, sending);
      const run = publishNow(deps, lease, io.signal)
        .catch((error: unknown) => io.note(`warning  ${error instanceof Error ? error.message : String(error)}`))
        .finally(() => publishing.delete(run));
      publishing.add(run);
    },
  };
}
