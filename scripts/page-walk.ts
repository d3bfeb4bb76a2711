/**
 * Makes the pictures of docs/page.md: a person's walk over the page, as `test/walk/page.test.ts` walks it. Run by hand when the page changes
 * (`bun scripts/page-walk.ts`): a browser draws letters a little differently on each machine, so no test compares them.
 */
import { join } from "node:path";
import sharp from "sharp";
import { PROJECT_DIR } from "../src/core/config/folders.ts";
import { testBrowser } from "../src/testing/browser.ts";
import { testHome } from "../src/testing/cli.ts";
import { walkPage } from "../src/testing/page-walk.ts";

/** A night sky needs more colours than letters do. */
const COLOURS = 128;

const home = await testHome({ sandbox: { users: [{ handle: "sandbox_author", name: "Ada Keeper" }] } });
const browser = await testBrowser({ width: 1180, height: 860 });
try {
  await home.signIn();
  const { page } = browser;
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await walkPage(home, browser, async (step) => {
    // The timeline is shown in dim, as many read X.
    if (step === "6-sandbox") await page.click("label[for=theme-dim]");
    // Words that pass by themselves are in no picture.
    await page.evaluate("document.querySelectorAll('.toast').forEach((one) => one.remove())");
    const shot = await page.screenshot();
    await sharp(shot)
      .png({ palette: true, colours: COLOURS, compressionLevel: 9, effort: 10 })
      .toFile(join(PROJECT_DIR, `docs/page/${step}.png`));
  });
} finally {
  await browser.close();
  await home.close();
}
