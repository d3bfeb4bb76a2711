/**
 * The source of a composition, seeded randomness, and texts in many scripts for the tests and the benchmark of
 * composing.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { findAtoms } from "./atoms.ts";
import type { Composition } from "./compose.ts";
import { findCuts } from "./cuts.ts";

/** Numbers in [0, 1), the same for the same seed. */
export function seededRandom(seed: number): () => number {
  const prng = xoroshiro128plus(seed);
  return () => uniformFloat64(prng);
}

/** The source of a composition again. */
export function joinThread(composition: Pick<Composition, "leading" | "tweets">): string {
  return composition.leading + composition.tweets.map((tweet) => tweet.body + tweet.separatorAfter).join("");
}

/** Offsets in `text` at which a sentence begins for the cut, ascending, without 0: those that stand in no other sentence. */
export function sentenceStarts(text: string): number[] {
  const source = text.normalize("NFC").trimEnd();
  const { units, starts, length } = findCuts(source, 0, source.length, findAtoms(source));
  const isInside = new Uint8Array(length);
  for (const [unit, kind] of units.kinds.entries()) {
    if (kind === "sentence") isInside.fill(1, (units.from[unit] ?? 0) + 1, units.to[unit]);
  }
  return [...starts.subarray(1, length - 1)].filter((_, index) => isInside[index + 1] === 0);
}

/** A few sentences each, about a kettle, a letter and the sea. */
export const PROSE: Record<string, string> = {
  English:
    "The kettle was on. “Will you write?” she asked, and Dr. Hall said he would. It took him 3.5 years; nobody complained!",
  German: "Der Kessel pfiff, z. B. am 3. März. „Schreibst du?“, fragte sie. Er nickte – und schwieg dann jahrelang.",
  French: "L'eau bouillait. « Tu m'écriras ? » dit-elle ; il promit. Cela prit 10 000 jours, environ.",
  Spanish: "¿Me escribirás? ¡Claro que sí! El Sr. Gómez tardó 3 años, pero escribió.",
  Portuguese: "A água fervia. Ele prometeu escrever; não escreveu. Quem diria?",
  Italian: "L'acqua bolliva. Il sig. Rossi promise di scrivere, ma non scrisse mai. Peccato!",
  Dutch: "Het water kookte. Hij zou schrijven, zei hij o.a. tegen haar. Dat deed hij ook.",
  Polish: "Woda wrzała. Miał napisać, np. w maju. Nie napisał; szkoda.",
  Czech: "Voda vřela. Slíbil, že napíše. Nenapsal, bohužel, nikdy.",
  Turkish: "Su kaynıyordu. Yazacağını söyledi; yazmadı. Neden acaba?",
  Vietnamese: "Nước sôi rồi. Anh hứa sẽ viết thư, nhưng không viết. Tiếc quá!",
  Finnish: "Vesi kiehui. Hän lupasi kirjoittaa. Ei kirjoittanut, vaikka meri oli tyyni.",
  Russian: "Чайник кипел. «Напишешь?» — спросила она. В 1999 г. он написал, и т. д.",
  Ukrainian: "Чайник кипів. Він обіцяв написати; не написав. Шкода!",
  Greek: "Το νερό έβραζε. Θα γράψεις; Ναι, είπε, και δεν έγραψε ποτέ.",
  Arabic: "كان الماء يغلي. هل ستكتب؟ قال نعم، ثم لم يكتب شيئًا.",
  Hebrew: "המים רתחו. האם תכתוב? הוא הבטיח, אבל לא כתב.",
  Persian: "آب می‌جوشید. می‌نویسی؟ گفت بله، ولی ننوشت.",
  Urdu: "پانی ابل رہا تھا۔ کیا تم لکھو گے؟ اس نے ہاں کہا۔",
  Hindi: "पानी उबल रहा था। क्या तुम लिखोगे? उसने हाँ कहा, पर लिखा नहीं।",
  Bengali: "জল ফুটছিল। তুমি কি লিখবে? সে কথা দিল, কিন্তু লিখল না।",
  Tamil: "தண்ணீர் கொதித்தது. எழுதுவாயா? அவன் சரி என்றான், எழுதவில்லை.",
  Thai: "น้ำกำลังเดือด เธอถามว่าจะเขียนจดหมายไหม เขาสัญญาว่าจะเขียน แต่ก็ไม่เคยเขียนเลย",
  Khmer: "ទឹកកំពុងពុះ។ តើអ្នកនឹងសរសេរទេ? គាត់បានសន្យា ប៉ុន្តែមិនបានសរសេរ។",
  Burmese: "ရေဆူနေပြီ။ စာရေးမလား။ သူကတိပေးခဲ့တယ်၊ ဒါပေမဲ့ မရေးခဲ့ဘူး။",
  Japanese: "お湯が沸いていた。「手紙を書いてくれる？」と彼女は聞いた。彼は約束したが、３年たっても書かなかった。",
  Chinese: "水开了。“你会写信吗？”她问。他答应了，可是三年里一个字也没写……",
  Korean: "물이 끓고 있었다. 편지 쓸 거지? 그는 약속했지만, 3 년이 지나도 쓰지 않았다.",
  Georgian: "წყალი დუღდა. მომწერ? დამპირდა, მაგრამ არ მოუწერია.",
  Amharic: "ውሃው ይፈላ ነበር። ትጽፍልኛለህ? ቃል ገባ፣ ግን አልጻፈም።",
};

/** What makes counting hard. */
export const TOKENS: readonly string[] = [
  "https://example.com",
  "http://例え.jp/あ",
  "example.co.uk/path_(x)?q=1#y",
  "README.md",
  "foo.web",
  "https://foo.web/a/very/long/path/that/goes/on/and/on",
  "www.müller.de",
  "a@example.com",
  "@someone",
  "#tag",
  "#日本語タグ",
  "$TSLA",
  "node.js",
  "t.co/abc",
  "https://t.co/abcDEF123?x=1",
  "例え.テスト",
  "xn--fsq.com",
  "😀",
  "👩‍🚀",
  "🧑‍🔧",
  "❤️‍🔥",
  "🏳️‍⚧️",
  "👍🏽",
  "🫱🏻‍🫲🏿",
  "🇨🇭",
  "🇨🇶",
  "🇦🇦",
  "1️⃣",
  "#⃣",
  "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  "☺️",
  "☺︎",
  "©",
  "®️",
  "™",
  "⚧️",
  "🐦‍🔥",
  "🫩",
  "\u{1faea}",
  "e\u0301",
  "가",
  "각",
  "नि",
  "ก็",
  "\u200d",
  "\u200b",
  "\ufe0f",
  "\u2066x\u2069",
  "…",
  "—",
  "“a”",
  "„b“",
  "«c»",
  "「d」",
  "(e)",
  "[f](https://g.io)",
  "`h i`",
  "3.5 kg",
  "10 000",
  "$ 5",
  "Dr. Who",
  "z.B.",
  "u.s.",
  "?",
  "!",
  "...",
  ".",
  ",",
  ";",
  ":",
  "-",
  "_",
  "/",
  "'",
  '"',
  "\u00a0",
  "\t",
  "\n",
  "\r\n",
  "\n\n",
  "\n---\n",
  "# H\n",
  "- item\n",
  "1. one\n",
  "```\ncode\n```\n",
  "€",
  "•",
  "ſ",
  "ι",
];
