/**
 * The sandbox's pages in a real browser, as a person sees them. Needs a Chromium at /usr/bin/chromium or CHROMIUM_PATH;
 * without one it is skipped, unless PSN_REQUIRE_BROWSER=1, as in CI.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { PsnError } from "../../src/core/errors.ts";
import type { Credentials, Platform } from "../../src/core/platform.ts";
import { drawPicture, PICTURE_ALT } from "../../src/demo/picture.ts";
import { createXOAuthClient, exchangeCode, generateAuthUrl, takeCode } from "../../src/platforms/x/oauth.ts";
import { createXPlatform } from "../../src/platforms/x/platform.ts";
import { type RunningSandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  axeViolations,
  HOW_TO_GET_ONE,
  hasChromium,
  hasSidewaysScroll,
  isBrowserRequired,
  LAUNCH_MS_MAX,
  type TestBrowser,
  testBrowser,
} from "../../src/testing/browser.ts";

/** Runs with a browser only; the reason of a skip stands in the test below. */
const inBrowser = test.skipIf(!hasChromium);

const THREAD = [
  "A first tweet with a picture, and a link: https://example.com/a?b=1&c=2",
  'The second has <b>no</b> markup & no <img src="x" onerror="document.title=1"> either.\nIt has two lines.',
  `The third has a very long word: ${"unbreakable".repeat(18)}`,
  "第四。そして最後。🕊️",
];
const SINGLE = "A post of its own, newer than the thread.";

let sandbox: RunningSandbox;
let callback: Server;
let browser: TestBrowser;
let page: Page;
let x: Platform;
let me: Credentials;
beforeAll(async () => {
  if (!hasChromium) return;
  sandbox = await startSandbox();
  callback = createServer((_request, answer) => void answer.end("Nothing runs here.")).listen(0, "127.0.0.1");
  await new Promise((resolve) => callback.once("listening", resolve));
  x = createXPlatform({ oauth: oauth(), apiBaseUrl: sandbox.url });
  sandbox.sandbox.addApp({
    clientId: "app",
    clientSecret: "app-secret",
    name: "Night Post",
    callbacks: [redirectUri()],
  });
  const { access_token: accessToken } = sandbox.sandbox.signIn("sandbox_author");
  const who = await x.identity(accessToken);
  if (who.kind !== "identity") throw new Error(who.kind);
  me = { accessToken, platformUserId: who.identity.platformUserId };
  await postThread();
  await post(SINGLE, null, []);

  browser = await testBrowser();
  page = browser.page;
}, LAUNCH_MS_MAX + 15_000);

afterAll(async () => {
  await browser?.close();
  callback?.close();
  callback?.closeAllConnections();
  await sandbox?.stop();
});

const redirectUri = () => `http://127.0.0.1:${(callback.address() as AddressInfo).port}/callback`;

const oauth = () => ({
  clientId: "app",
  clientSecret: "app-secret",
  redirectUri: redirectUri(),
  authorizeUrl: `${sandbox.url}/i/oauth2/authorize`,
  tokenUrl: `${sandbox.url}/2/oauth2/token`,
  revokeUrl: `${sandbox.url}/2/oauth2/revoke`,
});

async function post(text: string, replyToId: string | null, mediaIds: string[]): Promise<string> {
  const { outcome } = await x.createPost(me, { text, replyToId, mediaIds });
  if (outcome.kind !== "posted") throw new Error(JSON.stringify(outcome));
  return outcome.externalPostId;
}

async function postThread(): Promise<void> {
  const bytes = drawPicture();
  const read = async (start: number, end: number) => bytes.subarray(start, end);
  const { answer } = await x.uploadMedia(me, { mime: "image/png", byteLength: bytes.length, read });
  if (answer.kind !== "ready") throw new Error(JSON.stringify(answer));
  const alt = await x.setAltText(me, answer.mediaId, PICTURE_ALT);
  expect(alt.answer.kind).toBe("done");
  let parent: string | null = null;
  for (const [index, text] of THREAD.entries()) parent = await post(text, parent, index === 0 ? [answer.mediaId] : []);
}

