// Any bytes as an event stream: the same events whole, byte by byte and in threes; nothing over the
// limit.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/sse.hpp"

namespace {

using namespace scena::net;

constexpr std::size_t kLimit = 4096;

struct Seen final : SseVisitor {
  std::string text;
  bool on_event(const SseEvent& event) override {
    if (event.data.size() > kLimit) std::abort();
    text.append(event.type)
        .append("|")
        .append(event.data)
        .append("|")
        .append(event.last_id)
        .append("\n");
    return true;
  }
  bool on_error_field(std::string_view value) override {
    text.append("error ").append(value).append("\n");
    return true;
  }
  bool on_other_line(std::string_view line) override {
    if (line.size() > kLimit) std::abort();
    text.append("other ").append(line).append("\n");
    return true;
  }
};

std::string decode(std::string_view bytes, std::size_t step, SseRest rest) {
  SseDecoder decoder(kLimit);
  Seen seen;
  bool sound = true;
  for (std::size_t at = 0; sound && at < bytes.size(); at += step) {
    const std::string piece(bytes.substr(at, step));
    sound = decoder.feed(piece, seen).has_value();
  }
  sound = decoder.finish(rest, seen).has_value() && sound;
  return seen.text + (sound ? "" : "too large");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto rest : {SseRest::discard, SseRest::deliver}) {
    const std::string whole = decode(bytes, size + 1, rest);
    if (decode(bytes, 1, rest) != whole || decode(bytes, 3, rest) != whole) std::abort();
  }
  return 0;
}
