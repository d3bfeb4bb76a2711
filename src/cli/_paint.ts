/** Colours for a terminal. NO_COLOR, FORCE_COLOR and what the terminal can show are `styleText`'s to judge. */
import { styleText } from "node:util";

const STYLES = ["bold", "dim", "red", "green", "yellow", "cyan"] as const;

export type Paint = Record<(typeof STYLES)[number], (text: string) => string>;

/**
 * Colours for what is printed to `target`.
 * @param target a stream, asked whether it shows colours; or true for colours always, false for none
 */
export function makePaint(target: NodeJS.WritableStream | boolean): Paint {
  const styled = (style: (typeof STYLES)[number]) => (text: string) => {
    if (target === false) return text;
    return styleText(style, text, target === true ? { validateStream: false } : { stream: target });
  };
  return Object.fromEntries(STYLES.map((style) => [style, styled(style)])) as Paint;
}
