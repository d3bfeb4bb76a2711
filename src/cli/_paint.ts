/** Colours for a terminal. NO_COLOR, FORCE_COLOR and what the terminal can show are `styleText`'s to judge. */
import { sign } from "./_screen.ts";

const STYLES = ["bold", "dim", "red", "green", "yellow", "cyan"] as const;

/** Stands for the text, so that nothing of it is read as a colour. */
const CUT = "|";

export type Paint = Record<(typeof STYLES)[number], (text: string) => string>;

/**
 * Colours for what is printed to `target`.
 * @param target a stream, asked whether it shows colours; or true for colours always, false for none
 */
export function makePaint(target: NodeJS.WritableStream | boolean): Paint {
  const styled = (style: (typeof STYLES)[number]) => (text: string) => {
    if (target === false || (target !== true && isPlain(target))) return text;
    // Importing node:util loads all that it exports, which takes milliseconds of a start that shows no colour.
    const { styleText } = process.getBuiltinModule("node:util");
    const [open = "", close = ""] = styleText(
      style,
      CUT,
      target === true ? { validateStream: false } : { stream: target },
    ).split(CUT);
    return open === "" ? text : sign(open, text, close);
  };
  return Object.fromEntries(STYLES.map((style) => [style, styled(style)])) as Paint;
}

// --- internal ---

/** Bun's `styleText` before 1.4 does not ask the stream. */
const ASKS_STREAM = !process.versions.bun || !/^1\.[0-3]\./.test(process.versions.bun);

function isPlain(stream: NodeJS.WritableStream): boolean {
  if (ASKS_STREAM) return false;
  const { NO_COLOR, FORCE_COLOR } = process.env;
  return Boolean(NO_COLOR) || !((stream as { isTTY?: boolean }).isTTY || FORCE_COLOR);
}
