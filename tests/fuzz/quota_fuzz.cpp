// Quota fields of an answer's head: whatever stands there, a call waits for kLongestWait at most.
#include <cstdlib>

#include "guard/quota_headers.hpp"
#include "guard/quota_pacer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view left = text.substr(0, text.find('\n'));
  const std::string_view reset = left.size() < size ? text.substr(left.size() + 1) : text;
  const scena::WallTime now(std::chrono::microseconds(1'795'780'800'000'000));
  const auto news = scena::guard::read_quota(
      [&](std::string_view name) {
        return name.find("remaining") != std::string_view::npos ? left : reset;
      },
      now);
  scena::guard::QuotaPacer pacer;
  pacer.update(news, scena::TimePoint());
  const auto wait = pacer.take(10, 10, scena::TimePoint());
  if (wait < scena::Duration::zero() || wait > scena::guard::kLongestWait) std::abort();
  return 0;
}
