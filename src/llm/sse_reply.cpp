#include "llm/sse_reply.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm {
namespace {

// What is kept of an answer that is no event stream, for its words.
constexpr std::size_t kMaxForeignText = 2u << 10;

bool is_end_mark(std::string_view data) {
  return trim(data) == "[DONE]";
}

bool is_sound(std::string_view data) {
  JsonCursor json(data);
  if (json.peek() != JsonCursor::Kind::object) return is_end_mark(data);
  json.skip();
  return json.finish();
}

// Of some gateways they come inside data, or as an event of their own with any text.
bool is_keep_alive(std::string_view type, std::string_view data) {
  if (data.empty() || data.front() == ':' || trim(data) == "null") return true;
  constexpr std::array<std::string_view, 4> kNames = {"ping", "keepalive", "keep-alive",
                                                      "heartbeat"};
  return data.front() != '{' && std::find(kNames.begin(), kNames.end(), type) != kNames.end();
}

// The objects of an event that holds one in each of several lines; empty: it holds no two, or
// something else besides.
std::vector<std::string_view> objects_by_line(std::string_view data) {
  if (data.find('\n') == std::string_view::npos) return {};
  std::vector<std::string_view> objects;
  bool apart = true;
  std::size_t end = 0;
  JsonCursor json(data);
  while (json.peek() == JsonCursor::Kind::object) {
    const std::string_view one = json.skip();
    if (one.empty()) return {};
    const auto begin = static_cast<std::size_t>(one.data() - data.data());
    if (!objects.empty()) apart &= data.substr(end, begin - end).find('\n') != data.npos;
    end = begin + one.size();
    objects.push_back(one);
  }
  return apart && objects.size() > 1 && json.finish() ? objects : std::vector<std::string_view>{};
}

// What an event holds that is not one thing, as usual: gateways write the field's name twice, or
// leave out the blank line between two chunks, or in front of the end mark.
std::vector<std::string_view> pieces_of(std::string_view data) {
  constexpr std::string_view kField = "data:", kMark = "[DONE]";
  const bool doubled = data.starts_with(kField);
  if (doubled) data = trim(data.substr(kField.size()));
  const std::string_view end = trim(data);
  const bool marked = end.starts_with('{') && end.ends_with(kMark);
  if (marked) data = end.substr(0, end.size() - kMark.size());
  auto pieces = objects_by_line(data);
  if (pieces.empty() && (doubled || marked)) pieces.push_back(data);
  if (marked) pieces.push_back(kMark);
  return pieces;
}

// {"error": ...}, or a list of such, without a field's name in front.
bool is_bare_error(std::string_view text) {
  bool error = false;
  JsonCursor json(text);
  const auto read = [&] {
    json.object([&](std::string_view name) {
      if (name == "error") error |= json.peek() != JsonCursor::Kind::null;
    });
  };
  if (json.peek() == JsonCursor::Kind::array) {
    json.array(read);
  } else if (json.peek() == JsonCursor::Kind::object) {
    read();
  }
  return json.finish() && error;
}

bool begins_json(std::string_view text) {
  return text.starts_with('{') || text.starts_with('[');
}

// What a cut leaves of a line that would have been a field.
bool is_cut_field(std::string_view line) {
  for (std::string_view field : {"data", "event", "retry", "error", "id"}) {
    if (field.starts_with(line)) return true;
  }
  return false;
}

}  // namespace

void SseReply::feed(std::string_view bytes) {
  if (reply_.done()) return;
  // Usually a read, or a chunk of it, is whole events that look like the ones before.
  if (decoder_.at_boundary()) {
    bytes.remove_prefix(on_boundary(bytes));
    if (bytes.empty() || reply_.done()) return;
  }
  if (const auto result = decoder_.feed(bytes, *this); !result) reply_.fail(result.error());
}

void SseReply::finish(bool orderly) {
  if (reply_.done()) return;
  at_end_ = true;
  if (const auto result = decoder_.finish(net::SseRest::deliver, *this); !result)
    reply_.fail(result.error());
  if (orderly && foreign_ && !has_event_)
    reply_.fail(not_a_reply("the provider's answer is not the event stream that its head says",
                            foreign_text_));
}

bool SseReply::on_event(const net::SseEvent& event) {
  if (reply_.done()) return false;
  has_event_ = true;
  if (is_keep_alive(event.type, event.data)) return true;
  // Some services say what an event is by its name alone, and one that was cut must be sound.
  if (event.type == learned_type_ && !at_end_) {
    if (const auto match = template_.match_payload(event.data); match.bytes != 0) {
      reader_.read_match(match, reply_);
      return !reply_.done();
    }
  }
  const auto pieces = pieces_of(event.data);
  if (pieces.empty()) return read(event.type, event.data, event.raw);
  return std::all_of(pieces.begin(), pieces.end(), [&](std::string_view piece) {
    return is_keep_alive(event.type, piece) || read(event.type, piece, {});
  });
}

// `raw`: the event's own bytes, from which later ones may be told; empty: none of its own.
bool SseReply::read(std::string_view type, std::string_view data, std::string_view raw) {
  // No service sends anything but objects, lists and the end mark, unless it failed.
  const bool is_words = !begins_json(trim(data));
  if (is_words && type == "error") {
    reply_.fail(provider_failure(0, parse_failure(data), reply_.secrets()));
    return false;
  }
  // Half an event is not the provider's fault but the cut's: the terminal rule decides.
  if (at_end_ && !is_sound(data)) return false;
  if (is_words) {
    // Behind the reason for the end they are a farewell.
    reply_.has_reason()
        ? reply_.ignore()
        : reply_.fail(llm::not_json("the provider sent an event that is not valid JSON", data));
    return !reply_.done();
  }
  // No service sends a list but for a failure. The end mark looks like one.
  if (data.front() == '[' && !is_end_mark(data) && parse_failure(data).is_error) {
    reply_.fail(provider_failure(0, parse_failure(data), reply_.secrets()));
    return false;
  }
  const EventReading reading = reader_.read_event(type, data, reply_);
  if (reading.new_state) template_.forget();
  if (reading.frame.text.data() != nullptr && !raw.empty()) {
    template_.learn(raw, data, reading.frame);
    learned_type_ = type;
  }
  return !reply_.done();
}

bool SseReply::on_error_field(std::string_view value) {
  reply_.fail(provider_failure(0, parse_failure(value), reply_.secrets()));
  return false;
}

// Unknown fields mean nothing. An error as bare JSON does, and an answer of other lines alone.
// Either may take several lines.
bool SseReply::on_other_line(std::string_view line) {
  if (at_end_ && is_cut_field(line)) return true;
  foreign_ = true;
  if (begins_json(line)) foreign_text_.clear();
  if (has_event_ && !begins_json(line) && !begins_json(foreign_text_)) return true;
  if (foreign_text_.size() >= kMaxForeignText) return true;
  foreign_text_.append(line.substr(0, kMaxForeignText - foreign_text_.size())).append("\n");
  if (!is_bare_error(foreign_text_)) return true;
  reply_.fail(provider_failure(0, parse_failure(foreign_text_), reply_.secrets()));
  return false;
}

std::size_t SseReply::on_boundary(std::string_view rest) {
  if (!template_.learned()) return 0;
  std::size_t used = 0;
  while (!reply_.done()) {
    const auto match = template_.match(rest.substr(used));
    if (match.bytes == 0) break;
    used += match.bytes;
    reader_.read_match(match, reply_);
  }
  return used;
}

}  // namespace scena::llm
