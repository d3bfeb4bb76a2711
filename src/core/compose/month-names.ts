/**
 * Names of the months as they are written beside a day, in lower case: those of Unicode CLDR by `Intl`, in 64 languages. Unicode License
 * v3, © Unicode, Inc. Written by `scripts/months.ts`.
 */
export const MONTH_NAMES = `
  abendua abril abrëll abuztua agasti agost agosti agosto agustus aibreán août apirila aprel april aprile aprili
  aprilie aprill apríl apríla aprīlis aralık august augusta augusti augusts augustus augusztus avgust avqust avril
  awgust awst awwissu azaroa ağustos balandžio bealtaine birželio března chwefror czerwca decembar december decembra
  decembrie decembris decembro dekabr desemba desember desembre detsember dezember dezembro dhjetor dicembre diciembre
  disemba disember disyembre diċembru dubna décembre eanáir ebrill ekaina ekim elokuuta enero ephreli eylül feabhra
  febbraio febreiro febrer febrero februar februari februarie february februwari február februára februāris febrúar
  fevereiro fevral fewral frar février gegužės gener gennaio giugno gorffennaf grudnia gruodžio gusht haziran
  heinäkuuta helmikuuta huhtikuuta hulyo hunyo hydref ianuarie ionawr iraila iulie iunie iyul iyun iúil iýul iýun
  jaanuar janar janeiro jannar januar januari januarie january januwari január januára janvier janvāris janúar
  joulukuuta juillet juin jul julai julayi julho juli julie julij julio juliol july jun june junho juni junie junij
  junio juny juuli juuni júla július júlí júna június júní jūlijs jūnijs kasım kesäkuuta kolovoza korrik kovo května
  kwietnia lapkričio ledna liepos lipca lipnja listopada listopadu lokakuuta luglio lulju lutego lúnasa maaliskuuta
  maart mac machi maggio mai maiatza maig maijs maio maj maja marca march marec maret marraskuuta mars marso mart
  martie marts martxoa marzo marzu març março mashi mawrth may mayo mayıs maí maý medi mee mehefin mei meitheamh mejju
  meyi mája május március márta mäerz märts märz nisan nobyembre noiembrie nollaig novemba novembar november novembra
  novembre novembris novembro novembru noviembre noyabr noýabr nëntor nóvember ocak october octobre octombrie octubre
  ogos oktabr okthoba oktoba oktobar oktober oktobris oktoober oktubre oktyabr október októbra oktýabr otsaila ottobre
  ottubru outubro ožujka października pebrero prill prosinca prosince qershor rhagfyr rugpjūčio rugsėjo rujna samhain
  sausio sentabr sentyabr sentýabr septemba septembar september septembra septembre septembrie septembris septhemba
  septiembre setembre setembro settembre settembru setyembre shkurt shtator sierpnia siječnja spalio srpna srpnja
  studenoga stycznia svibnja syyskuuta szeptember tachwedd tammikuuta temmuz tetor toukokuuta travnja urria urtarrila
  uztaila vasario veebruar veljače września xaneiro xullo xuño yanvar září ágúst április února ýanwar července června
  ġunju října şubat απριλίου αυγούστου δεκεμβρίου ιανουαρίου ιουλίου ιουνίου μαΐου μαρτίου νοεμβρίου οκτωβρίου
  σεπτεμβρίου φεβρουαρίου август августа апрель апреля април ақпан березня верасня вересня грудня декабрь декабря
  декември децембар желтоқсан жніўня жовтня июль июля июнь июня кастрычніка квітня красавіка липня листопада лютага
  лютого ліпеня лістапада май мамыр март марта маусым мая мај наурыз новембар ноември ноябрь ноября октобар октомври
  октябрь октября сакавіка сентябрь сентября септембар септември серпня снежня студзеня січня сәуір тамыз травня
  фебруар февраль февраля февруари червня чэрвеня шілде юли юни январь января януари јануар јануари јул јули јун јуни
  қазан қараша қаңтар қыркүйек ապրիլի դեկտեմբերի հոկտեմբերի հուլիսի հունիսի հունվարի մայիսի մարտի նոյեմբերի սեպտեմբերի
  փետրվարի օգոստոսի אוגוסט אוקטובר אפריל דצמבר יולי יוני ינואר מאי מרץ נובמבר ספטמבר פברואר अक्टूबर अगस्त अप्रैल
  एप्रिल ऑक्टोबर ऑगस्ट जनवरी जानेवारी जुलाई जुलै जून डिसेंबर दिसंबर नवंबर नोव्हेंबर फ़रवरी फेब्रुवारी मई मार्च मे
  सप्टेंबर सितंबर অক্টোবর আগস্ট এপ্রিল জানুয়ারি জুন জুলাই ডিসেম্বর নভেম্বর ফেব্রুয়ারি মার্চ মে সেপ্টেম্বর ਅਕਤੂਬਰ
  ਅਗਸਤ ਅਪ੍ਰੈਲ ਜਨਵਰੀ ਜੁਲਾਈ ਜੂਨ ਦਸੰਬਰ ਨਵੰਬਰ ਫ਼ਰਵਰੀ ਮਈ ਮਾਰਚ ਸਤੰਬਰ એપ્રિલ ઑક્ટોબર ઑગસ્ટ જાન્યુઆરી જુલાઈ જૂન ડિસેમ્બર
  નવેમ્બર ફેબ્રુઆરી માર્ચ મે સપ્ટેમ્બર அக்டோபர் ஆகஸ்ட் ஏப்ரல் செப்டம்பர் ஜனவரி ஜூன் ஜூலை டிசம்பர் நவம்பர் பிப்ரவரி
  மார்ச் மே అక్టోబర్ ఆగస్టు ఏప్రిల్ జనవరి జులై జూన్ డిసెంబర్ నవంబర్ ఫిబ్రవరి మార్చి మే సెప్టెంబర్ ಅಕ್ಟೋಬರ್ ಆಗಸ್ಟ್
  ಏಪ್ರಿಲ್ ಜನವರಿ ಜುಲೈ ಜೂನ್ ಡಿಸೆಂಬರ್ ನವೆಂಬರ್ ಫೆಬ್ರವರಿ ಮಾರ್ಚ್ ಮೇ ಸೆಪ್ಟೆಂಬರ್ ഏപ്രിൽ ഓഗസ്റ്റ് ജനുവരി ജൂലൈ ജൂൺ ഡിസംബർ നവംബർ
  ഫെബ്രുവരി മാർച്ച് മേയ് സെപ്റ്റംബർ აგვისტო აპრილი დეკემბერი თებერვალი იანვარი ივლისი ივნისი მაისი მარტი ნოემბერი
  ოქტომბერი სექტემბერი
`;

/** Abbreviations that are not the beginning of a name, without their full stop. */
export const MONTH_ABBREVIATIONS = `
  dfómh iyl iyn mfómh mrt հլս հնս հնվ մյս մրտ փտվ օգս ഒക്ടോ
`;
