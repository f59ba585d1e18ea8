#pragma once

#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace scena {

/// True for names whose values are secrets by what they are called: "api_key", "Authorization",
/// "refreshToken", "set-cookie", ... Names that only count tokens ("input_tokens") are not.
bool is_sensitive_name(std::string_view name) noexcept;

/// True for names of fields that hold what people or models wrote: "text", "prompt", "content", ...
bool is_message_text_name(std::string_view name) noexcept;

/// The one place where secrets are taken out of what leaves the engine as text.
///
/// Threading: every function may be called from any thread.
class Redactor {
 public:
  /// What stands in place of a secret.
  static constexpr std::string_view kMark = "***";
  /// Shorter strings are not searched for: they would blank out ordinary text.
  static constexpr std::size_t kShortest = 4;

  /// From now on this string is taken out wherever it occurs, also percent-encoded, JSON-escaped or
  /// base64-coded (as a whole).
  void add(const Secret& secret);

  /// The value without registered secrets, bearer and basic credentials, keys of well-known forms
  /// ("sk-..."), passwords in URLs, and values that stand behind a sensitive name and "=" or ":".
  std::string redact(std::string_view value) const;
  /// The same for a named field: all of it when the name is sensitive.
  std::string redact_field(std::string_view name, std::string_view value) const;

 private:
  void remove_registered(std::string& text) const;

  mutable std::shared_mutex mutex_;
  std::vector<Secret> needles_;  // Longest first, so that a part of a secret never splits it.
};

}  // namespace scena
