#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <scena/error.hpp>
#include <string>
#include <string_view>

#include "llm/secret_words.hpp"

namespace scena::llm {

/// What a provider's error body says, in whatever of the known shapes it came. Empty where silent.
struct FailureBody {
  std::string type;
  std::string code;
  std::string message;
  int status = 0;  ///< The HTTP status that it names, as its code or beside it, else 0.
  std::optional<std::chrono::milliseconds> retry_after;  ///< As the body asks for, bounded.
  std::string reset;      ///< When a limit is full again, in a form of guard::parse_reset().
  bool is_error = false;  ///< JSON in one of the shapes of an error; false: any other text.
};

/// What parse_failure() reads at most: of a longer text it tells the begin.
inline constexpr std::size_t kMaxFailureBytes = 64u << 10;

/// Whether the value of a member "error" tells of one: some services always send it, as null, false
/// or empty.
bool is_failure_value(std::string_view json) noexcept;

/// Reads an error object or a list of them under whichever of the usual names, JSON inside a string
/// of it, the title of a web page, or any text. Never fails.
FailureBody parse_failure(std::string_view body);

/// The Error of a refused or failed call. `status` is the HTTP status, or 0 inside a stream that
/// began well. The provider's message is quoted up to 300 bytes (Error::provider_message() has
/// 4 KiB of it), with the secrets and whatever looks like a key taken out. `retry_after`: the wait
/// that the head asks for, told as well; without one the body's counts.
Error provider_failure(int status, const FailureBody& body, const SecretWords& secrets = {},
                       std::optional<std::chrono::milliseconds> retry_after = std::nullopt);

/// The protocol error of a body that is no reply at all; `what` tells what came in its place. The
/// body's words are quoted as in provider_failure().
Error not_a_reply(std::string what, std::string_view body, const SecretWords& secrets = {});

/// The protocol error of words where JSON was due in mid-stream; `what` tells what came.
Error not_json(std::string what, std::string_view words);

/// The error of a service of whose key nothing was told; `names` are those of its secrets.
Error missing_key(std::string_view service, std::string_view names);

/// The error with every secret in its text taken out: for texts that came in mid-stream.
Error without_secret(const Error& error, const SecretWords& secrets);

}  // namespace scena::llm
