/** Standard input as text, with a bound. */
import { PsnError } from "../core/errors.ts";

const STDIN_BYTES_MAX = 16 * 1024 * 1024;

/**
 * All of stdin. `signal` ends the wait, for a person who changes their mind at a terminal.
 * @throws PsnError TEXT_TOO_LARGE, TEXT_NOT_UTF8; the signal's reason
 */
export async function readStdin(signal?: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onStop = () => process.stdin.destroy(signal?.reason);
  signal?.addEventListener("abort", onStop);
  try {
    for await (const chunk of process.stdin) {
      bytes += chunk.length;
      if (bytes > STDIN_BYTES_MAX) throw new PsnError("TEXT_TOO_LARGE", "The text on stdin is larger than 16 MiB.");
      chunks.push(Buffer.from(chunk));
    }
  } finally {
    signal?.removeEventListener("abort", onStop);
  }
  signal?.throwIfAborted();
  return decodeText(Buffer.concat(chunks), "stdin");
}

/** @throws PsnError TEXT_NOT_UTF8 */
export function decodeText(bytes: Uint8Array, from: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new PsnError("TEXT_NOT_UTF8", `${from} is not UTF-8 text.`, { hint: "Save it as UTF-8 and try again." });
  }
}
