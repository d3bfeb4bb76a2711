/**
 * Makes docs/page.png, the page of README: a draft of the essay on the page that psn serves, in a Chromium. Run by hand when the page changes
 * (`bun scripts/page-picture.ts`): a browser draws letters a little differently on each machine, so no test compares it.
 */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { PROJECT_DIR } from "../src/core/config/folders.ts";
import { testBrowser } from "../src/testing/browser.ts";
import { testHome } from "../src/testing/cli.ts";
import { openPage } from "../src/testing/draft-page.ts";

/** As wide as the picture of the terminal, beside which it stands. */
const [WIDTH, HEIGHT] = [720, 660];
/** Of few colours, so that a palette is as good as all. */
const COLOURS = 64;

const home = await testHome();
try {
  await home.signIn();
  await copyFile(join(PROJECT_DIR, "examples/essay.txt"), join(home.folder, "essay.txt"));
  const made = await home.psn(["post", "create", "--file", "essay.txt"]);
  const { post } = made.json as { post: { id: string } };
  const page = await openPage(home, ["post", "show", post.id, "--open"]);
  const browser = await testBrowser({ width: WIDTH, height: HEIGHT });
  try {
    await browser.page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await browser.page.goto(page.url);
    await browser.page.waitForSelector("#feed");
    const shot = await browser.page.screenshot();
    await sharp(shot)
      .png({ palette: true, colours: COLOURS, compressionLevel: 9, effort: 10 })
      .toFile(join(PROJECT_DIR, "docs/page.png"));
  } finally {
    await browser.close();
    await page.close();
  }
} finally {
  await home.close();
}
