/** For tests: an S3 of one bucket over HTTP, which checks every request's signature by its own arithmetic. */
import { createHash, createHmac } from "node:crypto";

export interface S3Stub {
  url: string;
  objects: Map<string, Buffer>;
  /** Uploads in parts that were begun and neither completed nor given up. */
  uploads: Map<string, Map<number, Buffer>>;
  /** Answers the next requests with this status. */
  failing: number[];
  stop(): Promise<void>;
}

export const S3_TEST_KEYS = { accessKeyId: "AKTEST", secretAccessKey: "test-secret" };

export function startS3Stub(bucket: string): S3Stub {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const failing: number[] = [];
  const xml = (text: string, status = 200) =>
    new Response(text, { status, headers: { "content-type": "application/xml" } });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    maxRequestBodySize: 64 << 20,
    async fetch(request) {
      const url = new URL(request.url);
      const body = Buffer.from(await request.arrayBuffer());
      if (!isSigned(request, url, body)) return xml("<Error><Code>SignatureDoesNotMatch</Code></Error>", 403);
      const status = failing.shift();
      if (status) return xml("<Error><Code>SlowDown</Code></Error>", status);
      if (!url.pathname.startsWith(`/${bucket}/`)) return xml("<Error><Code>NoSuchBucket</Code></Error>", 404);
      const upload = url.searchParams.get("uploadId");
      const parts = upload === null ? undefined : uploads.get(upload);
      const held = objects.get(url.pathname);
      switch (request.method) {
        case "HEAD":
          return new Response(null, held ? { headers: { "content-length": String(held.length) } } : { status: 404 });
        case "GET": {
          if (!held) return xml("<Error><Code>NoSuchKey</Code></Error>", 404);
          const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.get("range") ?? "") ?? [];
          return from === undefined
            ? new Response(new Uint8Array(held))
            : new Response(new Uint8Array(held.subarray(Number(from), Number(to) + 1)), { status: 206 });
        }
        case "POST": {
          if (url.searchParams.has("uploads")) {
            const id = `upload ${uploads.size + 1}/+=`;
            uploads.set(id, new Map());
            return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
          }
          if (!parts || !upload) return xml("<Error><Code>NoSuchUpload</Code></Error>", 404);
          const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>"(\w+)"<\/ETag>/g)];
          const bytes = named.map(([, number, tag]) => {
            const part = parts.get(Number(number));
            return part && md5(part) === tag ? part : null;
          });
          if (bytes.includes(null)) return xml("<Error><Code>InvalidPart</Code></Error>");
          if (bytes.slice(0, -1).some((part) => (part?.length ?? 0) < 5 << 20)) {
            return xml("<Error><Code>EntityTooSmall</Code></Error>");
          }
          objects.set(url.pathname, Buffer.concat(bytes.flatMap((part) => part ?? [])));
          uploads.delete(upload);
          return xml("<CompleteMultipartUploadResult/>");
        }
        case "PUT": {
          if (parts) parts.set(Number(url.searchParams.get("partNumber")), body);
          else objects.set(url.pathname, body);
          return new Response(null, { headers: { etag: `"${md5(body)}"` } });
        }
        case "DELETE": {
          if (upload) uploads.delete(upload);
          else objects.delete(url.pathname);
          return new Response(null, { status: 204 });
        }
        default:
          return xml("<Error><Code>MethodNotAllowed</Code></Error>", 405);
      }
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, objects, uploads, failing, stop: () => server.stop(true) };
}

// --- internal ---

const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest("hex");
const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");
const hmac = (key: Buffer | string, text: string) => createHmac("sha256", key).update(text).digest();

/** Signature version 4, as the S3 reference describes it. */
function isSigned(request: Request, url: URL, body: Buffer): boolean {
  const authorization = request.headers.get("authorization") ?? "";
  const [, scope = "", signed = "", signature] =
    /^AWS4-HMAC-SHA256 Credential=AKTEST\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(authorization) ?? [];
  const payload = request.headers.get("x-amz-content-sha256") ?? "";
  if (payload !== "UNSIGNED-PAYLOAD" && payload !== sha256(body)) return false;
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join("&");
  const headers = signed
    .split(";")
    .map((name) => `${name}:${(request.headers.get(name) ?? "").trim()}\n`)
    .join("");
  const canonical = [request.method, url.pathname, query, headers, signed, payload].join("\n");
  const [day = "", region = "", service = "", end = ""] = scope.split("/");
  const text = ["AWS4-HMAC-SHA256", request.headers.get("x-amz-date"), scope, sha256(canonical)].join("\n");
  const key = [region, service, end].reduce(hmac, hmac(`AWS4${S3_TEST_KEYS.secretAccessKey}`, day));
  return hmac(key, text).toString("hex") === signature;
}
