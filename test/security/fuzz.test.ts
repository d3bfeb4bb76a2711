/**
 * Random inputs of six kinds: each is read or refused by a PsnError, and nothing else comes out. 1,000 of each here, 100,000 in
 * `npm run proof`. A failure names its seed; `fc.assert(…, { seed, path })` repeats it.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { screenText } from "../../src/cli/_screen.ts";
import { readFrontMatter } from "../../src/cli/post/_front-matter.ts";
import { readEnvFile, writeEnvFile } from "../../src/core/config/env-file.ts";
import { PsnError } from "../../src/core/errors.ts";
import { readImage } from "../../src/core/media/probe/image.ts";
import { kindOf } from "../../src/core/media/probe/kind.ts";
import { notesOf, refusalOf } from "../../src/core/media/probe/rules.ts";
import { readVideo } from "../../src/core/media/probe/video.ts";
import { readTime } from "../../src/core/times/read-time.ts";
import { processCreatePostResponse } from "../../src/platforms/x/judge.ts";
import { processByIdResponse, processDeleteResponse } from "../../src/platforms/x/judge-by-id.ts";
import { processMediaResponse, processPlainMediaResponse } from "../../src/platforms/x/judge-media.ts";
import {
  processExchangeResponse,
  processRefreshResponse,
  processRevokeResponse,
} from "../../src/platforms/x/judge-oauth.ts";
import { processMeResponse, processTimelineResponse } from "../../src/platforms/x/judge-posts.ts";
import { parseRedirect } from "../../src/platforms/x/redirect.ts";
import type { Answer } from "../../src/platforms/x/transport.ts";
import { tinyPng } from "../../src/sandbox/testing.ts";
import { howMany } from "../../src/testing/counts.ts";
import { actsIn, PROBES } from "./probes.ts";

setDefaultTimeout(1_800_000);
const RUNS = { numRuns: howMany(500, 100_000) };
const NOW = new Date("2026-11-28T12:00:00Z");

/** Words, signs and control characters, whole probes among them. */
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 60 }) },
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom(...PROBES) },
);
/** Pieces of a format in any order, with random text between. */
const piecesOf = (...pieces: string[]) =>
  fc
    .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...pieces) }, text), { maxLength: 24 })
    .map((all) => all.join(""));

/** The value, or null where it was refused as it should be: in words that no terminal acts upon. */
function readOrRefused<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PsnError)) throw error;
    expect(actsIn(screenText(`${error.message} ${error.hint}`))).toBeNull();
    return null;
  }
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-fuzz-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("front matter: settings that are known and of their type, or a refusal", () => {
  const keys = [
    "account",
    "at",
    "date",
    "time",
    "timezone",
    "numbering",
    "limit",
    "media",
    "poll",
    "approve",
    "reply_to",
  ];
  const yaml = piecesOf(
    ...keys.map((key) => `\n${key}: `),
    "\n  - ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!!js/x ",
    "|\n  ",
    "<<: ",
    "? ",
    "# ",
    '"',
    "'",
    "\n---\n",
    "\n...\n",
    "\t",
  );
  fc.assert(
    fc.property(yaml, text, (front, rest) => {
      const read = readOrRefused(() => readFrontMatter(`---\n${front}\n---\n${rest}`, "post.md"));
      if (read === null) return;
      expect(typeof read.text).toBe("string");
      for (const { file } of read.front.attachments ?? []) expect(file).toBeString();
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    }),
    RUNS,
  );
});

test("a pasted address: a code of X's alphabet, an error's name, or a refusal that does not repeat what was pasted", () => {
  const paste = piecesOf(
    "https://",
    "http://127.0.0.1:4011/callback?",
    "code=",
    "state=",
    "&",
    "error=",
    "%3D",
    "%26",
    "\n",
    "javascript:",
    "file:///etc/passwd?",
    "<a href='",
    "](",
    "SECRETCODESECRETCODESECRETCODE12",
    "#",
  );
  fc.assert(
    fc.property(paste, (pasted) => {
      try {
        const read = parseRedirect(pasted);
        if (read.kind === "code") expect(read.code).toMatch(/^[\w.~:+/=-]{6,2048}$/);
        else expect(read.error).toMatch(/^[\w.-]{1,100}$/);
      } catch (error) {
        if (!(error instanceof PsnError)) throw error;
        expect(`${error.message} ${error.hint}`).not.toContain("SECRETCODE");
        expect(actsIn(screenText(`${error.message} ${error.hint}`))).toBeNull();
      }
    }),
    RUNS,
  );
});

