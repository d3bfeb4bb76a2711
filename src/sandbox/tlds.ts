/** Top-level domains that make a word with dots a link. Countries are complete; of the others, those people write. */

export const COUNTRY_TLDS = new Set(
  (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz " +
    "ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr " +
    "ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp " +
    "ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu " +
    "mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw " +
    "sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz " +
    "ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
  ).split(" "),
);

export const GENERIC_TLDS = new Set(
  (
    "com org net edu gov mil int info biz name pro aero coop museum mobi tel travel jobs cat asia post arpa " +
    "academy agency app art audio bar best bio blog blue book business buzz cafe camp capital care cash center chat church " +
    "city click cloud club codes coffee community company cool data date deals design dev digital direct directory dog earth " +
    "education email energy engineering events exchange expert express family farm fashion finance fit flights food forum " +
    "foundation fun fund fyi gallery game games garden gift global gold google green group guide guru health help holdings " +
    "house how ink institute international jetzt kitchen land lat law legal life limited link live loan love ltd management " +
    "market marketing media money movie network news ngo ninja one online page partners parts party pet photo photography " +
    "photos pics pink pizza place plus press productions properties pub pw qpon red rent report repair review reviews rip rocks " +
    "run sale school science security services sexy shop show site ski social software solar solutions space sport store stream " +
    "studio study style support systems team tech technology tips today tools top tours town toys trade training tube university " +
    "vet video vip vision vote wang watch website wiki win wine work works world wtf xyz yoga zone"
  ).split(" "),
);
