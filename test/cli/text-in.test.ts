/** Texts as they come in: through files and stdin, in their encodings, by names as they are seen. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chunksOfFile } from "../../src/cli/_stdin.ts";
import { PSN, type Ran, runProgram, startPsn, type TestHome, testHome } from "../../src/testing/cli.ts";
import { PNG } from "../compose/stage.ts";

let home: TestHome;
const put = (name: string, bytes: string | Uint8Array) => writeFile(join(home.folder, name), bytes);

beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  for (const name of ["a.png", "12:30.png", "30.png", "1:x.png"]) await put(name, PNG);
  // As macOS names a screenshot, and as it stores an accent.
  await put("Screenshot 2026-11-27 at 9.41.00\u202FAM.png", PNG);
  await put("cafe\u0301.png", PNG);
});
afterAll(() => home.close());

interface Answer {
  post: { id: string; labels: { poll?: { options: string[]; durationMinutes: number } } };
  preview: { tweets: { text: string; media: { fileName: string; altText: string | null }[] }[] };
  error: { code: string; message: string; hint: string; details?: { line: number; column: number } };
}
const answer = (ran: Ran) => ran.json as Answer;
const psn = async (...args: string[]) => answer(await home.psn(args));
const preview = async (...args: string[]) => (await home.psn(["preview", ...args])).json as Answer["preview"] & Answer;

const DOLLARS = "Price fell from $5 to $1,000 with `npm test`";

describe("scenario 43: every text can come from a file or stdin", () => {
  test("alt texts", async () => {
    await put("alt.txt", `${DOLLARS}\n`);
    const made = await psn("post", "create", "Look.", "--media", "a.png", "--alt-file", "alt.txt", "--force");
    expect(made.preview.tweets[0]?.media[0]?.altText).toBe(DOLLARS);
    const attached = await home.psn(["post", "attach", made.post.id, "1", "30.png", "--alt-file", "-"], {
      stdin: `${DOLLARS}\n`,
    });
    expect(answer(attached).preview.tweets[0]?.media[1]?.altText).toBe(DOLLARS);
    expect((await psn("preview", "x", "-m", "a.png", "--alt", "a", "--alt-file", "alt.txt")).error.code).toBe("USAGE");
  });

  test("the words of a split, and never inside a word unless forced", async () => {
    const made = await psn("post", "create", "Cut from $1,000 to $200. This is the end.", "--force");
    for (const words of ["00. This", "200. This", "his is", "1,000", "000 to"]) {
      const { error } = await psn("post", "split", made.post.id, "1", "--before", words);
      expect(error?.code, words).toBe("SPLIT_IN_WORD");
      expect(error.hint).toContain("--before-file");
    }
    await put("before.txt", "$200. This\n");
    const split = await psn("post", "split", made.post.id, "1", "--before-file", "before.txt");
    expect(split.preview.tweets.map(({ text }) => text)).toEqual(["Cut from $1,000 to", "$200. This is the end."]);
    const forced = await psn("post", "split", made.post.id, "2", "--before", "is is", "--force");
    expect(forced.preview.tweets.map(({ text }) => text)[2]).toBe("is is the end.");
  });

  test("polls, from a file, from stdin and in front matter", async () => {
    await put("poll.txt", "$5\n$10\n");
    const fromFile = await psn("post", "create", "How much?", "--poll-file", "poll.txt");
    expect(fromFile.post.labels.poll?.options).toEqual(["$5", "$10"]);
    await put("poll.md", "---\npoll: [$5, $10, '15|20']\n---\nHow much now?\n");
    expect((await psn("post", "create", "--file", "poll.md")).post.labels.poll).toEqual({
      options: ["$5", "$10", "15|20"],
      durationMinutes: 1440,
    });
    await put("long.md", "---\npoll: { options: [Tea, Coffee], minutes: 60 }\n---\nTea or coffee?\n");
    expect((await psn("post", "create", "--file", "long.md")).post.labels.poll?.durationMinutes).toBe(60);
    await put("bars.md", '---\npoll: "Tea|Coffee"\n---\nAnd now?\n');
    const over = await psn("post", "create", "--file", "bars.md", "--poll", "Yes|No");
    expect(over.post.labels.poll?.options).toEqual(["Yes", "No"]);
  });
});

describe("scenario 44: a file by the name one sees", () => {
  test.each([
    ["Screenshot 2026-11-27 at 9.41.00 AM.png", "Screenshot 2026-11-27 at 9.41.00\u202FAM.png"],
    ["Screenshot 2026-11-27 at 9.41.00\u00A0AM.png", "Screenshot 2026-11-27 at 9.41.00\u202FAM.png"],
    ["caf\u00E9.png", "cafe\u0301.png"],
    ["12:30.png", "12:30.png"],
    ["1:x.png", "1:x.png"],
    ["1:12:30.png", "12:30.png"],
    ["1:a.png", "a.png"],
  ])("%s", async (typed, fileName) => {
    expect((await preview("Look.", "--media", typed)).tweets[0]?.media[0]?.fileName).toBe(fileName);
  });

  test("letters keep their case, and a missing file is named", async () => {
    expect((await preview("Look.", "--media", "CAFÉ.png")).error.code).toBe("MEDIA_UNREADABLE");
  });

  test("in front matter and by --file, too", async () => {
    await put("note\u00A0one.md", "---\nmedia: café.png\n---\nWith a picture.\n");
    expect((await preview("--file", "note one.md")).tweets[0]?.media[0]?.fileName).toBe("cafe\u0301.png");
  });
});

describe("scenario 44: encodings and line ends", () => {
  const TEXT = "Grüße, 日本 🙂.\nSecond line.";
  const utf16 = (text: string, isBig: boolean) => {
    const bytes = Buffer.from(`\uFEFF${text}`, "utf16le");
    return isBig ? bytes.swap16() : bytes;
  };
  test.each([
    ["UTF-8", () => Buffer.from(TEXT)],
    ["UTF-8 with its mark", () => Buffer.from(`\uFEFF${TEXT}`)],
    ["UTF-16 little-endian", () => utf16(TEXT, false)],
    ["UTF-16 big-endian", () => utf16(TEXT, true)],
    ["CRLF", () => Buffer.from(`${TEXT.replace("\n", "\r\n")}\r\n`)],
    ["lone CR", () => Buffer.from(TEXT.replace("\n", "\r"))],
  ])("%s is read", async (_, bytes) => {
    await put("encoded.txt", bytes());
    expect((await preview("--file", "encoded.txt")).tweets.map(({ text }) => text)).toEqual([TEXT]);
    await put("encoded.txt", bytes());
  });

  test("CRLF counts as X counts it, also as an argument", async () => {
    const lines = Array.from({ length: 7 }, () => "x".repeat(39));
    const counted = (await preview(lines.join("\r\n"))) as unknown as { tweets: { weightedLength: number }[] };
    expect(counted.tweets.map(({ weightedLength }) => weightedLength)).toEqual([279]);
  });

  test("bytes that are no text are refused with their place", async () => {
    await put("latin1.txt", Buffer.from("First line.\nGr\u00FC\u00DFe", "latin1"));
    const { error } = await preview("--file", "latin1.txt");
    expect(error.code).toBe("TEXT_NOT_UTF8");
    expect(error.details).toMatchObject({ line: 2, column: 3 });
    for (const control of ["\u0000", "\u0003", "\u001B[31m"]) {
      await put("control.txt", `One.\nTwo ${control}.`);
      const refused = (await preview("--file", "control.txt")).error;
      expect(refused.code).toBe("TEXT_INVALID_CHARACTER");
      expect(refused.details).toMatchObject({ line: 2, column: 5 });
    }
  });

  test("arguments whose bytes are no text are refused as files are, and U+FFFD itself is taken", async () => {
    const typed = (script: string, env = home.env) =>
      runProgram(["sh", "-c", script, "sh", PSN], { env, cwd: home.folder }).then(answer);
    const latin1 = `"$(printf 'Line one.\\ncaf\\351 now')"`;
    const refused = { error: { code: "TEXT_NOT_UTF8", details: { line: 2, column: 4 } } };
    expect(await typed(`"$1" preview ${latin1}`)).toMatchObject(refused);
    expect(await typed(`"$1" post create ${latin1} --now`)).toMatchObject(refused);
    expect(await typed(`"$1" post create Look. -m a.png --alt ${latin1}`)).toMatchObject(refused);
    expect(await typed(`"$1" post create --text=${latin1}`)).toMatchObject({ error: { code: "TEXT_NOT_UTF8" } });
    const { json } = await home.psnProcess(["preview", "caf\uFFFD now \u00E9"]);
    expect((json as Answer["preview"]).tweets.map(({ text }) => text)).toEqual(["caf\uFFFD now \u00E9"]);
    const setting = await typed(`PSN_TIMEZONE=${latin1} "$1" status`);
    expect(setting.error).toMatchObject({ code: "TEXT_NOT_UTF8" });
    expect(setting.error.message).toContain("PSN_TIMEZONE");
  });

  test("a pipe is read to its end; one that nobody writes to ends at once, and one that says nothing at a stop signal", async () => {
    const [silent, empty] = [join(home.folder, "silent"), join(home.folder, "empty")];
    expect(Bun.spawnSync(["mkfifo", silent, empty]).exitCode).toBe(0);
    expect(await psn("preview", "--file", "empty")).toMatchObject({ error: { code: "TEXT_EMPTY" } });
    // For reading and writing, so that it is there before the reader is.
    const writer = Bun.spawn(["sh", "-c", `exec sleep 300 <> ${silent}`]);
    const reader = startPsn(["preview", "--file", "silent"], { env: home.env, cwd: home.folder });
    await Promise.race([reader.exited, Bun.sleep(500)]);
    expect(await reader.stop()).toBe(143);
    writer.kill();
    const shell = ["bash", "-c", `${PSN} preview --file <(printf 'From a '; sleep 0.2; printf pipe.)`];
    const ran = await runProgram(shell, { env: home.env, cwd: home.folder });
    expect(ran.json).toMatchObject({ tweets: [{ text: "From a pipe." }] });
  });

  test("a pipe whose writer begins after its reader is read to its end", async () => {
    const late = join(home.folder, "late");
    expect(Bun.spawnSync(["mkfifo", late]).exitCode).toBe(0);
    const chunks = chunksOfFile(late, new AbortController().signal);
    const first = chunks.next();
    // By then the reader has found nobody.
    await Promise.race([first, Bun.sleep(100)]);
    const writer = Bun.spawn(["sh", "-c", `printf 'At last.' > ${late}`]);
    expect(Buffer.from((await first).value ?? []).toString()).toBe("At last.");
    expect((await chunks.next()).done).toBe(true);
    await writer.exited;
  });

  test("a preview refuses what no post can hold", async () => {
    await put("huge.txt", "Word by word. ".repeat(30_000));
    expect((await preview("--file", "huge.txt")).error.code).toBe("POST_TOO_MANY_TWEETS");
  });
});

describe("the name of a file that is here, given as the text", () => {
  test("is refused, with how to give what is in it, and how to say the name itself", async () => {
    await put("essay notes.md", "What is in it.");
    for (const command of [["preview"], ["post", "create"]]) {
      const { error } = await psn(...command, "essay notes.md");
      expect(error).toMatchObject({ code: "USAGE", message: "“essay notes.md” is the name of a file that is here." });
      expect(error.hint).toContain("--file");
    }
    const ran = await home.psn(["preview", "-"], { stdin: "essay notes.md" });
    expect((ran.json as Answer["preview"]).tweets[0]?.text).toBe("essay notes.md");
    expect((await preview("other notes.md")).tweets[0]?.text).toBe("other notes.md");
    expect((await preview("I wrote essay notes.md today")).tweets).toHaveLength(1);
  });
});
