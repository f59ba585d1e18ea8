#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <scena/result.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/learned/linear_model.hpp"
#include "metrics/learned/relations.hpp"
#include "metrics/learned/word_vectors.hpp"
#include "metrics/words/lexicon.hpp"

namespace scena::metrics {

/// What was learned from data: linear models and a list of words, in one versioned file that
/// scripts/train_metrics.py writes. Immutable.
///
/// The file, all numbers little-endian: "SCMW", u32 version, u32 count of sections, then each
/// section as 16 bytes of name (filled with NUL), u32 kind, u32 size, and so many bytes:
/// - kind 1, a linear model: u8 bits, u8 heads, u16 numbers; for each head f32 bias, f32 scale and
///   f32 for each number; then int8 weights, heads for each of 2^bits slots;
/// - kind 2, words: u32 count, a u32 hash for each in rising order, an int8 for each;
/// - kind 3, relations of words: u32 count, u16 first set of kinds, u16 first set of synonyms; then
///   u32 stem of each entry in rising order, u16 set of each, u16 member of each;
/// - kind 4, vectors of words: u32 count, u16 dimensions, u16 0; then u32 stem of each in rising
///   order, and int8 for each dimension of each.
class Weights {
 public:
  static constexpr std::uint32_t kVersion = 1;

  /// No models and no words: the metrics then answer by their rules.
  Weights() = default;

  /// Reads a file of weights. The tables are not copied: `file` must outlive what comes back.
  /// invalid_argument when the bytes are not such a file, naming the section.
  static Result<Weights> read(std::span<const std::byte> file);

  /// The linear model of that name, nullptr without one.
  const LinearModel* model(std::string_view name) const noexcept;

  /// The list of words; empty without one.
  const std::vector<WordPolarity>& words() const noexcept { return words_; }

  /// Which words exclude each other or mean the same; empty without them.
  const WordRelations& relations() const noexcept { return relations_; }

  /// What words are about; empty without them.
  const WordVectors& vectors() const noexcept { return vectors_; }

 private:
  struct Named {
    std::string name;
    LinearModel model;
  };
  std::vector<Named> models_;
  std::vector<WordPolarity> words_;
  WordRelations relations_;
  WordVectors vectors_;
};

/// The file of weights that was compiled in; empty when the library was built without.
std::span<const std::byte> builtin_weights_file() noexcept;

}  // namespace scena::metrics
