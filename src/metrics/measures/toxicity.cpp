#include "metrics/measures/toxicity.hpp"

#include <algorithm>
#include <array>

#include "metrics/reading.hpp"

namespace scena::metrics {
namespace {

// Words that insult whoever they are said of.
constexpr std::array kInsults = {
    "idiot"_word,       "idiots"_word,    "idiotic"_word, "moron"_word,      "morons"_word,
    "stupid"_word,      "imbecile"_word,  "loser"_word,   "losers"_word,     "scum"_word,
    "pathetic"_word,    "worthless"_word, "useless"_word, "disgusting"_word, "fool"_word,
    "fools"_word,       "dumb"_word,      "coward"_word,  "clown"_word,      "liar"_word,
    "filth"_word,       "trash"_word,     "garbage"_word, "vermin"_word,     "parasite"_word,
    "parasites"_word,   "pig"_word,       "pigs"_word,    "rat"_word,        "brainless"_word,
    "incompetent"_word, "ugly"_word,      "fat"_word,     "creep"_word,      "jerk"_word,
    "dumbass"_word,     "asshole"_word,   "bastard"_word, "bitch"_word,      "subhuman"_word,
    "degenerate"_word,  "lowlife"_word,   "savages"_word, "animals"_word,    "retard"_word,
    "retarded"_word,    "dimwit"_word,    "halfwit"_word, "spineless"_word,  "nobody"_word};

// What is done to somebody in a threat.
constexpr std::array kHarms = {
    "kill"_word, "hurt"_word,     "punch"_word, "beat"_word,  "break"_word, "destroy"_word,
    "burn"_word, "shoot"_word,    "stab"_word,  "smash"_word, "ruin"_word,  "crush"_word,
    "slap"_word, "strangle"_word, "end"_word,   "hunt"_word,  "rip"_word,   "bury"_word};

template <std::size_t N>
bool is_one_of(const std::array<std::uint32_t, N>& words, std::uint32_t word) noexcept {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool speaks_to(const Token& token) noexcept {
  return token.info.is(kSecond) || token.word == "your"_word || token.word == "u"_word;
}

// "you are such an idiot", "your stupid plan", "get out, you worthless clown"; not "you are not
// stupid", and not "was I stupid".
void find_insult(const Sentence& sentence, std::size_t at, ToxicityTally& tally) noexcept {
  const auto& tokens = sentence.tokens;
  for (std::size_t i = at - std::min<std::size_t>(at, 6); i < at; ++i) {
    if (!speaks_to(tokens[i])) continue;
    const auto denied = std::any_of(tokens.begin() + static_cast<std::ptrdiff_t>(i),
                                    tokens.begin() + static_cast<std::ptrdiff_t>(at),
                                    [](const Token& t) { return t.info.is(kNegator | kFirst); });
    if (denied) continue;
    ++tally.insults;
    tally.evidence.add({tokens[i].begin, tokens[at].end}, 300, "insult");
    return;
  }
}

// "I will kill you", "we're going to break your legs".
void find_threat(const Sentence& sentence, std::size_t at, ToxicityTally& tally) noexcept {
  const auto& tokens = sentence.tokens;
  if (at + 1 >= tokens.size() || !speaks_to(tokens[at + 1])) return;
  for (std::size_t i = at - std::min<std::size_t>(at, 5); i < at; ++i) {
    if (tokens[i].info.is(kNegator | kSuppose)) return;
  }
  for (std::size_t i = at - std::min<std::size_t>(at, 5); i < at; ++i) {
    if (tokens[i].word != "will"_word && tokens[i].word != "going"_word) continue;
    ++tally.threats;
    tally.evidence.add({tokens[i].begin, tokens[at + 1].end}, 400, "threat");
    return;
  }
}

}  // namespace

std::uint8_t hostility(std::uint32_t word) noexcept {
  return static_cast<std::uint8_t>((is_one_of(kInsults, word) ? kInsult : 0) |
                                   (is_one_of(kHarms, word) ? kHarm : 0));
}

void read_toxicity(const Sentence& sentence, ToxicityTally& tally) noexcept {
  const auto& tokens = sentence.tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if ((tokens[i].hostile & kInsult) != 0) find_insult(sentence, i, tally);
    if ((tokens[i].hostile & kHarm) != 0) find_threat(sentence, i, tally);
  }
  for (const Token& token : tokens) {
    if (token.toxicity > 20) tally.evidence.add({token.begin, token.end}, token.toxicity, "toxic");
  }
}

std::array<double, 3> toxicity_numbers(const Tally& tally) noexcept {
  const ToxicityTally& t = tally.toxicity;
  const double words = std::max(1u, tally.language.words);
  const auto negative = static_cast<double>(tally.sentiment.negative);
  return {std::min(2u, t.insults) * 0.5, std::min(2u, t.threats) * 0.5, negative / 10000 / words};
}

}  // namespace scena::metrics
