#include <iostream>
#include <iterator>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/url.hpp"
#include "conformance/subcommands.hpp"
#include "net/sse.hpp"

namespace scena::conformance {
namespace {

class EventWriter final : public net::SseVisitor {
 public:
  explicit EventWriter(JsonWriter& out) : out_(out) {}

  bool on_event(const net::SseEvent& event) override {
    out_.begin_object().member("type", event.type).member("data", event.data);
    out_.member("id", event.last_id).end_object();
    return true;
  }

 private:
  JsonWriter& out_;
};

constexpr std::size_t kMaxBytes = 64u << 20;

std::string decode_stream(const Json& chunks) {
  std::string line;
  JsonWriter out(line);
  EventWriter events(out);
  net::SseDecoder decoder(kMaxBytes);  // the standard has no limit
  out.begin_object().key("events").begin_array();
  Result<void> fine;
  for (const auto& chunk : chunks) {
    const auto bytes = base64_decode(chunk.get<std::string>());
    if (!bytes) throw Error::fixed(ErrorCode::invalid_argument, "chunks: not base64");
    if (fine) fine = decoder.feed(*bytes, events);
  }
  if (fine) fine = decoder.finish(net::SseRest::discard, events);
  out.end_array().key("retry");
  if (decoder.retry()) {
    out.value(static_cast<std::int64_t>(decoder.retry()->count()));
  } else {
    out.null();
  }
  out.member("lastId", decoder.last_id());
  if (!fine) out.member("error", to_string(fine.error().code()));
  out.end_object();
  return line;
}

}  // namespace

int run_sse() {
  for (std::string line; std::getline(std::cin, line);) {
    if (line.empty()) continue;
    const auto request = parse_json(line, {.max_bytes = 2 * kMaxBytes}).value_or_throw();
    std::cout << decode_stream(request.at("chunks")) << std::endl;
  }
  return 0;
}

int run_json() {
  const std::string text{std::istreambuf_iterator<char>(std::cin),
                         std::istreambuf_iterator<char>()};
  return parse_json(text) ? 0 : 1;
}

int run_url() {
  for (std::string line; std::getline(std::cin, line);) {
    // A URL that holds a line end comes as a JSON string. What is neither is judged as it stands.
    if (line.starts_with('"')) {
      const auto text = parse_json(line);
      if (text && text->is_string()) line = text->get<std::string>();
    }
    std::cout << (judge_url(line) ? "allow" : "deny") << std::endl;
  }
  return 0;
}

}  // namespace scena::conformance
