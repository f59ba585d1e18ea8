#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "metrics/measures/toxicity.hpp"
#include "metrics/words/token.hpp"
#include "metrics/words/word_list.hpp"

namespace scena::metrics {
namespace {

// Insult whoever they are said of.
constexpr std::string_view kInsultList =
    "idiot idiots idiotic moron morons moronic stupid imbecile imbeciles loser losers scum "
    "pathetic "
    "worthless fool fools dumb coward cowards liar vermin parasite parasites brainless incompetent "
    "creep creeps jerk jerks dumbass dumbasses asshole assholes bastard bastards bitch subhuman "
    "degenerate degenerates lowlife lowlifes retard retards retarded dimwit dimwits halfwit "
    "halfwits spineless scumbag scumbags dipshit dickhead dickheads prick wanker wankers twat "
    "twats cretin cretins buffoon buffoons numbskull nitwit nitwits airhead blockhead bonehead "
    "dunce simpleton whore slut sluts whores arsehole arseholes douchebag douche motherfucker "
    "motherfuckers fucker fuckers cocksucker shithead crybaby weakling wretch scoundrel "
    "lowlife gutless clueless braindead hypocrite ignoramus deadbeat freak maggot maggots swine "
    "slob cunt cunts tosser bellend nincompoop dolt oaf";
// The same, but of things and animals, too: only where nothing stands between it and "you (are)".
constexpr std::string_view kWeakInsultList =
    "useless disgusting clown clowns filth trash garbage pig pigs rat rats ugly fat savages "
    "animals "
    "animal nobody joke disgrace failure embarrassment monster snake dog dogs cow waste fraud "
    "thief crook repulsive vile lazy monkey ape cockroach filthy dirt witch hag brat psycho "
    "lunatic insane crazy thick dense toad worm leech burden cancer mistake";
// What is done to somebody in a threat.
constexpr std::string_view kHarmList =
    "kill hurt punch beat break destroy burn shoot stab smash ruin crush slap strangle end hunt "
    "rip "
    "bury murder choke cut gut skin slit drown hang harm slaughter whip bash";
// Bad wherever they stand.
constexpr std::string_view kSlurList =
    "nigger niggers faggot faggots fag fags kike kikes spic spics gook gooks wetback wetbacks "
    "raghead ragheads towelhead towelheads tranny trannies beaner beaners paki pakis darkie "
    "darkies "
    "sandnigger shemale";
// People by what they are, in a word of their own.
constexpr std::string_view kGroupList =
    "women men females girls muslims muslim jews jew christians catholics hindus buddhists "
    "atheists "
    "gays gay lesbians homosexuals transsexuals trans blacks black whites white asians arabs "
    "africans mexicans latinos hispanics gypsies gypsy roma immigrants migrants foreigners "
    "refugees "
    "indians chinese poles turks romanians russians germans italians irish americans cripples "
    "disabled elderly pensioners jewish mexican asian arab african latino natives pakistanis "
    "albanians syrians somalis blondes";
// Needs "people" behind it: "black", "gay".
constexpr std::string_view kGroupAdjectiveList =
    "black white gay trans muslim jewish asian arab african mexican latino disabled chinese irish "
    "elderly";
// Said of a whole group, contempt.
constexpr std::string_view kContemptList =
    "stupid inferior disgusting terrorist terrorists criminal criminals vermin parasites parasite "
    "animals dirty filthy lazy rapists rapist thieves thief subhuman savages savage scum evil dumb "
    "plague cancer disease monkeys apes rats liars idiots trash garbage greedy perverts pervert "
    "perverted worthless useless unnatural abomination abominations cockroaches leeches "
    "uncivilised "
    "uncivilized murderers pigs dogs sinners freaks degenerates primitive backward retarded "
    "incapable brainless whores sluts hysterical untrustworthy deceitful repulsive revolting vile "
    "cowards barbarians barbaric invaders crooks burden infestation sick cunning";
// What "should be done" to a group.
constexpr std::string_view kExpelList =
    "killed shot deported gassed exterminated banned sterilised sterilized hanged burned burnt die "
    "removed expelled eliminated slaughtered castrated enslaved beaten drowned shoot deport kill "
    "exterminate wiped eradicated whipped stoned executed segregated silenced";
// Demean people wherever they stand; slurs and some insults among them.
constexpr std::string_view kCoarseList =
    "bitch bitches hoe hoes nigga niggas niggaz nigger niggers faggot faggots fag fags cunt cunts "
    "pussy pussies retard retards retarded dyke dykes whore whores slut sluts twat twats thot "
    "thots spic spics kike kikes wetback wetbacks beaner beaners tranny trannies";
// Curses: without a target they are exclamations.
constexpr std::string_view kCurseList =
    "shit fuck fucking damn damned hell crap bloody bitch goddamn fucked shitty bullshit ass piss "
    "pissed motherfucker motherfucking bastard";

constexpr WordList<count_words(kInsultList)> kInsultWords{kInsultList};
constexpr WordList<count_words(kWeakInsultList)> kWeakInsultWords{kWeakInsultList};
constexpr WordList<count_words(kHarmList)> kHarmWords{kHarmList};
constexpr WordList<count_words(kSlurList)> kSlurWords{kSlurList};
constexpr WordList<count_words(kGroupList)> kGroupWords{kGroupList};
constexpr WordList<count_words(kContemptList)> kContemptWords{kContemptList};
constexpr WordList<count_words(kExpelList)> kExpelWords{kExpelList};
constexpr WordList<count_words(kCoarseList)> kCoarseWords{kCoarseList};
constexpr WordList<count_words(kCurseList)> kCurseWords{kCurseList};

constexpr std::array kPeopleWords = {"people"_word, "men"_word,   "women"_word,   "guys"_word,
                                     "folks"_word,  "kids"_word,  "boys"_word,    "girls"_word,
                                     "man"_word,    "woman"_word, "children"_word};
constexpr std::array kBodyOrKin = {
    "legs"_word,   "neck"_word,   "face"_word,  "bones"_word,    "arms"_word,  "head"_word,
    "skull"_word,  "jaw"_word,    "knees"_word, "fingers"_word,  "teeth"_word, "nose"_word,
    "throat"_word, "family"_word, "kids"_word,  "children"_word, "house"_word, "wife"_word,
    "mother"_word, "life"_word,   "son"_word,   "daughter"_word, "guts"_word,  "heart"_word};
constexpr std::array kNature = {
    "puppies"_word, "puppy"_word,  "pups"_word,       "litter"_word, "vet"_word,    "kennel"_word,
    "breeder"_word, "spayed"_word, "vaccinated"_word, "garden"_word, "shed"_word,   "rake"_word,
    "spade"_word,   "soil"_word,   "weeds"_word,      "willow"_word, "willows"_word};
constexpr std::array kDominions = {"control"_word, "run"_word,       "own"_word,    "ruin"_word,
                                   "destroy"_word, "steal"_word,     "invade"_word, "infest"_word,
                                   "ruined"_word,  "destroyed"_word, "stole"_word,  "breed"_word,
                                   "poison"_word,  "pollute"_word};
constexpr std::array kDominated = {
    "banks"_word,   "media"_word,   "world"_word,      "government"_word,
    "country"_word, "jobs"_word,    "everything"_word, "hollywood"_word,
    "rats"_word,    "rabbits"_word, "nation"_word,     "culture"_word,
    "women"_word,   "blood"_word,   "race"_word,       "press"_word};

constexpr HostilePhrase insults(std::uint32_t a, std::uint32_t b, std::uint32_t c = 0,
                                std::uint32_t d = 0) {
  return {{a, b, c, d}, false};
}
constexpr HostilePhrase threatens(std::uint32_t a, std::uint32_t b, std::uint32_t c = 0,
                                  std::uint32_t d = 0) {
  return {{a, b, c, d}, true};
}

constexpr HostilePhrase kPhraseList[] = {
    insults("piss"_word, "off"_word),
    insults("fuck"_word, "you"_word),
    insults("fuck"_word, "off"_word),
    insults("fuck"_word, "yourself"_word),
    insults("screw"_word, "you"_word),
    insults("damn"_word, "you"_word),
    insults("sod"_word, "off"_word),
    insults("bugger"_word, "off"_word),
    insults("go"_word, "to"_word, "hell"_word),
    insults("burn"_word, "in"_word, "hell"_word),
    insults("rot"_word, "in"_word, "hell"_word),
    insults("up"_word, "yours"_word),
    insults("eat"_word, "shit"_word),
    insults("kiss"_word, "my"_word, "ass"_word),
    insults("kiss"_word, "my"_word, "arse"_word),
    insults("suck"_word, "my"_word, "dick"_word),
    insults("suck"_word, "my"_word, "cock"_word),
    insults("piece"_word, "of"_word, "human"_word, "garbage"_word),
    insults("waste"_word, "of"_word, "oxygen"_word),
    insults("waste"_word, "of"_word, "skin"_word),
    insults("waste"_word, "of"_word, "air"_word),
    insults("nobody"_word, "likes"_word, "you"_word),
    insults("aborted"_word, "you"_word),
    insults("swallowed"_word, "you"_word),
    insults("make"_word, "me"_word, "sick"_word),
    insults("world"_word, "without"_word, "you"_word),
    insults("hate"_word, "your"_word, "guts"_word),
    insults("you"_word, "waste"_word, "of"_word, "space"_word),
    insults("utter"_word, "waste"_word, "of"_word, "space"_word),
    insults("pathetic"_word, "excuse"_word, "for"_word, "a"_word),
    insults("sorry"_word, "excuse"_word, "for"_word, "a"_word),
    insults("pathetic"_word, "excuse"_word, "of"_word, "a"_word),
    insults("sorry"_word, "excuse"_word, "of"_word, "a"_word),
    insults("nobody"_word, "asked"_word, "you"_word),
    insults("hole"_word, "you"_word, "came"_word),
    insults("rock"_word, "you"_word, "crawled"_word),
    insults("shut"_word, "your"_word, "mouth"_word),
    insults("shut"_word, "your"_word, "trap"_word),
    insults("shut"_word, "your"_word, "face"_word),
    insults("shut"_word, "your"_word, "gob"_word),
    insults("never"_word, "reproduce"_word),
    insults("one"_word, "brain"_word, "cell"_word),
    insults("village"_word, "idiot"_word),
    insults("your"_word, "own"_word, "arse"_word),
    insults("your"_word, "own"_word, "backside"_word),
    threatens("kill"_word, "yourself"_word),
    threatens("hang"_word, "yourself"_word),
    threatens("shoot"_word, "yourself"_word),
    threatens("drown"_word, "yourself"_word),
    threatens("go"_word, "and"_word, "die"_word),
    threatens("go"_word, "die"_word),
    threatens("drop"_word, "dead"_word),
    threatens("hope"_word, "you"_word, "die"_word),
    threatens("hope"_word, "you"_word, "rot"_word),
    threatens("hope"_word, "you"_word, "choke"_word),
    threatens("hope"_word, "you"_word, "burn"_word),
    threatens("hope"_word, "you"_word, "suffer"_word),
    threatens("hope"_word, "you"_word, "bleed"_word),
    threatens("you"_word, "get"_word, "cancer"_word),
    threatens("watch"_word, "your"_word, "back"_word),
    threatens("know"_word, "where"_word, "you"_word, "live"_word),
    threatens("will"_word, "regret"_word, "this"_word),
    threatens("you"_word, "are"_word, "dead"_word),
    threatens("dead"_word, "meat"_word),
    threatens("dead"_word, "man"_word, "walking"_word),
    threatens("one"_word, "eye"_word, "open"_word),
    threatens("days"_word, "are"_word, "numbered"_word),
    threatens("make"_word, "you"_word, "suffer"_word),
    threatens("make"_word, "you"_word, "bleed"_word),
    threatens("make"_word, "you"_word, "pay"_word),
    threatens("find"_word, "you"_word, "and"_word),
    threatens("coming"_word, "for"_word, "you"_word),
    threatens("come"_word, "after"_word, "you"_word),
    threatens("coming"_word, "after"_word, "you"_word),
    threatens("deserve"_word, "to"_word, "die"_word),
    threatens("drowned"_word, "you"_word, "at"_word, "birth"_word),
    threatens("strangled"_word, "you"_word, "at"_word, "birth"_word),
    threatens("make"_word, "me"_word, "come"_word, "over"_word),
    threatens("picking"_word, "your"_word, "teeth"_word),
    threatens("teach"_word, "you"_word, "a"_word, "lesson"_word),
    threatens("never"_word, "find"_word, "your"_word, "body"_word),
    threatens("get"_word, "what"_word, "is"_word, "coming"_word),
    threatens("wish"_word, "you"_word, "were"_word, "dead"_word),
    threatens("wish"_word, "you"_word, "were"_word, "never"_word),
    threatens("hope"_word, "you"_word, "get"_word, "hit"_word),
};

// The first words of all phrases, sorted by the compiler.
constexpr auto kOpeners = [] {
  std::array<std::uint32_t, std::size(kPhraseList)> words{};
  std::transform(std::begin(kPhraseList), std::end(kPhraseList), words.begin(),
                 [](const HostilePhrase& phrase) { return phrase.words[0]; });
  std::sort(words.begin(), words.end());
  return words;
}();

template <std::size_t N>
constexpr bool is_one_of(const std::array<std::uint32_t, N>& words, std::uint32_t word) noexcept {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::span<const HostilePhrase> hostile_phrases() noexcept {
  return kPhraseList;
}
bool is_people(std::uint32_t word) noexcept {
  return is_one_of(kPeopleWords, word);
}
bool is_body_or_kin(std::uint32_t word) noexcept {
  return is_one_of(kBodyOrKin, word);
}
bool is_nature(std::uint32_t word) noexcept {
  return is_one_of(kNature, word);
}
bool is_dominion(std::uint32_t word) noexcept {
  return is_one_of(kDominions, word);
}
bool is_dominated(std::uint32_t word) noexcept {
  return is_one_of(kDominated, word);
}

std::uint16_t hostility(std::uint32_t word) noexcept {
  constexpr WordList<count_words(kGroupAdjectiveList)> adjectives{kGroupAdjectiveList};
  const auto bit = [](bool is, int value) { return is ? value : 0; };
  const bool opens = std::binary_search(kOpeners.begin(), kOpeners.end(), word);
  return static_cast<std::uint16_t>(
      bit(kInsultWords.has(word), kInsult) | bit(kWeakInsultWords.has(word), kWeakInsult) |
      bit(kHarmWords.has(word), kHarm) | bit(kSlurWords.has(word), kSlur) |
      bit(kGroupWords.has(word), kGroup) | bit(adjectives.has(word), kGroupAdjective) |
      bit(kContemptWords.has(word), kContempt) | bit(kExpelWords.has(word), kExpel) |
      bit(kCurseWords.has(word), kCurse) | bit(kCoarseWords.has(word), kCoarse) |
      bit(opens, kOpens));
}

}  // namespace scena::metrics