/** The texts as their author wrote them: what X shortens stands beside what it shows. */
const sentTexts = (selector: string): Promise<string[]> =>
  page.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => [...one.childNodes].map((node) => node.dataset?.text ?? node.textContent).join(""))`,
  );

/** Lightness of a colour from 0 to 255, as the browser computed it. */
async function lightness(property: string): Promise<number> {
  const colour = String(await page.evaluate(`getComputedStyle(document.body).${property}`));
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

if (!hasChromium) {
  test.skipIf(!isBrowserRequired)(`a browser for the sandbox's pages: ${HOW_TO_GET_ONE}`, () => {
    throw new Error(`PSN_REQUIRE_BROWSER=1 is set. ${HOW_TO_GET_ONE}`);
  });
}

inBrowser("the timeline shows threads in order, the newest first, each text as it was sent", async () => {
  await page.goto(sandbox.url);
  const threads = page.locator("section.thread");
  expect(await threads.count()).toBe(2);
  expect(await threads.nth(0).locator("p.text").allInnerTexts()).toEqual([SINGLE]);
  const thread = threads.nth(1);
  expect(await sentTexts("section.thread:nth-of-type(2) p.text")).toEqual(THREAD);
  expect(await thread.locator(".nth").allInnerTexts()).toEqual(["1/4", "2/4", "3/4", "4/4"]);
  expect(await thread.getByText("Thread of 4 posts").isVisible()).toBe(true);
  const tops = await thread.locator("article").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
  expect(tops).toEqual([...tops].sort((a, b) => a - b));
  expect(await page.title()).toBe("Sandbox X");
  const link = thread.locator("p.text a").first();
  expect(await link.getAttribute("href")).toBe("https://example.com/a?b=1&c=2");
  expect(await link.innerText()).toBe("example.com/a?b=1&c=2");
});

inBrowser("the image is on the first tweet, whole, with its alt text", async () => {
  const image = page.locator("section.thread article").filter({ hasText: "A first tweet" }).getByAltText(PICTURE_ALT);
  expect(await page.locator("section.thread img").count()).toBe(1);
  await image.scrollIntoViewIfNeeded();
  await page.waitForFunction("document.querySelector('section.thread img').naturalWidth > 0");
  const size = await image.evaluate((one) => [Reflect.get(one, "naturalWidth"), Reflect.get(one, "naturalHeight")]);
  expect(size).toEqual([800, 450]);
  await page.locator("details.alt summary").click();
  expect(await page.locator("details.alt p").innerText()).toBe(PICTURE_ALT);
});

inBrowser("a post that comes in appears by itself, and focus, open details and chosen words stay", async () => {
  const alt = page.locator("details.alt");
  await alt.locator("summary").focus();
  const before = await page.evaluate("document.activeElement.parentElement.id");
  await post("Just in.", null, []);
  await page.getByText("Just in.").waitFor({ timeout: 60_000 });
  expect(await page.evaluate("document.activeElement.parentElement.id")).toBe(before);
  expect(await alt.getAttribute("open")).not.toBeNull();
  expect(await page.locator("section.thread").first().innerText()).toContain("Just in.");
});

inBrowser("dark mode is dark and light mode light, both legible", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto(sandbox.url);
    const [paper, ink] = [await lightness("backgroundColor"), await lightness("color")];
    expect(colorScheme === "dark" ? ink - paper : paper - ink).toBeGreaterThan(140);
  }
  await page.emulateMedia({ colorScheme: "light" });
});

inBrowser("j and k go through the tweets, and the skip link to the first of them", async () => {
  await page.goto(sandbox.url);
  const at = () =>
    page.evaluate(
      "document.activeElement.matches('article') ? document.activeElement.querySelector('.text').textContent : document.activeElement.id",
    );
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await at()).toBe("main");
  const seen = [];
  for (const key of ["j", "j", "k", "ArrowDown"]) {
    await page.keyboard.press(key);
    seen.push(await at());
  }
  expect(seen).toEqual(["Just in.", SINGLE, "Just in.", SINGLE]);
});

inBrowser(
  "axe-core finds nothing on the timeline, an account, a post and the consent page, in every theme",
  async () => {
    const first = sandbox.sandbox.report().accounts.sandbox_author?.posts[0]?.id;
    await page.goto(sandbox.url);
    for (const theme of ["light", "dim", "dark"]) {
      await page.click(`label[for=theme-${theme}]`);
      expect({ theme, found: await axeViolations(page) }).toEqual({ theme, found: [] });
    }
    await page.click("label[for=theme-system]");
    for (const path of [
      "/sandbox_author",
      `/sandbox_author/status/${first}`,
      `/i/oauth2/authorize?${authorizeQuery()}`,
      "/sandbox_author/status/1",
      "/nobody",
    ]) {
      await page.goto(`${sandbox.url}${path}`);
      await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
      expect({ path: path.slice(0, 20), found: await axeViolations(page) }).toMatchObject({ found: [] });
    }
    // The browser says of the last two that they are not there.
    expect(browser.complaints.splice(0).every((text) => text.includes("404"))).toBe(true);
  },
);

