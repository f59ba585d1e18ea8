#pragma once

#include <optional>
#include <scena/ext/provider.hpp>
#include <span>
#include <string_view>

namespace scena::llm {

/// What a service's word for the end of a reply means.
struct ReasonWord {
  std::string_view word;
  FinishReason reason;
};

/// The meaning of a word, however its letters are written: gateways change them, and keep the words
/// of the service behind them. `own` are those of the service alone; they count before the ones
/// that many share. nullopt: unknown.
std::optional<FinishReason> reason_of(std::span<const ReasonWord> own,
                                      std::string_view word) noexcept;

}  // namespace scena::llm
