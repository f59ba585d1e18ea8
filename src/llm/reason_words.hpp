#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <scena/ext/provider.hpp>
#include <string_view>

#include "base/text.hpp"

namespace scena::llm {

/// What a service's word for the end of a reply means.
struct ReasonWord {
  std::string_view word;
  FinishReason reason;
};

/// The meaning of a word, however its letters are written: gateways change them. nullopt: unknown.
template <std::size_t N>
std::optional<FinishReason> reason_of(const std::array<ReasonWord, N>& words,
                                      std::string_view word) noexcept {
  for (const auto& known : words) {
    if (equals_ignore_case(word, known.word)) return known.reason;
  }
  return std::nullopt;
}

}  // namespace scena::llm
