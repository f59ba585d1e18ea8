#include "llm/backends/gemini/proto_name.hpp"

namespace scena::llm::gemini {
namespace {

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

char small(char c) {
  return static_cast<char>(c + ('a' - 'A'));
}

}  // namespace

bool is_named(std::string_view name, std::string_view camel) noexcept {
  if (name.size() <= camel.size()) return name == camel;
  std::size_t at = 0;
  for (const char c : camel) {
    if (is_capital(c)) {
      if (at + 1 >= name.size() || name[at] != '_' || name[at + 1] != small(c)) return false;
      at += 2;
    } else if (at == name.size() || name[at++] != c) {
      return false;
    }
  }
  return at == name.size();
}

std::string snake_name(std::string_view camel) {
  std::string snake;
  for (const char c : camel) {
    if (is_capital(c)) snake += '_';
    snake += is_capital(c) ? small(c) : c;
  }
  return snake;
}

}  // namespace scena::llm::gemini
