// What somebody says, of arbitrary bytes, behind a line that is the scenario's own phrase: what is
// found is one of the phrases or of the engine's words, and a clear word behind it is found always.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "domain/escape.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string phrases[] = {std::string(input.substr(0, input.find('\n')))};
  const std::string_view text = phrases[0].size() < size ? input.substr(phrases[0].size() + 1) : "";
  const auto own = scena::find_escape(text, phrases, false);
  if (own && *own != phrases[0]) std::abort();
  if (scena::find_escape(text, {}, false)) std::abort();
  const auto found = scena::find_escape(text, phrases, true);
  if (own && found != own) std::abort();
  if (found && found->empty()) std::abort();
  if (scena::find_escape(text, phrases, true) != found) std::abort();
  if (!scena::find_escape(std::string(text) + "\nSkip this question.", {}, true)) std::abort();
  return 0;
}
