#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/response_parser.hpp"

using namespace scena;
using namespace scena::net;

namespace {

struct Seen final : ResponseEvents {
  void on_response_head(const HttpHead& got) override {
    ++heads;
    status = got.status;
    fields = got.headers.size();
  }
  void on_response_body(std::string_view bytes) override {
    if (bytes.empty() || heads != 1) std::abort();
    body += bytes;
  }
  bool operator==(const Seen& other) const {
    return heads == other.heads && status == other.status && fields == other.fields &&
           body == other.body && failed == other.failed && taken == other.taken &&
           done == other.done;
  }
  int heads = 0, status = 0;
  std::size_t fields = 0, taken = 0;
  std::string body;
  bool failed = false, done = false;
};

Seen parse(std::string_view text, std::size_t piece) {
  Seen seen;
  ResponseParser parser({.max_header_bytes = 4'096});
  while (seen.taken < text.size() && !parser.done()) {
    std::string part(text.substr(seen.taken, piece));
    const auto taken = parser.feed(part, seen);
    if (!taken) {
      // Where in a read the fault lies is not told; the verdict must be the same for every cut.
      seen.failed = true;
      seen.taken = 0;
      return seen;
    }
    if (*taken > part.size() || (*taken < part.size() && !parser.done())) std::abort();
    seen.taken += *taken;
  }
  seen.done = parser.done();
  if (seen.done && seen.heads != 1) std::abort();
  if (parser.finish() && !parser.done()) std::abort();
  return seen;
}

}  // namespace

/// The first byte chooses how the rest is cut; an answer must not depend on that.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen whole = parse(text, text.size() + 1);
  const Seen cut = parse(text, 1u + data[0] % 64u);
  if (!(whole == cut)) std::abort();
  return 0;
}
