/** Words whose full stop does not end a sentence, in lower case and without that full stop. */
const words = (list: string): Set<string> => new Set(list.trim().split(/\s+/));

/** A name follows, so the sentence goes on. */
export const ABBREVIATIONS_BEFORE_NAMES = words(`
  mr mrs ms mx dr drs prof rev fr gen col lt maj capt cpt sgt cmdr adm gov sen rep st mt ft messrs mmes supt insp
  cf vs v viz approx ca circa e.g i.e eg ie
  hr hrn dipl str bzw z.b d.h u.a s.o s.u vgl evtl ggf inkl incl excl
  sr sra srta sres dra dña lic ud uds vd avda cía
  m mm mme mlle mgr dott sig sigg sig.ra avv
  snr exmo exma sto sta
  dhr mevr mw mej ing mgr inż avv arq mlles dott.ssa sig.na ing mudr judr rndr phdr δρ д-р
  т.е т.к им ул г-н г-жа акад проф atty brig
  доц инж інж арх праф асс асист гђа гђица
  adv cav profa mtro mtra hon rt inž asist akad vysk gyd lekt excm excma izr próf frk gđa gđica gdč müh uzm univ hble il·lm tn hj hjh bpk bw dkt gng kgg pgs ths
  αγ άγ καθ υπ αιδ σεβ npr tzv pvz piem adb
  pres det amb dep cnel hna ctra pza
  bijv d.w.z p.ex p.ej np tzn tj např napr t.j t.ex f.eks d.v.s dvs esim örn напр π.χ δηλ`);

/** A number follows; if none does, the word is only a word ("no."). */
export const ABBREVIATIONS_BEFORE_NUMBERS = words(`
  no nos nr nrs n° nº fig figs eq eqs eqn eqns vol vols ch sec secs art arts p pp pg para par pt cap s pág págs núm núms al lit стр рис abs bd kap
  ps lk nr č br pàg pàgs páx páxs lpp psl bls str стор бр табл мал гл розд κεφ εικ σελ αρ αριθ τομ πιν ikus ik zk blg jln
  séc sect liv tít čl odst ust ods rozdz alin párr apdo абз разд подп чл ст άρθρ παρ
  pol ste
  tabl obr rys joon zīm кн вул cca cc kl klo bd tlf tel puh`);

/** In small letters these are words: "the cat sat.", "5 maj." */
export const CAPITALISED_ONLY = words(`
  mon tue wed thu fri sat sun mar sept maj rep lt col sen gov adm capt mt insp supt fr st sta m mm est
  hon hj ft pres det amb dep`);

/** A name and one of these behind it begin a sentence. */
export const FINITE_VERBS = words(`
  is was are were has had have will would can could may might does did do said says makes made
  ist war sind waren hat hatte haben wird kann est était sont ont avait sera es era fue son ha han sera
  è sono hanno foi são tem heeft hebben zijn waren är var har er jest był ma`);

/** The sentence goes on unless the next word is one that begins sentences. */
export const ABBREVIATIONS = words(`
  etc inc ltd co corp llc bros plc jr sr esq dept dist assn bldg blvd rd ave hwy pkwy apt
  jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun
  a.m p.m am pm u.s u.k u.n e.u d.c ph.d m.d b.a m.a b.c a.d u.s.a
  ed eds est ext min max avg tel op cit ibid n.b p.s misc orig ref resp esp espec approx incl excl prob poss prev abbr anon assoc asst attn
  attrib bibl biogr cont encl freq illus intl obs occas opp pseud publ repr suppl univ abt appt hosp
  usw usf dgl jh jhd mio mrd std bspw sog geb gest aufl
  ee uu ee.uu p.ej ej dcha izda tfno aprox
  p.ex env av r.v éd
  ecc pag
  т.д т.п т.н гг г в вв др пр руб коп тыс стр рис
  itd itp tj np ul r w tzn
  tbsp tbs tsp pkg pkt pck msp teel essl
  bv nv o.a m.a.w d.w.z i.p.v enz`);

