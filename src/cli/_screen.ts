/**
 * The one way to a terminal, whatever a text comes from: X, S3, files, arguments, the hub. What a terminal would act upon is
 * made visible; only colours that `makePaint` made become colours. They are told from others by a signature of this process.
 */
import { printable, screenWidth, wrapAnswer } from "./_wrap.ts";

/**
 * Four digits thrice, as parameters of a colour: what measures and wraps lines takes it for a colour like any other. Made for the
 * first colour: without one there is nothing to tell from others, and loading Node's randomness takes milliseconds of every start.
 */
let signature: string | undefined;
/** What JSON leaves as it is, although a terminal acts upon it: DEL, C1, and what turns the direction of a line. */
const RAW_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Marks the colours of a text, whose words may be anybody's, as made by this process. */
export function sign(open: string, text: string, close: string): string {
  signature ??= Array.from(crypto.getRandomValues(new Uint16Array(3)), (part) => 1000 + (part % 9000)).join(";");
  const signed = (code: string) => code.replace(/m$/, `;${signature}m`);
  return signed(open) + text + signed(close);
}

/** A text as a terminal may get it. */
export function screenText(text: string): string {
  if (signature === undefined) return printable(text);
  // Every other part is the number of a colour of ours.
  return text
    .split(new RegExp(`\\x1b\\[(\\d{1,2});${signature}m`))
    .map((part, index) => (index % 2 === 0 ? printable(part) : `\x1b[${part}m`))
    .join("");
}

/** A finished text for a screen: harmless, and broken between words where the screen is narrow. */
export const screenLines = (text: string, stream: { columns?: number } = process.stdout): string =>
  wrapAnswer(screenText(text), screenWidth(stream));

/** A value as JSON that is also harmless where somebody looks at it. A reader of JSON gets the value as it was. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    RAW_IN_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
