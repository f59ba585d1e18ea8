#include "metrics/claims/traits.hpp"

#include <algorithm>
#include <string_view>

#include "metrics/claims/claim_words.hpp"
#include "metrics/claims/clause.hpp"
#include "metrics/words/word_list.hpp"
#include "metrics/words/word_table.hpp"

namespace scena::metrics {
namespace {

enum Trait : std::uint16_t {
  kMeat = 1,
  kAlcohol = 2,
  kPartner = 4,
  kSiblings = 8,
  kJob = 16,
  kHousemates = 32,
  kParents = 64,
  kChildren = 128,
  kDriving = 256,
  kDairy = 512,
};

// What words tell of their traits.
struct Tells {
  std::uint16_t state = 0;    // "I'm a vegetarian": lacks it
  std::uint16_t general = 0;  // "I eat no meat": who denies that lacks it
  std::uint16_t thing = 0;    // "I had a steak": whoever has that shows it
  std::uint16_t owned = 0;    // "my sister": whoever speaks of "my" such shows it

  friend constexpr Tells operator|(Tells left, const Tells& right) noexcept {
    left.state |= right.state;
    left.general |= right.general;
    left.thing |= right.thing;
    left.owned |= right.owned;
    return left;
  }
};

constexpr TableWords<Tells> kTraitWords[] = {
    {{.state = kMeat}, "vegetarian veggie"},
    {{.state = kMeat | kDairy}, "vegan"},
    {{.general = kMeat}, "meat"},
    {{.thing = kMeat},
     "meat steak steaks beef pork bacon ham chicken sausage sausages burger burgers hamburger "
     "turkey lamb ribs meatballs salami veal duck"},
    {{.general = kDairy}, "dairy"},
    {{.thing = kDairy}, "cheese butter yogurt cream egg eggs omelette milk"},
    {{.state = kAlcohol}, "teetotal teetotaller teetotaler"},
    {{.general = kAlcohol, .thing = kAlcohol}, "alcohol"},
    {{.thing = kAlcohol},
     "beer beers wine whisky whiskey vodka gin rum cocktail cocktails champagne tequila hangover"},
    {{.state = kPartner}, "single unmarried bachelor"},
    {{.general = kPartner, .owned = kPartner}, "husband wife spouse"},
    {{.general = kSiblings, .owned = kSiblings}, "siblings sibling"},
    {{.owned = kSiblings}, "brother brothers sister sisters"},
    {{.state = kJob}, "retired unemployed jobless"},
    {{.general = kJob, .owned = kJob}, "job"},
    {{.owned = kJob}, "boss shift coworker coworkers colleague colleagues workplace"},
    {{.general = kHousemates, .owned = kHousemates},
     "roommate roommates flatmate flatmates housemate housemates"},
    {{.state = kParents}, "orphan"},
    {{.general = kParents, .owned = kParents}, "parents"},
    {{.owned = kParents}, "mother father mom dad mum"},
    {{.state = kChildren}, "childless"},
    {{.general = kChildren, .owned = kChildren}, "children kids"},
    {{.owned = kChildren}, "son daughter sons daughters"},
    {{.general = kDriving}, "license licence"},
};

constexpr WordTable<Tells, 256> kTells(kTraitWords);

// Words that tell by what stands around them.
constexpr std::string_view kByPlace =
    "child alone myself own drink work drive drove driving died dead passed";

constexpr std::string_view kConsumes =
    "eat ate eaten eating drank drink drinking order ordered grilled fried cooked";
constexpr std::string_view kEnjoys = "have love enjoy enjoyed";
constexpr std::string_view kMeals =
    "steak steaks bacon ham burger burgers hamburger sausages ribs meatballs salami cheese "
    "beer beers wine whisky whiskey vodka gin rum cocktail cocktails champagne tequila hangover";
constexpr std::string_view kAnimals = "chicken turkey duck lamb beef";
constexpr std::string_view kHasOne = "have has had having got 've own no";
// Between a verb and what it denies or shows: "no children", "a couple of beers".
constexpr std::string_view kBetweenHas = "a an any no got driver";
constexpr std::string_view kLongAgo =
    "ago years then once child childhood young college university student used before";
constexpr std::string_view kGone =
    "died dead late ex old former left moved split passed buried funeral grave divorced divorce "
    "lost miss";
constexpr std::string_view kBeforeStates =
    "am 'm a an been still currently totally completely happily recently fully both";
constexpr std::string_view kNotReally =
    "hardly rarely seldom often much barely usually really now here yet again";
constexpr std::string_view kHarmless =
    "ginger root free alcoholic veggie vegan vegetarian vegetable soy soya tofu coconut almond oat "
    "plant fake meatless mushroom bean chickpea lentil";
constexpr std::string_view kThoughts = "smell taste sight idea price thought picture pictures";

template <std::size_t N>
bool any_is(std::span<const Token> tokens, const WordList<N>& list) noexcept {
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const Token& token) { return list.has(token.word); });
}

