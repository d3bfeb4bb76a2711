import { expect, test } from "bun:test";
import { sentenceStarts } from "./testing.ts";

/**
 * Cases in the spirit of the "golden rules" that sentence splitters are compared by: one difficulty each, our own
 * sentences.
 */
const SPACED: Record<string, string[][]> = {
  "small letters": [
    ["what?", "no.", "i did not.", "why would i?", "it is late."],
    ["I like it.", "we should go.", "the shop is open.", "is it late?", "yes."],
    ["Good morning.", "coffee is ready.", "no milk though.", "who drank it?"],
    // A question before a small letter stands in the midst of a sentence as often as at its end, so nothing is cut there.
    ["Who? me. why?"],
    ["Who? me. why? because i said so."],
    ["He asked who? and why? and where? but nobody knew."],
    ["He asked who? and then left.", "Nobody knew."],
    ["Wait! he cried.", "Stop! she said.", "So they did."],
    ["The temp. of the approx. mean vs. the ref. value, etc. and so on."],
  ],
  "what was torn": [
    ["Er kam 1871 als 3. Sohn eines Bäckers zur Welt.", "Das war im Mai."],
    ["ALL COSTS, INCL. THE LATE ONES, ARE PAID.", "NOBODY ASKED."],
    ["i love this place, esp. when it rains.", "we go there approx. twice a week.", "see no. 5 on the list."],
    ["the shop sells fruit, esp. apples.", "we like it vs. the other one.", "bring water, incl. some for me."],
    ["Dům navrhl Ing. arch. Karel Novák z Brna.", "Potom přišel i Dipl. inž. Ivan Kos."],
    ["that's how it always goes with AI.", "it was slow.", "he told me so back in 2016.", "we met at 9pm.", "good."],
    ["it was fine (it isn't).", "then he left.", "she uses Notion.", "he does not."],
    [
      "We have closed our Series A.",
      "Investors came.",
      "He fell in World War I.",
      "Historians know.",
      "I post it on X.",
    ],
    [
      "Nobody has a plan B.",
      "Rain came.",
      "Ask Gen Z.",
      "Brands do.",
      "Take vitamin D.",
      "Patients do.",
      "Keep it at 500 K.",
    ],
    ["It was signed by J. Smith, by H. G. Wells and by Mary E. Brown.", "In 1905 A. Einstein wrote it."],
    ["I can't wait to finally see u.", "Bring the kids.", "Then I will tell you who they are."],
    ["Em cảm ơn shop rất nhiều ạ.", "Tuần sau em sẽ đặt thêm."],
    ["Ninguém sabia dizer quem ela é.", "Descobri hoje de manhã."],
    ["Cook it for about 10 min.", "Add the rice and let it rest for 1 hr.", "Slice it."],
    ["It is a 10 min. Zoom call.", "Nobody likes it."],
    ["Rund 10 Min. Fußweg sind es, und 5 Std. Arbeit.", "Das ist viel."],
    ["Appelez la mairie, tél. 021 555 00 00, ou passez.", "Merci."],
    ["Der Vermieter ist gem. § 546 BGB und gem. Art. 5 dazu berechtigt.", "Das ist so."],
    ["We saw it in the chapters of this book.1 ", "In particular, it was so there.2,3 ", "Others agree."].map((one) =>
      one.trim(),
    ),
    ["It was put forward by Council Pres. Dan Holt and Det. Maria Lopez.", "Nobody came."],
    ["Jag vet det.", "Anna kom."],
    ["Moda Cad. No: 14 adresine bekliyorum.", "Gelin."],
    ["Πόσο έχουν;»", "Μου είπε δύο ευρώ."],
    ["THE COURTS ARE CLOSED AT 9 P.M.", "THE OWLS SLEEP THEN."],
    ["Postavil ho jeden mlynář ve 2. pol. 19. stol. pro svou ženu.", "Je to tak."],
  ],
  English: [
    ["The kettle is on.", "My cup is blue."],
    ["What time is it?", "The bus leaves soon."],
    ["There it is!", "I found it."],
    ["The author is Mary E. Brown.", "She lives here."],
    ["See the table on p. 55 of the report."],
    ["Were Tom and co. at the match?"],
    ["They sold it to Hill, Ross & Co. at noon."],
    ["Let us ask Tom and co.", "They should know."],
    ["They sold it to Hill, Ross & Co.", "It was a good price."],
    ["You can see Mt. Etna from here."],
    ["St. Anne's Church is on 5th st. near the bridge."],
    ["That is John Jr.'s hat."],
    ["We toured the U.S.A. last year."],
    ["I grew up in the E.U.", "How about you?"],
    ["I grew up in the U.S.", "How about you?"],
    ["She works for the U.S. Senate in Washington."],
    ["I have lived in the U.S. for ten years."],
    ["At 5 a.m. Mr. Hall went to the station.", "He was back by 6 p.m.", "Mr. Hall was tired."],
    ["The lamp costs $20.00 in the shop."],
    ["The lamp costs $20.00.", "It is in the window."],
    ["He teaches physics (He was an engineer for 5 years.) at the college."],
    ["Write to me at tom.brown@example.com.", "I answer the same day."],
    ["The page is https://www.example.com/new.page/index_2.html.", "Please read it."],
    ["He turned to her, 'This is fine.' he said."],
    ['He turned to her, "This is fine!" he said.'],
    ['He turned to her, "This is fine."', "She gave him the map."],
    ["Hello!!", "It has been a while."],
    ["Hello??", "Is anyone there?"],
    ["Hello!?", "Is it you?"],
    ["Hello?!", "Is it really you?"],
    ["1. The first thing to do."],
    ["1.) The first thing to do."],
    ["a. The first thing to do."],
    ["IV. The fourth chapter begins."],
    ["It lies at N°. 1026.253.553.", "Dig there."],
    ["She used to work at Yahoo! in the legal department."],
    ["We are a good team, you and I.", "Did you meet Albert I. Young there?"],
    ["He says that with fewer things “the day will seem less crowded. . . .”"],
    ["“The crew was hungry . . . and the ship [. . .] was lost,” it read."],
    ["I never said so....", "He left the room."],
    ["I wasn’t quite ... well, what I mean...you see . . . is that I agree."],
    ["Nobody knows…", "Then the door opened."],
    ["He paused… and went on."],
    ["The figure rose by 3.5 percent, i.e. by more than we thought.", "Nobody saw it."],
    ["Bring pens, paper, etc. and a good lamp."],
    ["Bring pens, paper, etc.", "The lamp is there."],
    [
      "The train leaves at 6 a.m. Monday and gets in at 9 p.m.",
      "It stops twice.",
      "The last one left at 8 p.m.",
      "We walked.",
    ],
    ["On Monday the shop closes at 5 p.m.", "It opens again on Tuesday.", "At 5 p.m. Ann left."],
    ["On Jan. 5 the shop closed.", "On Feb. 9 it opened again."],
    ["Dr. A. B. Stone and Prof. Lee met Gen. Ford.", "All three agreed."],
    ["The match was Rangers vs. Rovers.", "It was a draw."],
    ["Use e.g. a knife.", "Then wait."],
    ["He has a Ph.D. in history.", "She has an M.A. in law."],
    ["“Stop.”", "“Why?”", "“Because.”"],
    ["(It was late.)", "We went home."],
    ["Is it over?", "(Nobody knows.)"],
    ["Version 2.0.1 is out.", "Read README.md first."],
    ["It cost £5.", "5 pounds is not much."],
    ["In figs. 3 and 4 the line falls.", "In no. 5 it rises."],
    ["He said no.", "No. 7 said yes."],
  ],
  German: [
    ["Das kostet z.B. 5 Euro.", "Mehr nicht."],
    ["Er kam am 3. März an.", "Es regnete."],
    ["Die Fa. Weiß & Co. KG hat 30 Leute.", "Die Klein u. Co. GmbH hat mehr.", "Acme & Co. Ltd. ist englisch."],
    ["Dr. Weiß und Prof. Klein sind da.", "Wir beginnen."],
    ["Sie sagte: „Ich komme nicht.“", "Dann ging sie."],
    ["Äpfel, Birnen usw. sind reif.", "Wir ernten bald."],
    ["Die Nr. 5 lebt, d.h. sie lebt noch.", "Gut so!"],
    ["Es waren ca. 3,5 Mio. Menschen.", "So viele!"],
  ],
  Spanish: [
    ["¡Hola!", "¿Cómo estás?", "Yo bien."],
    ["El Sr. García y la Sra. López llegaron.", "Nadie más vino."],
    ["Vive en EE. UU. desde 1990.", "Le gusta."],
    ["¿Qué?", "¡No lo creo!"],
    ["Véase la pág. 12 del libro.", "Es claro."],
  ],
  French: [
    ["M. Dupont est là.", "Mme. Petit aussi."],
    ["Vraiment ?", "Oui !", "Bien."],
    ["« Je pars. » dit-il.", "Elle resta."],
    ["Il est né av. J.-C. en Grèce."],
  ],
  Italian: [
    ["Il dott. Rossi è qui.", "Il sig. Bianchi no."],
    ["Costa 3.000 euro.", "È troppo?"],
  ],
  Portuguese: [["O Sr. Silva chegou.", "A Dra. Costa não veio."]],
  Dutch: [["Dat is o.a. mooi.", "Ik ga naar huis."]],
  Polish: [["To jest np. dom.", "Idę tam."]],
  Russian: [
    ["Он живёт на ул. Ленина.", "Там тихо."],
    ["Яблоки, груши и т.д. уже созрели.", "Пора собирать."],
    ["В 1999 г. он уехал.", "Больше его не видели."],
    ["А. С. Пушкин родился в Москве.", "Это было давно."],
  ],
  Greek: [
    ["Τι κάνεις;", "Καλά είμαι."],
    ["Τι είναι αυτό;", "«Ένα βιβλίο», είπε."],
    ["Ήρθε χθες.", "Έφυγε σήμερα."],
  ],
  Turkish: [["Geldi.", "Sonra gitti!"]],
  Hindi: [
    ["सच्चाई यह है।", "इसे सब जानते हैं।"],
    ["क्या तुम आओगे?", "हाँ, आऊँगा।"],
  ],
  Bengali: [["আমি যাই।", "তুমি এসো।"]],
  Arabic: [
    ["هل أنت هنا؟", "نعم، أنا هنا."],
    ["ذهب إلى البيت.", "ثم نام."],
  ],
  Persian: [["خوبی؟", "بله، خوبم."]],
  Urdu: [["یہ گھر ہے۔", "وہ باغ ہے۔"]],
  Armenian: [["Բարեւ։", "Ինչպես ես։"]],
  Amharic: [["ሰላም ነው።", "ደህና ነኝ።"]],
  Hebrew: [["שלום.", "מה שלומך?"]],
  Korean: [["안녕하세요.", "반갑습니다!", "잘 지내세요?"]],
};

