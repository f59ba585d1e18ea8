#include "llm/embed/vector_reader.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/base64.hpp"
#include "llm/text_joiner.hpp"

namespace scena::llm {
namespace {

constexpr std::size_t kMaxDimensions = 65'536;

float float_at(const char* bytes) noexcept {
  std::uint32_t bits = 0;
  for (int i = 3; i >= 0; --i) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
  return std::bit_cast<float>(bits);
}

}  // namespace

Error no_vectors(const char* what) noexcept {
  return Error::fixed(ErrorCode::protocol, what);
}

void VectorReader::read(JsonCursor& json) {
  const std::size_t before = batch_.values.size();
  const bool read =
      json.peek() == JsonCursor::Kind::string ? read_base64(json) : read_numbers(json);
  const std::size_t dimensions = batch_.values.size() - before;
  if (count_++ == 0) batch_.dimensions = dimensions;
  sound_ &= read && dimensions == batch_.dimensions && dimensions > 0;
}

bool VectorReader::read_numbers(JsonCursor& json) {
  bool fine = json.peek() == JsonCursor::Kind::array;
  const std::size_t most = batch_.values.size() + kMaxDimensions;
  json.array([&] {
    const std::string_view text = json.skip();
    double value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto number = static_cast<float>(value);
    fine &= fault == std::errc() && end == text.data() + text.size() && std::isfinite(number);
    fine &= batch_.values.size() < most;
    if (fine) batch_.values.push_back(number);
  });
  return fine;
}

bool VectorReader::read_base64(JsonCursor& json) {
  const auto bytes = base64_decode(unescaped(json.text()));
  if (!bytes || bytes->size() % 4 != 0 || bytes->size() / 4 > kMaxDimensions) return false;
  for (std::size_t at = 0; at < bytes->size(); at += 4) {
    const float number = float_at(bytes->data() + at);
    if (!std::isfinite(number)) return false;
    batch_.values.push_back(number);
  }
  return true;
}

Result<EmbeddedBatch> VectorReader::take(std::size_t texts, const std::vector<std::size_t>& order) {
  if (!sound_) {
    return no_vectors(
        "the provider's vectors are no lists of finite numbers, or differ in their dimensions");
  }
  if (count_ != texts) return no_vectors("the provider sent another number of vectors than texts");
  if (order.empty()) return std::move(batch_);
  EmbeddedBatch sorted;
  sorted.dimensions = batch_.dimensions;
  sorted.values.resize(batch_.values.size());
  std::vector<bool> taken(texts, false);
  for (std::size_t i = 0; i < texts; ++i) {
    if (i >= order.size() || order[i] >= texts || taken[order[i]])
      return no_vectors("the provider's vectors do not say which text they belong to");
    taken[order[i]] = true;
    const auto from = batch_.values.begin() + static_cast<std::ptrdiff_t>(i * sorted.dimensions);
    std::copy_n(from, sorted.dimensions,
                sorted.values.begin() + static_cast<std::ptrdiff_t>(order[i] * sorted.dimensions));
  }
  return sorted;
}

}  // namespace scena::llm
