#include "metrics/claims/claim_words.hpp"

#include <algorithm>
#include <string_view>

#include "metrics/words/word_table.hpp"

namespace scena::metrics {
namespace {

constexpr TableWords<std::uint32_t> kMarkedWords[] = {
    {kCollects,
     "have has had need needs own owns like likes love loves enjoy buy bought sell sold sells eat "
     "eats ate know speak speaks visit visited play plays tried take wear wore drank drink wearing "
     "call called talked built"},
    {kUncertain, "maybe perhaps might may could probably possibly should would"},
    {kUncertain | kIntended, "want wish"},
    {kIntended,
     "will shall wants wanted hope hopes hoping plan plans planned planning scheduled intend "
     "intends "
     "dream looking"},
    {kTotal, "all every everybody everyone everything each entire both whole completely"},
    {kMuch, "much many lot lots plenty enough always entirely necessarily very particularly"},
    {kAdds, "also too another other either well others second"},
    {kOnly, "only just alone"},
    {kNone, "no none nobody nothing never neither"},
    {kThen, "yesterday ago formerly previously initially originally"},
    {kNow, "today now tonight currently nowadays meanwhile"},
    {kPleads, "please"},
    {kMeasures, "lasts lasted costs cost weighs dollar dollars euro euros bucks"},
    {kCollects | std::uint32_t{kMeasures}, "takes"},
    {kIs, "am is are be"},
    {kWas, "was were been"},
    {kEnds, "stop stops stopped stopping quit quits quitting ceased"},
    {kSeldom, "rare rarely seldom"},
    {kUnwilling,
     "refuse refuses refused refusing decline declined fail fails failed unable unwilling "
     "reluctant "
     "forgot forgotten"},
    {kHindrance,
     "problem problems trouble doubt wonder rush hurry worries question hurdle issue matter"},
    {kSays,
     "say says said saying claim claims claimed think thinks believe believes believed reckon "
     "reckons "
     "insist insists insisted swear swears swore allege alleges alleged suggest suggests suggested "
     "wrote writes argue argues argued assume assumes told tells accuse accuses accused warned "
     "warns "
     "reported hope hopes thought"},
    {kAdverb,
     "always usually sometimes actually honestly basically probably definitely exactly easily "
     "quickly "
     "simply anybody anyone moment beginning gladly"},
    {kTimely,
     "then next first following before after afterwards afterward later earlier until till since "
     "more less longer sooner over"},
    {kFiller, "look said know mean honest fact frankly listen honestly see told believe"},
};

constexpr WordTable<std::uint32_t, 1024> kMarks(kMarkedWords);

bool is_any(std::uint32_t word, std::span<const std::uint32_t> list) noexcept {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_preposition(const Token& token) noexcept {
  constexpr std::uint32_t kWords[] = {"of"_word, "for"_word, "with"_word, "from"_word, "to"_word};
  return is_any(token.word, kWords);
}

}  // namespace

std::uint32_t marks_of(std::uint32_t word) noexcept {
  return kMarks.of(word);
}

std::uint16_t opening_moment(std::span<const Token> tokens) noexcept {
  if (tokens.size() < 2) return 0;
  const std::uint32_t first = tokens[0].word;
  if (first == "before"_word || first == "when"_word) return kThen;
  if (first == "after"_word || first == "since"_word) return kNow;
  if (first == "at"_word && tokens[1].word == "first"_word) return kThen;
  // "The next day", "the evening before", "under the last council".
  const bool the = first == "the"_word && tokens.size() > 2;
  if (the &&
      (tokens[1].word == "next"_word || tokens[1].word == "following"_word ||
       tokens[2].word == "before"_word) &&
      tokens[2].info.is(kTime | kFunction))
    return kThen;
  // "In my first job", "at my last school".
  const bool my =
      tokens.size() > 2 && (tokens[1].word == "my"_word || tokens[1].word == "our"_word);
  constexpr std::uint32_t kEarlierOnes[] = {"first"_word, "last"_word, "previous"_word, "old"_word,
                                            "former"_word};
  if (my && (first == "in"_word || first == "at"_word) && is_any(tokens[2].word, kEarlierOnes))
    return kThen;
  // "In 1998", "until 2020".
  if (first == "until"_word || first == "till"_word) return kThen;
  if (first == "in"_word && tokens[1].has(kDigits)) return kThen;
  const bool as_a = first == "as"_word && tokens.size() > 2 && tokens[1].info.is(kDeterminer);
  return as_a ? kThen : 0;
}

std::uint16_t moment_at(std::span<const Token> tokens, std::size_t at) noexcept {
  const std::uint32_t says = tokens[at].says;
  if ((says & (kThen | kNow)) != 0) return static_cast<std::uint16_t>(says & (kThen | kNow));
  const std::uint32_t word = tokens[at].word;
  // "When I was a child".
  if (word == "when"_word && at + 2 < tokens.size() && tokens[at + 1].info.is(kFirst | kThird))
    return tokens[at + 2].word == "was"_word || tokens[at + 2].word == "were"_word ? kThen : 0;
  if (word == "under"_word && at + 2 < tokens.size() && tokens[at + 1].info.is(kDeterminer)) {
    const std::uint32_t which = tokens[at + 2].word;
    return which == "last"_word || which == "previous"_word || which == "old"_word ? kThen : 0;
  }
  // "I lived in Boston before that."
  if (word == "before"_word && at + 1 < tokens.size() && tokens[at + 1].word == "that"_word)
    return at + 2 == tokens.size() ? kThen : 0;
  if (word == "once"_word)
    return at > 0 && (at + 1 == tokens.size() || tokens[at + 1].has(kAfterComma)) ? kThen : 0;
  if (word != "last"_word && word != "this"_word) return 0;
  if (at + 1 == tokens.size() || !tokens[at + 1].info.is(kTime)) return 0;
  return word == "last"_word ? kThen : kNow;
}

std::uint16_t moment_of(std::span<const Token> tokens) noexcept {
  std::uint16_t moment = opening_moment(tokens);
  for (std::size_t i = 0; i < tokens.size() && moment == 0; ++i) moment = moment_at(tokens, i);
  return moment;
}

bool is_courtesy(std::span<const Token> tokens) noexcept {
  const std::size_t reach = std::min<std::size_t>(tokens.size(), 4);
  for (std::size_t i = 0; i < reach; ++i) {
    const std::uint32_t word = tokens[i].word;
    const bool ends = i + 1 == tokens.size() || tokens[i + 1].has(kAfterComma);
    if (word == "thank"_word || (word == "thanks"_word && !ends)) return true;
    if (word == "sorry"_word && !ends && is_preposition(tokens[i + 1])) return i == 0;
    if (i > 0 || ends) continue;
    constexpr std::uint32_t kUs[] = {"me"_word, "us"_word, "s"_word, "'s"_word};
    if (word == "let"_word && is_any(tokens[1].word, kUs)) return true;
  }
  return false;
}

std::size_t subject_length(std::span<const Token> tokens) noexcept {
  const std::size_t reach = std::min<std::size_t>(tokens.size(), 8);
  std::size_t first_word = reach;
  for (std::size_t i = 0; i < reach; ++i) {
    const Token& token = tokens[i];
    if (token.info.is(kFirst | kSecond | kThird)) return 0;
    if (token.info.is(kAuxiliary)) return first_word < i ? i : 0;
    if (first_word == reach && token.is_topic() && !token.info.is(kTime)) first_word = i;
  }
  if (first_word == reach) return 0;
  // Without an auxiliary it is the first word, and the next one where that may describe it.
  std::size_t end = first_word + 1;
  while (end + 1 < reach && tokens[end - 1].info.set != 0 && tokens[end].is_topic() &&
         !tokens[end - 1].info.is(kPerson))
    ++end;
  return end;
}

}  // namespace scena::metrics
