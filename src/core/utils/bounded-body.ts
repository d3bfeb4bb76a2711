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
