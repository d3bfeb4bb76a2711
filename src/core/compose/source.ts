/** What may be composed at all: the text is normalised, and what X would refuse is refused here, with its place. */
import { PsnError } from "../errors.ts";
import { MARKS_MAX } from "./unicode-segments.ts";

/** About 12 MB of Latin text. Nobody writes a thread that long; a wrong file is that long. */
const SOURCE_UNITS_MAX = 12 * 1024 * 1024;

/** U+FFFE, U+FEFF and U+FFFF make a tweet invalid (twitter-text); half a surrogate pair is no character at all. */
const REFUSED = ["\ufffe", "\ufeff", "\uffff"];
const INVALID_CHARACTER = new RegExp(`[${REFUSED.join("")}\\p{Surrogate}]`, "u");
/** Begins at the first mark of a run alone: begun at each of them, a text of runs just below the bound takes a second. */
const TOO_MANY_MARKS = new RegExp(`\\p{M}(?<!\\p{M}\\p{M})\\p{M}{${MARKS_MAX}}`, "u");
const MARK = /\p{M}/u;
/** Of the shortest run that is too long, were each of its marks a pair of surrogates. */
const RUN_UNITS_MAX = 2 * (MARKS_MAX + 1);
/** Something a reader sees. */
export const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;

/**
 * `text` in NFC, as X counts and stores it.
 *
 * @throws PsnError `TEXT_TOO_LONG`, `TEXT_INVALID_CHARACTER` (details: codePoint, index in UTF-16 units, line and
 * column from 1) or `TEXT_EMPTY`.
 */
export function normaliseSource(text: string): string {
  if (text.length > SOURCE_UNITS_MAX) {
    throw new PsnError(
      "TEXT_TOO_LONG",
      `The text has ${text.length} characters; ${SOURCE_UNITS_MAX} is the most that can be composed.`,
      {
        hint: "Is this the right file? Post a part of it.",
        details: { length: text.length, max: SOURCE_UNITS_MAX },
      },
    );
  }
  if (!text.isWellFormed() || REFUSED.some((character) => text.includes(character))) {
    throw invalidCharacter(text, text.search(INVALID_CHARACTER));
  }
  if (hasTooManyMarks(text)) {
    throw new PsnError("TEXT_INVALID_CHARACTER", `The text has more than ${MARKS_MAX} accents on one letter.`, {
      hint: "No script needs so many; take them out.",
    });
  }
  if (!VISIBLE.test(text)) throw emptyText();
  return text.normalize("NFC");
}

/** Whether normalising the text would take a time that nobody waits for. A run that is too long lies over one of the places looked at. */
export function hasTooManyMarks(text: string): boolean {
  for (let at = MARKS_MAX; at < text.length; at += MARKS_MAX) {
    if (!MARK.test(text.slice(at - 1, at + 2))) continue;
    if (TOO_MANY_MARKS.test(text.slice(Math.max(0, at - RUN_UNITS_MAX), at + RUN_UNITS_MAX))) return true;
  }
  return false;
}

/**
 * A text in NFC that nobody has looked at yet, such as somebody else's, for a comparison or a count. One with more accents than a
 * post may have is left in its order: sorting them takes the square of their number.
 */
export function comparable(text: string): string {
  return hasTooManyMarks(text) ? text : text.normalize("NFC");
}

export function emptyText(): PsnError {
  return new PsnError("TEXT_EMPTY", "There is no text to post.", {
    hint: "Write something, or attach media to an empty tweet.",
  });
}

function invalidCharacter(text: string, index: number): PsnError {
  const unit = text.charCodeAt(index);
  const codePoint = `U+${unit.toString(16).toUpperCase().padStart(4, "0")}`;
  const before = text.slice(0, index).split(/\r\n|\r|\n/);
  const line = before.length;
  const column = Array.from(before.at(-1) ?? "").length + 1;
  const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
  return new PsnError(
    "TEXT_INVALID_CHARACTER",
    `X refuses the character ${codePoint} at line ${line}, column ${column}.`,
    {
      hint: isSurrogate
        ? "It is half of a character, as left by cutting a text in the wrong place. Delete it and type the character again."
        : "It is invisible. Delete it; a U+FEFF at the very start is a byte order mark, so save the file as UTF-8 without one.",
      details: { codePoint, index, line, column },
    },
  );
}
