/** A folder of Markdown can be posts: the front matter of a file, read strictly. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OPTION_KEYS, readFrontMatter } from "../../src/cli/post/_front-matter.ts";
import { createCommand } from "../../src/cli/post/create.ts";
import { readingsOf } from "../../src/core/times/readings.ts";
import { type Ran, type TestHome, testHome } from "../../src/testing/cli.ts";
import { PNG, type Runner, runnerOf } from "./stage.ts";

let home: TestHome;
let psn: Runner;
let count = 0;
beforeAll(async () => {
  home = await testHome();
  await home.signIn("sandbox_premium");
  await home.signIn();
  psn = runnerOf(home);
  await mkdir(join(home.folder, "posts"));
  await writeFile(join(home.folder, "posts/cover.png"), PNG);
});
afterAll(() => home.close());

async function markdown(front: string | null, text = `Words ${++count}.`, lineEnd = "\n"): Promise<string> {
  const name = `posts/${++count}.md`;
  const content = front === null ? text : `---\n${front}\n---\n\n${text}\n`;
  await writeFile(join(home.folder, name), content.replaceAll("\n", lineEnd));
  return name;
}

test("a file names its account, media, alt texts, numbering and time; the time is a plan until it is approved", async () => {
  const front = [
    'account: "@sandbox_premium"',
    "at: tomorrow 9am",
    "numbering: (1/n)",
    "media:",
    "  - cover.png",
    '  - { file: cover.png, tweet: 2, alt: "No, not yet" }',
  ];
  const name = await markdown(front.join("\n"), "First.\n---\nSecond.");
  const { post, next } = await psn.post("create", "--file", name);
  expect(post).toMatchObject({ account: "sandbox_premium", status: "draft", approved: false, scheduled: null });
  expect(post.tweets.map((tweet) => tweet.text)).toEqual(["First. (1/2)", "Second. (2/2)"]);
  expect(post.tweets.map((tweet) => tweet.media.map((item) => item.altText))).toEqual([[null], ["No, not yet"]]);
  expect(post.planned?.local).toContain("09:00 Europe/Berlin");
  expect(next[0]?.command).toContain("approve");
  const scheduled = await psn.post("schedule", post.id, "--approve");
  expect(scheduled.post.scheduled).toEqual(post.planned);
});

test("with --approve a file's time is its schedule, --now and a time of one's own win over it", async () => {
  const file = () => markdown("at: 2027-03-15 09:00\ntimezone: Asia/Tokyo");
  const approved = await psn.post("create", "--file", await file(), "--approve");
  expect(approved.post.scheduled).toMatchObject({ utc: "2027-03-15T00:00:00.000Z", timezone: "Asia/Tokyo" });
  const own = await psn.post("create", "--file", await file(), "--at", "in 2 hours");
  expect(own.post.scheduled?.utc).not.toBe("2027-03-15T00:00:00.000Z");
  const now = await psn.post("create", "--file", await file(), "--now");
  expect(now.post.status).toBe("published");
  expect(now.post.planned).toBeNull();
});

test("an edit by file takes its text, media and plan over", async () => {
  const { post } = await psn.post("create", "--file", await markdown("media: cover.png"));
  const edited = await psn.post("edit", post.id, "--file", await markdown("at: in 3 days", "Other words."));
  expect(edited.post.tweets.map((tweet) => [tweet.text, tweet.media.length])).toEqual([["Other words.", 1]]);
  expect(edited.post.planned).not.toBeNull();
  await psn.post("schedule", post.id, "--approve");
  const moved = await psn.post("edit", post.id, "--file", await markdown("at: 2027-05-01 08:00"), "--approve");
  expect(moved.post.scheduled?.local).toContain("2027-05-01 08:00");
  const other = await markdown("account: '@sandbox_author'");
  expect(await psn.code("edit", post.id, "--file", other)).toBe("ACCOUNT_DIFFERS");
});

test("a schedule without a time keeps the author's last one, and asks where the file says another", async () => {
  const { post } = await psn.post(
    "create",
    "--file",
    await markdown("at: 2027-05-01 08:00", "Of a file."),
    "--approve",
  );
  // Its file's time, until its author gives another.
  expect((await psn.post("schedule", post.id)).post.scheduled?.local).toContain("2027-05-01 08:00");
  await psn.post("schedule", post.id, "--at", "2027-05-02 18:00");
  expect((await psn.post("schedule", post.id)).post.scheduled?.local).toContain("2027-05-02 18:00");
  await psn.post("cancel", post.id);
  const refused = await psn.error("schedule", post.id);
  expect(refused.code).toBe("TIME_AMBIGUOUS");
  const readings = readingsOf(refused).map(({ at }) => at);
  expect(readings).toEqual(["2027-05-02T18:00+02:00", "2027-05-01T08:00+02:00"]);
  for (const at of readings) expect(refused.hint).toContain(at);
  expect((await psn.post("show", post.id)).post.status).toBe("draft");
  const given = await psn.post("schedule", post.id, "--at", readings[0] ?? "");
  expect(given.post.scheduled?.local).toContain("2027-05-02 18:00");
  // Without a file it is named, and not taken by itself.
  const plain = await psn.post("create", "Of no file.", "--at", "2027-05-03 07:00");
  await psn.post("cancel", plain.post.id);
  const missing = await psn.error("schedule", plain.post.id);
  expect([missing.code, missing.hint]).toEqual([
    "TIME_MISSING",
    `The last one was Mon 2027-05-03 07:00 Europe/Berlin (+02:00): psn post schedule ${plain.post.id} --at 2027-05-03T07:00+02:00`,
  ]);
});

test("scenario 56: keys of other programs are left out and told, by a preview and at create; no key is a time but at", async () => {
  const front = "title: A post\ntags: [a, b]\ndate: 2020-01-01\ndraft: true\nnumbering: 1/n";
  const name = await markdown(front, "First.\n---\nSecond.");
  const preview = await psn.preview("--file", name);
  expect(preview.tweets.map(({ text }) => text)).toEqual(["First. 1/2", "Second. 2/2"]);
  expect(preview.warnings).toMatchObject([{ code: "front_matter_ignored", blocking: false }]);
  expect(preview.warnings[0]?.message).toContain("“title”, “tags”, “date”, “draft”");
  const { post } = await psn.post("create", "--file", name);
  expect(post).toMatchObject({ status: "draft", planned: null });
});

test("scenario 56: Markdown is shown as it stands, and said; strip takes it out and attaches the images beside the file", async () => {
  const text =
    "# Tides\n\n**Twice** a day, says [the table](https://example.com/tides).\n\n---\n\n![A bay](cover.png)\n\nIt comes in. ![](https://example.com/x.png) ![](gone.png) ![](../secret.png)";
  const name = await markdown(null, text);
  const kept = await psn.preview("--file", name);
  expect(kept.tweets[0]?.warnings.map(({ code }) => code)).toContain("markdown_shown");
  expect(kept.tweets[0]?.warnings.map(({ message }) => message).join()).toContain("--markdown strip");
  const stripped = await psn.preview("--file", name, "--markdown", "strip");
  expect(stripped.tweets.map((tweet) => tweet.text)).toEqual([
    "Tides\n\nTwice a day, says the table https://example.com/tides.",
    "It comes in.",
  ]);
  expect(stripped.tweets.flatMap((tweet) => tweet.warnings)).toEqual([]);
  expect(stripped.tweets.map((tweet) => tweet.media)).toEqual([[], [{ fileName: "cover.png", altText: "A bay" }]]);
  expect(stripped.warnings.map(({ code }) => code)).toEqual(["image_left_out", "image_left_out", "image_left_out"]);
  const { post } = await psn.post("create", "--file", name, "--markdown", "strip");
  expect(post.tweets.map((tweet) => tweet.media.length)).toEqual([0, 1]);
});

test("what is mistyped is an error with its line, and no draft is left", async () => {
  const before = (await home.hub.pool.query("select count(*) from psn.posts")).rows[0].count;
  const error = async (front: string) => await psn.error("create", "--file", await markdown(front));
  const unknown = await error("media: cover.png\nnumberring: 1/n");
  expect(unknown.code).toBe("FRONT_MATTER_INVALID");
  expect(unknown.message).toContain("“numberring” is not a key");
  expect(unknown.message).toContain("line 3");
  expect((await error("media: [cover.png")).code).toBe("FRONT_MATTER_INVALID");
  const file = await markdown("title: A file of another program", "Words of a tweet.");
  const [tweet] = (await psn.preview("--file", file)).tweets;
  const given = await readFile(join(home.folder, file), "utf8");
  expect(given.slice(tweet?.place?.start, tweet?.place?.end)).toBe("Words of a tweet.");
  const foreign = await error("title: Part 2: the end");
  expect([foreign.code, foreign.hint]).toEqual(["FRONT_MATTER_INVALID", expect.stringContaining('title: "Part 2')]);
  expect((await error("at: in 2 hours\nat: in 3 hours")).code).toBe("FRONT_MATTER_INVALID");
  expect((await error("media:\n  - { file: cover.png, alt_text: x }")).code).toBe("FRONT_MATTER_INVALID");
  expect((await error("media: { file: cover.png, tweet: 0 }")).code).toBe("FRONT_MATTER_INVALID");
  expect((await error("- a\n- b")).code).toBe("FRONT_MATTER_INVALID");
  expect((await error("numbering: 1 of n")).code).toBe("USAGE");
  expect((await error("at: yesterday")).code).toStartWith("TIME_");
  const gone = await error("media: gone.png");
  expect(gone.code).toBe("MEDIA_UNREADABLE");
  // The command was called in the folder above; the file counts from its own.
  expect(gone.hint).toContain(`looked for in ${join(home.folder, "posts")}.`);
  expect((await error("account: '@nobody'")).code).toBe("ACCOUNT_UNKNOWN");
  expect((await home.hub.pool.query("select count(*) from psn.posts")).rows[0].count).toBe(before);
});

test("options of create are no keys of other programs: each is refused by its name, however it is written", async () => {
  const before = (await home.hub.pool.query("select count(*) from psn.posts")).rows[0].count;
  const keys =
    "made_with_ai made-with-ai madeWithAi made_with_a1 reply_settings long markdown poll_minutes force".split(" ");
  for (const key of keys) {
    const { code, message } = await psn.error("create", "--file", await markdown(`title: A post\n${key}: x`));
    expect([code, message], key).toEqual(["FRONT_MATTER_INVALID", expect.stringContaining(`“${key}”`)]);
    expect(message).toContain("line 3");
  }
  const time = await psn.error("create", "--file", await markdown("date: 2027-01-01\ntime: 09:00"));
  expect(time.hint).toContain("at: 2026-12-01 09:00");
  expect((await psn.error("create", "--file", await markdown("reply-to: 7k3m"))).message).toContain("“reply-to”");
  expect((await home.hub.pool.query("select count(*) from psn.posts")).rows[0].count).toBe(before);
  // Those of front matter itself, and `date`, which is other programs'.
  const taken = ["media", "account", "at", "timezone", "numbering", "poll", "replyTo", "approve", "date"];
  const options = Object.keys(createCommand.input.shape).filter((field) => !taken.includes(field));
  const asKeys = options.map((field) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  expect(OPTION_KEYS.toSorted()).toEqual(asKeys.toSorted());
});

test("what is left out of front matter is in the answer, too", async () => {
  const name = await markdown("title: A post");
  const { post, notices } = await psn.post("create", "--file", name);
  expect(notices.at(-1)).toMatchObject({ code: "front_matter_ignored", message: expect.stringContaining("“title”") });
  const edited = await psn.post("edit", post.id, "--file", await markdown("tags: [a]"));
  expect(edited.notices.at(-1)?.message).toContain("“tags”");
});

test("a text on stdin is read as a file is; as an argument, front matter is refused", async () => {
  const answer = ({ json }: Ran) =>
    json as { post: { planned: unknown; tweets: { text: string; media: unknown[] }[] } };
  const stdin = "---\nat: tomorrow 9am\nmedia: posts/cover.png\n---\nFrom stdin.\n";
  for (const args of [["--file", "-"], ["-"]]) {
    const { post } = answer(await home.psn(["post", "create", ...args, "--force"], { stdin }));
    expect(post.planned).not.toBeNull();
    expect(post.tweets).toMatchObject([{ text: "From stdin.", media: [{}] }]);
  }
  const now = await home.psn(["post", "create", "--file", "-", "-a", "@sandbox_author", "--now", "--force"], { stdin });
  expect(now.code).toBe(0);
  expect(home.onX()).toContain("From stdin.");
  expect(home.onX().join()).not.toContain("tomorrow 9am");
  const named = await home.psn(["post", "create", "-"], { stdin: "---\nid: 7k3m\n---\nIt has an id." });
  expect(named.json).toMatchObject({ error: { code: "FRONT_MATTER_INVALID" } });
  for (const text of [stdin, "---\ntitle: x\n---\nWords", "---\nat: 9am\nWords", "+++\ntitle = 1\n+++\nWords"]) {
    expect(await psn.code("create", text, "--now")).toBe("FRONT_MATTER_INVALID");
  }
  expect(await psn.code("create", "---\nOnly a break.\n---\nAnd words.")).toBe("done");
});

test("a text that only begins with the author's break has no front matter, and none is looked for elsewhere", async () => {
  const texts = async (file: string) => (await psn.preview("--file", file)).tweets.map((tweet) => tweet.text);
  expect(await texts(await markdown(null, "---\nFirst.\n---\nSecond."))).toEqual(["First.", "Second."]);
  expect(await texts(await markdown(null, "Intro.\n---\nat: noon\n---\nEnd."))).toEqual(["Intro.", "at: noon", "End."]);
  expect(await texts(await markdown("", "Only words."))).toEqual(["Only words."]);
  expect(await texts(await markdown("media: cover.png", "With CRLF.", "\r\n"))).toEqual(["With CRLF."]);
  // What would be front matter of a file is meant as such in an argument, too, and nobody's tweet.
  await expect(psn.preview("--", "---\nmedia: x\n---\nAn argument.")).rejects.toThrow("begins with front matter");
});

test("front matter that is not closed is an error, not the beginning of a tweet", async () => {
  const { readFrontMatter } = await import("../../src/cli/post/_front-matter.ts");
  expect(() => readFrontMatter("---\nat: 2099-03-15 09:00\nHello.", "x.md")).toThrow("no second line of ---");
  expect(readFrontMatter("---\nWords: and more.\n", "x.md").text).toBe("---\nWords: and more.\n");
});

test("front matter ends with YAML's own mark, too", async () => {
  const { tweets } = await psn.preview("--file", await markdown(null, "---\nat: tomorrow 9am\n...\nOnly words."));
  expect(tweets.map(({ text }) => text)).toEqual(["Only words."]);
});

test("what looks like front matter and is not read is told, in a preview, at create and by a sync", async () => {
  const forms = {
    unclosed: "---\ntitle: x\n\nWords.",
    commented: "---\n# mine\ntitle: x\nWords.",
    comments: "---\n# at: tomorrow 9am\n---\nWords.",
    json: '{\n  "title": "x",\n  "a": {"b": 1}\n}\n\nWords.',
    directive: "%YAML 1.2\n---\ntitle: x\n---\nWords.",
    toml: '+++\ntitle = "x"\nWords.',
    named: "---yaml\ntitle: x\n---\nWords.",
  };
  await mkdir(join(home.folder, "unread"));
  for (const [name, text] of Object.entries(forms)) {
    await writeFile(join(home.folder, "unread", `${name}.md`), text);
    const { warnings } = await psn.preview("--file", `unread/${name}.md`);
    expect(warnings.map(({ code }) => code)).toContain("front_matter_unread");
  }
  const { notices } = await psn.post("create", "--file", "unread/json.md");
  expect(notices.find(({ code }) => code === "front_matter_unread")?.message).toContain("seen on X");
  const { json } = await home.psn(["post", "sync", join(home.folder, "unread"), "--apply"]);
  const { items } = json as { items: { path: string; kind: string; note: string | null }[] };
  for (const { kind, note } of items) if (kind !== "unchanged") expect(note).toContain("looks like front matter");
  expect(items).toHaveLength(7);
});

test("words that merely hold a brace, a key or a percent sign are no front matter", async () => {
  const { unreadFrontMatter } = await import("../../src/cli/post/_unread-front-matter.ts");
  for (const text of [
    '{"a": 1} is JSON.',
    "{ braces }\nWords.",
    "%d of us\nWords.",
    "---\nFirst.\n---\nNote: x",
    "+++ good",
    "---\n#launch day\n---\nMore",
  ]) {
    expect(unreadFrontMatter(text)).toBeNull();
  }
});

test("an id without a value, as templates have it, is none; a sync writes it there", async () => {
  await mkdir(join(home.folder, "template"));
  const path = join(home.folder, "template", "a.md");
  await writeFile(path, "---\ntags: []\nid:\ntitle: x\n---\nOf a template.\n");
  const { json } = await home.psn(["post", "sync", join(home.folder, "template"), "--apply"]);
  const [item] = (json as { items: { kind: string; postId: string }[] }).items;
  expect(item?.kind).toBe("new");
  expect(await readFile(path, "utf8")).toBe(`---\ntags: []\nid: ${item?.postId}\ntitle: x\n---\nOf a template.\n`);
});

test("a key without a value is none, YAML's true is true, and short keys of other programs are theirs", () => {
  const front = ["at:", "approve: null", "media: ~", "uid: 12", "cat: x", "lat: 1.5", "account: ''"].join("\n");
  const read = (yaml: string) => readFrontMatter(`---\n${yaml}\n---\nWords.\n`, "/posts/a.md");
  expect(read(front)).toEqual({ text: "Words.\n", front: {}, ignored: ["uid", "cat", "lat"] });
  for (const yes of ["true", "True", "TRUE"]) expect(read(`approve: ${yes}`).front.approve).toBe(true);
  expect(() => read("approve: yes")).toThrow("approve");
  for (const slip of ["aat", "idd", "it"]) expect(() => read(`${slip}: x`)).toThrow("is not a key");
});
