/** X's endpoints: which token and scopes each needs, and what answers. */
import type { Call, UserCall } from "./call.ts";
import { createPost, deletePost } from "./create.ts";
import {
  addSubtitles,
  dropSubtitles,
  mediaMetadata,
  uploadAppend,
  uploadFinalize,
  uploadInitialize,
  uploadOneShot,
  uploadStatus,
} from "./media.ts";
import { postById, postsByIds, usage, userById, usersMe, userTimeline } from "./read.ts";
import type { SandboxResponse } from "./types.ts";

interface RouteFrame {
  method: string;
  /** `:id` stands for one segment. Together with the method it is the endpoint's name everywhere. */
  pattern: string;
  scopes: string[];
  write: boolean;
}

export type Route = RouteFrame &
  (
    | { token: "user"; answer: (call: UserCall) => SandboxResponse }
    | { token: "user_or_app" | "app"; answer: (call: Call) => SandboxResponse }
  );

const READ = ["tweet.read", "users.read"];
const WRITE = ["tweet.read", "tweet.write", "users.read"];
const MEDIA = ["media.write"];

const ROUTES: Route[] = [
  { method: "POST", pattern: "/2/tweets", scopes: WRITE, write: true, token: "user", answer: createPost },
  { method: "DELETE", pattern: "/2/tweets/:id", scopes: WRITE, write: true, token: "user", answer: deletePost },
  { method: "GET", pattern: "/2/tweets", scopes: READ, write: false, token: "user_or_app", answer: postsByIds },
  { method: "GET", pattern: "/2/tweets/:id", scopes: READ, write: false, token: "user_or_app", answer: postById },
  { method: "GET", pattern: "/2/users/me", scopes: READ, write: false, token: "user", answer: usersMe },
  { method: "GET", pattern: "/2/users/:id", scopes: READ, write: false, token: "user_or_app", answer: userById },
  {
    method: "GET",
    pattern: "/2/users/:id/tweets",
    scopes: READ,
    write: false,
    token: "user_or_app",
    answer: userTimeline,
  },
  { method: "GET", pattern: "/2/usage/tweets", scopes: [], write: false, token: "app", answer: usage },
  { method: "POST", pattern: "/2/media/upload", scopes: MEDIA, write: true, token: "user", answer: uploadOneShot },
  { method: "GET", pattern: "/2/media/upload", scopes: MEDIA, write: false, token: "user", answer: uploadStatus },
  {
    method: "POST",
    pattern: "/2/media/upload/initialize",
    scopes: MEDIA,
    write: true,
    token: "user",
    answer: uploadInitialize,
  },
  {
    method: "POST",
    pattern: "/2/media/upload/:id/append",
    scopes: MEDIA,
    write: true,
    token: "user",
    answer: uploadAppend,
  },
  {
    method: "POST",
    pattern: "/2/media/upload/:id/finalize",
    scopes: MEDIA,
    write: true,
    token: "user",
    answer: uploadFinalize,
  },
  { method: "POST", pattern: "/2/media/metadata", scopes: MEDIA, write: true, token: "user", answer: mediaMetadata },
  { method: "POST", pattern: "/2/media/subtitles", scopes: MEDIA, write: true, token: "user", answer: addSubtitles },
  { method: "DELETE", pattern: "/2/media/subtitles", scopes: MEDIA, write: true, token: "user", answer: dropSubtitles },
];

const MATCHERS = ROUTES.map((route) => ({
  route,
  pattern: new RegExp(`^${route.pattern.replace(":id", "([^/]{1,100})")}$`),
}));

export function endpointOf(route: Route): string {
  return `${route.method} ${route.pattern}`;
}

/** The route of a request and what its `:id` is, or null when X has no such endpoint. */
export function findRoute(method: string, path: string): { route: Route; id: string } | null {
  for (const { route, pattern } of MATCHERS) {
    if (route.method !== method) continue;
    const match = pattern.exec(path);
    if (match !== null) return { route, id: match[1] ?? "" };
  }
  return null;
}
