/** Makes docs/terminal.svg (`npm run generate`), the terminal of README. What psn prints is drawn, so the picture cannot promise more. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makePaint } from "../src/cli/_paint.ts";
import { renderPreview } from "../src/cli/_preview.ts";
import { buildPreview } from "../src/core/compose/preview.ts";
import { TWEET_LIMIT } from "../src/core/compose/weighted-length.ts";
import { PROJECT_DIR } from "../src/core/config/folders.ts";
import { cutFacts, cutPost } from "../src/core/posts/composing.ts";

const COLUMNS = 80;
const LINES_MAX = 30;
const [CHAR, LINE, PAD] = [8.4, 19, 18];
const COLOURS: Record<string, string> = { "31": "#f7768e", "32": "#9ece6a", "33": "#e0af68", "36": "#7dcfff" };

/** The picture of the first screen of `psn preview --file examples/essay.txt`. */
export async function terminalPicture(): Promise<string> {
  const lines = await screen();
  const [width, height] = [Math.ceil(COLUMNS * CHAR + 2 * PAD), lines.length * LINE + 2 * PAD + 24];
  const dots = ["#f7768e", "#e0af68", "#9ece6a"].map(
    (colour, index) => `<circle cx="${PAD + 6 + index * 18}" cy="18" r="5.5" fill="${colour}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    "<title>psn preview in a terminal</title>",
    `<rect width="${width}" height="${height}" rx="9" fill="#1a1b26"/>`,
    ...dots,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#c0caf5">`,
    ...lines.map(drawn),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

// --- internal ---

async function screen(): Promise<string[]> {
  const text = await readFile(join(PROJECT_DIR, "examples/essay.txt"), "utf8");
  const cutting = { limit: TWEET_LIMIT, numbering: null, cut: "whole" as const };
  const cut = cutPost(text, { ...cutting, hasMedia: false });
  const preview = buildPreview(cut.tweets, cutFacts(text, cutting, cut));
  const lines = atWidth(COLUMNS, () => renderPreview(preview, makePaint(true))).split("\n");
  const total = lines.findIndex((line) => line.includes("about $"));
  return [
    `\u001b[32m$\u001b[39m psn preview --file essay.txt`,
    ...lines.slice(0, LINES_MAX - 4),
    "  …",
    "",
    ...lines.slice(total),
  ];
}

/** What `act` gives when stdout is a terminal of that width. */
function atWidth<T>(columns: number, act: () => T): T {
  const { isTTY, columns: before } = process.stdout;
  Object.assign(process.stdout, { isTTY: true, columns });
  try {
    return act();
  } finally {
    Object.assign(process.stdout, { isTTY, columns: before });
  }
}

/** One line of a terminal, its colours as spans. */
function drawn(line: string, index: number): string {
  let style = "";
  const spans: string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are a terminal's own codes
  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: see above
    const code = /^\u001b\[(\d+)[\d;]*m$/.exec(part)?.[1];
    if (code === undefined) {
      if (part !== "") spans.push(`<tspan${style}>${escaped(part)}</tspan>`);
    } else if (code === "1") style = ' font-weight="bold"';
    else if (code === "2") style = ' fill="#787c99"';
    else style = COLOURS[code] ? ` fill="${COLOURS[code]}"` : "";
  }
  return `<text x="${PAD}" y="${PAD + 30 + index * LINE}" xml:space="preserve">${spans.join("")}</text>`;
}

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (mark) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[mark] ?? mark);
