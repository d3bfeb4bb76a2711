/** Which tweets on X are whose: each thread is followed from its first tweet by the replies. */
import type { ExpectedThread, SeenPost } from "./facts.ts";

/** Follows the replies from each thread's first tweet. What no chain takes is a stray. */
export function findChains(threads: ExpectedThread[], posts: SeenPost[]): { chains: SeenPost[][]; strays: SeenPost[] } {
  const free = new Set(posts);
  const take = (candidates: SeenPost[], wanted: string | undefined) => {
    const open = candidates.filter((post) => free.has(post));
    const taken = open.find(({ text }) => text === wanted) ?? null;
    return { taken, fallback: open[0] ?? null };
  };
  const roots = posts.filter(({ replyToId }) => replyToId === null);
  const firsts = threads.map((thread) => {
    const { taken } = take(roots, thread.tweets[0]?.text);
    if (taken) free.delete(taken);
    return taken;
  });
  // A thread whose first tweet was changed is still recognised by what it became, rather than as one missing and one too many.
  for (const [index, first] of firsts.entries()) {
    if (first !== null) continue;
    const isAnothers = (text: string) => threads.some(({ tweets }) => tweets[0]?.text === text);
    const root = roots.find((post) => free.has(post) && !isAnothers(post.text)) ?? null;
    if (root) free.delete(root);
    firsts[index] = root;
  }
  const chains = firsts.map((first, index) => {
    const chain: SeenPost[] = [];
    for (let post = first; post !== null; ) {
      chain.push(post);
      const parentId: string = post.id;
      const replies = posts.filter(({ replyToId }) => replyToId === parentId);
      const { taken, fallback } = take(replies, threads[index]?.tweets[chain.length]?.text);
      post = taken ?? fallback;
      if (post) free.delete(post);
    }
    return chain;
  });
  return { chains, strays: posts.filter((post) => free.has(post)) };
}
