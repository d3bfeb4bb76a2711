/**
 * The preview as an MCP App: the official client, the official bridge, and the page in a sandboxed frame of a real browser. Its acts are
 * tools; where only a person approves, the client asks them. Needs a Chromium; see `src/testing/browser.ts`.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Frame } from "playwright-core";
import { setApprovalMode } from "../../src/core/post/approval-mode.ts";
import { loadPost } from "../../src/core/posts/read.ts";
import { drawPicture } from "../../src/demo/picture.ts";
import { APP_URI, PAGE_KEY } from "../../src/mcp/app.ts";
import { createServer } from "../../src/mcp/server.ts";
import { entries } from "../../src/psn.ts";
import { axeViolations, hasChromium, LAUNCH_MS_MAX, type TestBrowser, testBrowser } from "../../src/testing/browser.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { until } from "../../src/testing/wait.ts";
import { ioOf } from "../compose/stage.ts";

const inBrowser = test.skipIf(!hasChromium);
const APP_TYPE = "text/html;profile=mcp-app";
/** What a host puts before a page that names no origins. */
const HOST_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; connect-src 'none'";

let home: TestHome;
let browser: TestBrowser;
let client: Client;
const asked: string[] = [];
let says: "accept" | "decline" = "accept";

async function clientWith(capabilities: Record<string, unknown>, io = ioOf(home)): Promise<Client> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const stateKey = randomBytes(32);
  serveStdio(() => createServer({ ...io, commands: entries }, { stateKey }), { transport: ours });
  const made = new Client({ name: "a-client", version: "1" }, { capabilities, versionNegotiation: { mode: "auto" } });
  if ("elicitation" in capabilities) {
    made.setRequestHandler("elicitation/create", async ({ params }) => {
      asked.push(params.message);
      return says === "accept" ? { action: "accept", content: { approve: true } } : { action: "decline" };
    });
  }
  await made.connect(theirs);
  return made;
}
interface Result {
  content: { text: string }[];
  _meta?: Record<string, unknown>;
  structuredContent: { post: { id: string; contentVersion: number } };
}
const call = async (name: string, args: Record<string, unknown>) =>
  (await client.callTool({ name, arguments: args })) as unknown as Result;

beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  await Bun.write(join(home.folder, "picture.png"), drawPicture());
  client = await clientWith({
    elicitation: { form: {} },
    extensions: { "io.modelcontextprotocol/ui": { mimeTypes: [APP_TYPE] } },
  });
  if (!hasChromium) return;
  browser = await testBrowser({ width: 800 });
  const built = await Bun.build({ entrypoints: [join(import.meta.dir, "app-host.js")], target: "browser" });
  await browser.page.exposeFunction("hostCall", (params: { name: string; arguments?: Record<string, unknown> }) =>
    client.callTool(params),
  );
  await browser.page.addScriptTag({ content: await (built.outputs[0] as Blob).text() });
}, LAUNCH_MS_MAX + 30_000);
afterAll(async () => {
  await client?.close();
  await browser?.close();
  await home?.close();
});

/** The app in its frame, as a host shows it beside a tool's answer. */
async function show(result: Result, sandbox = "allow-scripts"): Promise<Frame> {
  const { contents } = await client.readResource({ uri: APP_URI });
  const markup = (contents[0] as { text: string }).text;
  const framed = markup.replace("<head>", `<head><meta http-equiv="content-security-policy" content="${HOST_POLICY}">`);
  await browser.page.evaluate(`showApp(${JSON.stringify(framed)}, ${JSON.stringify(sandbox)})`);
  await browser.page.evaluate(`sendResult(${JSON.stringify(result)})`);
  const frame = browser.page.frames().at(-1);
  if (!frame) throw new Error("there is no frame");
  await frame.waitForSelector("#feed");
  return frame;
}
const texts = async (id: string) => (await loadPost(home.hub.db, id)).tweets.map(({ content }) => content);
const becomes = async (id: string, wanted: string[]) => {
  await until(async () => JSON.stringify(await texts(id)) === JSON.stringify(wanted)).catch(() => {});
  expect(await texts(id)).toEqual(wanted);
};
const comes = (frame: Frame, expression: string) => until(async () => Boolean(await frame.evaluate(expression)));