const UNSPACED: Record<string, string[][]> = {
  Japanese: [
    ["これは本です。", "それは紙です。"],
    ["本当？", "うれしい！", "ありがとう。"],
    ["彼は「行かない。」と言った。", "そして寝た。"],
    ["「はい。」", "「いいえ。」"],
    ["率は３．２９％だった。", "高い。"],
  ],
  Chinese: [
    ["天气很好。", "我们走吧！", "你来吗？"],
    ["他说：“我不去。”然后走了。", "她没动。"],
    ["价格是3.5元。", "不贵。"],
  ],
  Burmese: [["ကောင်းတယ်။", "သွားမယ်။"]],
};

function split(text: string): string[] {
  const starts = [0, ...sentenceStarts(text), text.length];
  return starts.slice(1).map((end, index) => text.slice(starts[index], end).trim());
}

const cases = [
  ...Object.values(SPACED).flatMap((texts) => texts.map((sentences) => ({ sentences, glue: " " }))),
  ...Object.values(UNSPACED).flatMap((texts) => texts.map((sentences) => ({ sentences, glue: "" }))),
];
const languages = Object.keys(SPACED).length + Object.keys(UNSPACED).length;

test(`sentences: ${cases.length} hard cases in ${languages} languages`, () => {
  const missed = cases.filter(({ sentences, glue }) => split(sentences.join(glue)).join("|") !== sentences.join("|"));
  expect(missed.map(({ sentences }) => sentences[0])).toEqual([]);
});