// Reads the traits of one clause.
class TraitReader {
 public:
  TraitReader(std::span<const Token> tokens, const Clause& clause) noexcept
      : tokens_(tokens), clause_(clause) {}

  Traits read() noexcept {
    if (clause_.is_marked(kUncertain | kPartial)) return {};
    if (clause_.has(kChanged | kSupposed)) return {};
    own_ = clause_.subject == Subject::me || clause_.subject == Subject::we;
    negated_ = clause_.has(kNegated);
    present_ = clause_.has(kPresent) || clause_.is_marked(kIs | kIntended);
    static constexpr WordList<count_words(kLongAgo)> long_ago{kLongAgo};
    static constexpr WordList<count_words(kGone)> gone{kGone};
    static constexpr WordList<count_words(kNotReally)> not_really{kNotReally};
    long_ago_ = any_is(tokens_, long_ago);
    gone_ = any_is(tokens_, gone);
    // "I don't eat meat on Fridays", "I hardly ever drink": not altogether.
    const bool lacks = own_ && present_ && !any_is(tokens_, not_really) && !names_day();
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (lacks) read_lack(i);
      read_death(i);
      if (!negated_ && !long_ago_) read_show(i);
    }
    return found_;
  }

 private:
  bool stands(std::size_t at, std::uint32_t word) const noexcept {
    return at < tokens_.size() && tokens_[at].word == word;
  }
  bool stands_before(std::size_t at, std::uint32_t word) const noexcept {
    return at > 0 && tokens_[at - 1].word == word;
  }
  bool ends(std::size_t at) const noexcept { return at + 1 == tokens_.size(); }

  void read_lack(std::size_t at) noexcept {
    const std::uint32_t word = tokens_[at].word;
    const Tells tells = kTells.of(word);
    if (negated_) {
      if (is_denied(at)) found_.lacks |= tells.general;
      // "I don't drink", "I don't drive at all": no object.
      if (!ends(at) && !(stands(at + 1, "at"_word) && stands(at + 2, "all"_word))) return;
      if (word == "drink"_word) found_.lacks |= kAlcohol;
      if (word == "work"_word) found_.lacks |= kJob;
      if (word == "drive"_word) found_.lacks |= kDriving;
      return;
    }
    if (is_state(at)) found_.lacks |= tells.state;
    if (word == "child"_word && stands_before(at, "only"_word)) found_.lacks |= kSiblings;
    // "I live alone", "I live by myself", "I live on my own".
    const bool alone = word == "alone"_word ||
                       (word == "myself"_word && stands_before(at, "by"_word)) ||
                       (word == "own"_word && stands_before(at, "my"_word) && ends(at));
    if (alone && lives() && !stands(at + 1, "with"_word)) found_.lacks |= kHousemates;
  }

  // "My parents died when I was young."
  void read_death(std::size_t at) noexcept {
    const std::uint32_t word = tokens_[at].word;
    if (negated_ || (word != "died"_word && word != "dead"_word && word != "passed"_word)) return;
    const auto end = tokens_.begin() + static_cast<std::ptrdiff_t>(at);
    if (std::any_of(tokens_.begin(), end,
                    [](const Token& token) { return token.word == "parents"_word; }))
      found_.lacks |= kParents;
  }

  void read_show(std::size_t at) noexcept {
    const std::uint32_t word = tokens_[at].word;
    const Tells tells = kTells.of(word);
    const bool drives = word == "drive"_word || word == "drove"_word || word == "driving"_word;
    if (own_ && drives) found_.shows |= kDriving;
    if (own_ && tells.thing != 0 && is_consumed(at)) found_.shows |= tells.thing;
    if (gone_ || !(is_owned(at) || is_had(at))) return;
    // Of others one may speak who no longer has them.
    found_.shows |= present_ ? tells.owned : tells.owned & (kSiblings | kHousemates);
  }

  // "I'm a vegetarian", "I'm still single"; not "vegetarian food".
  bool is_state(std::size_t at) const noexcept {
    static constexpr WordList<count_words(kBeforeStates)> before{kBeforeStates};
    if (at == 0 || !before.has(tokens_[at - 1].word)) return false;
    return ends(at) || !tokens_[at + 1].is_topic() || tokens_[at + 1].info.is(kPerson);
  }

  // "I eat no meat", "I don't have any children"; not "I don't like my job".
  bool is_denied(std::size_t at) const noexcept {
    static constexpr WordList<count_words(kHasOne)> has{kHasOne};
    static constexpr WordList<count_words(kBetweenHas)> between{kBetweenHas};
    static constexpr WordList<count_words(kConsumes)> consumes{kConsumes};
    if (stands(at + 1, "with"_word) || stands(at + 1, "offers"_word)) return false;
    const bool food = (kTells.of(tokens_[at].word).general & (kMeat | kDairy | kAlcohol)) != 0;
    // "No children in my class", "no license for this".
    const bool altogether = ends(at) || (stands(at + 1, "at"_word) && stands(at + 2, "all"_word)) ||
                            (stands(at + 1, "of"_word) && stands(at + 2, "my"_word)) ||
                            tokens_[at + 1].has(kAfterComma) ||
                            tokens_[at + 1].info.is(kConjunction);
    if (!food && !altogether) return false;
    std::size_t verb = at;
    while (verb > 0 && (between.has(tokens_[verb - 1].word) || tokens_[verb - 1].info.is(kNegator)))
      --verb;
    if (verb == 0) return false;
    const std::uint32_t word = tokens_[verb - 1].word;
    return food ? consumes.has(word) : has.has(word);
  }

  bool is_consumed(std::size_t at) const noexcept {
    static constexpr WordList<count_words(kConsumes)> consumes{kConsumes};
    static constexpr WordList<count_words(kHarmless)> harmless{kHarmless};
    static constexpr WordList<count_words(kThoughts)> thoughts{kThoughts};
    static constexpr WordList<count_words(kMeals)> meals{kMeals};
    static constexpr WordList<count_words(kAnimals)> animals{kAnimals};
    if (clause_.is_marked(kIntended) || is_for_somebody()) return false;
    if (at > 0 && harmless.has(tokens_[at - 1].word)) return false;
    if (stands(at + 1, "free"_word) || any_is(tokens_.first(at), thoughts)) return false;
    if (any_is(tokens_.first(at), consumes)) return true;
    // "I had chicken", "I love a good steak"; not "I have a chicken", "I love eye cream".
    static constexpr WordList<count_words(kEnjoys)> enjoys{kEnjoys};
    const auto before = tokens_.first(at);
    const bool had = std::any_of(before.begin(), before.end(), [](const Token& token) {
      return token.word == "had"_word || token.word == "having"_word;
    });
    const std::uint32_t word = tokens_[at].word;
    if (had) return !animals.has(word) || !tokens_[at - 1].info.is(kDeterminer);
    return any_is(before, enjoys) && meals.has(word);
  }

  // "I cooked a steak for my son"; not "for lunch".
  bool is_for_somebody() const noexcept {
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
      if (tokens_[i].word == "for"_word && tokens_[i + 1].info.is(kDeterminer | kObject))
        return true;
    }
    return false;
  }

  // "My sister", "our older sister".
  bool is_owned(std::size_t at) const noexcept {
    const auto is_my = [&](std::size_t i) {
      return tokens_[i].word == "my"_word || tokens_[i].word == "our"_word;
    };
    if (stands(at + 1, "in"_word) && stands(at + 2, "law"_word)) return false;
    if (at > 0 && is_my(at - 1)) return true;
    return at > 1 && is_my(at - 2) && tokens_[at - 1].is_topic() &&
           !tokens_[at - 1].info.is(kPerson);
  }

  // "I have two sisters", "we've got a daughter".
  bool is_had(std::size_t at) const noexcept {
    static constexpr WordList<count_words(kHasOne)> has{kHasOne};
    if (!own_ || at < 2 || stands(at + 1, "in"_word)) return false;
    std::size_t i = at - 1;
    if (i > 0 && tokens_[i].is_topic() && !has.has(tokens_[i].word)) --i;  // "an older sister"
    if (!tokens_[i].info.is(kDeterminer | kNumber | kQuantity) && !tokens_[i].has(kDigits))
      return false;
    return i > 0 && has.has(tokens_[i - 1].word) && !tokens_[i - 1].info.is(kNegator);
  }

  // "On Fridays", "today"; not "in ten years".
  bool names_day() const noexcept {
    return std::any_of(tokens_.begin(), tokens_.end(), [](const Token& token) {
      return token.info.is(kTime) && !token.info.is(kFunction) && token.word != "years"_word &&
             token.word != "months"_word && token.word != "moment"_word;
    });
  }

  bool lives() const noexcept {
    return std::any_of(tokens_.begin(), tokens_.end(), [](const Token& token) {
      return token.word == "live"_word || token.word == "lived"_word || token.word == "living"_word;
    });
  }

  std::span<const Token> tokens_;
  const Clause& clause_;
  Traits found_;
  bool own_ = false;
  bool negated_ = false;
  bool present_ = false;
  bool long_ago_ = false;
  bool gone_ = false;
};

}  // namespace

bool tells_of_traits(std::uint32_t word) noexcept {
  static constexpr WordList<count_words(kByPlace)> by_place{kByPlace};
  const Tells tells = kTells.of(word);
  return (tells.state | tells.general | tells.thing | tells.owned) != 0 || by_place.has(word);
}

Traits traits_of(std::span<const Token> tokens, const Clause& clause) noexcept {
  const bool tells = std::any_of(tokens.begin(), tokens.end(),
                                 [](const Token& token) { return (token.says & kTraits) != 0; });
  return tells ? TraitReader(tokens, clause).read() : Traits{};
}

}  // namespace scena::metrics
