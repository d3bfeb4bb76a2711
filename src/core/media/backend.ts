/** What a kind of media store is, and the one rule that stands before all of them: media are named by their hash. */
import { PsnError } from "../errors.ts";

export interface Blob {
  sha256: string;
  byteLength: number;
}

/** A blob that is open for reading, in parts. `start` is inclusive, `end` exclusive and within the blob. */
export interface OpenBlob {
  read(start: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** What a kind of store must be able to do. */
export interface MediaBackend {
  /** For a person: a folder, "the hub", a bucket. */
  readonly name: string;
  /** The most bytes that one blob may have here. */
  readonly bytesMax: number;
  has(blob: Blob): Promise<boolean>;
  /** Keeps all chunks or, when they break off with an error, nothing. */
  put(blob: Blob, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** `start` is inclusive, `end` exclusive and within the blob. */
  read(sha256: string, start: number, end: number): Promise<Uint8Array>;
  /** For reading all of a blob, where it is less work to open it once than for each part. */
  open?(sha256: string): Promise<OpenBlob>;
  /** Nothing there is fine. */
  remove(sha256: string): Promise<void>;
}

/** Opens a blob of any backend. The caller closes it. */
export async function openBlob(backend: MediaBackend, sha256: string): Promise<OpenBlob> {
  if (backend.open) return await backend.open(sha256);
  return { read: (start, end) => backend.read(sha256, start, end), close: async () => {} };
}

/**
 * The backend, for hashes only. Names come from rows, and a name such as `../../secret` must choose no file and no
 * address: there is nothing by it, so that it is neither read nor written, and removing it does nothing.
 */
export function byHashOnly(backend: MediaBackend): MediaBackend {
  const refuse = () => {
    throw new PsnError(
      "MEDIA_GONE",
      `${backend.name} keeps media by their hash, and the hub names one by something else.`,
      {
        hint: "Attach the file again: psn post edit ID --media FILE",
      },
    );
  };
  const { open } = backend;
  return {
    name: backend.name,
    bytesMax: backend.bytesMax,
    has: async (blob) => isHash(blob.sha256) && (await backend.has(blob)),
    put: async (blob, chunks) => (isHash(blob.sha256) ? await backend.put(blob, chunks) : refuse()),
    read: async (sha256, start, end) => (isHash(sha256) ? await backend.read(sha256, start, end) : refuse()),
    ...(open && { open: async (sha256: string) => (isHash(sha256) ? await open(sha256) : refuse()) }),
    remove: async (sha256) => {
      if (isHash(sha256)) await backend.remove(sha256);
    },
  };
}

// --- internal ---

/** The database holds the same rule as a constraint on each column of hashes. */
function isHash(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}
