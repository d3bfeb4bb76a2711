/** A person's walk over the page, in a real browser: write a text, open it, drag a cut, add a picture, approve it for tomorrow, see it on X. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { axeViolations, hasChromium, LAUNCH_MS_MAX, type TestBrowser, testBrowser } from "../../src/testing/browser.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { WALK_STEPS, type WalkStep, walkPage } from "../../src/testing/page-walk.ts";

let home: TestHome;
let browser: TestBrowser;

beforeAll(async () => {
  if (!hasChromium) return;
  home = await testHome();
  await home.signIn();
  browser = await testBrowser({ width: 1180, height: 860 });
}, LAUNCH_MS_MAX + 30_000);
afterAll(async () => {
  await browser?.close();
  await home?.close();
});

test.skipIf(!hasChromium)(
  "a text becomes a thread, its cut is dragged, a picture added, and tomorrow 9am it stands on X as it stood on the page",
  async () => {
    const steps: WalkStep[] = [];
    const { readBack, onX } = await walkPage(home, browser, async (step) => {
      steps.push(step);
      if (step !== "2-drag") expect({ step, found: await axeViolations(browser.page) }).toEqual({ step, found: [] });
    });
    expect(steps).toEqual([...WALK_STEPS]);
    expect(readBack).toMatch(/\d{4}-\d\d-\d\d 09:00 Europe\/Berlin/);
    expect(onX).toHaveLength(3);
    expect(onX[0]).toMatch(/before the open sea\.$/);
    expect(onX[1]).toMatch(/^I learned three things there, .*\n\nThe first is that regularity/s);
    const [first] = home.sandbox.sandbox.report().accounts.sandbox_author?.posts ?? [];
    expect(first?.text).toBe(onX[0]);
    expect(browser.complaints).toEqual([]);
  },
  240_000,
);
