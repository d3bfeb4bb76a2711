/** Mentions and cashtags by the rules of twitter-text 3.1.0. `reference.test.ts` compares them with the library. */

const MENTION =
  /(?:^|[^a-zA-Z0-9_!#$%&*@＠]|(?:^|[^a-zA-Z0-9_+~.-])(?:rt|RT|rT|Rt):?)[@＠]([a-zA-Z0-9_]{1,20})(\/[a-zA-Z][a-zA-Z0-9_-]{0,24})?/g;
/** What directly behind a name says that it is none: another @, an accented letter, `://`. */
const NO_MENTION_BEFORE =
  /^(?:[@＠]|[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b\u02bb\u1e00-\u1eff]|[\u0300-\u036f]|:\/\/)/;
const CASHTAG =
  /(?:^|[\t-\r \u0085\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])\$([a-z]{1,6}(?:[._][a-z]{1,2})?)(?=$|\s|[!'#%&()*+,\\\-./:;<=>?@[\]^_{|}~$])/gi;

/** Handles mentioned in `text`, without the @, in order and with repetitions. */
export function findMentions(text: string): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(MENTION)) {
    const isList = match[2] !== undefined;
    if (!isList && !NO_MENTION_BEFORE.test(text.slice(match.index + match[0].length))) found.push(match[1] ?? "");
  }
  return found;
}

/** Cashtags in `text` as written, such as `$TSLA`. */
export function findCashtags(text: string): string[] {
  return [...text.matchAll(CASHTAG)].map((match) => `$${match[1]}`);
}
