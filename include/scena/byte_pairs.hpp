#pragma once

#include <cstddef>
#include <memory>
#include <scena/ext/token_counter.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena {

/// How a family of models cuts a text into words before it merges bytes. Its vocabulary says which:
/// gpt2 for r50k and p50k, cl100k for GPT-4 and GPT-3.5, o200k for GPT-4o and later.
enum class TextCut { gpt2, cl100k, o200k };

/// Bounds of a file of byte pairs.
struct BytePairLimits {
  std::size_t max_bytes = 32u << 20;    ///< Of the file.
  std::size_t max_tokens = 1'000'000;   ///< Lines.
  std::size_t max_token_bytes = 1'024;  ///< Of one token.
};

/// A counter for Dependencies::token_counters that counts exactly, by the family's own vocabulary:
/// a line for each token, its bytes in base64, a blank, and its rank, lower ones being merged
/// first. Special tokens are counted as the text that they are. The time is linear in the text but
/// for a logarithm, whatever stands in it.
///
/// @return invalid_argument with the line at fault; too_large over the limits; not_found and
///         unavailable for a file that is not there or cannot be read.
Result<std::shared_ptr<TokenCounter>> byte_pair_counter(std::string_view ranks, TextCut cut,
                                                        const BytePairLimits& limits = {});
/// The same from a file, which is read whole before this returns.
Result<std::shared_ptr<TokenCounter>> byte_pair_counter_from_file(
    const std::string& path, TextCut cut, const BytePairLimits& limits = {});

}  // namespace scena
