/**
 * How quick the pages are, in a real Chromium on loopback: the first paint and the weight of a draft of ten tweets, what a key, a cut that is
 * moved and two tweets that are joined take until they are seen in a thread of a hundred, and the sandbox's timeline with ten thousand posts against the same with a hundred.
 *
 * In the same rounds, by turns, a bare server's page is measured in the same browser: a paragraph that is painted, and an act that asks
 * the server once and says something else in a hundred paragraphs. No page can be quicker on that machine at that hour, so what says something of PSN
 * on any machine are the ratios.
 *
 * Alone: `bun bench/page.ts [--json]`. Each figure is the median of several rounds.
 */
import { createServer } from "node:http";
import type { Page } from "playwright-core";
import { listenOn, stopListening } from "../src/core/utils/local-server.ts";
import { startSandbox } from "../src/sandbox/server.ts";
import { testBrowser } from "../src/testing/browser.ts";
import { testHome } from "../src/testing/cli.ts";
import { type OpenPage, openPage } from "../src/testing/draft-page.ts";
import { type BenchResult, printResult } from "./_print.ts";

const ROUNDS = 9;
const MANY = 10_000;

/** @returns milliseconds, and kilobytes (1000 bytes) of a page without its media as it is sent */
export async function run(_options: { json?: boolean } = {}): Promise<BenchResult> {
  const home = await testHome();
  const browser = await testBrowser({ width: 1280 });
  const { page } = browser;
  const barePage = await browser.context.newPage();
  const bare = await bareServer();
  const number = async (expression: string) => Number(await page.evaluate(expression));
  const numberOfBare = async (expression: string) => Number(await barePage.evaluate(expression));
  const draft = async (tweets: number): Promise<OpenPage> => {
    const text = Array.from({ length: tweets }, (_, index) => `Tweet ${index + 1} says a few words. ${WORDS}`).join(
      "\n---\n",
    );
    const made = await home.psn(["post", "create", "-"], { stdin: text });
    const { id } = (made.json as { post: { id: string } }).post;
    const served = await openPage(home, ["post", "show", id, "--open", "--json"]);
    await page.goto(served.url);
    await page.waitForSelector("#feed");
    return served;
  };
  try {
    await home.signIn();
    const small = await draft(10);
    await barePage.goto(bare.url);
    const paintOf = async (tab: Page) => {
      await tab.bringToFront();
      await tab.reload();
      await tab.waitForSelector("p", { state: "attached" });
      return Number(await tab.evaluate(FIRST_PAINT));
    };
    const [paints = 0, barePaints = 0] = await byTurns([() => paintOf(page), () => paintOf(barePage)]);
    await page.bringToFront();
    const kilobytes = (await number("performance.getEntriesByType('navigation')[0].transferSize")) / 1000;
    await page.goto("about:blank");
    await small.close();

    const large = await draft(100);
    const largeKilobytes = (await number("performance.getEntriesByType('navigation')[0].transferSize")) / 1000;
    const keys = await rounds(async () => await number(afterPaint("psn.step(1)")));
    const types = await rounds(
      async () =>
        await number(
          afterPaint(
            "(() => { psn.unfold(document.querySelector('#tweet-50-edit')); document.querySelector('#tweet-50-edit').open = true; const area = document.querySelector('#tweet-50-edit textarea'); area.value += 'x'; area.dispatchEvent(new Event('input', { bubbles: true })); })()",
          ),
        ),
    );
    await page.reload();
    await page.waitForSelector("#feed");
    await page.evaluate("document.querySelector('#tweet-50').scrollIntoView()");
    await barePage.goto(`${bare.url}100`);
    let by = 1;
    const [acts = 0, joins = 0, undos = 0, bareActs = 0] = await byTurns([
      async () => {
        await page.bringToFront();
        by = -by;
        return await number(afterPaint(`await psn.act('move:49:${by}:word');`));
      },
      ...["join:49", "undo"].map((act) => async () => await number(afterPaint(`await psn.act('${act}');`))),
      async () => {
        await barePage.bringToFront();
        return await numberOfBare(afterPaint(BARE_ACT));
      },
    ]);
    await page.goto("about:blank");
    await large.close();
    return {
      bench: "page",
      figures: [
        { name: "firstPaintMs", value: paints, goal: 100, better: "lower" },
        { name: "bareFirstPaintMs", value: barePaints, better: "lower" },
        { name: "firstPaintRatio", value: paints / barePaints, better: "lower" },
        { name: "pageKilobytes", value: kilobytes, goal: 60, better: "lower" },
        { name: "page100Kilobytes", value: largeKilobytes, better: "lower" },
        { name: "keyIn100Ms", value: keys, goal: 50, better: "lower" },
        { name: "typingIn100Ms", value: types, goal: 50, better: "lower" },
        { name: "actIn100Ms", value: acts, goal: 50, better: "lower" },
        { name: "joinIn100Ms", value: joins, goal: 50, better: "lower" },
        { name: "undoIn100Ms", value: undos, goal: 50, better: "lower" },
        { name: "bareActMs", value: bareActs, better: "lower" },
        { name: "actRatio", value: acts / bareActs, better: "lower" },
        { name: "joinRatio", value: joins / bareActs, better: "lower" },
        { name: "timeline10000Ratio", value: (await timelineMs(MANY)) / (await timelineMs(100)), better: "lower" },
      ],
    };
  } finally {
    await browser.close();
    await bare.stop();
    await home.close();
  }
}

