/**
 * A draft's page in a real browser: X's measures, editing by drag and keys, two windows, approval without a script, and what axe-core says.
 * Needs a Chromium; see `src/testing/browser.ts`.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { loadPost } from "../../src/core/posts/read.ts";
import { drawPicture } from "../../src/demo/picture.ts";
import { GEOMETRY } from "../../src/page/geometry.ts";
import {
  axeViolations,
  hasChromium,
  hasSidewaysScroll,
  LAUNCH_MS_MAX,
  type TestBrowser,
  testBrowser,
} from "../../src/testing/browser.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { type OpenPage, openPage } from "../../src/testing/draft-page.ts";
import { until } from "../../src/testing/wait.ts";

const inBrowser = test.skipIf(!hasChromium);

let home: TestHome;
let browser: TestBrowser;
let page: Page;
let served: OpenPage | undefined;

beforeAll(async () => {
  if (!hasChromium) return;
  home = await testHome();
  await home.signIn();
  for (const name of ["picture.png", "tweet 5 of 9.png"]) await Bun.write(join(home.folder, name), drawPicture());
  browser = await testBrowser({ width: 1280 });
  page = browser.page;
}, LAUNCH_MS_MAX + 30_000);
afterAll(async () => {
  await served?.close();
  await browser?.close();
  await home?.close();
});

async function open(text: string, more: string[] = []): Promise<string> {
  const made = await home.psn(["post", "create", text, "--force", ...more]);
  const { id } = (made.json as { post: { id: string } }).post;
  // What goes on listening would complain about its server's end.
  await page.goto("about:blank");
  await served?.close();
  served = await openPage(home, ["post", "show", id, "--open", "--json"]);
  await enter(page);
  return id;
}
async function enter(window: Page): Promise<void> {
  await window.goto(served?.url ?? "");
  await window.waitForSelector("#feed");
}
/** Waits until an expression is true on the page, whose policy lets nobody evaluate words inside it. */
const comes = (window: Page, expression: string) => until(async () => Boolean(await window.evaluate(expression)));
const texts = async (id: string) => (await loadPost(home.hub.db, id)).tweets.map(({ content }) => content);
const becomes = async (id: string, wanted: string[]) => {
  await until(async () => JSON.stringify(await texts(id)) === JSON.stringify(wanted)).catch(() => {});
  expect(await texts(id)).toEqual(wanted);
};
type Box = { x: number; y: number; width: number; height: number };
const box = async (selector: string): Promise<Box> => {
  const found = await page.locator(selector).first().boundingBox();
  if (!found) throw new Error(`nothing is seen of ${selector}`);
  return found;
};
const styles = (selector: string, names: string[]): Promise<string[]> =>
  page.evaluate(
    `(() => { const style = getComputedStyle(document.querySelector(${JSON.stringify(selector)})); return ${JSON.stringify(names)}.map((name) => style[name]); })()`,
  );

const MEDIA = [
  "--media",
  "1:picture.png",
  "--alt",
  "A lighthouse",
  "--media",
  "2:picture.png",
  "--alt",
  "one",
  "--media",
  "2:picture.png",
  "--alt",
  "two",
  "--media",
  "2:picture.png",
  "--alt",
  "three",
];

