/** Whether a browser asks on behalf of a page that is not the sandbox's. Each browser says it by some of three headers, programs by none. */
export function isOtherPage(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  const { host, origin, referer, "sec-fetch-site": site } = headers;
  const own = `http://${host}`;
  // A page that sends no referrer names no origin either, also to itself.
  if (origin !== undefined && origin !== "null" && origin !== own) return true;
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  if (origin !== undefined) return origin !== own;
  return referer !== undefined && !String(referer).startsWith(`${own}/`);
}
