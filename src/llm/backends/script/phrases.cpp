#include "llm/backends/script/phrases.hpp"

#include <algorithm>
#include <array>

#include "base/id.hpp"
#include "base/text.hpp"

namespace scena::script {
namespace {

using Words = std::string_view;

constexpr std::array kOpeners = std::to_array<Words>({
    "I see.",
    "That is a fair point.",
    "Let me think about that for a moment.",
    "Thank you for saying so.",
    "All right.",
    "I understand what you mean.",
    "Good, that helps me.",
    "I had not looked at it that way.",
    "Fair enough.",
    "That is worth a closer look.",
    "I hear you.",
    "Well, that is one way to see it.",
    "I am glad you bring this up.",
    "Let us take this step by step.",
    "Interesting.",
    "I follow you so far.",
});

// "@" is the word taken up from the other side; in quotes it fits whatever kind of word it is.
constexpr std::array kWithWord = std::to_array<Words>({
    "You mentioned \"@\", and I would like to stay with that.",
    "When you say \"@\", I want to be sure that we mean the same thing.",
    "The word \"@\" stands out for me.",
    "I made a note of \"@\" just now.",
    "Before we go on, \"@\" deserves a proper answer.",
    "As for \"@\", I have thought about it more than once.",
    "I noticed that you chose the word \"@\".",
    "On the matter of \"@\", I can only speak for myself.",
    "I would not leave \"@\" out of this.",
    "Perhaps \"@\" is the part that matters most.",
    "Much depends on what \"@\" means to you.",
    "Others have asked me about \"@\" as well.",
    "It is easy to pass over \"@\", so I am glad you did not.",
    "I keep coming back to \"@\".",
});
constexpr std::array kWithoutWord = std::to_array<Words>({
    "I would like to hear a little more.",
    "There is more to this than we have said so far.",
    "I am not sure yet where this leads.",
    "We have time to go through it properly.",
    "I would rather ask once too often than guess.",
    "Every detail may turn out to be useful.",
    "Please take all the time you need.",
    "I am listening.",
});

constexpr std::array kAdverbs = std::to_array<Words>({
    "Usually",
    "In my experience",
    "As far as I can tell",
    "Most of the time",
    "To be honest",
    "Looking back",
    "On a quiet day",
    "More often than not",
    "Put simply",
    "From where I stand",
});
constexpr std::array kSubjects = std::to_array<Words>({
    "a clear plan",
    "a short talk",
    "one honest answer",
    "a second opinion",
    "a little patience",
    "an early start",
    "a good example",
    "a direct question",
    "a written note",
    "some distance",
});
constexpr std::array kVerbs = std::to_array<Words>({
    "is worth more than",
    "is better than",
    "counts for more than",
    "comes before",
    "matters more than",
    "is stronger than",
    "says more than",
    "helps more than",
    "does more good than",
    "gets further than",
});
constexpr std::array kObjects = std::to_array<Words>({
    "a long debate",
    "a week of waiting",
    "ten good intentions",
    "a quick promise",
    "a perfect theory",
    "any number of meetings",
    "a clever excuse",
    "a hurried decision",
    "a lucky guess",
    "a loud argument",
});
constexpr std::array kClosers = std::to_array<Words>({
    "What would you say to that?",
    "How do you see it?",
    "Could you tell me what happened next?",
    "Which part matters most to you?",
    "Is there something I have missed?",
    "Where should we go from here?",
    "Can you give me an example?",
    "When did you first notice it?",
    "What would a good outcome look like?",
    "Who else should know about this?",
    "Shall we go on?",
    "Does that answer your question?",
    "What makes you so sure?",
    "Would you do it the same way again?",
    "Please go on.",
    "I would like to know what you think.",
});

constexpr std::array kFunctionWords = std::to_array<Words>({
    "about",  "after",  "again",  "also",  "always", "another", "because", "been", "before",
    "being",  "both",   "could",  "does",  "doing",  "down",    "each",    "even", "every",
    "from",   "have",   "having", "hello", "here",   "into",    "just",    "know", "like",
    "made",   "make",   "many",   "maybe", "mean",   "more",    "most",    "much", "must",
    "never",  "only",   "other",  "over",  "please", "quite",   "really",  "said", "same",
    "shall",  "should", "some",   "such",  "sure",   "take",    "tell",    "than", "thank",
    "thanks", "that",   "their",  "them",  "then",   "there",   "these",   "they", "thing",
    "things", "think",  "this",   "those", "under",  "very",    "want",    "well", "were",
    "what",   "when",   "where",  "which", "while",  "whom",    "will",    "with", "would",
    "your",   "yours",
});

constexpr std::size_t kShortest = 4;
constexpr std::size_t kLongest = 24;

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

bool is_function_word(std::string_view word) noexcept {
  return std::any_of(kFunctionWords.begin(), kFunctionWords.end(),
                     [word](Words other) { return equals_ignore_case(word, other); });
}

template <std::size_t N>
Words pick(const std::array<Words, N>& from, Random& random) noexcept {
  return from[random.below(N)];
}

void add_sentence(std::string& text, Words sentence) {
  if (!text.empty()) text += ' ';
  text += sentence;
}

void add_focus(std::string& text, Random& random, std::string_view word) {
  if (word.empty()) return add_sentence(text, pick(kWithoutWord, random));
  const Words sentence = pick(kWithWord, random);
  const std::size_t gap = sentence.find('@');
  add_sentence(text, sentence.substr(0, gap));
  text += word;
  text += sentence.substr(gap + 1);
}

void add_thought(std::string& text, Random& random) {
  add_sentence(text, pick(kAdverbs, random));
  for (const Words part : {Words(", "), pick(kSubjects, random), Words(" "), pick(kVerbs, random),
                           Words(" "), pick(kObjects, random), Words(".")}) {
    text += part;
  }
}

}  // namespace

std::string_view content_word(std::string_view text) noexcept {
  std::string_view best;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_letter(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_letter(text[end])) ++end;
    const std::string_view word = text.substr(i, end - i);
    const bool fits =
        word.size() >= kShortest && word.size() <= kLongest && word.size() > best.size();
    if (fits && !is_function_word(word)) best = word;
    i = end;
  }
  return best;
}

std::string compose_phrases(std::uint64_t seed, std::string_view user_text) {
  Random random(seed);
  std::string text;
  text.reserve(256);
  const bool opens = random.below(4) != 0;
  if (opens) add_sentence(text, pick(kOpeners, random));
  add_focus(text, random, content_word(user_text));
  add_thought(text, random);
  if (!opens || random.below(3) != 0) add_sentence(text, pick(kClosers, random));
  return text;
}

}  // namespace scena::script
