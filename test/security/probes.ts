/** Texts that act upon a terminal: 37 ways to write to the clipboard, hide a line, move the cursor, or turn what is read. */

/** Stands behind each probe, so that one that came through unharmed is found. */
const TAIL = "prb";
const ESC = "\x1b";

/** What a terminal acts upon, by what it does there. */
export const ACTS = {
  colour: `${ESC}[31m`,
  bold: `${ESC}[1m`,
  conceal: `${ESC}[8m`,
  "clear the screen": `${ESC}[2J`,
  "cursor home": `${ESC}[H`,
  "cursor up and over": `${ESC}[1A\r`,
  "erase the line": `${ESC}[2K`,
  "other screen": `${ESC}[?1049h`,
  "hide the cursor": `${ESC}[?25l`,
  "bracketed paste off": `${ESC}[?2004l`,
  "mouse reports": `${ESC}[?1003h`,
  "status report": `${ESC}[6n`,
  "device attributes": `${ESC}[c`,
  repeat: `${ESC}[9b`,
  "window title": `${ESC}]0;title\x07`,
  "title, closed by ST": `${ESC}]2;title${ESC}\\`,
  clipboard: `${ESC}]52;c;cm0gLXJm\x07`,
  link: `${ESC}]8;;https://evil.example\x07`,
  "colours of the palette": `${ESC}]4;1;rgb:00/00/00\x07`,
  "device control": `${ESC}P+q544e${ESC}\\`,
  "privacy message": `${ESC}^x${ESC}\\`,
  "application command": `${ESC}_Gx${ESC}\\`,
  reset: `${ESC}c`,
  "other character set": `${ESC}(0`,
  "shift out": "\x0e",
  "C1 CSI": "\u009b2J",
  "C1 OSC": "\u009d52;c;eA==\u009c",
  "C1 DCS": "\u0090x\u009c",
  "C1 index": "\u0084",
  NUL: "\0",
  bell: "\x07",
  backspace: "good\b\b\b\bevil",
  "carriage return": "evil\rgood",
  delete: "\x7f",
  "right to left override": "\u202e",
  "right to left embedding": "\u202b",
  "right to left isolate": "\u2067",
} as const;

/** Each with its tail. */
export const PROBES: readonly string[] = Object.values(ACTS).map((act) => act + TAIL);
/** All of them in one text; `withoutNul` for what cannot hold it: arguments of a program, columns of Postgres. */
export const ALL_PROBES = PROBES.join(" ");
export const withoutNul = (text: string): string => text.replaceAll("\0", "");
/** A few that are short, for names. */
export const SHORT_PROBES = [ACTS.colour, ACTS["clear the screen"], ACTS["C1 CSI"], ACTS["right to left override"]]
  .map((act) => act + TAIL)
  .join(" ");

/** What psn itself sends: its colours, and of the loop of keys its frames. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be found
const OWN = /\x1b\[(?:1|2|22|31|32|33|36|39)m|\x1b\[\?(?:1049|25|2004|2026)[hl]|\x1b\[(?:2J|H|K|J)|\r\n|\r\x1b\[K/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be found
const ACTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;

/** What of an output would act upon a terminal although it is not psn's own; null when nothing does. */
export function actsIn(output: string): string | null {
  const through = PROBES.find((probe) => output.includes(probe));
  if (through) return JSON.stringify(through);
  const rest = output.replace(OWN, "\n");
  const at = rest.search(ACTIVE);
  return at < 0 ? null : JSON.stringify(rest.slice(Math.max(0, at - 60), at + 20));
}
