#include "domain/escape.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "domain/end_condition.hpp"

namespace scena {
namespace {

// Words of one sentence in lower case, joined by blanks, with one before the first and behind the
// last: a phrase with blanks around it is looked for as it is. A comma is a word of its own.
// Apostrophes fall out.
std::vector<std::string> sentences_of(std::string_view text) {
  std::vector<std::string> sentences;
  std::string sentence = " ";
  const auto end_sentence = [&] {
    if (sentence.size() > 1) sentences.push_back(sentence);
    sentence = " ";
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'') continue;
    if (text.substr(i).starts_with("\u2019")) {  // the apostrophe that phones write
      i += 2;
      continue;
    }
    if (c == ',' || c == ':') {
      sentence += sentence.back() == ' ' ? ", " : " , ";
    } else if (c == '.' || c == '!' || c == '?' || c == ';' || c == '\n') {
      if (sentence.back() != ' ') sentence += ' ';
      if (c != '.' || i + 1 == text.size() || text[i + 1] == ' ') end_sentence();
    } else if (c >= 'A' && c <= 'Z') {
      sentence += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0) {
      sentence += c;
    } else if (sentence.back() != ' ') {
      sentence += ' ';
    }
  }
  if (sentence.back() != ' ') sentence += ' ';
  end_sentence();
  return sentences;
}

// Clear in any sentence, with the blanks around them.
constexpr std::string_view kClear[] = {
    " skip this ",           " skip that ",          " skip it ",
    " skip the question ",   " skip the questions ", " skip these questions ",
    " skip all of this ",    " skip to the end ",    " skip ahead ",
    " lets skip ",           " just build it ",      " just give me the result ",
    " just get on with it ", " get on with it ",     " no more questions ",
    " enough questions ",    " stop asking ",        " move on to the next ",
    " rather not answer "};
// Around a whole sentence they do not count.
constexpr std::string_view kFillers[] = {",",  "ok",   "okay",  "fine", "well",   "hm",
                                         "so", "then", "sorry", "no",   "please", "thanks"};
// Clear as a whole sentence alone.
constexpr std::string_view kWhole[] = {"skip",
                                       "next",
                                       "pass",
                                       "move on",
                                       "i pass",
                                       "skip please",
                                       "next please",
                                       "please skip",
                                       "pass please",
                                       "can i skip",
                                       "can we skip",
                                       "i want to skip",
                                       "build it",
                                       "just do it",
                                       "just make it",
                                       "just start",
                                       "just get started",
                                       "lets move on",
                                       "next question",
                                       "next question please"};
// Right before a clear one they turn it around.
constexpr std::string_view kDenials[] = {"dont",     "not",     "never", "wont",
                                         "cant",     "cannot",  "didnt", "wouldnt",
                                         "shouldnt", "without", "no"};

bool is_denied(std::string_view before) {
  for (int words = 0; words < 3; ++words) {
    while (!before.empty() && before.back() == ' ') before.remove_suffix(1);
    const std::size_t start = before.rfind(' ');
    if (before.empty()) return false;
    const std::string_view word =
        start == std::string_view::npos ? before : before.substr(start + 1);
    if (std::find(std::begin(kDenials), std::end(kDenials), word) != std::end(kDenials))
      return true;
    if (word == ",") return false;  // another part of the sentence
    before = before.substr(0, before.size() - word.size());
  }
  return false;
}

bool is_filler(std::string_view word) {
  return std::find(std::begin(kFillers), std::end(kFillers), word) != std::end(kFillers);
}

// The sentence without the blanks and fillers around it.
std::string_view core_of(std::string_view sentence) {
  for (;;) {
    while (sentence.starts_with(' ')) sentence.remove_prefix(1);
    while (sentence.ends_with(' ')) sentence.remove_suffix(1);
    const std::string_view first = sentence.substr(0, sentence.find(' '));
    const std::string_view last = sentence.substr(sentence.rfind(' ') + 1);
    if (sentence.empty()) return sentence;
    if (is_filler(first)) {
      sentence.remove_prefix(first.size());
    } else if (is_filler(last)) {
      sentence.remove_suffix(last.size());
    } else {
      return sentence;
    }
  }
}

std::optional<std::string> find_english(std::string_view text) {
  for (const std::string& sentence : sentences_of(text)) {
    const std::string_view words = core_of(sentence);
    for (const std::string_view whole : kWhole) {
      if (words == whole) return std::string(whole);
    }
    for (const std::string_view clear : kClear) {
      const std::size_t at = sentence.find(clear);
      if (at != std::string::npos && !is_denied(std::string_view(sentence).substr(0, at)))
        return std::string(trim(clear));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_escape(std::string_view text, std::span<const std::string> phrases,
                                       bool english) {
  for (const std::string& phrase : phrases) {
    if (contains_phrase(text, phrase)) return phrase;
  }
  return english ? find_english(text) : std::nullopt;
}

}  // namespace scena
