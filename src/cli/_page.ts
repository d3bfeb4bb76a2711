/** Showing a thread as a page in a browser, or as a picture in a file. */
import { resolve } from "node:path";
import { wallClock } from "../core/clock.ts";
import { PsnError } from "../core/errors.ts";
import { findChromium } from "../preview/chromium.ts";
import { openBrowser } from "../preview/open-browser.ts";
import { drawPage } from "../preview/picture.ts";
import { type Site, servePage } from "../preview/server.ts";
import type { Io } from "./_command.ts";
import type { PageAnswerFields, PageFields } from "./_page-fields.ts";

/** A page that no browser has asked for so long is closed. */
const IDLE_MS_MAX = 60 * 60_000;
const IDLE_PAUSE_MS = 1_000;

/**
 * Draws and serves what the fields ask for. With `open` it runs until Ctrl-C; the answer is given before.
 * @throws PsnError CHROMIUM_MISSING before anything is done, CHROMIUM_FAILED, FILE_NOT_WRITTEN, PAGE_NOT_SERVED
 */
export async function showPage<Answer extends object>(
  io: Io,
  { open, png, theme }: PageFields,
  site: Site,
  answer: Answer,
  { isKeySecret = false } = {},
): Promise<Answer & PageAnswerFields> {
  io.willWrite(png === undefined ? "show it in your browser" : `draw it into ${png}`);
  const chromium = png === undefined ? null : await findChromium(io.env);
  const running = await servePage(site, () => wallClock.now());
  try {
    const shown: Answer & PageAnswerFields = { ...answer };
    if (png !== undefined && chromium !== null) {
      const file = resolve(io.cwd, png);
      const drawn = await drawPage(chromium, running, file, theme === "system" ? "light" : theme);
      shown.picture = { file, ...drawn };
      const part = drawn.drawn < drawn.of ? `, the first ${drawn.drawn} of ${drawn.of} tweets` : "";
      io.note(`Drawn into ${file}${part}.`);
    }
    if (!open) return shown;
    const url = theme === "system" ? running.url : `${running.url}&theme=${theme}`;
    const browser = await openBrowser(url, io.env);
    if (isKeySecret && !browser.isOpen) throw noBrowser();
    if (!isKeySecret) shown.pageUrl = url;
    await io.answerNow(shown);
    for (const line of placeWords(url, isKeySecret, browser.isOpen)) io.note(line);
    io.note("Ctrl-C closes it.");
    await untilLeft(io, running.lastAskedAt);
    await browser.close();
    return shown;
  } finally {
    await running.stop();
  }
}

// --- internal ---

function placeWords(url: string, isKeySecret: boolean, isOpen: boolean): string[] {
  if (isKeySecret) return ["It is open in your browser, which alone has its address."];
  const words = isOpen
    ? "It is open in your browser. The address, for this machine and you alone:"
    : "Open this address on this machine; it is for you alone:";
  return [words, url];
}

function noBrowser(): PsnError {
  return new PsnError("PAGE_NOT_OPEN", "No browser opens here, and the page's address lets whoever reads it approve.", {
    hint: "Only a person approves here: they run psn post show ID --open at a terminal, which prints the address.",
  });
}

async function untilLeft(io: Io, lastAskedAt: () => Date): Promise<void> {
  while (!io.signal.aborted && wallClock.now().getTime() - lastAskedAt().getTime() < IDLE_MS_MAX) {
    await wallClock.sleep(IDLE_PAUSE_MS, io.signal);
  }
  if (!io.signal.aborted) io.note("Nobody has looked at the page for an hour; it is closed.");
}