// --- internal ---

const WORDS =
  "They are here so that it is as long as tweets are in a thread that somebody took their time to write, more or less.";

/** Milliseconds from an act to the end of the frame that shows it. */
function afterPaint(act: string): string {
  return `(async () => { const from = performance.now(); ${act}; await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); return performance.now() - from; })()`;
}

const FIRST_PAINT =
  "new Promise((done) => new PerformanceObserver((list, self) => { self.disconnect(); done(list.getEntriesByName('first-contentful-paint')[0].startTime); }).observe({ type: 'paint', buffered: true }))";

const BARE_ACT =
  "const said = await (await fetch(location.href)).text(); for (const one of document.querySelectorAll('p')) one.textContent = said.length + ' ' + performance.now()";

/** Pages of paragraphs, one or as many as the address says. */
async function bareServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    const words = "<p>A paragraph.</p>".repeat(Number(incoming.url?.slice(1)) || 1);
    outgoing.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    outgoing.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Bare</title>${words}`);
  });
  const port = await listenOn(server, "127.0.0.1", 0);
  return { url: `http://127.0.0.1:${port}/`, stop: () => stopListening(server) };
}

const rounds = async (measure: () => Promise<number>): Promise<number> => (await byTurns([measure]))[0] ?? 0;

/** Several things in turn, so that each meets the same machine. @returns the median of each */
async function byTurns(measures: readonly (() => Promise<number>)[]): Promise<number[]> {
  const all = measures.map((): number[] => []);
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, measure] of measures.entries()) {
      const ms = await measure();
      if (round >= 0) all[index]?.push(ms);
    }
  }
  return all.map((each) => each.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0);
}

/** What the sandbox takes to answer with its timeline, in milliseconds. */
async function timelineMs(count: number): Promise<number> {
  const running = await startSandbox();
  try {
    const { access_token } = running.sandbox.signIn("sandbox_author");
    const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
    await fetch(`${running.url}/2/tweets`, { method: "POST", headers, body: JSON.stringify({ text: "A model." }) });
    const saved = running.sandbox.save();
    const [model] = Object.values(saved.state.posts);
    if (!model) throw new Error("the sandbox has no post");
    for (let index = 0; index < count; index++) {
      const id = String(BigInt(model.id) + BigInt(index + 1));
      saved.state.posts[id] = { ...model, id, conversationId: id, text: `Post ${index}.` };
      saved.state.postsByUser[model.authorId]?.push(id);
    }
    running.sandbox.load(saved);
    return await rounds(async () => {
      const from = performance.now();
      await (await fetch(`${running.url}/`)).text();
      return performance.now() - from;
    });
  } finally {
    await running.stop();
  }
}

if (import.meta.main) printResult(await run(), process.argv.includes("--json"));