test("configuration files: any bytes are read or refused; what is set is what is read, and nothing else changes", async () => {
  const file = join(folder, "hub.env");
  const content = fc.oneof(
    piecesOf("\nA=", "\nexport B=", "'", '"', "`", "\\n", "#", "$A", "$(id)", "=", "\r\n", "\0").map((all) =>
      Buffer.from(all),
    ),
    fc.uint8Array({ maxLength: 200 }),
  );
  await fc.assert(
    fc.asyncProperty(content, text, async (bytes, value) => {
      await writeFile(file, bytes, { mode: 0o600 });
      const before = await readEnvFile(file);
      const isSet = await writeEnvFile(file, { PSN_TIMEZONE: value }).then(
        () => true,
        (error) => {
          if (error instanceof PsnError) return false;
          throw error;
        },
      );
      const { values } = await readEnvFile(file);
      if (isSet) expect(values.PSN_TIMEZONE).toBe(value);
      // A quotation that the file leaves open takes in what follows; then the new line is part of it, as for any reader.
      const isClosed = !/['"`:]/.test(Buffer.from(bytes).toString());
      if (isSet && isClosed) expect(values).toEqual({ ...before.values, PSN_TIMEZONE: value });
      if (!isSet) expect(values).toEqual(before.values);
    }),
    { numRuns: howMany(300, 100_000) },
  );
  expect(await readdir(folder)).toEqual(["hub.env"]);
});

const id = fc.oneof(fc.bigInt({ min: 1n, max: 10n ** 19n - 1n }).map(String), text, fc.integer());
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.record(
    {
      data: fc.oneof(
        fc.record(
          { id, text, username: text, name: text, processing_info: fc.anything(), deleted: fc.boolean() },
          { requiredKeys: [] },
        ),
        fc.array(
          fc.record(
            { id, text, created_at: text, referenced_tweets: fc.anything(), entities: fc.anything() },
            { requiredKeys: [] },
          ),
          { maxLength: 5 },
        ),
        fc.anything(),
      ),
      errors: fc.oneof(
        fc.array(fc.record({ type: text, value: id, parameter: text, detail: text }, { requiredKeys: [] })),
        fc.anything(),
      ),
      meta: fc.oneof(fc.record({ next_token: text, result_count: fc.integer() }, { requiredKeys: [] }), fc.anything()),
      access_token: text,
      refresh_token: fc.oneof(text, fc.anything()),
      expires_in: fc.anything(),
      scope: fc.oneof(text, fc.anything()),
      error: fc.oneof(fc.constantFrom("invalid_grant", "invalid_client"), text),
      title: text,
      detail: text,
      __proto__: fc.anything(),
    },
    { requiredKeys: [] },
  ),
);
const answer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("silent" as const), neverSent: fc.boolean(), cause: text }) },
  {
    weight: 9,
    arbitrary: fc
      .record({
        status: fc.oneof(
          fc.constantFrom(200, 201, 204, 400, 401, 402, 403, 404, 409, 413, 429, 500, 503),
          fc.integer({ min: 100, max: 999 }),
        ),
        form: fc.constantFrom("json", "json", "json", "empty", "other", "cut", "too_large"),
        json,
        limit: fc.oneof(fc.integer().map(String), fc.string({ maxLength: 20 })),
      })
      .map(({ status, form, json: body, limit }) => ({
        kind: "responded" as const,
        status,
        headers: new Headers({
          "x-rate-limit-reset": limit.replace(/[^\x20-\x7e]/g, ""),
          "retry-after": limit.replace(/[^\x20-\x7e]/g, ""),
        }),
        form: form as "json",
        json: form === "json" ? body : undefined,
      })),
  },
);

