/**
 * Whether a sentence goes on behind the words that it quotes: 他说：“等等！”然后走了. Where letters have two cases a small one tells it; elsewhere a
 * verb of saying does, or a word that goes on with what stood before the quotation.
 */
import { CLOSES } from "./paragraph-marks.ts";
import { CLOSER, has, SPACE, TWO_FACED } from "./text-characters.ts";

const QUOTATION_MARK = /["'“”‘’«»‹›」』）]/;
/** A question in a title asks nobody: 《你好吗？》这本书. */
const TITLE_MARK = /[》〉]/;
/** Of Japanese. Words that begin with the same letter and with a sentence are left out: とても, はい, でも. */
const PARTICLE =
  /^(?:と(?!ても|ころ|にかく|うとう|き|ある|りあえ|はいえ|もあれ)|って|て(?!ん)|は(?!い|じめ|っ|る)|が(?!ん)|を|に(?!わ|ぎ)|の(?!ど|ち)|で(?!も|す|は)|も(?!う|し|ち|っと|の)|や(?!っ|が|は|め)|など|なんて)/u;
/** What is said of the quotation, up to the mark that ends it. */
const CLAUSE = /^([^。！？.!?।۔؟።։…:：“„「『«\n]{1,60})([:：]?)/u;

/** Korean writes what says that somebody said it directly behind the quotation: “가자.”라고, “안녕.” 하고. */
const KOREAN_PARTICLE = /^(?: ?(?:이?라[고며는던]|하[고며는던시길셨]|이?라면서|하면서)|[\uac00-\ud7a3])/;
/** Quotations that follow one another without a space: 「はい。」「いいえ。」と言った。 */
const MORE_QUOTATIONS = /^(?:「[^」]{1,60}」|『[^』]{1,60}』|“[^”]{1,60}”)+/u;

/** Verbs of saying, of languages whose letters have no case. */
const SAID = new RegExp(
  [
    "(?<![没沒不有听聽据據来來小])[说說](?![话話服明完起])|[问問](?![题題])|喊|嚷|吼|叫(?=[着著了道，,]|$)|回答|(?<!知)道(?=[，,]|$)|心?想(?=[，,着著]|$)",
    "[言叫](?=[っいうわんびぶ])|聞(?!こ)|尋ね|たずね|答え|呟|つぶや|囁|ささや|怒鳴|どなっ|述べ",
    "말했|말하|말한|물었|외쳤|외치|대답|소리쳤|소리를|속삭|중얼|답했|라고",
    "(?<!\\p{L})[وف]?(?:قال|قلت|سأل|صاح|صرخ|أجاب|ردت?(?!\\p{L})|همس|هتف|نادى|نادت|أضاف|تساءل|يقول|تقول)",
    "گفت|پرسید|فریاد|داد زد|جواب داد|پاسخ داد|زمزمه|می‌گوی|افزود",
    "کہا|کہنے|کہت[اےی]|پوچھ|چلا(?:یا|ئی)|جواب دیا|بول[اےی]|پکار|چیخ",
    "(?<!\\p{L})ו?(?:אמר|שאל|צעק|ענ(?:ה|תה|ו)|קרא|לחש|השיב|זעק|מלמל|הוסיפ|הכריז)",
    "कह[ाीतन]|पूछ|चिल्ला|जवाब|बोल|पुकार|उत्तर|फुसफुसा|म्हण|विचारल|ओरड|सांगि|भन्|सोध",
    "বলল|বলে|বলিল|জিজ্ঞ|চিৎকার|উত্তর|চেঁচ|ਕਿਹਾ|ਪੁੱਛ|ਬੋਲ|ਚੀਕ|ਜਵਾਬ|કહ્ય|પૂછ્ય|બોલ|બૂમ|ચીસ|જવાબ",
    "என்[றன]|கேட்ட|சொன்ன|கூறின|கத்தின|అని|అన్న|అంది|అడిగ|చెప్ప|అరిచ|ಎಂದ|ಕೇಳಿ|ಹೇಳಿ|ಕೂಗಿ|എന്ന|ചോദിച്ച|പറഞ്ഞ|വിളിച്ച|යැයි|කියා|කීවේ|කීය|ඇසු|ඇසී",
    "พูด|ถาม|ตะโกน|ตอบ|กล่าว|ร้อง|กระซิบ|บอก|เอ่ย|ເວົ້າ|ຖາມ|ຮ້ອງ|ຕອບ|ກ່າວ|ບອກ|និយាយ|សួរ|ស្រែក|ឆ្លើយ|ဟု|လို့|ပြော|မေး|အော်|ဖြေ",
    "(?<!\\p{L})(?:አለ|አሉ|ጠየቀ|ጮኸ|መለሰ|ብሎ|ብላ|ብለው|ሲል|ስትል)|თქვა|უთხრა|კითხ|ყვირ|უპასუხა|ძახ",
  ].join("|"),
  "u",
);
/** Who said it, in languages that name them before the verb: “Wait!” Anna said. */
const NAME_SAID =
  /^(?!(?:He|She|They|We|It|You|There)\s)(?:\p{Lu}[\p{L}’'-]*\.?\s){1,4}(?:\p{Ll}+ly\s)?(?:said|asked|cried|shouted|yelled|whispered|replied|answered|called|exclaimed|screamed|sanoi|kysyi|huusi|vastasi|kuiskasi|huudahti|ütles|küsis|hüüdis|vastas|teica|jautāja|iesaucās|atbildēja|dedi|diye|sordu|bağırdı|nói|hỏi|kêu|hét|đáp|berkata|bertanya|menjawab|berteriak|alisema|aliuliza|alijibu|esan|galdetu|oihukatu)(?![\p{L}\p{M}:])(?! (?:nothing|no|so|that)(?!\p{L})|,\s["“„«])/u;
/** Goes on with the sentence that the quotation stands in. */
const THEN = new RegExp(
  `^(?:${[
    "แล้ว(?:ก็|จึง)|然[后後]|[就便并並又也才还還的而但]|[于於]是|接[着著]|[随隨][后後]|之[类類]|[转轉]身",
    "(?:तो|اور|پھر|لیکن|مگر|سپس|ولی|اما|ثم|لكن|و|और|फिर|लेकिन|तब|पर|आणि|मग|पण|र|আর|তারপর|এবং|কিন্তু|ਅਤੇ|ਫਿਰ|અને|પછી|பிறகு|மற்றும்|తర్వాత|మరియు|그리고|그러고는|하고|እና|და|แล้ว|และ|แต่)(?=\\s)",
    "و[ء-ي]|ו\\p{L}",
  ].join("|")})`,
  "u",
);
const SENTENCE_MARK = /[.!?。！？।۔؟።։…\n]/u;
const LETTER = /[\p{L}\p{M}]/u;
const FULL_STOP = /[.。।۔։።။]/;
const QUOTATION_MAX = 300;
const CLAUSE_MAX = 64;

/**
 * Whether the sentence goes on behind the quotation mark that closes before `closed`.
 * @param mark what ends the quoted words
 * @param next where the next words begin
 */
export function goesOnBehindQuotation(text: string, mark: string, closed: number, next: number): boolean {
  const closing = text.charAt(closed - 1);
  if (TITLE_MARK.test(closing)) return next === closed;
  if (!QUOTATION_MARK.test(closing)) return false;
  const after = text.slice(next, next + CLAUSE_MAX);
  if (next === closed && PARTICLE.test(after)) return true;
  if (KOREAN_PARTICLE.test(text.slice(closed, closed + CLAUSE_MAX))) return true;
  const [, clause = "", colon = ""] = CLAUSE.exec(after) ?? [];
  // 我说：“来。” begins with what it says of the next quotation.
  if (colon === "" && SAID.test(clause)) return true;
  const isStop = FULL_STOP.test(mark);
  if (!isStop && NAME_SAID.test(after)) return true;
  const before = characterBefore(text, closed);
  if (before === "" || SENTENCE_MARK.test(before)) return false;
  const more = MORE_QUOTATIONS.exec(text.slice(closed, closed + QUOTATION_MAX))?.[0] ?? "";
  if (more !== "" && PARTICLE.test(text.slice(closed + more.length, closed + more.length + 4))) return true;
  return THEN.test(after) || (!isStop && next === closed && LETTER.test(before));
}

/** What stands before the quotation that closes before `closed`, spaces and closing marks left out; "" where nothing does. */
function characterBefore(text: string, closed: number): string {
  const from = Math.max(0, closed - QUOTATION_MAX);
  const quoted = text.slice(from, closed - 1);
  let opened = -1;
  for (const opener of CLOSES[text.charAt(closed - 1)] ?? "") opened = Math.max(opened, quoted.lastIndexOf(opener));
  let last = opened < 0 ? -1 : from + opened - 1;
  while (last >= 0 && has(text, last, SPACE | CLOSER | TWO_FACED)) last--;
  return text.charAt(last);
}