inBrowser("a thread stands at X's measures, in light and dark, at 1280, 390 and 320 pixels", async () => {
  await open(
    "One, with a picture.\n---\nTwo, with three.\n---\nThree: https://example.com/a/long/path/that/is/cut",
    MEDIA,
  );
  const { column, padding, avatar, avatarGap, gap, media, text } = GEOMETRY;
  await comes(page, "[...document.images].every((image) => image.complete && image.naturalWidth > 0)");
  const main = await box("#main");
  const [one, two] = [await box("#tweet-1"), await box("#tweet-2")];
  expect([main.width, one.width]).toEqual([column + 2, column]);
  const face = await box("#tweet-1 .avatar");
  expect([face.width, face.height, face.x - one.x, face.y - one.y]).toEqual([avatar, avatar, padding, gap]);
  const words = await box("#tweet-1 .text");
  expect(words.x - one.x).toBe(padding + avatar + avatarGap);
  expect(await styles("#tweet-1 .text", ["fontSize", "lineHeight"])).toEqual([`${text.size}px`, `${text.line}px`]);
  // The reply line joins the two, and ends at the next face.
  expect(two.y).toBe(one.y + one.height);
  const single = await box("#tweet-1 .media img");
  expect(Math.abs(single.width / single.height - 800 / 450)).toBeLessThan(0.02);
  // Its place is the same where its bytes are away, so nothing below it moves when they come.
  const { height } = await box("#tweet-1");
  await page.route("**/media/*", (route) => route.abort());
  await page.reload();
  await comes(page, "[...document.images].every((image) => image.complete)");
  expect((await box("#tweet-1")).height).toBe(height);
  expect(browser.complaints.splice(0).filter((one) => !one.includes("ERR_FAILED"))).toEqual([]);
  await page.unroute("**/media/*");
  await page.reload();
  const grid = await box("#tweet-2 .media");
  const [left, top, bottom] = [
    await box("#tweet-2 .item:nth-child(1)"),
    await box("#tweet-2 .item:nth-child(2)"),
    await box("#tweet-2 .item:nth-child(3)"),
  ];
  expect(Math.abs(grid.width / grid.height - media.gridRatio)).toBeLessThan(0.01);
  expect([left.height, left.y]).toEqual([grid.height, grid.y]);
  expect(top.x - (left.x + left.width)).toBeCloseTo(media.gap, 1);
  expect(bottom.y - (top.y + top.height)).toBeCloseTo(media.gap, 1);
  expect(Math.abs(left.width - top.width)).toBeLessThan(1);
  expect(await styles("#tweet-2 .media", ["borderTopLeftRadius"])).toEqual([`${media.radius}px`]);
  expect(await page.locator("#tweet-2 .crop").first().innerText()).toContain("X crops picture 1");
  expect(await page.locator("#tweet-3 .text a").innerText()).toBe("example.com/a/long/path/th…");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 390, 320]) {
      await page.setViewportSize({ width, height: 900 });
      expect({ width, colorScheme, sideways: await hasSidewaysScroll(page) }).toMatchObject({ sideways: false });
      const tweet = await box("#tweet-1");
      expect(tweet.x + tweet.width).toBeLessThanOrEqual(width);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
});

inBrowser(
  "a cut that is moved into a sentence is marked with what it tears, and no more once it is moved out",
  async () => {
    const id = await open("Alpha beta gamma. Delta epsilon.\n---\nTwo has words, too.");
    expect(await page.locator(".torn").count()).toBe(0);
    await page.focus("[data-cut='0']");
    await page.keyboard.press("[");
    await becomes(id, ["Alpha beta gamma. Delta", "epsilon.\n\nTwo has words, too."]);
    await comes(page, "document.querySelector('#cut-1.torn .why')?.textContent.endsWith('it tears a sentence')");
    expect(await page.locator(".summary .warning").first().innerText()).toContain("One cut tears");
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press("]");
    await becomes(id, ["Alpha beta gamma. Delta epsilon.", "Two has words, too."]);
    await comes(page, "document.querySelector('.torn') === null");
  },
);

inBrowser("one tweet is shown opened, as its link shows it", async () => {
  await open("Alone.");
  const { avatarOpened, textOpened } = GEOMETRY;
  expect((await box("#tweet-1 .avatar")).width).toBe(avatarOpened);
  expect(await styles("#tweet-1 .text", ["fontSize", "lineHeight"])).toEqual([
    `${textOpened.size}px`,
    `${textOpened.line}px`,
  ]);
});

