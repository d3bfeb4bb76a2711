/** Words whose full stop does not end a sentence, in lower case and without that full stop. */
const words = (list: string): Set<string> => new Set(list.trim().split(/\s+/));

/** A name follows, so the sentence goes on. */
export const ABBREVIATIONS_BEFORE_NAMES = words(`
  mr mrs ms mx dr drs prof rev fr gen col lt maj capt cpt sgt cmdr adm gov sen rep st mt ft messrs mmes supt insp
  cf vs v viz approx ca circa e.g i.e eg ie
  hr hrn dipl str bzw z.b d.h u.a s.o s.u vgl evtl ggf inkl
  sr sra srta sres dra dña lic ud uds vd avda cía
  m mm mme mlle mgr dott sig sigg sig.ra avv
  snr exmo exma sto sta
  т.е т.к им ул г-н г-жа акад проф`);

/** A number follows; if none does, the word is only a word ("no."). */
export const ABBREVIATIONS_BEFORE_NUMBERS = words(`
  no nos nr nrs n° nº fig figs eq eqs vol vols ch sec secs art arts p pp pg para par pt cap s pág págs núm núms al lit стр рис abs bd kap
  ps lk nr č`);

/** The sentence goes on unless the next word is one that begins sentences. */
export const ABBREVIATIONS = words(`
  etc inc ltd co corp llc bros plc jr sr esq dept dist assn bldg blvd rd ave hwy pkwy apt
  jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun
  a.m p.m am pm u.s u.k u.n e.u d.c ph.d m.d b.a m.a b.c a.d u.s.a
  ed eds est ext min max avg tel op cit ibid n.b p.s misc orig ref resp
  usw usf dgl jh jhd mio mrd std bspw sog geb gest aufl
  ee uu ee.uu p.ej ej dcha izda tfno aprox
  p.ex env av r.v éd
  ecc pag es
  т.д т.п т.н гг г в вв др пр руб коп тыс млн млрд стр рис
  itd itp tj np ul r w tzn
  bv nv o.a m.a.w d.w.z i.p.v enz`);

/** Words that begin sentences far more often than they follow an abbreviation inside one. */
export const SENTENCE_STARTERS = words(`
  The This That These Those There They Then Thus To A An And As At After Although All Also Another Any Are Is It Its In If I I'm I've I’m I’ve
  He She We We're You Your His Her Our Their My But By Because Before Between Both Can Could Did Do Does Each Even Every For From Had
  Has Have How However Let Many More Most Much No Nobody None Not Now Of On Once One Only Or Other Over Perhaps Please Since So Some
  Still Such Under Until Was Were What When Where Whether Which While Who Why Will With Without Would Yes Yet Here Today Tomorrow
  Der Die Das Ein Eine Er Sie Es Wir Ihr Ich Und Aber Doch Dann Dort Da Im In Am Auf Für Wenn Was Wer Wo Wie
  El La Los Las Un Una Él Ella Ellos Yo Y Pero En De Es No Lo Se Si Cuando Como Le Les Il Elle Nous Vous Je Et Mais Dans
  O Os As Um Uma Ele Ela Eles Nós Na Não Lui Lei Noi Ma Nel Non Он Она Они Мы Вы Я И Но В На Это Как Что Так Потом`);
