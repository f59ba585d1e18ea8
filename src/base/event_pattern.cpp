#include "base/event_pattern.hpp"

#include <algorithm>

namespace scena {
namespace {

bool is_type(std::string_view text) noexcept {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return std::all_of(text.begin(), text.end(), good);
}

}  // namespace

bool is_event_pattern(std::string_view text) noexcept {
  if (text.empty() || text.size() > 200) return false;
  if (text.back() == '*') text.remove_suffix(1);
  return is_type(text);
}

bool wants_event(std::span<const std::string> patterns, std::string_view type) noexcept {
  const auto fits = [type](std::string_view pattern) {
    if (!pattern.ends_with('*')) return pattern == type;
    pattern.remove_suffix(1);
    return type.starts_with(pattern);
  };
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), fits);
}

}  // namespace scena
