#include <charconv>
#include <scena/event.hpp>
#include <string>
#include <tuple>

#include "base/json_writer.hpp"

namespace scena {
namespace {

constexpr std::string_view kLiveTypes[] = {
    "delta", "reasoning.delta", "tool.delta", "metrics.live", "presence", "signal", "lagged"};

void write_audience(JsonWriter& writer, const Audience& audience) {
  switch (audience.kind) {
    case Audience::Kind::all:
      writer.value("all");
      return;
    case Audience::Kind::hosts:
      writer.value("hosts");
      return;
    case Audience::Kind::named:
      break;
  }
  writer.begin_array();
  for (const auto& name : audience.names) writer.value(name);
  writer.end_array();
}

std::optional<std::uint64_t> parse_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || fault != std::errc() || end != digits.data() + digits.size())
    return std::nullopt;
  return number;
}

}  // namespace

bool Audience::admits(std::string_view participant, std::string_view role) const noexcept {
  if (role == "host" || kind == Kind::all) return true;
  if (kind == Kind::hosts) return false;
  for (std::string_view name : names) {
    if (name == participant && !participant.empty()) return true;
    if (name.starts_with("role:") && name.substr(5) == role && !role.empty()) return true;
  }
  return false;
}

std::string Cursor::to_string() const {
  std::string text = std::to_string(seq);
  if (offset) text.append(".").append(std::to_string(*offset));
  return text;
}

Result<Cursor> Cursor::parse(std::string_view text) {
  const auto dot = text.find('.');
  const auto seq = parse_number(text.substr(0, dot));
  Cursor cursor;
  if (dot != std::string_view::npos) cursor.offset = parse_number(text.substr(dot + 1));
  if (!seq || (dot != std::string_view::npos && !cursor.offset)) {
    return Error::fixed(
        ErrorCode::invalid_argument,
        "cursor: expected a cursor string as an event gave it, e.g. \"12\" or \"12.340\"");
  }
  cursor.seq = *seq;
  return cursor;
}

bool Event::is_durable() const noexcept {
  for (std::string_view live : kLiveTypes) {
    if (type == live) return false;
  }
  return true;
}

Cursor Event::cursor() const noexcept {
  if (place) return *place;
  if (off && type == "delta") return {seq, *off + text.size()};
  return {seq, {}};  // the offset of a piece of reasoning is none in the reply's text
}

bool Event::operator==(const Event& other) const noexcept {
  const auto content = [](const Event& event) {
    return std::tie(event.stream, event.seq, event.off, event.type, event.time, event.actor,
                    event.audience, event.cause, event.data, event.turn, event.text);
  };
  return content(*this) == content(other);
}

std::string Event::to_json() const {
  std::string out;
  write_json(out);
  return out;
}

void Event::write_json(std::string& out) const {
  JsonWriter writer(out);
  writer.begin_object().member("v", 1).member("stream", stream).member("seq", seq);
  if (off) writer.member("off", *off);
  writer.member("type", type);
  writer.member("time", static_cast<std::int64_t>(time.time_since_epoch().count()));
  writer.member("actor", actor).key("audience");
  write_audience(writer, audience);
  writer.member("cause", cause).key("data");
  if (type == "delta" || type == "reasoning.delta") {
    writer.begin_object().member("turn", turn).member("text", text).end_object();
  } else {
    writer.raw(data.empty() ? std::string_view("{}") : std::string_view(data));
  }
  writer.end_object();
}

}  // namespace scena