test("answers of X: each is judged; a tweet is posted only with an id of X, and a wait ends", () => {
  const context = { now: NOW, secrets: ["a secret of ours that X may echo"] };
  fc.assert(
    fc.property(answer, (given) => {
      const outcome = processCreatePostResponse(given, { ...context, isReply: true });
      if (outcome.kind === "posted") expect(outcome.externalPostId).toMatch(/^\d{1,19}$/);
      if (outcome.kind === "wait" && outcome.until !== null)
        expect(Number.isFinite(outcome.until.getTime())).toBe(true);
      const page = processTimelineResponse(given, context);
      if (page.kind === "page") for (const { post } of page.posts) expect(post.id).toMatch(/^\d{1,19}$/);
      const me = processMeResponse(given, context);
      if (me.kind === "identity") expect(`${me.identity.handle} ${me.identity.subscription}`).toMatch(/^\w+ \w+$/);
      if (me.kind === "identity") expect(actsIn(me.identity.name)).toBeNull();
      const upload = processMediaResponse(given, context);
      if (upload.kind === "processing") expect(upload.checkAfterMs).toBeWithin(0, 3_600_000);
      processPlainMediaResponse(given, context);
      processByIdResponse(given, context);
      const deleted = processDeleteResponse(given, context);
      if (deleted.kind === "deleted") expect(given).toMatchObject({ kind: "responded" });
      const tokens = [
        readOrRefused(() => processExchangeResponse(given, context, ["tweet.write"])),
        (({ kind, ...rest }) => (kind === "refreshed" && "tokens" in rest ? rest.tokens : null))(
          processRefreshResponse(given, context, "the old one"),
        ),
      ];
      readOrRefused(() => processRevokeResponse(given, context));
      for (const pair of tokens) if (pair) expect(pair.accessToken).toMatch(/^[\x21-\x7e]+$/);
    }),
    RUNS,
  );
});

const bytesOf = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));
const SEEDS: Uint8Array[] = [
  tinyPng(),
  bytesOf(
    "GIF89a",
    [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b],
  ),
  bytesOf(
    [0xff, 0xd8, 0xff, 0xe0, 0, 16],
    "JFIF\0",
    [
      1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0,
      0xff, 0xd9,
    ],
  ),
  bytesOf(
    "RIFF",
    [26, 0, 0, 0],
    "WEBPVP8L",
    [13, 0, 0, 0, 0x2f, 0, 0, 0, 0x10, 7, 16, 0x11, 0x11, 0x88, 0x88, 8, 8, 0],
  ),
  bytesOf(
    [0, 0, 0, 20],
    "ftypisom",
    [0, 0, 2, 0],
    "isom",
    [0, 0, 0, 60],
    "moov",
    [0, 0, 0, 52],
    "mvhd",
    Array<number>(44).fill(1),
    [0, 0, 0, 8],
    "mdat",
  ),
];

test("media headers: size and kind, or a refusal, with few reads", async () => {
  const mutation = fc.record({
    at: fc.nat(200),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.constantFrom(new Uint8Array([255, 255, 255, 255]), new Uint8Array(8), new Uint8Array([0, 0, 0, 1])),
    ),
  });
  const file = fc.record({
    seed: fc.constantFrom(...SEEDS),
    mutations: fc.array(mutation, { maxLength: 6 }),
    tail: fc.oneof(fc.constant(new Uint8Array()), fc.uint8Array({ maxLength: 300 })),
    cut: fc.oneof(fc.constant(10_000), fc.nat(100)),
  });
  await fc.assert(
    fc.asyncProperty(file, async ({ seed, mutations, tail, cut }) => {
      const bytes = Buffer.concat([seed, tail]).subarray(0, cut);
      for (const { at, bytes: changed } of mutations)
        bytes.set(changed.slice(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
      let reads = 0;
      const read = async (position: number, length: number) => {
        expect(++reads).toBeLessThan(10_000);
        return bytes.subarray(Math.min(position, bytes.length), Math.min(position + length, bytes.length));
      };
      const kind = await kindOf(bytes.subarray(0, 4_100));
      if ("refused" in kind) return;
      const facts = "image" in kind ? readImage(bytes, kind.image) : await readVideo(read, bytes.length, kind.video);
      if (facts === null) return;
      if (refusalOf(facts) === null) expect(facts.broken).toBeNull();
      notesOf(facts, "a.png", bytes.length);
    }),
    RUNS,
  );
});

test("phrases of time: an instant that has not passed, or a refusal", () => {
  const phrase = piecesOf(
    "tomorrow ",
    "next ",
    "friday ",
    "in ",
    "2 ",
    "hours ",
    "9",
    "am ",
    ":30 ",
    "2026-12-05",
    "T09:00",
    "+01:00",
    "[Europe/Berlin]",
    "at ",
    "noon ",
    "half ",
    "past ",
    "Europe/Berlin ",
    "99999999 ",
    "-",
    "/",
    "the 31st ",
    "of february ",
  );
  fc.assert(
    fc.property(phrase, fc.constantFrom("Europe/Berlin", "America/New_York", "Pacific/Apia"), (given, zone) => {
      const at = readOrRefused(() => readTime(given, { zone, now: NOW }));
      if (at !== null) expect(at.getTime()).toBeWithin(NOW.getTime(), NOW.getTime() + 400 * 365 * 86_400_000);
    }),
    RUNS,
  );
});
