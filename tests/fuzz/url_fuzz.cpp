// URLs from outside: judging never crashes, and what is allowed stays allowed when written again.
#include <cstdlib>

#include "base/url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)scena::TrustedUrl::parse("field", text);
  (void)scena::without_password(text);
  const auto judged = scena::judge_url(text);
  if (!judged) return 0;
  const scena::Url& url = judged->url();
  if (url.scheme() != "https" || !url.user().empty() || !url.password().empty() ||
      url.host().empty())
    std::abort();
  const auto again = scena::judge_url(url.to_string());
  if (!again || again->url().host() != url.host() || again->url().port() != url.port())
    std::abort();
  return 0;
}
