/**
 * How quick the pages are, in a real Chromium on loopback: the first paint and the weight of a draft of ten tweets, what a key, a cut that is
 * moved and two tweets that are joined take until they are seen in a thread of a hundred, and the sandbox's timeline with ten thousand posts against the same with a hundred.
 *
 * Alone: `bun bench/page.ts [--json]`. Each figure is the median of several rounds.
 */
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
  const number = async (expression: string) => Number(await page.evaluate(expression));
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
    const paints = await rounds(async () => {
      await page.reload();
      await page.waitForSelector("#feed");
      return await number(
        "new Promise((done) => new PerformanceObserver((list, self) => { self.disconnect(); done(list.getEntriesByName('first-contentful-paint')[0].startTime); }).observe({ type: 'paint', buffered: true }))",
      );
    });
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
    let by = 1;
    const acts = await rounds(async () => {
      by = -by;
      return await number(afterPaint(`await psn.act('move:49:${by}:word');`));
    });
    let isJoined = true;
    const joins = await rounds(async () => {
      isJoined = !isJoined;
      return await number(afterPaint(`await psn.act('${isJoined ? "undo" : "join:49"}');`));
    });
    await page.goto("about:blank");
    await large.close();
    return {
      bench: "page",
      figures: [
        { name: "firstPaintMs", value: paints, goal: 100, better: "lower" },
        { name: "pageKilobytes", value: kilobytes, goal: 60, better: "lower" },
        { name: "page100Kilobytes", value: largeKilobytes, better: "lower" },
        { name: "keyIn100Ms", value: keys, goal: 50, better: "lower" },
        { name: "typingIn100Ms", value: types, goal: 50, better: "lower" },
        { name: "actIn100Ms", value: acts, goal: 50, better: "lower" },
        { name: "joinIn100Ms", value: joins, goal: 50, better: "lower" },
        { name: "timeline10000Ratio", value: (await timelineMs(MANY)) / (await timelineMs(100)), better: "lower" },
      ],
    };
  } finally {
    await browser.close();
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

async function rounds(measure: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const ms = await measure();
    if (round >= 0) all.push(ms);
  }
  return all.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0;
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
