/** What is pure need not be said twice: an act changes two tweets of a hundred, and all of the thread is looked at again after it. */

/** Characters of questions that are kept at most: some threads of a thousand tweets. Then all are forgotten at once. */
const CHARS_MAX = 1_000_000;

/** The same function, which keeps its answers. Whoever gets one must not change it. `keyOf` says all that the answer depends on. */
export function remembered<Asked extends unknown[], Answer>(
  keyOf: (...asked: Asked) => string,
  answer: (...asked: Asked) => Answer,
): (...asked: Asked) => Answer {
  const kept = new Map<string, { answer: Answer }>();
  let chars = 0;
  return (...asked) => {
    const key = keyOf(...asked);
    const known = kept.get(key);
    if (known) return known.answer;
    const fresh = { answer: answer(...asked) };
    chars += key.length;
    if (chars > CHARS_MAX) {
      kept.clear();
      chars = key.length;
    }
    kept.set(key, fresh);
    return fresh.answer;
  };
}
