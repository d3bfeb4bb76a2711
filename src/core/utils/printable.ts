/** Text of strangers for a reader: what a screen would act upon is made visible. */

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
