#pragma once

#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena::llm {

/// A provider's URL as the host writes it, taken apart:
///
///     KIND                              "openai", "script"
///     KIND:MODEL                        "openai:gpt-4o", "anthropic:claude-sonnet-4-5"
///     KIND:MODEL@BASE                   "openai:llama3:8b@http://localhost:11434/v1"
///     KIND:@BASE  or  KIND+BASE         "openai+http://localhost:8080/v1"
///
/// KIND is lower-case letters, digits and `_`. MODEL may hold `:`, `/` and `@`. BASE begins with
/// http:// or https:// and has no user, query or fragment. What "script:" and "fault:" take after
/// the colon is found in `model` as it stands.
struct ProviderUrl {
  std::string kind;
  std::string model;
  std::string base_url;  ///< Without a slash at its end; empty: the kind's default.
  bool operator==(const ProviderUrl&) const = default;
};

/// invalid_argument with what is wrong. Whether the kind exists is the registry's matter.
Result<ProviderUrl> parse_provider_url(std::string_view url);

/// Checks a base URL alone and takes the slashes off its end.
Result<std::string> parse_base_url(std::string_view url);

}  // namespace scena::llm
