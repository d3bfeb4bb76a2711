/** Posts grouped as readers see them: a conversation, its main line, and the replies beside it. Pure. */
import type { SandboxPost, SandboxState } from "./state.ts";

/** All posts of one conversation, in the order in which X accepted them. Its id is that of its first post. */
export interface Conversation {
  id: string;
  posts: SandboxPost[];
}

/** A post of a thread with its place: on the main line, or in a line of replies beside it. */
export interface Placed {
  post: SandboxPost;
  /** 0 on the main line. */
  depth: number;
  /** In its own line, from 1, and how long that is. */
  nth: number;
  of: number;
}

/** Replies beside the main line are set in so deep on the page; deeper ones follow in one line. */
const DEPTH_MAX = 4;

/** Conversations, newest first; only those in which `userId` wrote, when given. */
export function conversationsOf(state: SandboxState, userId: string | null): Conversation[] {
  const conversations = new Map<string, SandboxPost[]>();
  for (const post of Object.values(state.posts)) {
    const posts = conversations.get(post.conversationId);
    if (posts === undefined) conversations.set(post.conversationId, [post]);
    else posts.push(post);
  }
  const found: Conversation[] = [];
  for (const [id, posts] of conversations) {
    if (state.posts[id] === undefined) continue;
    if (userId === null || posts.some((post) => post.authorId === userId)) found.push({ id, posts });
  }
  return found.sort((a, b) => byAge(b.id, a.id));
}

/** The order of two ids, which are numbers that grow. */
export function byAge(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The posts of a conversation in reading order: each post, then what was replied beside the main line, then the next. */
export function placed({ id, posts }: Conversation): Placed[] {
  const children = new Map<string, SandboxPost[]>();
  for (const post of posts) {
    if (post.replyToId === null) continue;
    const replies = children.get(post.replyToId);
    if (replies === undefined) children.set(post.replyToId, [post]);
    else replies.push(post);
  }
  const first = posts.find((post) => post.id === id);
  return first === undefined ? [] : lineFrom(first, children, 0);
}

// --- internal ---

function lineFrom(first: SandboxPost, children: Map<string, SandboxPost[]>, depth: number): Placed[] {
  const line: { post: SandboxPost; others: SandboxPost[] }[] = [];
  for (let post: SandboxPost | undefined = first; post !== undefined; ) {
    const replies: SandboxPost[] = children.get(post.id) ?? [];
    const { authorId }: SandboxPost = post;
    // The author's own first answer goes on with the thread.
    const next: SandboxPost | undefined =
      replies.find((reply) => reply.authorId === authorId) ?? (depth >= DEPTH_MAX ? replies[0] : undefined);
    line.push({ post, others: replies.filter((reply) => reply !== next) });
    post = next;
  }
  return line.flatMap(({ post, others }, index) => [
    { post, depth, nth: index + 1, of: line.length },
    ...others.flatMap((other) => lineFrom(other, children, depth + 1)),
  ]);
}
