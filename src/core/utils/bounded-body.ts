/** Reading an answer over HTTP that a stranger sent: never more of it than is wanted. */

/**
 * The body, if it has at most `bytesMax` bytes; the rest is not read.
 * @throws Error when it is longer, or breaks off
 */
export async function boundedBody(response: Response, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > bytesMax) {
      await reader.cancel().catch(() => {});
      throw new Error(`the answer has more than ${bytesMax} bytes`);
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks);
}

/**
 * The bytes from `start` up to `end` of a body: fewer where it ends before. What stands before them is let go, and what follows is
 * not read, so that neither takes memory.
 * @throws Error when it breaks off
 */
export async function bodyPart(response: Response, start: number, end: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let at = 0;
  const reader = response.body?.getReader();
  while (reader && at < end) {
    const { done, value } = await reader.read();
    if (done) break;
    const wanted = value.subarray(Math.max(0, start - at), end - at);
    if (wanted.length > 0) chunks.push(wanted);
    at += value.length;
  }
  await reader?.cancel().catch(() => {});
  return Buffer.concat(chunks);
}
