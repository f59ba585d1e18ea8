// Any bytes as a tape: read or refused, and what was read is written and read back equal.
#include <cstdint>
#include <cstdlib>

#include "net/tape.hpp"

using namespace scena::net;

namespace {

std::string write(const Tape& tape) {
  std::string text = tape::header_line() + "\n";
  std::size_t number = 0;
  for (const TapeExchange& exchange : tape.exchanges) {
    ++number;
    const HttpRequest request{
        .method = exchange.request.method,
        .url = exchange.request.url,
        .headers = {exchange.request.headers.begin(), exchange.request.headers.end()},
        .body = exchange.request.body,
        .secret_headers = {}};
    text +=
        tape::request_line(number, exchange.began.value_or(std::chrono::microseconds(0)), request) +
        "\n";
    if (exchange.head) text += tape::head_line(number, exchange.head_time, *exchange.head) + "\n";
    for (const TapePiece& piece : exchange.pieces) text += tape::body_line(number, piece) + "\n";
    text += tape::end_line(number, exchange.end_time, exchange.end) + "\n";
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tape = parse_tape({reinterpret_cast<const char*>(data), size});
  if (!tape) return 0;
  const std::string text = write(*tape);
  const auto again = parse_tape(text);
  if (!again || write(*again) != text) std::abort();
  return 0;
}
