/**
 * A backup as a file: a tar in age's format (age-encryption.org/v1), sealed with a passphrase by scrypt. Both are written and read as
 * streams, so that memory does not grow with what is kept. `age -d FILE | tar t` lists it, without PSN.
 */
import type { FileHandle } from "node:fs/promises";
import { Decrypter, Encrypter } from "age-encryption";
import { createTarDecoder, createTarPacker } from "modern-tar";
import { openRegular, readAt } from "../config/open-file.ts";
import { writeAll } from "../config/whole-file.ts";
import { PsnError } from "../errors.ts";

/** One file of the tar. */
export interface ArchiveEntry {
  name: string;
  byteLength: number;
  chunks: AsyncIterable<Uint8Array>;
}

/** scrypt's cost as a power of two: 256 MB and about a second for each try, age's default. */
const SCRYPT_LOG_N = 18;
const MAGIC = "age-encryption.org/v1\n";
const READ_BYTES = 1 << 18;

/** Writes the entries, sealed, to an open file. What the entries throw is thrown. @param logN scrypt's cost, lower for tests alone */
export async function writeArchive(
  out: FileHandle,
  passphrase: string,
  entries: AsyncIterable<ArchiveEntry>,
  logN = SCRYPT_LOG_N,
): Promise<void> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase.normalize("NFC"));
  encrypter.setScryptWorkFactor(logN);
  const { readable, controller } = createTarPacker();
  const sealed = await encrypter.encrypt(readable);
  let trouble: unknown = null;
  const packed = pack(controller, entries).catch((error) => {
    trouble = error;
    controller.error(error);
  });
  try {
    for await (const chunk of sealed) await writeAll(out, chunk);
  } catch (error) {
    throw trouble ?? error;
  }
  await packed;
}

/**
 * The entries of a backup, one after another; each is read to its end before the next. The last one has come only when the whole file
 * was authenticated.
 * @throws PsnError BACKUP_UNREADABLE, BACKUP_PASSPHRASE_WRONG
 */
export async function* readArchive(file: string, passphrase: string): AsyncGenerator<ArchiveEntry> {
  const { handle } = await openRegular(file).catch((error) => {
    throw unreadable(file, error.code === "ENOENT" ? "there is no such file" : error.message);
  });
  try {
    const head = await readAt(handle, 0, MAGIC.length).catch((error) => {
      throw unreadable(file, error.message);
    });
    if (head.toString("latin1") !== MAGIC) throw unreadable(file, "it is no backup of PSN's");
    const entries = await openSealed(file, handle, passphrase);
    try {
      for await (const { header, body } of entries) {
        yield { name: header.name, byteLength: header.size, chunks: readable(file, body) };
      }
    } catch (error) {
      throw damaged(file, error);
    }
  } finally {
    await handle.close();
  }
}

/** What is wrong with a backup, in a sentence. */
export function unreadable(file: string, why: string, cause?: unknown): PsnError {
  return new PsnError("BACKUP_UNREADABLE", `${file} cannot be restored: ${why}.`, {
    hint: "Nothing was changed. Take another copy of it, or an earlier backup.",
    cause,
  });
}

// --- internal ---

type Packer = ReturnType<typeof createTarPacker>["controller"];

async function pack(controller: Packer, entries: AsyncIterable<ArchiveEntry>): Promise<void> {
  for await (const { name, byteLength, chunks } of entries) {
    const body = controller.add({ name, size: byteLength, type: "file", mode: 0o600 }).getWriter();
    for await (const chunk of chunks) await body.write(new Uint8Array(chunk));
    await body.close();
  }
  controller.finalize();
}

async function openSealed(file: string, handle: FileHandle, passphrase: string) {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase.normalize("NFC"));
  try {
    const plain = await decrypter.decrypt(streamOf(handle));
    return plain.pipeThrough(createTarDecoder({ strict: true }));
  } catch (error) {
    if (!/no identity matched/.test((error as Error).message)) throw damaged(file, error);
    throw new PsnError("BACKUP_PASSPHRASE_WRONG", `This passphrase does not open ${file}.`, {
      hint: "Nothing was changed. If it is the right one, the file's first line is damaged.",
    });
  }
}

/** The file from its beginning, a piece whenever one is asked for. */
function streamOf(handle: FileHandle): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, position);
        if (bytesRead === 0) return controller.close();
        position += bytesRead;
        controller.enqueue(new Uint8Array(buffer.buffer, buffer.byteOffset, bytesRead));
      },
    },
    { highWaterMark: 0 },
  );
}

async function* readable(file: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw damaged(file, error);
  }
}

function damaged(file: string, error: unknown): PsnError {
  return error instanceof PsnError ? error : unreadable(file, "it is damaged, or not whole", error);
}
