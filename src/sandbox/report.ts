/** The sandbox's state for comparison: what stands on X, and what was asked of it. Holds no token. */
import type { Fault } from "./fault-schema.ts";
import type { Settings } from "./settings.ts";
import type { SandboxPost, SandboxState } from "./state.ts";

export interface ReportedMedia {
  id: string;
  sha256: string | null;
  mime: string | null;
  byteLength: number;
  altText: string | null;
  /** Of a video that has captions. */
  subtitles?: { languageCode: string; displayName: string }[];
}

export interface ReportedPost {
  id: string;
  /** Exactly as sent. */
  text: string;
  replyToId: string | null;
  conversationId: string;
  media: ReportedMedia[];
  createdAt: string;
  deletedAt: string | null;
  poll: { options: string[]; durationMinutes: number } | null;
  replySettings: string | null;
  madeWithAi: boolean;
  paidPartnership: boolean;
  quoteId: string | null;
  extras: Record<string, unknown>;
}

export interface ReportedAccount {
  id: string;
  handle: string;
  name: string;
  subscription: string;
  suspended: boolean;
  signIns: { consents: number; refreshes: number; refusedRefreshes: number };
  /** In the order X accepted them, deleted ones included. */
  posts: ReportedPost[];
}

export interface SandboxReport {
  revision: number;
  /** By handle. */
  accounts: Record<string, ReportedAccount>;
  /** By endpoint, such as "POST /2/tweets". `acted` counts those that X carried out. */
  counts: Record<string, { received: number; acted: number; resets: number; byStatus: Record<string, number> }>;
  /** Posts, deletions and uploads asked for and carried out; sign-in is not among them. */
  writes: { received: number; acted: number };
  apps: Record<string, { balanceUsd: number; enrolled: boolean; spendCapReached: boolean }>;
  spent: { totalUsd: number; byKind: Record<string, { count: number; usd: number }> };
  faults: Fault[];
  settings: Settings;
}

export function usd(micros: number): number {
  return micros / 1_000_000;
}

function reportPost(state: SandboxState, post: SandboxPost): ReportedPost {
  const media = post.mediaIds.flatMap((id) => {
    const item = state.media[id];
    if (item === undefined) return [];
    const { sha256, mime, totalBytes, altText, subtitles } = item;
    const tracks = subtitles.map(({ languageCode, displayName }) => ({ languageCode, displayName }));
    return [{ id, sha256, mime, byteLength: totalBytes, altText, ...(tracks.length > 0 ? { subtitles: tracks } : {}) }];
  });
  return {
    id: post.id,
    text: post.text,
    replyToId: post.replyToId,
    conversationId: post.conversationId,
    media,
    createdAt: new Date(post.createdAtMs).toISOString(),
    deletedAt: post.deletedAtMs === null ? null : new Date(post.deletedAtMs).toISOString(),
    poll: post.poll === null ? null : { options: post.poll.options, durationMinutes: post.poll.durationMinutes },
    replySettings: post.replySettings,
    madeWithAi: post.madeWithAi,
    paidPartnership: post.paidPartnership,
    quoteId: post.quoteId,
    extras: post.extras,
  };
}

export function makeReport(state: SandboxState): SandboxReport {
  const accounts: SandboxReport["accounts"] = {};
  for (const user of Object.values(state.users)) {
    const { id, handle, name, subscription, suspended, signIns } = user;
    const posts = (state.postsByUser[id] ?? []).flatMap((postId) => {
      const post = state.posts[postId];
      return post === undefined ? [] : [reportPost(state, post)];
    });
    accounts[handle] = { id, handle, name, subscription, suspended, signIns: { ...signIns }, posts };
  }
  const kinds = Object.entries(state.ledgerTotals);
  const apps = Object.values(state.apps).map((app) => [
    app.clientId,
    { balanceUsd: usd(app.balanceMicros), enrolled: app.enrolled, spendCapReached: app.spendCapReached },
  ]);
  return structuredClone({
    revision: state.revision,
    accounts,
    counts: state.counts,
    writes: state.writes,
    apps: Object.fromEntries(apps) as SandboxReport["apps"],
    spent: {
      totalUsd: usd(kinds.reduce((sum, [, total]) => sum + total.micros, 0)),
      byKind: Object.fromEntries(kinds.map(([kind, total]) => [kind, { count: total.count, usd: usd(total.micros) }])),
    },
    faults: state.faults,
    settings: state.settings,
  });
}
