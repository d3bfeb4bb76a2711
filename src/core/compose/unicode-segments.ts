/** Characters, words and sentences as people see them. */

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