inBrowser(
  "a cut is dragged over the words and dropped between two of them, with the counts of both tweets on the way",
  async () => {
    const id = await open("Alpha beta gamma. Delta epsilon.\n---\nTwo has words, too.");
    const grip = await box("[data-cut='0']");
    const words = await box("#tweet-1 .text");
    await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
    await page.mouse.down();
    await comes(page, "document.documentElement.classList.contains('is-dragging')");
    // “Alpha beta gamma. ” is as wide as its range says.
    const end = (await page.evaluate(
      "(() => { const node = document.querySelector('#tweet-1 .text').firstChild; const range = document.createRange(); range.setStart(node, 0); range.setEnd(node, 17); return range.getBoundingClientRect().right; })()",
    )) as number;
    await page.mouse.move(end, words.y + words.height / 2, { steps: 5 });
    await comes(page, "document.querySelector('.marker output')?.textContent.startsWith('1: 17')");
    expect(await texts(id)).toHaveLength(2);
    await page.mouse.up();
    await becomes(id, ["Alpha beta gamma.", "Delta epsilon.\n\nTwo has words, too."]);
    await comes(page, "document.querySelector('#tweet-2 .text').textContent.startsWith('Delta')");
    // Given up half-way nothing changes.
    await page.mouse.move(grip.x + 2, grip.y + 2);
  },
);

inBrowser("keys move a cut, join, reorder, undo and edit; focus stays where the person is", async () => {
  const id = await open("Alpha beta. Gamma.\n---\nTwo.\n---\nThree.");
  await page.focus("[data-cut='0']");
  await page.keyboard.press("ArrowLeft");
  await becomes(id, ["Alpha beta.", "Gamma.\n\nTwo.", "Three."]);
  expect(await page.evaluate("document.activeElement.dataset.cut")).toBe("0");
  await page.keyboard.press("u");
  await becomes(id, ["Alpha beta. Gamma.", "Two.", "Three."]);
  await page.evaluate("document.querySelector('#tweet-2').focus()");
  await page.keyboard.press("Alt+ArrowDown");
  await becomes(id, ["Alpha beta. Gamma.", "Three.", "Two."]);
  await comes(page, "document.activeElement.id === 'tweet-3'");
  await page.keyboard.press("k");
  await page.keyboard.press("J");
  await becomes(id, ["Alpha beta. Gamma.", "Three.\n\nTwo."]);
  // A button does what it says, also where another one stood before.
  await comes(
    page,
    "[...document.querySelectorAll('#feed>article')].every((tweet, at) => [...tweet.querySelectorAll('button[form=acts]')].every((one) => one.value.split(':')[1] === String(at))) && document.querySelectorAll('#feed>article').length === 2",
  );
  // What is typed right behind the key is words already.
  const focus = `(document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "e", bubbles: true })), document.activeElement.nodeName)`;
  expect(await page.evaluate(focus)).toBe("TEXTAREA");
  await page.keyboard.press("Escape");
  await comes(page, "!document.querySelector('#tweet-2-edit').open");
  await page.keyboard.press("e");
  await page.waitForSelector("#tweet-2-edit[open] textarea");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Longer words 👍🏽");
  await comes(page, "document.getElementById('tweet-2-count').textContent === '15/280'");
  await page.keyboard.press("Control+Enter");
  await becomes(id, ["Alpha beta. Gamma.", "Longer words 👍🏽"]);
  await comes(page, "!document.querySelector('#tweet-2-edit').open");
});

