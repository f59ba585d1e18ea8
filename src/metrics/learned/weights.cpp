#include "metrics/learned/weights.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace scena::metrics {
namespace {

constexpr std::size_t kSectionName = 16;
constexpr unsigned kMaxBits = 20;

// Takes numbers off the front of a file; after the first one that is not there, all are 0.
class WeightsReader {
 public:
  explicit WeightsReader(std::span<const std::byte> bytes) noexcept : rest_(bytes) {}

  std::span<const std::byte> take(std::size_t size) noexcept {
    if (size > rest_.size()) {
      whole_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  std::uint32_t number(std::size_t size) noexcept {
    const auto bytes = take(size);
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
      value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
    return value;
  }
  /// 0 when it is not a finite number, which then is no whole file.
  float real() noexcept {
    const auto value = std::bit_cast<float>(number(4));
    if (std::isfinite(value)) return value;
    whole_ = false;
    return 0;
  }
  std::size_t left() const noexcept { return rest_.size(); }
  bool whole() const noexcept { return whole_; }

 private:
  static_assert(std::numeric_limits<float>::is_iec559);
  std::span<const std::byte> rest_;
  bool whole_ = true;
};

Error bad_weights(std::string_view section, std::string_view what) {
  std::string text = "weights of the metrics: ";
  if (!section.empty()) text.append("section \"").append(section).append("\": ");
  text.append(what).append("; train them again with scripts/train_metrics.py");
  return Error(ErrorCode::invalid_argument, text);
}

Result<LinearModel> read_linear(std::string_view name, std::span<const std::byte> bytes) {
  WeightsReader reader(bytes);
  const unsigned bits = reader.number(1);
  const std::size_t heads = reader.number(1);
  const std::size_t numbers = reader.number(2);
  if (bits < 1 || bits > kMaxBits || heads < 1 || heads > LinearModel::kMaxHeads ||
      numbers > LinearModel::kMaxNumbers)
    return bad_weights(name, "its bits, heads or numbers are out of range");
  std::vector<LinearModel::Head> read(heads);
  for (auto& head : read) {
    head.bias = reader.real();
    head.scale = reader.real();
    head.numbers.resize(numbers);
    for (float& weight : head.numbers) weight = reader.real();
  }
  const auto table = reader.take(heads << bits);
  if (!reader.whole() || reader.left() != 0)
    return bad_weights(name, "its size does not fit its bits and heads");
  return LinearModel(bits, std::move(read),
                     {reinterpret_cast<const std::int8_t*>(table.data()), table.size()});
}

Result<std::vector<WordPolarity>> read_words(std::string_view name,
                                             std::span<const std::byte> bytes) {
  WeightsReader reader(bytes);
  const std::size_t count = reader.number(4);
  if (count > bytes.size() / 5 || reader.left() != count * 5)
    return bad_weights(name, "its size does not fit its count");
  std::vector<WordPolarity> words(count);
  for (std::size_t i = 0; i < count; ++i) {
    words[i].word = reader.number(4);
    if (i > 0 && words[i].word <= words[i - 1].word)
      return bad_weights(name, "its words are not in rising order");
  }
  for (WordPolarity& word : words) word.polarity = static_cast<std::int8_t>(reader.number(1));
  return words;
}

Result<WordRelations> read_relations(std::string_view name, std::span<const std::byte> bytes) {
  WeightsReader reader(bytes);
  const std::size_t count = reader.number(4);
  const auto first_kind = static_cast<std::uint16_t>(reader.number(2));
  const auto first_synonym = static_cast<std::uint16_t>(reader.number(2));
  if (count > bytes.size() / 8 || reader.left() != count * 8)
    return bad_weights(name, "its size does not fit its count");
  std::vector<WordRelation> entries(count);
  for (std::size_t i = 0; i < count; ++i) {
    entries[i].stem = reader.number(4);
    if (i > 0 && entries[i].stem < entries[i - 1].stem)
      return bad_weights(name, "its words are not in rising order");
  }
  for (WordRelation& entry : entries) {
    entry.set = static_cast<std::uint16_t>(reader.number(2));
    if (entry.set > WordRelations::kMaxSet)
      return bad_weights(name, "the number of a set is out of range");
  }
  for (WordRelation& entry : entries) {
    entry.member = static_cast<std::uint16_t>(reader.number(2));
    if (entry.member > WordRelations::kMaxMember)
      return bad_weights(name, "the number of a member is out of range");
  }
  return WordRelations(std::move(entries), first_kind, first_synonym);
}

Result<WordVectors> read_vectors(std::string_view name, std::span<const std::byte> bytes) {
  WeightsReader reader(bytes);
  const std::size_t count = reader.number(4);
  if (reader.number(2) != WordVectors::kDims || reader.number(2) != 0)
    return bad_weights(name, "its dimensions are not those of this library");
  if (count > WordVectors::kMaxStems || reader.left() != count * (4 + WordVectors::kDims))
    return bad_weights(name, "its size does not fit its count");
  std::vector<std::uint32_t> stems(count);
  for (std::size_t i = 0; i < count; ++i) {
    stems[i] = reader.number(4);
    if (i > 0 && stems[i] <= stems[i - 1])
      return bad_weights(name, "its words are not in rising order");
  }
  const auto table = reader.take(count * WordVectors::kDims);
  return WordVectors(std::move(stems),
                     {reinterpret_cast<const std::int8_t*>(table.data()), table.size()});
}

}  // namespace

Result<Weights> Weights::read(std::span<const std::byte> file) {
  WeightsReader reader(file);
  if (reader.number(4) != 0x574D4353) return bad_weights("", "the file does not begin with SCMW");
  if (reader.number(4) != kVersion) return bad_weights("", "the file's version is not known");
  Weights weights;
  for (std::uint32_t left = reader.number(4); left > 0; --left) {
    const auto bytes = reader.take(kSectionName);
    std::string name(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    name.resize(std::min(name.find('\0'), name.size()));
    const std::uint32_t kind = reader.number(4);
    const auto content = reader.take(reader.number(4));
    if (!reader.whole()) return bad_weights("", "the file ends too early");
    if (kind == 1) {
      auto model = read_linear(name, content);
      if (!model) return model.error();
      weights.models_.push_back({std::move(name), std::move(*model)});
    } else if (kind == 2) {
      auto words = read_words(name, content);
      if (!words) return words.error();
      weights.words_ = std::move(*words);
    } else if (kind == 3) {
      auto relations = read_relations(name, content);
      if (!relations) return relations.error();
      weights.relations_ = std::move(*relations);
    } else if (kind == 4) {
      auto vectors = read_vectors(name, content);
      if (!vectors) return vectors.error();
      weights.vectors_ = std::move(*vectors);
    } else {
      return bad_weights(name, "its kind is not known");
    }
  }
  if (!reader.whole() || reader.left() != 0)
    return bad_weights("", "the file's size does not fit its sections");
  return weights;
}

const LinearModel* Weights::model(std::string_view name) const noexcept {
  for (const Named& known : models_) {
    if (known.name == name) return &known.model;
  }
  return nullptr;
}

}  // namespace scena::metrics
