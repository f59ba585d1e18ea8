#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scena {

/// Tokens of one model call, or a sum of calls. Cached and cache-write tokens are inside
/// `input_tokens`, reasoning tokens inside `output_tokens`, whatever the provider's own counting.
struct Usage {
  std::int64_t input_tokens = 0;         ///< Of the whole prompt.
  std::int64_t output_tokens = 0;        ///< Of the whole reply.
  std::int64_t cached_input_tokens = 0;  ///< Read from the provider's cache.
  std::int64_t cache_write_tokens = 0;   ///< Written to it.
  std::int64_t reasoning_tokens = 0;     ///< Thought before the reply.
  /// What the provider bills where it counts that apart from the real tokens; else not set.
  std::optional<std::int64_t> billed_input_tokens;
  std::optional<std::int64_t> billed_output_tokens;  ///< As billed_input_tokens.
  bool cached = false;     ///< Taken from the response cache: costs nothing.
  bool estimated = false;  ///< True when any part was estimated because the provider sent none.

  /// Each count saturates.
  Usage& operator+=(const Usage& other) noexcept;
  bool operator==(const Usage&) const = default;
};

/// What a provider reports while a reply streams: absent is not zero. Later values replace earlier
/// ones per field; nothing is ever added.
struct UsageUpdate {
  std::optional<std::int64_t> input_tokens;          ///< See Usage.
  std::optional<std::int64_t> output_tokens;         ///< See Usage.
  std::optional<std::int64_t> cached_input_tokens;   ///< See Usage.
  std::optional<std::int64_t> cache_write_tokens;    ///< See Usage.
  std::optional<std::int64_t> reasoning_tokens;      ///< See Usage.
  std::optional<std::int64_t> billed_input_tokens;   ///< See Usage.
  std::optional<std::int64_t> billed_output_tokens;  ///< See Usage.
  bool estimated = false;  ///< Some of it was counted here, not by the provider.

  /// The newest value of each field that is not empty wins; 0 is empty behind a count.
  void merge(const UsageUpdate& newer) noexcept;
  /// Forgets counts that no call can have, below 0 or above 10^12: as if they were not reported.
  void drop_impossible() noexcept;
  /// True when nothing was reported.
  bool empty() const noexcept;
};

/// An amount of money in 10^-12 USD. JSON holds the decimal string, e.g. "0.000125"; binary floats
/// never occur. Sums saturate instead of wrapping.
struct Money {
  std::int64_t pico_usd = 0;  ///< 10^-12 USD; may be negative.

  /// Exact decimal without trailing zeros, e.g. "1.5", "0", "-0.000001".
  std::string to_string() const;
  /// Parses up to 12 decimals; nullopt for anything else.
  static std::optional<Money> parse(std::string_view decimal) noexcept;

  Money& operator+=(Money other) noexcept;
  Money& operator-=(Money other) noexcept;
  friend Money operator+(Money a, Money b) noexcept { return a += b; }
  friend Money operator-(Money a, Money b) noexcept { return a -= b; }
  auto operator<=>(const Money&) const = default;
};

/// What a model charges, in USD per million tokens, and per request.
struct Price {
  Money input;   ///< Per 10^6 input tokens that were neither cached nor written to a cache.
  Money output;  ///< Per 10^6 output tokens.
  std::optional<Money> cached_input;  ///< Per 10^6 input tokens read from the provider's cache; not
                                      ///< set: as input.
  std::optional<Money> cache_write;   ///< Per 10^6 input tokens written to it; not set: as input.
  Money request;                      ///< Per request.
  std::optional<Money> reasoning;     ///< Per 10^6 reasoning tokens; not set: as output.
  bool operator==(const Price&) const = default;
};

/// What that usage costs: exact to 10^-12 USD, each part rounded half up once.
Money cost_of(const Price& price, const Usage& usage) noexcept;

}  // namespace scena