inBrowser(
  "of a long thread what is seen changes at once, and the rest before anybody can do something with it",
  async () => {
    const words = Array.from({ length: 40 }, (_, index) => `This is number ${index + 1}.`);
    const picture = ["--alt", "Of tweet 7"];
    // What an author writes, or calls a file, looks like one of the page's own numbers.
    words[29] = "Look at tweet 5, tweet-6, and cut-7.";
    const media = ["12:picture.png", "30:tweet 5 of 9.png", "30:picture.png"].flatMap((one) => [
      "--media",
      one,
      ...picture,
    ]);
    const id = await open(words.join("\n---\n"), media);
    expect((await home.psn(["post", "text", id, "21", "Longer. ".repeat(50)])).code).toBe(0);
    await comes(page, "document.querySelector('#tweet-21-more')");
    const feed = "[...document.querySelectorAll('#feed>article')]";
    const textOf = (n: number) => page.evaluate(`document.querySelector('#tweet-${n} .text').textContent`);
    // Joined and looked at in one breath: nothing else of the page runs in between.
    const [count, seen, last] = (await page.evaluate(`(async () => {
    await psn.act("join:0");
    return [${feed}.length, ...["#tweet-1 .text", "#tweet-39 .text"].map((one) => document.querySelector(one).textContent)];
  })()`)) as [number, string, string];
    expect([count, seen, last]).toEqual([39, "This is number 1.\n\nThis is number 2.", "This is number 40."]);
    await page.evaluate("psn.act('join:0')");
    expect([await textOf(2), await textOf(38)]).toEqual(["This is number 4.", "This is number 40."]);
    expect((await texts(id)).length).toBe(38);
    // Forms are made of what stands for them when they are opened, with the numbers of then.
    expect(await page.locator("#feed textarea").count()).toBe(0);
    await page.click("#tweet-5-edit summary");
    expect(await page.inputValue("#tweet-5-edit textarea")).toBe(String(await textOf(5)));
    expect(await page.inputValue("#tweet-5-edit [name=position]")).toBe("4");
    await page.click("#tweet-5-edit summary");
    // A field that is made anew has a browser look through all forms, which takes it longer than the act.
    await page.evaluate("window.tools = document.querySelector('#tweet-1 .tools')");
    await page.evaluate("psn.act('move:0:-1:word')");
    expect(await page.evaluate("window.tools === document.querySelector('#tweet-1 .tools')")).toBe(true);
    // Of what stays as it was only the numbers change, and the answer holds no more than what did.
    const sent = await page.evaluate(
      "(async () => { const { request } = psn; let size; psn.request = async (...all) => { const answer = await request(...all); size = (await answer.clone().text()).length; return answer; }; await psn.act('join:0'); psn.request = request; return size; })()",
    );
    expect(sent).toBeLessThan(20_000);
    const wrong = await page.evaluate(`(${AFTER_ACTS})(24, 7)`);
    expect(wrong).toEqual([]);
    // What a window shows is forgotten after a while; it is told all then.
    const kept = await page.evaluate("psn.shown");
    await page.evaluate("psn.shown = 'forgotten'; psn.act('join:0')");
    await comes(page, `psn.shown !== ${JSON.stringify(kept)}`);
    expect(await page.evaluate(`(${AFTER_ACTS})(1, 1)`)).toEqual([]);
    // Some of them cannot be, such as a cut moved beyond its tweet; the browser names such answers.
    expect(browser.complaints.splice(0).filter((one) => !one.includes("422"))).toEqual([]);
  },
);

/**
 * Does acts at random on the page, words among them, and compares what it is after each with the page that the server gives anew.
 * @returns the acts after which the two differed, with where
 */
const AFTER_ACTS = `async (count, seed) => {
  const random = (below) => { seed = (seed * 48271) % 2147483647; return seed % below; };
  const pick = (all) => all[random(all.length)];
  const plain = (root) => ["main", "aside"].map((id) => {
    const copy = root.getElementById(id).cloneNode(true);
    copy.querySelector("#notice")?.remove();
    delete copy.dataset.base;
    // What stands for forms: on the page words, in what is parsed without a script the forms.
    if (root === document) for (const one of copy.querySelectorAll("details")) psn.unfold(one);
    else for (const one of copy.querySelectorAll("noscript")) one.replaceWith(...one.childNodes);
    for (const one of copy.querySelectorAll("[name=nonce]")) one.setAttribute("value", "");
    for (const one of copy.querySelectorAll("details")) one.open = false;
    return copy.outerHTML;
  });
  const act = async () => {
    if (random(4) === 0) {
      const edit = pick([...document.querySelectorAll("#feed .edit")]);
      psn.unfold(edit);
      edit.open = true;
      const area = edit.querySelector("textarea");
      area.value = pick([area.value + "  ", "Words " + random(100) + ".", area.value + "\\n---\\nMore " + random(100)]);
      area.dispatchEvent(new InputEvent("input", { bubbles: true }));
      area.form.requestSubmit();
      await psn.queue(async () => new Response(""));
      return edit.id;
    }
    const { value } = pick([...document.querySelectorAll("button[name=act]")]);
    await psn.act(value);
    return value;
  };
  const wrong = [];
  for (let nth = 0; nth < count; nth++) {
    if (random(3) === 0) pick([...document.querySelectorAll("#feed>article")]).scrollIntoView();
    const done = await act();
    const fresh = new DOMParser().parseFromString(await (await fetch("./")).text(), "text/html");
    const [live, loaded] = [plain(document), plain(fresh)];
    for (const [index, markup] of live.entries()) {
      const other = loaded[index];
      if (markup === other) continue;
      const at = [...markup].findIndex((one, place) => one !== other[place]);
      wrong.push([nth, done, markup.slice(at - 80, at + 60), other.slice(at - 80, at + 60)]);
    }
  }
  return wrong;
}`;

