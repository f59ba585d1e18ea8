#include "metrics/words/answer_words.hpp"
#include "metrics/words/lexicon_data.hpp"

namespace scena::metrics {
namespace {

constexpr ClassWords kClassWords[] = {
    {kFunction | kDeterminer,
     "the a an my your his its our their this these those every each "
     "some any"},
    {kFunction | kDeterminer | kObject, "her"},
    {kFunction,
     "that there here such own other both either as than too very so just even only "
     "also "
     "still yet already again ever quite rather really actually then now well oh um uh "
     "please sorry thing things something anything everything mine yours myself "
     "yourself "
     "itself themselves himself herself ourselves let lot much more most less least "
     "back out off over down away up"},
    {kFunction,
     "of for with by about into through during between against among within without "
     "upon per"},
    {kFunction | kPlace,
     "in at on near from to behind inside outside under above beside across "
     "around next"},
    {kFunction | kFirst, "i we"},
    {kFunction, "me us"},
    {kFunction | kSecond, "you"},
    {kFunction | kThird, "he she it they"},
    {kFunction | kObject, "him them"},
    {kFunction | kQuestion, "who whom whose when where why how what which"},
    {kFunction | kAuxiliary,
     "am is are was were be been being do does did done have has had "
     "having "
     "will would shall should can could may might must"},
    {kFunction | kNegator, "not never no nor neither hardly barely scarcely none cannot"},
    {kFunction | kNegator | kPerson, "nobody"},
    {kFunction | kNegator, "nothing nowhere"},
    {kFunction | kConjunction, "and or then while whereas plus"},
    {kFunction | kConjunction | kContrast, "but however nevertheless nonetheless"},
    {kFunction | kConjunction | kConcession, "although though despite"},
    {kFunction | kConjunction | kCause, "because so"},
    {kFunction | kCause, "since due thanks therefore hence"},
    {kCause, "reason cause"},
    {kFunction | kSuppose, "if whether unless suppose imagine"},
    {kFunction | kYes,
     "yes yeah yep yup sure certainly absolutely definitely indeed okay ok "
     "exactly correct obviously aye totally"},
    {kFunction | kNo, "no nope nah negative never"},
    {kTime | kFunction, "ago before after until till once soon later earlier recently"},
    {kTime,
     "yesterday today tomorrow tonight morning evening afternoon night noon midnight week "
     "month "
     "year day hour minute weekend monday tuesday wednesday thursday friday saturday sunday "
     "january february march april june july august september october november december "
     "summer winter spring autumn christmas easter last oclock pm"},
    {kPerson,
     "brother sister mother father wife husband son daughter cousin uncle aunt friend "
     "boss "
     "manager colleague neighbour neighbor deputy doctor nurse lawyer secretary director "
     "assistant minister president chairman everybody everyone someone somebody people "
     "girlfriend boyfriend partner parents team officer driver teacher accountant"},
    {kSpatial,
     "home office school work hospital station kitchen bed upstairs downstairs abroad "
     "house flat apartment bar hotel garage"},
    {kQuantity | kFunction,
     "many several few dozens hundreds thousands millions plenty half "
     "most all"},
    {kQuantity, "dozen couple hundred thousand million billion percent"},
    {kRequest | kLight, "tell explain describe"},
    {kRequest, "walk clarify elaborate give name list write show"},
    {kOpinion | kLight, "think believe feel guess expect say find seem mean imagine"},
    {kLight,
     "like know go get make take come want need see look try use keep put work help time "
     "way "
     "people man woman person question answer good talk sure right fine happen ask call "
     "bit kind sort remember course"},
    {kPast, "anymore formerly previously nowadays back"},
    {kAbbreviation, "mr mrs ms dr prof st vs etc eg ie jr sr inc ltd"},
    {kComparative,
     "better happier prouder easier safer stronger healthier nicer more pleased kinder friendlier "
     "warmer quicker faster cleaner clearer smoother gentler lovelier smarter fairer sweeter"},
    {0, kPastTenseList},
    {0, kFrequencyList},
    {kSpatial,
     "neck shoulder elbow wrist hip knee ankle foot toe finger thumb arm leg chest stomach belly "
     "head forehead throat jaw ear eye nose spine ribs rib back groin nowhere everywhere"},
    // With those inflected forms that have an entry of their own among learned polarities.
    {kReverses,
     "avoid avert prevent alleviate mitigate lessen minimise minimize soothe exonerate acquit "
     "spare spared escape survive overcome overcame relieve defuse thwart eradicate without "
     "free rid beat defeat remove erase avoided avoiding avoids averted averts prevented "
     "preventing prevents soothed soothing exonerated exonerates exonerating acquits acquitted "
     "acquitting escapes escaping survived surviving relieved relieves relieving thwarted "
     "thwarting thwarts freed freeing frees beating defeated defeating defeats"},
    {kReverses | kFalls,
     "clear heal cure fix resolve solve eliminate ease repair reduce lower cut decrease end "
     "stop halve settle cleared clears resolved resolves resolving solved solves solving eased "
     "eases easing lowered lowering lowers cuts cutting stopped stopping stops"},
    {kFalls,
     "gone disappear vanish subside fall fell fallen drop decline down over cease lift shrink "
     "shrank shrunk recede recover abate dismiss withdrawn waive benign curable treatable "
     "disappeared disappears falling"},
    {kTrouble,
     "unemployment inflation debt cost tumor tumour cancer fever infection symptom charge "
     "complaint downtime churn delay bug outage backlog swelling bleeding headache cough ache "
     "rash nausea poverty emission accident casualty deficit tension threat risk crime "
     "mortality queue overhead error defect fault leak noise bottleneck absenteeism dizziness "
     "itch inflammation anxiety scar murder pain charges complaints aches "
     "aching accidents tensions threats risks "
     "errors defects faults anxieties "
     "scaring pains"},
    {kForeign,
     "der das und ist nicht ich ein eine einen mit auf fuer f\xC3\xBCr wir sie "
     "auch es "
     "dem den des von zu wie bei aus nach zum zur kein keine haben sind wird um muss "
     "damals einer einem eines ihre ihren meine meinen seine seinen vom beim seit gegen ohne ihn "
     "ihm weil dass herr frau hatte wurde "
     "le la les des et est une un pas je vous nous que qui dans avec sur il elle "
     "au aux ce cette mais ne sont plus tr\xC3\xA8s "
     "el los las y yo mi eso esto ella cuando porque fue ser tengo tiene es una por "
     "con para del se lo como pero m\xC3\xA1s muy est\xC3\xA1 est\xC3\xA1n "
     "che di mi ero sono era questo questa sempre nella mia mio sua perche non per "
     "sono della nel anche molto ho gli "
     "o os um uma n\xC3\xA3o com em do da eu voc\xC3\xAA mas "
     "het een ik niet je dat zijn maar voor wij "
     "hola gracias muchas mucho buenos buenas dias noches senor senora adios hasta manana creo "
     "quiero tengo puedo vamos claro amigo amiga bueno soy eres estoy donde porque todo bonjour "
     "bonsoir merci oui suis sais crois veux peux beaucoup monsieur madame rien toujours jamais "
     "bien peut ses leur mes chez salut danke bitte ahnung guten gute morgen abend nein doch "
     "mir mich dich dir uns euch wo wer warum wenn aber oder kann weiss sehr schon noch nur "
     "gibt habe hast vielen ciao grazie buongiorno buona buono prego sono voglio posso penso "
     "bene tutto niente anche piu cosa siamo signore signora perche obrigado obrigada bom boa "
     "noite tudo bem sou quero muito onde isso goed weet geen ook hoi dag graag wat hebben "
     "kunnen moet hej jag vad inte kan mycket takk ikke jeg vil hvad hvor tak kiitos hyvaa "
     "mutta olen minua joo ei dobrze prosze nie wiem mam jestem bardzo gdzie dzien dobry "
     "dziekuje dekuji ano hvala dobro nisam znam koszonom igen nem tudom vagyok evet hayir "
     "bilmiyorum tamam cok iyi merhaba degil salamat po maraming ako hindi kumusta opo terima "
     "kasih saya tidak tahu apa baik selamat pagi multumesc bine stiu spasibo privet khorosho "
     "xin khong asante sana habari ndiyo hapana sijui namaste shukriya theek nahi accha "
     "och det att jag inte som f\xC3\xB6r \xC3\xA4r jest nie na si\xC4\x99 to w z ja"},
};

constexpr ValuedWords kDegrees[] = {
    {50, "extremely incredibly absolutely completely utterly totally insanely unbelievably"},
    {30, "very really so truly deeply highly especially particularly remarkably such super"},
    {20, "quite too pretty more most even definitely certainly genuinely always"},
    {-20, "rather fairly mostly almost nearly"},
    {-40, "slightly somewhat little bit kinda sorta partly less barely"},
};

// Antonyms; behind kWeakSets names of which only one can hold where all else is the same.
constexpr std::string_view kSets[] = {
    "open unlocked unlock|closed close shut locked lock",
    "raise increase rise grow|lower reduce cut decrease fall sink shrink diminish drop",
    "love enjoy adore like|hate "
    "dislike detest loathe",
    "alone|together",
    "broken|intact working works",
    "accept|reject refuse decline",
    "win won|lose lost",
    "buy bought|sell sold",
    "alive|dead",
    "true|false",
    "guilty|innocent",
    "possible|impossible",
    "legal|illegal",
    "happy glad|unhappy sad",
    "safe harmless|dangerous unsafe risky hazardous",
    "cheap|expensive",
    "empty|full",
    "hot|cold",
    "early|late",
    "easy|difficult hard",
    "single|married",
    "agree|disagree",
    "trust|distrust mistrust",
    "succeed|fail",
    "remember|forget forgot",
    "present|absent",
    "awake|asleep",
    "healthy|sick ill",
    "rich wealthy|poor",
    "strong|weak",
    "inside indoors|outside outdoors",
    "support favor favour for|oppose against",
    "allow permit|forbid prohibit ban",
    "hire|fire",
    "join|leave left quit",
    "arrive|depart",
    "start begin began|stop end finish",
    "public|private",
    "clean|dirty",
    "sober|drunk",
    "employed|unemployed",
    "paid|unpaid",
    "honest|dishonest",
    "able|unable",
    "satisfied|dissatisfied",
    "known|unknown",
    "certain|uncertain",
    "armed|unarmed",
    "wet|dry",
    "loud|quiet",
    "left|right",
    "north|south|east|west",
    "tall|short",
    "young new modern|old ancient",
    "remain stay|leave",
    "better|worse",
    "best|worst",
    "everybody everyone|nobody",
    "everything|nothing",
    "permanent|temporary",
    "optional|mandatory required",
    "big large huge|small little tiny",
    "fast|slow",
    "heavy|lightweight",
    "high|low",
    "wide|narrow",
    "deep|shallow",
    "thick|thin",
    "near close-by|far distant",
    "male man boy|female woman girl",
    "sit seated|stand",
    "smile|frown",
    "laugh|cry weep",
    "push|pull",
    "ascend climb|descend",
    "indoor|outdoor",
    "calm relaxed|nervous anxious",
    "brave fearless|afraid scared",
    "beautiful pretty|ugly",
    "bright|dark",
    "busy|idle",
    "major|minor",
    "same identical|different",
    "common|rare",
    "likely|unlikely",
    "interested|uninterested bored",
    "careful|careless",
    "polite|rude",
    "kind gentle|cruel",
    "real genuine|fake",
    "top|bottom",
    "crowded|deserted",
    "dressed clothed|naked nude",
    "add|remove",
    "import|export",
    "lend|borrow",
    "pass|flunk",
    "approve|disapprove",
    "admit confess|deny",
    "profit|loss",
    "friend|enemy",
    "victory|defeat",
    "attack|defend",
    "expert|beginner novice",
    "asleep|awake",
    "smooth|rough",
    "soft|solid firm",
    "sharp|blunt",
    "married|unmarried",
    "visible|invisible",
    "lucky|unlucky",
    "patient|impatient",
    "natural|artificial",
    "urban|rural",
    "domestic|foreign",
    "adult|child",
    "day|nighttime",
    "junior|senior",
    "minimum|maximum",
    "include|exclude extra separately surcharge",
    "save|waste spend",
    "hide|show reveal",
    "appear|vanish disappear",
    "float|drown",
    "aware|unaware",
    "comfortable|uncomfortable",
    "fulfilled|unfulfilled",
    "born|died",
    "alive|deceased",
    "up|down",
    "positive|negative",
    "on|off",
    "wireless wifi|cable wired",
    kWeakSets,
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    "january|february|march|april|june|july|august|september|october|november|december",
    "spring|summer|autumn|winter",
    "morning|afternoon|evening|night",
    "before|after",
    "red|blue|green|yellow|black|white|brown|grey gray|orange|pink|purple|silver|golden",
    "car|bus|train|plane|bicycle bike|taxi|motorcycle",
    "first 1st|second 2nd|third 3rd|fourth 4th|fifth 5th|sixth 6th|seventh 7th|eighth 8th|"
    "ninth 9th|tenth 10th|eleventh 11th|twelfth 12th|thirteenth 13th|fourteenth 14th|"
    "fifteenth 15th|sixteenth 16th|seventeenth 17th|eighteenth 18th|nineteenth 19th|"
    "twentieth 20th|21st|22nd|23rd|24th|25th|26th|27th|28th|29th|thirtieth 30th|31st|last",
    "home|cinema theatre|pub bar|gym|restaurant|beach|supermarket|park|nursery kindergarten|school|"
    "church|hospital|library|club nightclub|casino|airport|market",
    "with|without",
    "kitchen|bedroom|bathroom|garage|basement cellar|attic|garden|office|hallway|balcony",
    "wood wooden|plastic|metal|glass|leather|cotton|silk|paper|stone|gold|steel",
    "france|germany|italy|spain|england|scotland|ireland|poland|russia|china|japan|india|canada|"
    "mexico|brazil|"
    "australia|egypt|turkey|greece|sweden|norway|portugal|austria|switzerland|america|britain|"
    "africa|europe|asia",
    "london|paris|berlin|rome|madrid|moscow|tokyo|beijing|boston|chicago|dallas|seattle|vienna|"
    "dublin|prague",
    "english|french|german|italian|spanish|russian|chinese|japanese|polish|dutch|american|"
    "british|indian|"
    "canadian|mexican|irish|swedish|greek|turkish|portuguese|australian|african|asian|european",
    "guitar|piano|violin|drums|saxophone|trumpet|flute|harp|cello|accordion",
    "beer|wine|whisky|vodka|tea|coffee|water|juice|rum|champagne|milk|cola|lemonade",
    "fired sacked dismissed|resigned|retired",
    "hourly|daily|weekly|monthly|annual yearly",
    "front|rear back",
    "upper|lower",
    "base basic standard|premium professional",
    "cash|card cheque|transfer",
    "above|below beneath underneath under",
};

constexpr std::string_view kStems =
    "went:go gone:go said:say told:tell saw:see seen:see met:meet took:take taken:take gave:give "
    "given:give knew:know known:know thought:think left:leave bought:buy paid:pay sold:sell "
    "spoke:speak spoken:speak wrote:write written:write ate:eat eaten:eat drank:drink drunk:drink "
    "slept:sleep drove:drive driven:drive came:come ran:run began:begin begun:begin felt:feel "
    "lost:lose won:win found:find got:get gotten:get kept:keep made:make heard:hear held:hold "
    "brought:bring taught:teach caught:catch built:build sent:send spent:spend stood:stand "
    "understood:understand broke:break broken:break chose:choose chosen:choose fell:fall "
    "fallen:fall forgot:forget forgotten:forget hid:hide hidden:hide led:lead lent:lend lied:lie "
    "lying:lie rose:rise sang:sing shot:shoot stole:steal stolen:steal swore:swear sworn:swear "
    "threw:throw thrown:throw wore:wear worn:wear woke:wake fought:fight flew:fly flown:fly "
    "dealt:deal signed:sign children:child men:man women:woman wives:wife closed:close "
    "closing:close became:become begot:beget bent:bend bit:bite bitten:bite bled:bleed blew:blow "
    "blown:blow bred:breed burnt:burn crept:creep dug:dig drew:draw drawn:draw dreamt:dream "
    "fed:feed fled:flee froze:freeze frozen:freeze grew:grow grown:grow hung:hang knelt:kneel "
    "leant:lean leapt:leap learnt:learn meant:mean mistook:mistake mistaken:mistake "
    "overheard:overhear rang:ring rung:ring rode:ride ridden:ride risen:rise sank:sink sunk:sink "
    "sat:sit shook:shake shaken:shake shone:shine showed:show shown:show shrank:shrink slid:slide "
    "sought:seek spelt:spell spilt:spill spoilt:spoil sprang:spring struck:strike stuck:stick "
    "stung:sting swam:swim swum:swim swept:sweep swung:swing tore:tear torn:tear trod:tread "
    "undertook:undertake undertaken:undertake wept:weep withdrew:withdraw withdrawn:withdraw "
    "shrunk:shrink sprung:spring clung:cling flung:fling overcame:overcome outgrew:outgrow "
    "rewrote:rewrite rewritten:rewrite repaid:repay rebuilt:rebuild resold:resell "
    "misunderstood:misunderstand mislaid:mislay misled:mislead knives:knife halves:half "
    "shelves:shelf thieves:thief teeth:tooth feet:foot mice:mouse geese:goose allergic:allergy "
    "diabetic:diabetes asthmatic:asthma "
    "colour:color favourite:favorite favour:favor neighbour:neighbor neighbourhood:neighborhood "
    "labour:labor honour:honor humour:humor rumour:rumor harbour:harbor behaviour:behavior "
    "flavour:flavor odour:odor tumour:tumor theatre:theater centre:center metre:meter "
    "kilometre:kilometer litre:liter grey:gray tyre:tire programme:program licence:license "
    "defence:defense offence:offense organise:organize realise:realize recognise:recognize "
    "apologise:apologize analyse:analyze travelled:travel travelling:travel traveller:traveler "
    "cancelled:cancel cancelling:cancel aluminium:aluminum mum:mother mom:mother dad:father "
    "kid:child kidding:joke";

constexpr std::string_view kNumbers =
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty";

}  // namespace

std::span<const ClassWords> class_words() {
  return kClassWords;
}
std::span<const ValuedWords> degree_words() {
  return kDegrees;
}
std::span<const std::string_view> exclusive_sets() {
  return kSets;
}
std::string_view irregular_stems() {
  return kStems;
}
std::string_view number_words() {
  return kNumbers;
}

}  // namespace scena::metrics
