/** The stored bytes of a post, looked at when its author approves it: what is not whole is restored, or told before anything is sent. */
import { PsnError } from "../errors.ts";
import { type BlobState, checkBlob } from "./check-blob.ts";
import type { ChosenStore } from "./choose.ts";

interface Stored {
  sha256: string;
  byteLength: number;
  fileName: string;
  mime: string;
}

/**
 * S3 keeps sums of its own, and reading gigabytes from it takes minutes and money: there it is asked whether all bytes are there, and
 * their hash is compared when they are sent.
 * @throws PsnError MEDIA_GONE, MEDIA_DAMAGED, MEDIA_STORE_UNAVAILABLE
 */
export async function requireWhole(store: ChosenStore, media: readonly Stored[], postId: string): Promise<void> {
  const known = new Set<string>();
  for (const item of media) {
    if (known.has(item.sha256)) continue;
    known.add(item.sha256);
    const state = await stateOf(store, item);
    if (state === "whole" || (await restoreBlob(store, item))) continue;
    throw notWhole(item, state, store.backend.name, postId);
  }
}

/** A store repairs what it is asked for. @returns whether it is whole then */
export async function restoreBlob(
  store: ChosenStore,
  { sha256, byteLength }: Pick<Stored, "sha256" | "byteLength">,
): Promise<boolean> {
  try {
    const source = await store.source({ sha256, byteLength, mime: "" });
    await source.read(byteLength - 1, byteLength);
  } catch {
    // It says so itself below.
  }
  return (await checkBlob(store.backend, { sha256, byteLength })) === "whole";
}

// --- internal ---

async function stateOf(store: ChosenStore, blob: Stored): Promise<BlobState> {
  try {
    if (store.kind !== "s3") return await checkBlob(store.backend, blob);
    return (await store.backend.has(blob)) ? "whole" : "missing";
  } catch (error) {
    if (error instanceof PsnError) throw error;
    throw new PsnError("MEDIA_STORE_UNAVAILABLE", `${store.backend.name} could not be asked for ${blob.fileName}.`, {
      hint: "See that the media store is there and may be read.",
      cause: error,
    });
  }
}

function notWhole({ fileName }: Stored, state: BlobState, name: string, postId: string): PsnError {
  const isMissing = state === "missing";
  const what = isMissing ? "has no such bytes any more" : "holds other bytes than were attached";
  const where = "and the file that it came from does not have them either";
  const next = [`psn post edit ${postId} --media FILE`];
  return new PsnError(
    isMissing ? "MEDIA_GONE" : "MEDIA_DAMAGED",
    `${fileName}: the media store (${name}) ${what}, ${where}.`,
    {
      hint: `Attach the file again: ${next[0]}. Nothing was approved.`,
      next,
      details: { fileName },
    },
  );
}
