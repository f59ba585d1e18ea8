// Any bytes as a line stream: the same lines whole and in pieces, none blank, none over the limit.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/ndjson.hpp"

namespace {

using namespace scena::net;

constexpr std::size_t kLimit = 1024;

struct Seen final : NdjsonVisitor {
  std::string text;
  bool on_line(std::string_view line) override {
    if (line.empty() || line.size() > kLimit) std::abort();
    text.append(line).append("\n");
    return true;
  }
};

std::string decode(std::string_view bytes, std::size_t step) {
  NdjsonDecoder decoder(kLimit);
  Seen seen;
  bool sound = true;
  for (std::size_t at = 0; sound && at < bytes.size(); at += step) {
    const std::string piece(bytes.substr(at, step));
    sound = decoder.feed(piece, seen).has_value();
  }
  sound = decoder.finish(seen).has_value() && sound;
  return seen.text + (sound ? "" : "too large");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = decode(bytes, size + 1);
  if (decode(bytes, 1) != whole || decode(bytes, 5) != whole) std::abort();
  return 0;
}
