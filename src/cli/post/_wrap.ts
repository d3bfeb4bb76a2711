/** Text on a screen: what a terminal would act upon is made visible, and lines are broken by the width that they take. */

const GRAPHEMES = new Intl.Segmenter("und", { granularity: "grapheme" });

/** Control characters, and those that turn the direction of what follows, never reach a terminal. */
export function printable(text: string): string {
  return (
    text
      .replace(/\r\n?/g, "\n")
      .replace(/\t/g, "    ")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be found
      .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\u{fffd}")
  );
}

/** The lines of a text at most `width` columns wide, broken at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, Math.max(2, width)));
}

/** Columns of the person's screen; no bound where the answer goes elsewhere. */
export const screenWidth = (): number => process.stdout.columns || Number.POSITIVE_INFINITY;

/** A text after a mark, broken between words where the screen is narrow; later lines stand under the first word. */
export function hung(mark: string, text: string, width = screenWidth()): string[] {
  const indent = Bun.stringWidth(mark);
  // A mark that takes half of a narrow screen stands on a line of its own.
  if (indent > width / 2) return [mark.trimEnd(), ...wrap(text, width - 4).map((line) => `    ${line}`)];
  return wrap(text, width - indent).map((line, index) => (index === 0 ? mark : " ".repeat(indent)) + line);
}

/** A line cut to `width` columns. Holds no colours. */
export function fit(line: string, width: number): string {
  if (Bun.stringWidth(line) <= width) return line;
  let fitting = "";
  let used = 0;
  for (const { segment } of GRAPHEMES.segment(line)) {
    used += Bun.stringWidth(segment);
    if (used > width - 1) break;
    fitting += segment;
  }
  return `${fitting}…`;
}

// --- internal ---

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  let used = 0;
  const end = () => {
    lines.push(current.trimEnd());
    current = "";
    used = 0;
  };
  for (const word of line.match(/\s+|\S+/gu) ?? []) {
    const wide = Bun.stringWidth(word);
    if (used + wide <= width) {
      current += word;
      used += wide;
      continue;
    }
    if (word.trim() === "") {
      end();
      continue;
    }
    if (used > 0) end();
    // A word wider than the screen, as in scripts that are written without spaces.
    for (const { segment } of GRAPHEMES.segment(word)) {
      const one = Bun.stringWidth(segment);
      if (used + one > width) end();
      current += segment;
      used += one;
    }
  }
  lines.push(current.trimEnd());
  return lines;
}