/** Words that begin sentences far more often than they follow an abbreviation inside one. */
export const SENTENCE_STARTERS = words(`
  The This That These Those There They Then Thus To A An And As At After Although All Also Another Any Are Is It Its In If I I'm I've I’m I’ve
  He She We We're You Your His Her Our Their My But By Because Before Between Both Can Could Did Do Does Each Even Every For From Had
  Has Have How However Let Many More Most Much No Nobody None Not Now Of On Once One Only Or Other Over Perhaps Please Since So Some
  Still Such Under Until Was Were What When Where Whether Which While Who Why Will With Without Would Yes Yet Here Today Tomorrow
  Der Die Das Ein Eine Er Sie Es Wir Ihr Ich Und Aber Doch Dann Dort Da Im In Am Auf Für Wenn Was Wer Wo Wie
  El La Los Las Un Una Él Ella Ellos Yo Y Pero En De Es No Lo Se Si Cuando Como Le Les Il Elle Nous Vous Je Et Mais Dans
  Diese Dieser Dieses Mein Meine Unser Unsere Sein Seine Man Nun Jetzt Heute Gestern Morgen Hier Danach Dabei Deshalb Darum Trotzdem Zudem Außerdem
  Als Nach Bei Seit Nur Noch Auch Kein Keine Alle Alles Viele Manche Jeder Jede Nicht Niemand Weil Ob Ja Nein Gut Damals Damit Mehr
  Este Esta Esto Ese Esa Aquí Allí Ahora Luego Después También Más Muy Sí Nada Nadie Todo Todos Cada Por Para Con Sin Ella Nosotros Usted México Gracias
  Ce Cet Cette Ces Mon Ma Mes Son Sa Ses Notre Votre Leur On Puis Ensuite Alors Ainsi Donc Car Si Quand Pour Avec Sans Oui Tout Tous Merci Entrez Voici
  Este Esta Isso Isto Aqui Ali Agora Depois Também Mais Muito Sim Nada Tudo Para Por Com Sem Se Quando Morreu Obrigado É
  Questo Questa Quello Qui Ora Poi Anche Più Molto Sì Niente Nessuno Tutto Per Con Senza Se Quando È Era Grazie Evviva Entrino
  Het Een Dit Dat Deze Die Hij Zij Wij Ik Maar Dan Daar Hier Nu Toen Ook Niet Geen Alle Veel Als Wanneer Wat Wie Waar Hoe Waarom Jammer Wel
  Den Det De Han Hun Hon Jeg Jag Vi Men Og Och Så Da Då Når När Her Här Der Där Nu Ikke Inte Hvad Vad Hvor Var Hvem Vem Om Som Ett Et En
  Se Hän Ne Me Minä Mutta Kun Nyt Siellä Tämä Että
  To Ten Ta On Ona Ono Oni My Wy Ale Więc Potem Tam Tu Teraz Gdy Kiedy Jak Co Kto Gdzie Nie Tak Wszyscy Dziś Wrócił Proszę
  Je To Ten Ta On Ona Oni My Ale Pak Potom Tam Tady Teď Když Jak Co Kdo Kde Ne Ano Všichni Vezměte Zemřel
  Ez Az Egy Ő De Itt Ott Most Ha Mert Nem Igen
  Acest Această El Ea Ei Noi Dar Apoi Aici Acolo Acum Când Cum Ce Cine Unde Nu Da
  Bu Şu O Biz Siz Ben Ama Sonra Burada Orada Şimdi Ne Nasıl Neden Kim Nerede Hayır Evet Buyurun
  Ini Itu Dia Kami Kita Saya Tetapi Lalu Di Ada Tidak Ya Silakan
  Он Она Оно Он Все Все́ Всё Там Тут Здесь Тогда Потом Теперь Если Когда Где Кто Не Да Нет Мой Наш Их Эта Этот Эти Мы Дорого
  Він Вона Воно Вони Ми Ви Але Там Тут Тоді Потім Тепер Якщо Коли Де Хто Не Так Ні Усі Це Як Що
  Той Тя То Те Ние Вие Но Там Тук Тогава После Сега Ако Когато Къде Кой Не Да Това Как Какво
  Ο Η Το Οι Τα Ένας Μια Αυτός Αυτή Αυτό Είναι Και Αλλά Όμως Τότε Μετά Εκεί Εδώ Τώρα Αν Όταν Πού Ποιος Δεν Ναι Όχι Πώς Τι
  O Os As Um Uma Ele Ela Eles Nós Na Não Lui Lei Noi Ma Nel Non Он Она Они Мы Вы Я И Но В На Это Как Что Так Потом
  Add Stir Bake Serve Slice Pour Simmer Drain Whisk Sprinkle Preheat Knead Remove Transfer Combine Bring Repeat Reduce Return Season Cover
  Mr Mrs Ms Miss Therefore Hence Meanwhile Moreover Furthermore Nevertheless Nonetheless Instead Later Earlier Soon Eventually Finally
  During Despite Unless Whenever Neither Either Nor Within Among Through Throughout Upon Maybe Indeed Clearly Several Few Just Never Always
  Während Obwohl Zwar Jedoch Dennoch Allerdings Zunächst Schließlich Ohne Gegen Über Unter Zwischen Durch Laut Trotz Wegen Mit Von Zu Zum Zur
  Vom Beim Um Aus Bis Sowohl Weder Entweder Oder Denn Dadurch Daher Dazu Davon Zuvor Später Bereits Schon Erst Sogar Jene
  Selon Pendant Depuis Après Avant Chez Contre Entre Sous Vers Lors Lorsque Puisque Comme Cependant Pourtant Toutefois Enfin Aussi Déjà Encore
  Certains Plusieurs Chaque Aucun Quelques Quel Quelle Où Comment Pourquoi Combien Au Aux Du Des Par Dès Grâce Malgré
  Según Durante Desde Hasta Sobre Tras Bajo Ante Hacia Aunque Porque Además Mientras Donde Quien Quién Qué Cuál Dónde Algunos Varios Otro Otra
  Otros Mi Tu Su Sus Al Del Ya Aún Siempre Nunca Sólo Solo Así Entonces
  Secondo Dopo Prima Presso Contro Tra Fra Sotto Verso Sopra Poiché Perché Dove Chi Che Cosa Tuttavia Però Inoltre Infine Ancora Già Sempre Mai
  Alcuni Molti Ogni Nessun Alla Allo Ai Agli Alle Della Dal Dalla Nella Nei Sul Sulla Da Di Lo Gli
  Segundo Até Após Sob Embora Porém Contudo Além Enquanto Onde Quem Qual Alguns Outro Outra Seu Sua Seus Suas Ao À Do Dos Das Nos Nas Já Ainda
  Sempre Só Assim Então
  Volgens Tijdens Na Voor Tegen Tussen Onder Over Door Uit Bij Met Zonder Omdat Hoewel Terwijl Toch Echter Daarom Daarnaast Bovendien Zo Alleen
  Eerst Soms Altijd Nooit Elke Iedere Sommige Op Aan
  Efter Før Med Uten Uden Utan Från Fra Til För Därför Derfor Även Också Også Fordi Eftersom Medan Mens Hvis Dessutom Dessuten Desuden Alltid
  Altid Alla Många Mange Några Nogle På Av Af Ved Vid
  Tämän Sen Hänen Heidän Kuitenkin Myös Siis Mikä Kuka Missä Kaikki Jos Koska Vaikka Jo Vielä Vain Ennen Sitten Tällä Tässä
  Po Przed Przy Od Do Dla Bez Na W We Z Ze U Pod Nad Przez Między Jego Jej Ich Był Była Było Były Jednak Dlatego Także Również Oraz Lub Albo
  Jeśli Jeżeli Gdyby Ponieważ Chociaż Kiedyś Obecnie Według Zgodnie Każdy Każda Już Jeszcze Tylko Nawet Dzięki Podczas Za Zarówno Niektóre Niektórzy Kilka Wiele Wielu
  Před Při Pro V Ve Přes Mezi Jeho Její Jejich Byl Byla Bylo Byli Však Proto Také Nebo Jestliže Pokud Protože Ačkoli Dnes Podle Každý Už Již
  Ještě Jen Dokonce Díky Během S K Ke Si Některé Někteří Mnoho Několik
  Pred Pri Pre Vo Zo Cez Medzi Bol Bola Bolo Boli Preto Tiež Alebo Ak Pretože Hoci Podľa Ešte Len Dokonca Vďaka Počas Sa
  Azonban Ezért Mivel Amikor Hogy Ki Hol Már Még Csak Minden Szerint Ezután Majd Azt Ezt
  După Înainte Pentru Din La În Pe Cu Fără Prin Între Peste Însă Totuși Astfel Deși Dacă Unde Care Toți Doar Chiar
  Ancak Fakat Çünkü Eğer Daha Her Bazı Onun Onlar Bunun Böylece Bugün Dün Yarın Artık Sadece
  Namun Karena Jika Ketika Setelah Sebelum Untuk Dari Dengan Dalam Pada Semua Setiap Sudah
  При После Во Со К С Из За По О Об От До Для У Над Под Также Однако Поэтому Кроме Среди Между Через Его Её Ее Ему Был Была Было Были Затем
  Сейчас Сегодня Вчера Завтра Согласно Хотя Пока Чтобы Каждый Этого Ещё Еще Уже Только Даже Вот Или Либо Без Около Вместе Именно Такой Такая Такие Некоторые Многие Несколько Другие Один Одна Одно Никто
  Після Під Від Із Зі З Про Однак Також Тому Його Її Був Була Було Були Сьогодні Згідно Хоча Поки Щоб Кожен Вже Ще Лише Навіть Або Та І Й
  Ён Яна Яны Гэта Мы Але Там Тут Ол Бұл Олар Қазір Бірақ Кейін Ово Али Овај Ова Онда Сада Тој Таа Ова Но Тогаш
  Jis Ji Jie Tai Bet Čia Tada Dabar Viņš Viņa Viņi Tas Tā Bet Tagad Ta See Nad Aga Siis Seal Praegu Ovo Ona On To Sada Tada Toda Zdaj Potem
  Hann Hún Það Þeir En Þá Nú Hér Þar Això Ell Però Aquí Ara Després Isto El Ela Agora Despois Hori Hau Baina Gero Orain Ang Siya Iyon Sila Ngunit Hii Yeye Lakini Sasa
  След От Със През Също Обаче Затова Беше Бяха Днес Според Докато Всеки Вече Още Само Дори`);
