/** Mentions and cashtags by the rules of twitter-text 3.1.0. `reference.test.ts` compares them with the library. */

const MENTION =
  /(?:^|[^a-zA-Z0-9_!#$%&*@＠]|(?:^|[^a-zA-Z0-9_+~.-])(?:rt|RT|rT|Rt):?)[@＠]([a-zA-Z0-9_]{1,20})(\/[a-zA-Z][a-zA-Z0-9_-]{0,24})?/g;
/** What directly behind a name says that it is none: another @, an accented letter, `://`. */
const NO_MENTION_BEFORE =
  /^(?:[@＠]|[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b\u02bb\u1e00-\u1eff]|[\u0300-\u036f]|:\/\/)/;
const CASHTAG =
  /(?:^|[\t-\r \u0085\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])\$([a-z]{1,6}(?:[._][a-z]{1,2})?)(?=$|\s|[!'#%&()*+,\\\-./:;<=>?@[\]^_{|}~$])/gi;

const HASHTAG = /(?<![\p{L}\p{M}\p{N}_&])[#＃](?=[\p{L}\p{M}\p{N}_]*[\p{L}\p{M}])[\p{L}\p{M}\p{N}_]+/gu;

/** A name or tag in a text, in UTF-16 units, with its sign. */
export interface Tag {
  kind: "mention" | "hashtag" | "cashtag";
  start: number;
  end: number;
}

/** Names, hashtags and cashtags in `text`, in order. */
export function findTags(text: string): Tag[] {
  const hashtags = [...text.matchAll(HASHTAG)].map(
    ({ 0: tag, index }): Tag => ({ kind: "hashtag", start: index, end: index + tag.length }),
  );
  const cashtags = [...text.matchAll(CASHTAG)].map((match): Tag => spanOf("cashtag", match, `$${match[1]}`));
  const mentions = mentionMatches(text).map((match) => spanOf("mention", match, `@${match[1]}`));
  return [...hashtags, ...cashtags, ...mentions].sort((one, other) => one.start - other.start);
}

/** Handles mentioned in `text`, without the @, in order and with repetitions. */
export function findMentions(text: string): string[] {
  return mentionMatches(text).map((match) => match[1] ?? "");
}

/** Cashtags in `text` as written, such as `$TSLA`. */
export function findCashtags(text: string): string[] {
  return [...text.matchAll(CASHTAG)].map((match) => `$${match[1]}`);
}

// --- internal ---

function mentionMatches(text: string): RegExpExecArray[] {
  return [...text.matchAll(MENTION)].filter((match) => {
    const isList = match[2] !== undefined;
    return !isList && !NO_MENTION_BEFORE.test(text.slice(match.index + match[0].length));
  });
}

/** A match begins with what stands before the sign. */
function spanOf(kind: Tag["kind"], { 0: whole, index }: RegExpExecArray, written: string): Tag {
  const end = index + whole.length;
  return { kind, start: end - written.length, end };
}
