#include "engine/money/output_limit.hpp"

#include <string_view>
#include <utility>

#include "base/json.hpp"

namespace scena::engine {
namespace {

constexpr double kLargestLimit = 1e12;

// Kinds, and where their services have it. Of two names the newer one stands first.
constexpr std::pair<std::string_view, const char*> kPlaces[] = {
    {"openai", "/max_completion_tokens"},
    {"openai", "/max_tokens"},
    {"azure", "/max_completion_tokens"},
    {"azure", "/max_tokens"},
    {"openai_responses", "/max_output_tokens"},
    {"anthropic", "/max_tokens"},
    {"cohere", "/max_tokens"},
    {"gemini", "/generationConfig/maxOutputTokens"},
    {"ollama", "/options/num_predict"}};

}  // namespace

std::optional<std::int64_t> configured_output_limit(const ProviderConfig& provider) {
  if (provider.body.empty()) return std::nullopt;
  const auto body = parse_json(provider.body, {.careful = true});
  if (!body) return std::nullopt;
  const std::string_view url = provider.url;
  const std::string_view kind = url.substr(0, url.find_first_of(":+"));
  for (const auto& [its_kind, place] : kPlaces) {
    if (its_kind != kind) continue;
    const Json::json_pointer pointer(place);
    if (!body->contains(pointer)) continue;
    const Json& limit = (*body)[pointer];
    if (limit.is_number_integer() && limit.get<double>() >= 1 &&
        limit.get<double>() <= kLargestLimit)
      return limit.get<std::int64_t>();
  }
  return std::nullopt;
}

}  // namespace scena::engine
