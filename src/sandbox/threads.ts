/** Posts grouped as readers see them: a conversation, its main line, and the replies beside it. Pure. */
import type { SandboxPost, SandboxState } from "./state.ts";

/** One line of posts, each a reply to the one before; `others` are further replies to the same post. */
export interface Branch {
  chain: { post: SandboxPost; others: Branch[] }[];
}

export interface Thread {
  /** The conversation's id, which is the id of its first post. */
  id: string;
  size: number;
  branch: Branch;
}

/** Replies beside the main line are nested so deep on the page; deeper ones follow in one line. */
const DEPTH_MAX = 4;

function branchFrom(first: SandboxPost, children: Map<string, SandboxPost[]>, depth: number): Branch {
  const chain: Branch["chain"] = [];
  for (let post: SandboxPost | undefined = first; post !== undefined; ) {
    const replies: SandboxPost[] = children.get(post.id) ?? [];
    const current: SandboxPost = post;
    // The author's own first answer goes on with the thread.
    const next: SandboxPost | undefined =
      replies.find((reply) => reply.authorId === current.authorId) ?? (depth >= DEPTH_MAX ? replies[0] : undefined);
    const others = replies.filter((reply) => reply !== next).map((reply) => branchFrom(reply, children, depth + 1));
    chain.push({ post, others });
    post = next;
  }
  return { chain };
}

/** Conversations, newest first; only those in which `userId` wrote, when given. */
export function threadsOf(state: SandboxState, userId: string | null): Thread[] {
  const conversations = new Map<string, SandboxPost[]>();
  for (const post of Object.values(state.posts)) {
    const list = conversations.get(post.conversationId) ?? [];
    list.push(post);
    conversations.set(post.conversationId, list);
  }
  const threads: Thread[] = [];
  for (const [id, posts] of conversations) {
    if (userId !== null && !posts.some((post) => post.authorId === userId)) continue;
    const first = state.posts[id];
    if (first === undefined) continue;
    const children = new Map<string, SandboxPost[]>();
    for (const post of posts) {
      if (post.replyToId === null) continue;
      const list = children.get(post.replyToId) ?? [];
      list.push(post);
      children.set(post.replyToId, list);
    }
    threads.push({ id, size: posts.length, branch: branchFrom(first, children, 0) });
  }
  return threads.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
}
