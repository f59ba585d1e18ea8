#include "llm/chat_tokens.hpp"

#include <algorithm>

namespace scena::llm {
namespace {

// Of ChatML, Llama 2 to 4, Mistral, Gemma, Phi, Qwen and DeepSeek (whose bars are U+FF5C), behind
// their first byte. One that ends with a bar stands for all that begin so.
constexpr std::string_view kWords[] = {
    "|",
    "\xEF\xBD\x9C",
    "s>",
    "/s>",
    "<SYS>>",
    "</SYS>>",
    "bos>",
    "eos>",
    "start_of_turn>",
    "end_of_turn>",
    "INST]",
    "/INST]",
    "SYSTEM_PROMPT]",
    "/SYSTEM_PROMPT]",
    "AVAILABLE_TOOLS]",
    "/AVAILABLE_TOOLS]",
    "TOOL_CALLS]",
    "TOOL_RESULTS]",
    "/TOOL_RESULTS]",
};

bool is_word(char first, std::string_view behind) noexcept {
  return std::any_of(std::begin(kWords), std::end(kWords), [&](std::string_view word) {
    const char opens = word.back() == ']' ? '[' : '<';
    return first == opens && behind.starts_with(word);
  });
}

// The place behind the first byte of the next word; npos: there is none.
std::size_t find_word(std::string_view text, std::size_t from) noexcept {
  for (std::size_t at = text.find_first_of("<[", from); at != text.npos;
       at = text.find_first_of("<[", at + 1)) {
    if (is_word(text[at], text.substr(at + 1))) return at + 1;
  }
  return text.npos;
}

}  // namespace

std::string_view without_chat_tokens(std::string_view text, std::string& changed) {
  std::size_t word = find_word(text, 0);
  if (word == text.npos) return text;
  changed.clear();
  std::size_t done = 0;
  for (; word != text.npos; word = find_word(text, word)) {
    changed.append(text.substr(done, word - done)).append(" ");
    done = word;
  }
  return changed.append(text.substr(done));
}

}  // namespace scena::llm
