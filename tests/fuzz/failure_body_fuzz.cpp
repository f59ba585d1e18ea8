// Any bytes as the body of a failure: bounded words, valid UTF-8, no secret.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "llm/provider_failure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace scena;
  constexpr std::string_view kSecret = "hunter2hunter";
  const llm::SecretWords secrets(ProviderConfig{.api_key = std::string(kSecret)});
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const llm::FailureBody body = llm::parse_failure(bytes);
  if (body.retry_after && body.retry_after->count() < 0) std::abort();
  for (const int status : {0, 400, 429, 503}) {
    const Error error = llm::provider_failure(status, body, secrets);
    const std::string_view text = error.what();
    if (!is_valid_utf8(text) || text.size() > 1024) std::abort();
    if (text.find(kSecret) != std::string_view::npos) std::abort();
    if (error.provider_message().size() > 4096) std::abort();
  }
  if (!is_valid_utf8(llm::not_a_reply("x", bytes, secrets).what())) std::abort();
  return 0;
}
