/** Where a person may want to split a tweet: before each word. */
import { segmentsBy } from "../../../core/compose/unicode-segments.ts";

const wordsOf = segmentsBy("word");

/** Offsets (UTF-16) at which a word begins, without the first. The core refuses those inside a link. */
export function placesToSplit(text: string): number[] {
  const places: number[] = [];
  for (const { index, segment } of wordsOf(text)) {
    const before = text.slice(0, index);
    const followsSpace = /\s$/u.test(before);
    // Scripts without spaces have their words told apart by ICU.
    const isUnspaced = /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u.test(segment);
    if (before.trim() !== "" && segment.trim() !== "" && (followsSpace || isUnspaced)) places.push(index);
  }
  return places;
}

/** The index of the place that parts a text into even halves, where a sentence begins if there is such a place. */
export function middleOf(text: string, places: readonly number[]): number {
  const begins = places.filter((place) => /[.!?…。！？\n]["”’»)]*\s*$/u.test(text.slice(0, place)));
  const candidates = begins.length > 0 ? begins : places;
  const distance = (place: number) => Math.abs(place - text.length / 2);
  const nearest = candidates.reduce(
    (best, place) => (distance(place) < distance(best) ? place : best),
    candidates[0] ?? 0,
  );
  return Math.max(0, places.indexOf(nearest));
}
