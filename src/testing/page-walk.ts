/** A person's walk over a draft's page, from a text to the sandbox's timeline. A test walks it, and a script that makes the pictures of docs/page.md. */
import { join } from "node:path";
import { drawPicture, PICTURE_ALT } from "../demo/picture.ts";
import type { TestBrowser } from "./browser.ts";
import { startPsn, type TestHome } from "./cli.ts";
import { openPage } from "./draft-page.ts";
import { timeComes } from "./time-comes.ts";
import { until } from "./wait.ts";

export const WALK_STEPS = ["1-open", "2-drag", "3-picture", "4-read-back", "5-scheduled", "6-sandbox"] as const;
export type WalkStep = (typeof WALK_STEPS)[number];

const TEXT = [
  "Nobody writes letters to a lighthouse. The keeper reads the ships instead: by their lamps, by their horns, by how late they are.",
  "For thirty years mine was the last light before the open sea. I learned three things there, and none of them was about light.",
  "The first is that regularity is a form of kindness. A beam that comes every ten seconds says nothing new, and that is all a tired sailor wants to hear.",
  "The second: whoever watches long enough is watched. The third I only understood when they replaced me with a sensor: https://example.com/automatic-lighthouse",
].join("\n\n");
/** The drag takes this sentence from the first tweet to the second. */
const DRAGGED = "I learned three things";

/** Where a walk came to. */
export interface Walked {
  postId: string;
  /** What the page said of the time before it was confirmed. */
  readBack: string;
  /** The tweets as they stand on X. */
  onX: string[];
}

/** Walks. `seen` is called where a person would look up, with the page as it is then. */
export async function walkPage(
  home: TestHome,
  { page }: TestBrowser,
  seen: (step: WalkStep) => Promise<void>,
): Promise<Walked> {
  await Bun.write(join(home.folder, "letters.md"), TEXT);
  const made = await home.psn(["post", "create", "--file", "letters.md"]);
  const { id } = (made.json as { post: { id: string } }).post;
  const worker = startPsn(["worker"], { env: home.env, cwd: home.folder });
  const served = await openPage(home, ["post", "show", id, "--open", "--json"]);
  try {
    await until(async () => (await served.get("./")).text.includes("psn worker") === false);
    await page.goto(served.url);
    await page.waitForSelector("#feed");
    await seen("1-open");
    await dragCut(page, async () => await seen("2-drag"));
    await attachPicture(page);
    await seen("3-picture");
    const readBack = await scheduleTomorrow(page, async () => await seen("4-read-back"));
    await seen("5-scheduled");
    await timeComes(home.hub.pool, id);
    await until(() => home.onX().length > 2);
    await page.goto(`${home.sandbox.url}/`);
    await page.getByText("Thread of 3 posts").waitFor();
    await seen("6-sandbox");
    return { postId: id, readBack, onX: home.onX() };
  } finally {
    await served.close();
    await worker.stop();
  }
}

// --- internal ---

type Page = TestBrowser["page"];

/** Waits for what the page's policy lets nobody wait for inside it. */
const comes = (page: Page, expression: string) => until(async () => Boolean(await page.evaluate(expression)));

/** The cut after the first tweet, over the words to where the sentence begins. */
async function dragCut(page: Page, half: () => Promise<void>): Promise<void> {
  const grip = await page.locator("[data-cut='0']").boundingBox();
  if (grip === null) throw new Error("there is no cut to drag");
  await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
  await page.mouse.down();
  await comes(page, "document.documentElement.classList.contains('is-dragging')");
  const [x, y] = (await page.evaluate(`(() => {
    const node = document.querySelector("#tweet-1 .text").firstChild;
    const range = document.createRange();
    const at = node.data.indexOf(${JSON.stringify(DRAGGED)});
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const { left, top, height } = range.getBoundingClientRect();
    return [left + 1, top + height / 2];
  })()`)) as [number, number];
  await page.mouse.move(x, y, { steps: 5 });
  await comes(page, "document.querySelector('.marker output')?.textContent.startsWith('1: 19')");
  await half();
  await page.mouse.up();
  await comes(page, `document.querySelector("#tweet-2 .text").textContent.startsWith(${JSON.stringify(DRAGGED)})`);
}

async function attachPicture(page: Page): Promise<void> {
  await page.click("#tweet-1-attach summary");
  await page.setInputFiles("#tweet-1-attach input[type=file]", {
    name: "lighthouse.png",
    mimeType: "image/png",
    buffer: Buffer.from(drawPicture()),
  });
  await page.fill("#tweet-1-attach textarea", PICTURE_ALT);
  await page.click("#tweet-1-attach button.solid");
  await page.waitForSelector("#tweet-1 .media img");
  await comes(page, "[...document.images].every((image) => image.complete && image.naturalWidth > 0)");
}

/** @returns what was read back */
async function scheduleTomorrow(page: Page, half: () => Promise<void>): Promise<string> {
  await page.fill("[name=when]", "tomorrow 9am");
  await page.getByRole("button", { name: "Schedule…" }).click();
  await page.getByRole("button", { name: "Yes, then" }).waitFor();
  const readBack = await page.locator(".readback").first().innerText();
  await half();
  await page.getByRole("button", { name: "Yes, then" }).click();
  await page.getByRole("button", { name: "Take it back to a draft" }).waitFor();
  return readBack;
}
