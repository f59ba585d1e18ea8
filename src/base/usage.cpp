#include <algorithm>
#include <limits>
#include <scena/usage.hpp>

namespace scena {

namespace {
constexpr std::int64_t kMostTokens = 1'000'000'000'000;  // of one call

std::int64_t saturated_sum(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum))
    return b > 0 ? std::numeric_limits<std::int64_t>::max()
                 : std::numeric_limits<std::int64_t>::min();
  return sum;
}

// Where one part of a sum is billed by its own count, the others are by their tokens.
void add_billed(std::optional<std::int64_t>& sum, std::int64_t tokens,
                const std::optional<std::int64_t>& more, std::int64_t more_tokens) noexcept {
  if (sum || more) sum = saturated_sum(sum.value_or(tokens), more.value_or(more_tokens));
}
}  // namespace

Usage& Usage::operator+=(const Usage& other) noexcept {
  const auto is_empty = [](Usage usage) {
    usage.cached = usage.estimated = false;
    return usage == Usage{};
  };
  // A sum costs nothing where none of its parts does; one that used nothing says nothing of it.
  if (is_empty(other)) {
    cached = cached || (other.cached && is_empty(*this));
  } else {
    cached = other.cached && (cached || is_empty(*this));
  }
  add_billed(billed_input_tokens, input_tokens, other.billed_input_tokens, other.input_tokens);
  add_billed(billed_output_tokens, output_tokens, other.billed_output_tokens, other.output_tokens);
  input_tokens = saturated_sum(input_tokens, other.input_tokens);
  output_tokens = saturated_sum(output_tokens, other.output_tokens);
  cached_input_tokens = saturated_sum(cached_input_tokens, other.cached_input_tokens);
  cache_write_tokens = saturated_sum(cache_write_tokens, other.cache_write_tokens);
  reasoning_tokens = saturated_sum(reasoning_tokens, other.reasoning_tokens);
  estimated = estimated || other.estimated;
  return *this;
}

void UsageUpdate::merge(const UsageUpdate& newer) noexcept {
  auto take = [](std::optional<std::int64_t>& mine, const std::optional<std::int64_t>& theirs) {
    if (theirs && (*theirs != 0 || mine.value_or(0) == 0)) mine = theirs;
  };
  take(input_tokens, newer.input_tokens);
  take(output_tokens, newer.output_tokens);
  take(cached_input_tokens, newer.cached_input_tokens);
  take(cache_write_tokens, newer.cache_write_tokens);
  take(reasoning_tokens, newer.reasoning_tokens);
  take(billed_input_tokens, newer.billed_input_tokens);
  take(billed_output_tokens, newer.billed_output_tokens);
  estimated = estimated || newer.estimated;
}

void UsageUpdate::drop_impossible() noexcept {
  for (auto* count : {&input_tokens, &output_tokens, &cached_input_tokens, &cache_write_tokens,
                      &reasoning_tokens, &billed_input_tokens, &billed_output_tokens}) {
    if (*count && (**count < 0 || **count > kMostTokens)) count->reset();
  }
}

bool UsageUpdate::empty() const noexcept {
  return !input_tokens && !output_tokens && !cached_input_tokens && !cache_write_tokens &&
         !reasoning_tokens && !billed_input_tokens && !billed_output_tokens;
}

namespace {
__extension__ typedef __int128 Wide;
constexpr std::int64_t kUnit = 1'000'000'000'000;
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
}  // namespace

Money& Money::operator+=(Money other) noexcept {
  if (__builtin_add_overflow(pico_usd, other.pico_usd, &pico_usd))
    pico_usd = other.pico_usd > 0 ? kMax : -kMax;
  return *this;
}

Money& Money::operator-=(Money other) noexcept {
  if (__builtin_sub_overflow(pico_usd, other.pico_usd, &pico_usd))
    pico_usd = other.pico_usd < 0 ? kMax : -kMax;
  return *this;
}

Money cost_of(const Price& price, const Usage& usage) noexcept {
  const auto part = [](Money per_million, std::int64_t tokens) {
    if (tokens <= 0) return Money{};
    const Wide rounded = (static_cast<Wide>(per_million.pico_usd) * tokens + 500'000) / 1'000'000;
    return Money{rounded > kMax ? kMax : static_cast<std::int64_t>(rounded)};
  };
  if (usage.cached) return {};
  const std::int64_t plain = usage.billed_input_tokens.value_or(usage.input_tokens) -
                             usage.cached_input_tokens - usage.cache_write_tokens;
  const std::int64_t written = usage.billed_output_tokens.value_or(usage.output_tokens);
  const std::int64_t reasoned = price.reasoning ? std::min(usage.reasoning_tokens, written) : 0;
  return price.request + part(price.input, plain) +
         part(price.cached_input.value_or(price.input), usage.cached_input_tokens) +
         part(price.cache_write.value_or(price.input), usage.cache_write_tokens) +
         part(price.output, written - reasoned) + part(price.reasoning.value_or(Money{}), reasoned);
}

std::string Money::to_string() const {
  const bool negative = pico_usd < 0;
  const auto magnitude =
      negative ? 0 - static_cast<std::uint64_t>(pico_usd) : static_cast<std::uint64_t>(pico_usd);
  std::string text = negative ? "-" : "";
  text += std::to_string(magnitude / kUnit);
  std::string fraction = std::to_string(magnitude % kUnit);
  fraction.insert(0, 12 - fraction.size(), '0');
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (!fraction.empty()) text += '.' + fraction;
  return text;
}

std::optional<Money> Money::parse(std::string_view decimal) noexcept {
  const bool negative = decimal.starts_with('-');
  if (negative) decimal.remove_prefix(1);
  const auto dot = decimal.find('.');
  const auto whole = decimal.substr(0, dot);
  const auto fraction =
      dot == std::string_view::npos ? std::string_view() : decimal.substr(dot + 1);
  if (whole.empty() || fraction.size() > 12 || (dot != std::string_view::npos && fraction.empty()))
    return std::nullopt;
  std::int64_t value = 0;
  auto add_digit = [&value](char c) {
    return c >= '0' && c <= '9' && !__builtin_mul_overflow(value, 10, &value) &&
           !__builtin_add_overflow(value, c - '0', &value);
  };
  for (char c : whole) {
    if (!add_digit(c)) return std::nullopt;
  }
  for (std::size_t i = 0; i < 12; ++i) {
    if (!add_digit(i < fraction.size() ? fraction[i] : '0')) return std::nullopt;
  }
  return Money{negative ? -value : value};
}

}  // namespace scena
