/** Characters, words and sentences as people see them. */

/** Sorting marks for NFC takes a time that grows with the square of their number; no script has more than a few in a row. */
export const MARKS_MAX = 200;
const MARKS_BEYOND = new RegExp(`(?<!\\p{M})(\\p{M}{${MARKS_MAX}})\\p{M}+`, "gu");

/**
 * What `Intl.Segmenter` makes of a text. The segmenter is made for the first text: that takes up to 7 ms, and most commands load this
 * code without cutting anything.
 */
export function segmentsBy(
  granularity: "grapheme" | "word" | "sentence",
  locale = "und",
): (text: string) => Intl.Segments {
  let segmenter: Intl.Segmenter | undefined;
  return (text) => {
    segmenter ??= new Intl.Segmenter(locale, { granularity });
    return segmenter.segment(text);
  };
}

/** The offsets at which these segments begin. */
export function startsBy(granularity: "word" | "sentence", locale?: string): (text: string) => number[] {
  const segmentsOf = segmentsBy(granularity, locale);
  return (text) => {
    const starts: number[] = [];
    for (const { index } of segmentsOf(text)) starts.push(index);
    return starts;
  };
}

/** A text of somebody else's for a screen: what no letter has in any script is left out. */
export function withoutManyMarks(text: string): string {
  return text.replace(MARKS_BEYOND, "$1");
}

/** Control characters, and those that turn the direction of what follows, never reach a terminal, nor a name on a page. */
export function printable(text: string): string {
  return (
    text
      .replace(/\r\n?/g, "\n")
      .replace(/\t/g, "    ")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be found
      .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\u{fffd}")
  );
}