inBrowser("an act whose answer was lost is sent once more, done once, and the next one counts from there", async () => {
  const id = await open("Alpha beta gamma.\n---\nTwo.");
  let lost = 0;
  await page.route(
    "**/act",
    async (route) => {
      lost += 1;
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
  await page.click("[value='move:0:-1:word']");
  await comes(page, "document.querySelector('#tweet-1 .text').textContent === 'Alpha beta'");
  expect(lost).toBe(1);
  await page.click("[value='move:0:-1:word']");
  await becomes(id, ["Alpha", "beta gamma.\n\nTwo."]);
  await comes(page, "document.querySelector('#tweet-1 .text').textContent === 'Alpha'");
  expect(await page.locator(".toast.is-bad").count()).toBe(0);
  expect(browser.complaints.splice(0).filter((one) => !one.includes("ERR_FAILED"))).toEqual([]);
});

inBrowser(
  "two windows and a command: words under a person's hands stay, and are saved in the tweet that they were written for",
  async () => {
    const id = await open("One.\n---\nTwo.\n---\nThree.");
    const other = await browser.context.newPage();
    await enter(other);
    await other.click("#tweet-2-edit summary");
    await other.fill("#tweet-2-edit textarea", "Two, from the other window.");
    await page.click("[value='remove:0']");
    await becomes(id, ["Two.", "Three."]);
    await home.psn(["post", "insert", id, "1", "Zero."]);
    // The other window shows what is there now, and still has the words.
    await comes(
      other,
      "document.querySelectorAll('#feed>article').length === 3 && document.querySelector('#tweet-1 .text').textContent === 'Zero.'",
    );
    expect(await other.inputValue("#tweet-2-edit textarea")).toBe("Two, from the other window.");
    await other.click("#tweet-2-edit button.solid");
    await becomes(id, ["Zero.", "Two, from the other window.", "Three."]);
    await page.getByText("Two, from the other window.").first().waitFor();
    // Of a tweet that is no more they are kept as those of a new one.
    await other.click("#tweet-3-edit summary");
    await other.fill("#tweet-3-edit textarea", "Three, and more.");
    await home.psn(["post", "remove", id, "3"]);
    await comes(other, "document.querySelectorAll('#feed>article').length === 2");
    expect(await other.inputValue("#add textarea")).toBe("Three, and more.");
    await other.click("#add button.solid");
    await becomes(id, ["Zero.", "Two, from the other window.", "Three, and more."]);
    // What clashes stays on the page until it is saved or left, also when a command changes something else meanwhile.
    await comes(other, "document.querySelectorAll('#feed>article').length === 3");
    await other.click("#tweet-1-edit summary");
    await other.fill("#tweet-1-edit textarea", "Mine.");
    await home.psn(["post", "text", id, "1", "Theirs."]);
    await comes(other, "document.querySelector('#tweet-1 .text').textContent === 'Theirs.'");
    await other.click("#tweet-1-edit button.solid");
    await other.waitForSelector("#conflict");
    await home.psn(["post", "text", id, "3", "Last."]);
    await comes(other, "document.querySelector('#tweet-3 .text').textContent === 'Last.'");
    expect(await other.inputValue("#conflict textarea")).toBe("Mine.");
    await other.click("#conflict button.solid");
    await becomes(id, ["Mine.", "Two, from the other window.", "Last."]);
    await comes(other, "document.getElementById('conflict') === null");
    // A post that is scheduled elsewhere is edited no more; the words stay all the same.
    await other.click("#tweet-2-edit summary");
    await other.fill("#tweet-2-edit textarea", "Not saved.");
    await home.psn(["post", "schedule", id, "--date", "2027-03-05", "--time", "09:00", "--approve"]);
    await comes(
      other,
      "document.querySelector('.state').textContent.startsWith('Goes out') && !document.querySelector('#tweet-3-edit')",
    );
    expect(await other.inputValue("#tweet-2-edit textarea")).toBe("Not saved.");
    await other.close({ runBeforeUnload: false });
    // A clash is a refusal, and the browser names such answers.
    expect(browser.complaints.splice(0).filter((one) => !one.includes("409"))).toEqual([]);
  },
);

inBrowser(
  "another server of this machine, which a person visits while a draft is open, gets neither key nor path",
  async () => {
    await open("Only for its author.");
    const address = served?.address ?? "";
    const seen: { cookie: string | undefined; referer: string | undefined }[] = [];
    const other = createHttpServer(({ headers }, answer) => {
      seen.push({ cookie: headers.cookie, referer: headers.referer });
      answer.setHeader("set-cookie", "psn-page=mine; Path=/");
      answer.end("<title>Another</title>");
    });
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const window = await browser.context.newPage();
    try {
      // The browser has the key, and keeps it for the page.
      expect((await browser.context.cookies(address)).map(({ name }) => name)).toEqual(["psn-page"]);
      await window.goto(`${elsewhere}/`);
      await page.evaluate(`location.href = ${JSON.stringify(`${elsewhere}/from-the-page`)}`);
      await page.waitForURL(`${elsewhere}/from-the-page`);
      expect(seen.length).toBeGreaterThanOrEqual(2);
      expect(seen.filter(({ cookie = "" }) => cookie.replace("psn-page=mine", "") !== "")).toEqual([]);
      expect(seen.filter(({ referer }) => referer?.includes(new URL(address).pathname))).toEqual([]);
      // Nor can it put a cookie of its own before the page's.
      await page.goto(address);
      await page.waitForSelector("#feed");
    } finally {
      await window.close();
      other.closeAllConnections();
      other.close();
      await browser.context.clearCookies();
    }
  },
);

inBrowser(
  "a hub that goes away is told of in words; nothing counts as done meanwhile, and the page goes on when it is back",
  async () => {
    const id = await open("Alpha beta.\n---\nTwo.");
    const hub = new URL(home.env.DATABASE_URL ?? "");
    const socket = `${hub.searchParams.get("host")}/.s.PGSQL.${hub.searchParams.get("port")}`;
    const links = new Set<Socket>();
    const gate = createServer((link) => {
      const server = connect(socket);
      for (const one of [link, server]) {
        links.add(one);
        one.on("error", () => {}).on("close", () => (one === link ? server : link).destroy());
      }
      link.pipe(server).pipe(link);
    });
    const listen = (port: number) => new Promise<void>((done) => gate.listen(port, "127.0.0.1", done));
    await listen(0);
    const { port } = gate.address() as AddressInfo;
    const shut = async () => {
      gate.close();
      for (const link of links) link.destroy();
    };
    await page.goto("about:blank");
    await served?.close();
    const DATABASE_URL = `postgres://${hub.username}@127.0.0.1:${port}${hub.pathname}`;
    served = await openPage(home, ["post", "show", id, "--open", "--json"], { env: { ...home.env, DATABASE_URL } });
    await enter(page);
    await shut();
    await comes(page, "document.getElementById('away')?.textContent.toLowerCase().includes('hub')");
    expect(await axeViolations(page)).toEqual([]);
    await page.click("[value='move:0:-1:word']");
    await comes(page, "document.querySelector('.toast')?.textContent.includes('Whether this was done is seen')");
    expect(await page.locator("#tweet-1 .text").textContent()).toBe("Alpha beta.");
    expect((await served.get("./")).status).toBe(503);
    await home.psn(["post", "text", id, "2", "Two, by a command."]);
    await listen(port);
    await comes(
      page,
      "!document.getElementById('away') && document.querySelector('#tweet-2 .text').textContent.includes('command')",
    );
    await page.click("[value='move:0:-1:word']");
    await becomes(id, ["Alpha", "beta.\n\nTwo, by a command."]);
    // The page's own end is told of likewise.
    await served.close();
    await comes(
      page,
      `document.getElementById('away')?.textContent.includes('psn post show ${id.slice(0, 8)} --open')`,
    );
    await page.goto("about:blank");
    await shut();
    expect(browser.complaints.splice(0).filter((one) => !/503|ERR_/.test(one))).toEqual([]);
  },
);

inBrowser("axe-core finds nothing on the page: read, edited, asked, approved, scheduled", async () => {
  const id = await open("One, with a picture and https://example.com/ a link.\n---\nTwo, with three.", MEDIA);
  const clean = async (state: string) =>
    expect({ state, found: await axeViolations(page) }).toEqual({ state, found: [] });
  await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
  await clean("everything open");
  await page.setViewportSize({ width: 320, height: 900 });
  for (const colours of [{ colorScheme: "light" }, { colorScheme: "dark", forcedColors: "active" }] as const) {
    await page.emulateMedia(colours);
    await clean(`everything open at 320 px, ${JSON.stringify(colours)}`);
    expect(await hasSidewaysScroll(page)).toBe(false);
  }
  await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.reload();
  await page.fill("[name=when]", "2027-03-05 09:00");
  await page.getByRole("button", { name: "Schedule…" }).click();
  await page.getByText("Fri 2027-03-05 09:00 Europe/Berlin (+01:00)").waitFor();
  await clean("read back");
  await page.getByRole("button", { name: "Yes, then" }).click();
  await page.getByRole("button", { name: "Take it back to a draft" }).waitFor();
  await clean("scheduled");
  expect((await loadPost(home.hub.db, id)).root.status).toBe("scheduled");
});

inBrowser(
  "without a script the thread is read, edited and approved all the same",
  async () => {
    const plain = await testBrowser({ javaScript: false });
    try {
      const id = await open("Read without a script.\n---\nSecond.");
      await enter(plain.page);
      await plain.page.click("#tweet-2-edit summary");
      await plain.page.fill("#tweet-2-edit textarea", "Second, better.");
      await plain.page.click("#tweet-2-edit button.solid");
      await plain.page.getByText("Saved in tweet 2.").waitFor();
      await plain.page.getByRole("button", { name: "Approve, decide later" }).click();
      await plain.page.getByText("Draft, approved").waitFor();
      expect(await texts(id)).toEqual(["Read without a script.", "Second, better."]);
      expect((await loadPost(home.hub.db, id)).root.approvedHash).not.toBeNull();
    } finally {
      await plain.close();
    }
  },
  LAUNCH_MS_MAX + 60_000,
);

inBrowser("a picture of the thread is drawn where a Chromium is", async () => {
  const text = Array.from({ length: 60 }, (_, index) => `Drawn, number ${index + 1}.`).join("\n---\n");
  const ran = await home.psn(["preview", text, "--png", "thread.png", "--theme", "dark"], {
    env: { ...home.env, CHROMIUM_PATH: process.env.CHROMIUM_PATH || "/usr/bin/chromium" },
  });
  // Also those far below the first screen have the height of their one line.
  expect(ran.json).toMatchObject({ picture: { drawn: 60, of: 60 } });
  const bytes = await readFile(join(home.folder, "thread.png"));
  // The head of a PNG: its mark, and the width as its first figure.
  expect([bytes.toString("latin1", 1, 4), bytes.readUInt32BE(16)]).toEqual(["PNG", 2 * GEOMETRY.column]);
});

inBrowser("the page asks nobody else for anything, and breaks none of its own rules", () => {
  expect([...browser.requested].every((origin) => origin.startsWith("http://127.0.0.1:"))).toBe(true);
  expect(browser.complaints).toEqual([]);
});