test("tools name the page, a client that shows none is answered in words alone, and the page names nobody else", async () => {
  const { tools } = await client.listTools();
  const named = tools.filter(({ _meta }) => (_meta?.ui as { resourceUri?: string })?.resourceUri === APP_URI);
  expect(named.map(({ name }) => name)).toContain("post_show");
  const { contents } = await client.readResource({ uri: APP_URI });
  expect(contents[0]).toMatchObject({ mimeType: APP_TYPE, _meta: { ui: { csp: { connectDomains: [] } } } });
  const { text } = contents[0] as { text: string };
  expect(text).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  expect(text).not.toMatch(/ on[a-z]+=| style="/);
  expect(text.length).toBeLessThan(60_000);
  const plain = await clientWith({});
  const answer = (await plain.callTool({ name: "preview", arguments: { text: "Words alone." } })) as unknown as Result;
  expect(answer._meta?.[PAGE_KEY]).toBeUndefined();
  expect(answer.content[0]?.text).toContain("Words alone.");
  await plain.close();
  const shown = await call("preview", { text: "With a page." });
  expect(shown.content[0]?.text).toContain("With a page.");
  expect(shown._meta?.[PAGE_KEY]).toContain('role="feed"');
});

test("a picture that is damaged in the media store is shown by its name, and the thread all the same", async () => {
  const file = join(home.folder, "damaged.png");
  await Bun.write(file, drawPicture());
  const made = await call("post_create", { text: "With a picture.", media: [file] });
  expect(made._meta?.[PAGE_KEY]).toContain("data:image/png;base64,");
  const [media] = (await loadPost(home.hub.db, made.structuredContent.post.id)).tweets.flatMap((tweet) => tweet.media);
  const { sha256 = "", byteLength = 0 } = media ?? {};
  const stored = join(home.env.PSN_DATA_DIR ?? "", "media", sha256.slice(0, 2), sha256);
  expect(await Bun.file(stored).exists()).toBe(true);
  await Bun.write(stored, Buffer.alloc(byteLength));
  const shown = await call("post_show", { id: made.structuredContent.post.id });
  expect(shown._meta?.[PAGE_KEY]).toContain("damaged.png");
  expect(shown._meta?.[PAGE_KEY]).not.toContain("data:image/png;base64,");
  await Bun.write(stored, drawPicture());
});

test("before PSN is set up the page and the guides are listed, and no post", async () => {
  const env = { HOME: join(home.folder, "nobody"), PATH: home.env.PATH };
  const stranger = await clientWith({}, { ...ioOf(home), env });
  const listed = (await stranger.listResources()).resources.map(({ uri }) => uri);
  expect(listed).toContain(APP_URI);
  expect(listed.filter((uri) => uri.startsWith("psn://post/"))).toEqual([]);
  await stranger.close();
});

inBrowser(
  "in its frame the thread is seen, moved, joined, rewritten and undone by tools, and what was changed elsewhere is not lost",
  async () => {
    const made = await call("post_create", {
      text: "Alpha beta. Gamma.\n---\nTwo, https://example.com/ with a link.",
      media: ["1:picture.png"],
      alt: ["A lighthouse"],
    });
    const { id } = made.structuredContent.post;
    const frame = await show(made);
    expect(await frame.locator("article").count()).toBe(2);
    expect(await frame.locator("h1").innerText()).toContain(id.slice(0, 8));
    await comes(frame, "document.images.length === 1 && document.images[0].naturalWidth > 0");
    expect(await frame.evaluate("getComputedStyle(document.documentElement).colorScheme")).toBe("dark");
    // A link is opened by the client, and the frame is as high as the client makes it.
    await frame.locator("#tweet-2 .text a").click();
    await until(async () => (await browser.page.evaluate("opened.length")) === 1);
    expect(await browser.page.evaluate("opened[0]")).toBe("https://example.com/");
    await until(async () => Number(await browser.page.evaluate("wantedHeight")) > 400);
    await frame.click("[value='move:0:-1:word']");
    await becomes(id, ["Alpha beta.", "Gamma.\n\nTwo, https://example.com/ with a link."]);
    await comes(frame, "document.querySelector('#tweet-1 .text').textContent === 'Alpha beta.'");
    await frame.locator("#tweet-1").focus();
    await browser.page.keyboard.press("u");
    await becomes(id, ["Alpha beta. Gamma.", "Two, https://example.com/ with a link."]);
    await comes(frame, "document.querySelector('#tweet-1 .text').textContent === 'Alpha beta. Gamma.'");
    // A command changes the thread while words are written here.
    await frame.click("#tweet-1-edit summary");
    await frame.fill("#tweet-1-edit textarea", "Mine.");
    await home.psn(["post", "text", id, "2", "Theirs."]);
    await frame.click("#tweet-1-edit button.solid");
    await comes(frame, "document.querySelector('#tweet-2 .text').textContent === 'Theirs.'");
    expect(await frame.inputValue("#tweet-1-edit textarea")).toBe("Mine.");
    await frame.locator(".toast.is-bad").getByText("Your words are kept").waitFor();
    await frame.click("#tweet-1-edit button.solid");
    await becomes(id, ["Mine.", "Theirs."]);
    await comes(frame, "document.querySelector('#tweet-1 .text').textContent === 'Mine.'");
    // A tweet that has other words by now is not written over.
    await frame.click("#tweet-1-edit summary");
    await frame.fill("#tweet-1-edit textarea", "Mine again.");
    await home.psn(["post", "text", id, "1", "Theirs again."]);
    for (const _ of [1, 2]) {
      await frame.click("#tweet-1-edit button.solid");
      await frame.locator(".toast.is-bad").getByText("Nothing of it was done").waitFor();
    }
    expect(await texts(id)).toEqual(["Theirs again.", "Theirs."]);
    expect(await frame.inputValue("#tweet-1-edit textarea")).toBe("Mine again.");
    expect(await axeViolations(frame)).toEqual([]);
    if (process.env.SHOT) await browser.page.screenshot({ path: process.env.SHOT, fullPage: true });
  },
);

inBrowser(
  "in the mode where only a person approves, the page's button leads to the client's question, and a no approves nothing",
  async () => {
    await setApprovalMode(home.hub, "person");
    try {
      const made = await call("post_create", { text: "Only with a yes." });
      const { id } = made.structuredContent.post;
      const frame = await show(made, "allow-scripts allow-forms");
      await frame.fill("[name=when]", "2027-03-05 09:00");
      await frame.getByRole("button", { name: "Schedule…" }).click();
      await frame.locator("#readback p").getByText("2027-03-05 09:00").waitFor();
      expect(asked).toEqual([]);
      says = "decline";
      await frame.locator("#readback button.solid").click();
      await frame.locator(".toast.is-bad").getByText("said no").waitFor();
      expect((await loadPost(home.hub.db, id)).root).toMatchObject({ status: "draft", approvedHash: null });
      says = "accept";
      await frame.fill("[name=when]", "2027-03-05 09:00");
      await frame.getByRole("button", { name: "Schedule…" }).click();
      await frame.locator("#readback button.solid").click();
      await frame.getByRole("button", { name: "Take it back to a draft" }).waitFor();
      expect(asked).toHaveLength(2);
      expect(asked[1]).toContain("Only with a yes.");
      expect((await loadPost(home.hub.db, id)).root.status).toBe("scheduled");
      await frame.getByRole("button", { name: "Take it back to a draft" }).click();
      await frame.getByRole("button", { name: "Publish now…" }).waitFor();
    } finally {
      await setApprovalMode(home.hub, "agent");
    }
  },
);

inBrowser("the frame asks no server for anything, and breaks none of its own rules", () => {
  expect([...browser.requested].filter((origin) => origin !== "null")).toEqual([]);
  expect(browser.complaints).toEqual([]);
});
