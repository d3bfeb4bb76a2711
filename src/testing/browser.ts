/** A real browser for tests: a Chromium at /usr/bin/chromium or CHROMIUM_PATH. Without one, what needs it is skipped. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM_PATH || "/usr/bin/chromium";
export const hasChromium = existsSync(CHROMIUM);
/** As in CI: there a browser must be found. */
export const isBrowserRequired = process.env.PSN_REQUIRE_BROWSER === "1";
export const HOW_TO_GET_ONE = `There is no Chromium at ${CHROMIUM}. Install one (apt-get install chromium) or set CHROMIUM_PATH.`;
export const LAUNCH_MS_MAX = 60_000;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface TestBrowser {
  context: BrowserContext;
  page: Page;
  /** The origins that all its pages asked, and what they complained about. */
  requested: Set<string>;
  complaints: string[];
  close(): Promise<void>;
}

/** Starts a browser with a profile of its own. */
export async function testBrowser(
  options: { width?: number; height?: number; javaScript?: boolean } = {},
): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), "psn-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: FLAGS,
    headless: true,
    timeout: LAUNCH_MS_MAX,
    viewport: { width: options.width ?? 1100, height: options.height ?? 900 },
    javaScriptEnabled: options.javaScript ?? true,
    // Chromium keeps things in HOME beside its profile, and HOME may be empty or not ours.
    env: { ...(process.env as Record<string, string>), HOME: profile },
  });
  const requested = new Set<string>();
  const complaints: string[] = [];
  const watch = (page: Page) => {
    page.setDefaultTimeout(60_000);
    page.on("request", (request) => requested.add(new URL(request.url()).origin));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
  };
  context.on("page", watch);
  const page = context.pages()[0] ?? (await context.newPage());
  watch(page);
  return {
    context,
    page,
    requested,
    complaints,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

export const hasSidewaysScroll = (page: Page) =>
  page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth") as Promise<boolean>;

/** What axe-core finds wrong on the page as it is now: rule, and where. */
export async function axeViolations(page: Pick<Page, "evaluate">): Promise<string[]> {
  axe ??= await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(axe);
  const found = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
    violations: { id: string; nodes: { target: unknown; failureSummary: string }[] }[];
  };
  return found.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map(({ target }) => String(target))
        .slice(0, 4)
        .join(" | ")} ${nodes[0]?.failureSummary.slice(0, 200)}`,
  );
}

let axe: string | undefined;
