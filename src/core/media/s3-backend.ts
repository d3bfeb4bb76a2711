/** Media in any S3-compatible storage (AWS, R2, MinIO, …), by path-style requests that aws4fetch signs. */
import { AwsClient } from "aws4fetch";
import { PsnError } from "../errors.ts";
import { bodyPart, boundedBody } from "../utils/bounded-body.ts";
import { byHashOnly, type MediaBackend } from "./backend.ts";

export interface S3Options {
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  /** Secret. */
  secretAccessKey: string;
  /** How long one call may take, its answer's last byte included. Default one minute. */
  callMsMax?: number;
}

/** S3 wants parts of 5 MiB or more, except the last, and at most 10,000 of them: this allows 80 GB. */
const PART_BYTES = 8 << 20;
const CALL_MS_MAX = 60_000;
const TRIES_MAX = 3;
const CODE = /<Code>([^<]{1,80})<\/Code>/;
/** Far more than S3 says in an answer. */
const XML_BYTES_MAX = 64 * 1024;

export function s3Backend(options: S3Options): MediaBackend {
  const { accessKeyId, secretAccessKey, region, bucket, callMsMax = CALL_MS_MAX } = options;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3", retries: TRIES_MAX - 1 });
  const base = `${options.endpoint.replace(/\/+$/, "")}/${encodeURIComponent(bucket)}/psn-media`;
  const name = `the bucket ${bucket}`;

  const request: SendRequest = async (what, url, init, good) => {
    let response: Response;
    try {
      response = await client.fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(callMsMax) });
    } catch (error) {
      throw unavailable(name, what, whyNot(error as Error));
    }
    if (good.includes(response.status)) return response;
    const said = CODE.exec(await textOf(response).catch(() => ""))?.[1];
    throw unavailable(name, what, `${response.status}${said ? `, ${said}` : ""}`);
  };

  return byHashOnly({
    name,
    bytesMax: 10_000 * PART_BYTES,
    async has({ sha256, byteLength }) {
      const response = await request("look", `${base}/${sha256}`, { method: "HEAD" }, [200, 404]);
      return response.status === 200 && Number(response.headers.get("content-length")) === byteLength;
    },
    async put({ sha256, byteLength }, chunks) {
      const url = `${base}/${sha256}`;
      if (byteLength <= PART_BYTES) {
        // All of it is read, and its hash checked, before anything is sent.
        const parts: Uint8Array[] = [];
        for await (const chunk of chunks) parts.push(chunk);
        await request("store", url, { method: "PUT", body: Buffer.concat(parts) }, [200]);
        return;
      }
      await putInParts(request, name, url, chunks);
    },
    async read(sha256, start, end) {
      const headers = { range: `bytes=${start}-${end - 1}` };
      const response = await request("read", `${base}/${sha256}`, { headers }, [200, 206]);
      // Storage that does not know ranges sends all of the blob.
      const sent = response.status === 200 ? bodyPart(response, start, end) : boundedBody(response, end - start);
      const wanted = await sent.catch((error: Error) => {
        throw unavailable(name, "read", error.message);
      });
      if (wanted.length !== end - start)
        throw unavailable(name, "read", `it sent ${wanted.length} bytes of ${end - start}`);
      return wanted;
    },
    async remove(sha256) {
      await request("remove", `${base}/${sha256}`, { method: "DELETE" }, [200, 204, 404]);
    },
  });
}

// --- internal ---

/** Sends a request. @throws PsnError MEDIA_STORE_UNAVAILABLE for a status that is not `good`, or no answer */
type SendRequest = (what: string, url: string, init: RequestInit, good: number[]) => Promise<Response>;

/** In words of ours where the runtime's are for programmers: Bun and Node say a redirect differently. */
function whyNot({ message, cause }: Error): string {
  const isRedirect = /redirect/i.test(`${message} ${cause instanceof Error ? cause.message : ""}`);
  return isRedirect ? "it sends on to another address, which PSN does not follow" : message;
}

/** What is too large for one request: in parts, all or none. */
async function putInParts(
  request: SendRequest,
  name: string,
  url: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const saidBy = (response: Response) =>
    textOf(response).catch((error: Error) => {
      throw unavailable(name, "store", error.message);
    });
  const started = await request("store", `${url}?uploads`, { method: "POST" }, [200]);
  const upload = /<UploadId>([^<]+)<\/UploadId>/.exec(await saidBy(started))?.[1];
  if (!upload) throw unavailable(name, "store", "it named no upload id");
  const uploadUrl = `${url}?uploadId=${encodeURIComponent(upload)}`;
  try {
    const tags: string[] = [];
    for await (const part of inParts(chunks)) {
      const partUrl = `${url}?partNumber=${tags.length + 1}&uploadId=${encodeURIComponent(upload)}`;
      const stored = await request("store", partUrl, { method: "PUT", body: Buffer.from(part) }, [200]);
      tags.push(stored.headers.get("etag") ?? "");
    }
    const list = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join("");
    const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`;
    const done = await request("store", uploadUrl, { method: "POST", body }, [200]);
    // S3 may answer 200 with an error in the body.
    const said = await saidBy(done);
    const failed = said.includes("<Error>") ? CODE.exec(said)?.[1] : undefined;
    if (failed) throw unavailable(name, "store", failed);
  } catch (error) {
    await request("give up", uploadUrl, { method: "DELETE" }, [204, 404]).catch(() => {});
    throw error;
  }
}

const textOf = async (response: Response) => Buffer.from(await boundedBody(response, XML_BYTES_MAX)).toString("utf8");

function unavailable(name: string, what: string, why: string): PsnError {
  return new PsnError("MEDIA_STORE_UNAVAILABLE", `The media store (${name}) could not ${what}: ${why}.`, {
    hint: "Check PSN_S3_… in hub.env, and that the bucket is there.",
  });
}

async function* inParts(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    bytes += chunk.length;
    if (bytes < PART_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(held);
}
