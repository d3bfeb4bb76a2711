/** The thread as a picture: the page's own column, drawn by a Chromium. */
import { constants } from "node:fs";
import { z } from "zod";
import { openRegular } from "../core/config/open-file.ts";
import { writeAll } from "../core/config/whole-file.ts";
import { PsnError } from "../core/errors.ts";
import { GEOMETRY } from "../page/geometry.ts";
import type { Theme } from "../page/shell.ts";
import { Chromium } from "./chromium.ts";
import type { RunningPage } from "./server.ts";

const SCALE = 2;
/** Chromium draws no taller picture in one piece. */
const HEIGHT_MAX = 8_000;

const Drawn = z.object({ height: z.number(), drawn: z.number(), of: z.number() });
const LaidOut = z.object({ result: z.object({ value: Drawn }) });
const Shot = z.object({ data: z.base64() });

/**
 * Draws the tweets of a page, as X shows them, into a PNG file; a thread that is too tall is cut at a whole tweet.
 * @returns how many tweets are in it, of how many
 * @throws PsnError CHROMIUM_FAILED, FILE_NOT_WRITTEN
 */
export async function drawPage(
  path: string,
  page: Pick<RunningPage, "address" | "cookie">,
  file: string,
  theme: Theme,
): Promise<{ drawn: number; of: number }> {
  const browser = await Chromium.start(path);
  try {
    const width = GEOMETRY.column;
    await browser.call("Emulation.setDeviceMetricsOverride", {
      width,
      height: 900,
      deviceScaleFactor: SCALE,
      mobile: false,
    });
    await browser.call("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-reduced-motion", value: "reduce" }],
    });
    const { address, cookie } = page;
    await browser.call("Network.setCookie", { ...cookie, url: address, httpOnly: true });
    await browser.after("Page.loadEventFired", () =>
      browser.call("Page.navigate", { url: `${address}?theme=${theme}` }),
    );
    const laidOut = await browser.call("Runtime.evaluate", {
      expression: LAY_OUT,
      awaitPromise: true,
      returnByValue: true,
    });
    const { height, drawn, of } = LaidOut.parse(laidOut).result.value;
    const clip = { x: 0, y: 0, width, height, scale: 1 };
    const shot = Shot.parse(
      await browser.call("Page.captureScreenshot", { format: "png", clip, captureBeyondViewport: true }),
    );
    await writePicture(file, Buffer.from(shot.data, "base64")).catch((error: NodeJS.ErrnoException) => {
      throw new PsnError("FILE_NOT_WRITTEN", `${file} could not be written: ${error.code ?? error.message}.`);
    });
    return { drawn, of };
  } finally {
    await browser.close();
  }
}

// --- internal ---

async function writePicture(file: string, bytes: Uint8Array): Promise<void> {
  const { O_WRONLY, O_CREAT, O_TRUNC } = constants;
  const { handle } = await openRegular(file, O_WRONLY | O_CREAT | O_TRUNC);
  try {
    await writeAll(handle, bytes);
  } finally {
    await handle.close();
  }
}

/** Leaves the tweets alone on the page, as X shows them, with every picture loaded. */
const LAY_OUT = `(async () => {
  const feed = document.getElementById("feed");
  document.querySelectorAll(".cut,.tools,.warnings,.count,.crop").forEach((one) => one.remove());
  document.body.replaceChildren(document.querySelector("svg.unseen"), document.querySelector(".themes"), feed);
  document.querySelector(".themes").style.display = "none";
  document.body.style.overflow = "hidden";
  const all = [...feed.children];
  /* A browser leaves out what is far from the window, and guesses how tall it is. */
  for (const one of all) one.style.contentVisibility = "visible";
  for (const image of document.images) image.loading = "eager";
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  const shown = all.filter((one) => one.getBoundingClientRect().bottom <= ${HEIGHT_MAX});
  all.slice(Math.max(1, shown.length)).forEach((one) => one.remove());
  const { height } = feed.getBoundingClientRect();
  return { height: Math.min(Math.ceil(height), ${HEIGHT_MAX}), drawn: feed.children.length, of: all.length };
})()`;
