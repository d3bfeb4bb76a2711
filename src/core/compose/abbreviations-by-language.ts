/**
 * Abbreviations that are words in other languages, so that the language must be known: those of Unicode's CLDR, and for languages
 * which it does not have our own. `abbreviations.ts` has those that mean one thing everywhere.
 */
import { CLDR_SUPPRESSIONS } from "./cldr-suppressions.ts";
import { type Languages, languagesOf } from "./languages.ts";

/** Without the last full stop; a first letter in lower case stands for both. */
const OWN: Record<string, string> = {
  en: "ave blvd cir sq pkwy co rev hon pres asst assoc univ dist div intro illus para trans",
  de: "Abschn Anl Bsp Ziff Pkt Buchst Nrn Rn Rdnr Teilbd med phil jur rer nat theol vet habil evang ff ffm bzgl gegr ders Abb Tab Anm Aufl Bd Bde Hg dt engl frdl lfd max min mind Mrz Min Sek rd ugs urspr usf zit zus zw Jhd Jh Mill KG Str str Chr Dipl Mag Univ Verf Nachf Inh tgl wg zul Stk Tsd",
  fr: "art chap boul bd env ex hab ind inf sup ms obs p.ex rem ste sté ste sp vol cie av st",
  es: "profa mtro mtra párr párrf párrs admón art arts aprox bibl cía dcha dpto ed edif esq gral hab ing arq izq máx mín mts nro ntra pdo pral pról ref sec sig tel telef trad vol min seg hs",
  pt: "cel cia cias gov prof profa profs eng av al trav exmo ilmo min máx nº núm obs pág págs séc sécs tel vol vols ex",
  it: "cav col ing geom rag dir amm on psicol art artt cap sec secc soc pagg par ediz ecc segg seg vol voll tel min max ca gent egr spett es sen sac mons prof proff",
  nl: "aanw vnw mevr mw dhr ir ing drs ds mr dr bijv bv blz e.v enz etc evt excl incl jl jr nl nr nrs o.a o.l.v ong pag pct resp sr str tel t.a.v t/m vgl vnl zgn vml wnd pt art afb afd alg bijl gem hfst hs",
  da: "f.eks fx bl.a d.v.s ca kl hr fru frk skt st nr s stk str ff jf mv m.fl o.lign osv pga vedr evt inkl ekskl afd tlf jan feb aug sept okt dec",
  nb: "f.eks bl.a dvs ca kl hr fru frk st nr s gt jf m.fl osv pga vedr evt inkl ekskl avd tlf jan feb aug sept okt des Storgt gt vn",
  sv: "t.ex bl.a d.v.s dvs ca kl hr fru frk st nr s g jfr m.fl m.m osv pga evt inkl exkl avd tfn kap jan feb aug sept okt dec dr prof",
  fi: "esim ks mm nk ns ym yms jne n v s tri prof puh os kpl vrt eaa fil.maist toht",
  hu: "dr ifj id özv pl stb ill ún u krt tsz vki vm kb min max old ld vö szerk ford",
  pl: "dyw bryg mgr inż dr hab prof ks bp gen płk mjr kpt por im ul al pl os str s rozdz rys tab zob por np tzn tzw tj itd itp m.in ok ww wg woj gm pow tys godz min sek r w wyd red tłum oprac bałt dn fot",
  cs: "ing mgr bc judr mudr phdr rndr doc prof dr ul nám tř č čp str s kap obr tab viz např tj tzv tzn atd apod aj resp popř příp mj sv gen plk kpt ml st tis mil mld kč hod min odd roč zejm",
  sk: "ing mgr bc judr mudr phdr rndr doc prof dr ul nám č str s kap obr tab napr tj tzv t.j atď apod resp príp sv gen plk kpt ml st tis mil mld hod min odd roč najmä",
  ro: "univ tab cca sf col gen dl dna d-na d-l dr prof ing str bd nr bl sc et ap jud com cap pag art alin fig vol etc ș.a min max aprox sf",
  tr: "dr prof doç yrd av alb gör öğr sn bkz örn vb vs yy cad sok mah apt cilt s çev yay haz md müd bşk tel",
  vi: "TS TP PGS GS ThS BS CN KS ĐH Q P Tp tr",
  id: "Bil PT CV UD TB KH En Pn Tn Ny Hj H Sdr Sdri Bpk Jln jln Kol Rp ir drs jl gg hlm mis dll dsb dst yth tn ny kab kec kel prov tgl ts tp",
};

/** Of languages in other letters than Latin ones, and titles that are written with a capital alone. */
const OTHER_LETTERS =
  `${CLDR_SUPPRESSIONS.ru} Bi Bb пл пер просп пр-т пос пгт обл р-н гор дер ст им табл гл разд см ср напр изд ред сб вып вкл выкл корп стр долл дол коп чел шт экз мин сек час
  ред сост авт зам зав нач инж арх ген полк майор кап лейт рук чл корр др пр проч т.б б.з.б б.з м.ін напр вул буд просп бул див рис табл стор год грн тис млн млрд ім
  т.г т.нар вж бр кв
  журн газ вид видав кн укр англ нім рос лат напр
  κ κα κος κκ δρ κ.ά κ.λπ κλπ βλ σελ αρ π.χ δηλ π.Χ μ.Χ αι εκ τηλ οδ λεωφ
  डॉ डा श्री पं प्रो प्रा कु सौ स्व कै रु ई पू किमी किग्रा सेमी मिमी एफ एच आई एल एम एन आर एस डब्ल्यू एक्स वाई चि
  ডা ড মো মোছা মোসা মোঃ অধ্যা ইঞ্জি প্রফে কিমি এম এস আর এন এল
  திரு திருமதி செல்வி பேரா முனை டாக் எம் எஸ் எல் என் ஆர் எப் எச் కిమీ ఎం ఎస్ ఎల్ ఎన్ ఆర్ శ్రీమతి ప్రొ ಎಂ ಎಸ್ ಎಲ್ ಆರ್ ಶ್ರೀಮತಿ എം എസ് എൽ എൻ ആർ
  એમ એસ આર એલ એન પ્રો શ્રીમતી કિમી
  د أ م ص ج ط هـ ق.م ود وأ وم كغ كم سم ملم
  פרופ גב מס עמ טל ר רח שד אינג
  პროფ დოც აკად მაგ გამზ ქუჩ ტელ გვ იხ კგ კმ ე.ი ა.შ ე.წ წ.წ`
    .trim()
    .split(/\s+/);

/** In letters that tell the language. */
const ANY: Languages = -1;

const LISTED = new Map<string, Languages>();
for (const lists of [CLDR_SUPPRESSIONS, OWN]) {
  for (const [language, words] of Object.entries(lists)) {
    // Cyrillic abbreviations are no words of another language.
    if (language !== "ru") for (const word of words.trim().split(/\s+/)) add(word, languagesOf(language));
  }
}
for (const word of OTHER_LETTERS) add(word, ANY);

/** The languages that abbreviate `word`; 0 for none, -1 for one in letters that tell it. */
export function abbreviatedIn(word: string): Languages {
  return LISTED.get(word) ?? 0;
}

/** A first letter in lower case stands for both. */
function add(word: string, languages: Languages): void {
  for (const form of new Set([word, word.charAt(0).toUpperCase() + word.slice(1)])) {
    LISTED.set(form, (LISTED.get(form) ?? 0) | languages);
  }
}