inBrowser("nothing has to be scrolled sideways, from a wide screen to 320 pixels", async () => {
  for (const path of ["/", `/i/oauth2/authorize?${authorizeQuery()}`]) {
    for (const width of [1280, 768, 414, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${sandbox.url}${path}`);
      expect({ path: path.slice(0, 20), width, sideways: await hasSidewaysScroll(page) }).toMatchObject({
        sideways: false,
      });
    }
  }
  await page.setViewportSize({ width: 1100, height: 900 });
});

const authorizeQuery = () => new URL(generateAuthUrl(createXOAuthClient(oauth())).url).search.slice(1);

inBrowser("scenario 17: Authorize leads back with a code that signs the chosen account in", async () => {
  const client = createXOAuthClient(oauth());
  const begun = generateAuthUrl(client);
  await page.goto(begun.url);
  expect(await page.locator("h1").innerText()).toBe("Night Post wants to act for an account");
  expect(await page.locator("ul.scopes").innerText()).toContain("Post and delete for you");
  await page.getByLabel("Sandbox Premium").check();
  await page.getByRole("button", { name: "Authorize" }).click();
  await page.waitForURL(`${redirectUri()}?**`);
  const tokens = await exchangeCode(client, {
    code: takeCode(page.url(), begun.state),
    codeVerifier: begun.codeVerifier,
  });
  const who = await x.identity(tokens.accessToken);
  expect(who).toMatchObject({ kind: "identity", identity: { handle: "sandbox_premium" } });
});

inBrowser("scenario 17: Deny leads back without a code, and PSN says so", async () => {
  const begun = generateAuthUrl(createXOAuthClient(oauth()));
  await page.goto(begun.url);
  await page.getByRole("button", { name: "Deny" }).click();
  await page.waitForURL(`${redirectUri()}?**`);
  expect(new URL(page.url()).searchParams.get("code")).toBeNull();
  let thrown: unknown;
  try {
    takeCode(page.url(), begun.state);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(PsnError);
  expect((thrown as PsnError).code).toBe("OAUTH_DENIED");
});

inBrowser(
  "a run is replayed: step by step by keys and buttons, by itself, at 320 pixels, and read by axe-core",
  async () => {
    await page.goto(`${sandbox.url}/`);
    await page.getByRole("link", { name: "Replay them" }).click();
    await page.waitForSelector("#replay");
    const said = () => page.locator("#now").innerText();
    const posts = () => page.locator("article").count();
    expect(await said()).toContain("Before the first request");
    expect(await posts()).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press("ArrowRight");
    await page.getByText("Step 1 of").waitFor();
    await page.locator("#play").focus();
    await page.selectOption("#speed", "100");
    await page.keyboard.press("p");
    // It plays to its end, and the timeline has grown to what it is.
    const play = page.locator("#play");
    await page.locator("#replay span.button", { hasText: "Last" }).waitFor();
    await play.getByText("Play").waitFor();
    expect(await posts()).toBeGreaterThanOrEqual(THREAD.length + 1);
    const { length } = sandbox.sandbox.save().state.log;
    expect(await said()).toContain(`Step ${length} of ${length}`);
    expect(await axeViolations(page)).toEqual([]);
    const end = await posts();
    await page.getByRole("link", { name: "Back", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByText(`Step ${length - 1} of`).waitFor();
    expect(await page.evaluate("document.activeElement.dataset.step")).toBe("back");
    expect(await posts()).toBeLessThanOrEqual(end);
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await hasSidewaysScroll(page)).toBe(false);
    await page.setViewportSize({ width: 1100, height: 900 });
  },
);

inBrowser("the pages ask nothing of anybody else and break none of their own rules", () => {
  expect([...browser.requested].sort()).toEqual([new URL(redirectUri()).origin, sandbox.url].sort());
  expect(browser.complaints.filter((text) => !text.includes("favicon"))).toEqual([]);
});
