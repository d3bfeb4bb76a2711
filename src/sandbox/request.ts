/** What a request to the sandbox asks for. */
import type { SandboxRequest } from "./types.ts";

/** A chunk of 8 MiB and the frame around it; nothing X takes is larger. */
export const BODY_BYTES_MAX = 8 * 1024 * 1024 + 64 * 1024;
const OTHER_BODY_BYTES_MAX = 1024 * 1024;
const PATH_LENGTH_MAX = 8_192;

/** The most bytes that the body of a request to this path may have. */
export function bodyBytesMax(path: string): number {
  const isUpload = path === "/2/media/upload" || path.endsWith("/append");
  return isUpload ? BODY_BYTES_MAX : OTHER_BODY_BYTES_MAX;
}

/** X's own paths; everything else is the page and the control of the sandbox. */
export function isApi(path: string): boolean {
  return path.startsWith("/2/") || path.startsWith("/i/") || path.startsWith("/1.1/");
}

/** The endpoint of signing in that a request asks for, such as "POST /2/oauth2/token"; null for any other path. */
export function oauthEndpoint(request: SandboxRequest): string | null {
  const endpoint = `${request.method} ${request.path}`;
  const known = [
    "POST /2/oauth2/token",
    "POST /2/oauth2/revoke",
    "GET /i/oauth2/authorize",
    "POST /i/oauth2/authorize",
  ];
  return known.includes(endpoint) ? endpoint : null;
}

/** The request with its method in capitals, header names in lower case and a path of bounded length. */
export function normalized(request: SandboxRequest): SandboxRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  return { ...request, method: request.method.toUpperCase(), path: request.path.slice(0, PATH_LENGTH_MAX), headers };
}
