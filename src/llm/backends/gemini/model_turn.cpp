#include "llm/backends/gemini/model_turn.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/json.hpp"
#include "base/json_cursor.hpp"
#include "base/text.hpp"
#include "llm/backends/gemini/partial_call.hpp"

namespace scena::llm::gemini {
namespace {

struct Signed {
  std::map<std::size_t, std::vector<OrderedJson>> texts;  // by bytes of text before
  std::map<std::size_t, OrderedJson> calls;               // by number
};

// A state that is not ours says nothing.
Signed read_state(std::string_view state) {
  Signed parts;
  if (state.empty()) return parts;
  auto json = parse_json_ordered(state);
  if (!json || !json->is_array()) return parts;
  for (auto& entry : *json) {
    if (!entry.is_object() || !entry.contains("part") || !entry["part"].is_object()) continue;
    if (entry.contains("at") && entry["at"].is_number_unsigned()) {
      parts.texts[entry["at"].get<std::size_t>()].push_back(std::move(entry["part"]));
    } else if (entry.contains("call") && entry["call"].is_number_unsigned()) {
      parts.calls.insert_or_assign(entry["call"].get<std::size_t>(), std::move(entry["part"]));
    }
  }
  return parts;
}

std::string text_of(const OrderedJson& part) {
  const auto text = part.find("text");
  return text != part.end() && text->is_string() ? text->get<std::string>() : std::string();
}

bool is_thought(const OrderedJson& part) {
  return part.contains("thought");
}

void write_text(JsonWriter& json, std::string_view text) {
  if (!text.empty()) json.begin_object().member("text", text).end_object();
}

// Whether the text is the one that the parts were told of: a filter or a host may have changed it.
// A signature without a text stands behind a signed one, or at an end of the text.
bool is_own_text(std::string_view text, const Signed& parts) {
  std::size_t end = 0;  // of the signed text so far
  for (const auto& [at, entries] : parts.texts) {
    if (at < end || at > text.size() || utf8_truncate(text, at).size() != at) return false;
    for (const OrderedJson& part : entries) {
      if (is_thought(part)) continue;
      const std::string own = text_of(part);
      if (own.empty() && at != end && at != text.size()) return false;
      if (!text.substr(at).starts_with(own)) return false;
      if (!own.empty()) end = at + own.size();
    }
  }
  return true;
}

void write_own_text(JsonWriter& json, std::string_view text, const Signed& parts) {
  std::size_t from = 0;
  for (const auto& [at, entries] : parts.texts) {
    for (const OrderedJson& part : entries) {
      if (at > from) write_text(json, text.substr(from, at - from));
      json.raw(dump_json(part));
      from = std::max(from, at);
      if (!is_thought(part)) from = at + text_of(part).size();
    }
  }
  write_text(json, text.substr(from));
}

// The text as a whole takes the first signature of what it was, empty ones behind it the others.
void write_other_text(JsonWriter& json, std::string_view text, const Signed& parts) {
  for (const auto& [at, entries] : parts.texts) {
    for (const OrderedJson& part : entries) {
      if (is_thought(part)) json.raw(dump_json(part));
    }
  }
  for (const auto& [at, entries] : parts.texts) {
    for (OrderedJson part : entries) {
      if (is_thought(part)) continue;
      part["text"] = std::exchange(text, {});
      json.raw(dump_json(part));
    }
  }
  write_text(json, text);
}

void write_texts(JsonWriter& json, std::string_view text, const Signed& parts) {
  if (is_own_text(text, parts)) {
    write_own_text(json, text, parts);
  } else {
    write_other_text(json, text, parts);
  }
}

bool is_of(const OrderedJson& part, const ToolCall& call) {
  const auto function = part.find("functionCall");
  return function != part.end() && function->is_object() && function->contains("name") &&
         (*function)["name"] == call.name;
}

// The part that the service signed for that call; null: none.
const OrderedJson* kept_call(const Signed& parts, const PromptMessage& message, std::size_t call) {
  const auto kept = parts.calls.find(call);
  if (kept == parts.calls.end() || !is_of(kept->second, message.tool_calls[call])) return nullptr;
  return &kept->second;
}

void write_call(JsonWriter& json, const ToolCall& call) {
  json.begin_object().key("functionCall").begin_object();
  if (!is_made_id(call.id)) json.member("id", call.id);
  json.member("name", call.name).key("args").raw(call.arguments);
  json.end_object().end_object();
}

}  // namespace

bool ModelTurn::add(std::string_view place, std::size_t number, std::string_view part) {
  const std::string sound = sound_escapes(part);
  // Half a UTF-8 sequence, which the next chunk would complete, makes no JSON.
  if (++parts_ > kMaxParts || !parse_json(sound)) return false;
  if (!json_.empty()) json_ += ',';
  JsonWriter json(json_);
  json.begin_object().member(place, static_cast<std::uint64_t>(number)).key("part").raw(sound);
  json.end_object();
  return true;
}

void write_model_parts(JsonWriter& json, const PromptMessage& message) {
  const Signed parts = read_state(message.state);
  write_texts(json, message.text, parts);
  for (std::size_t i = 0; i < message.tool_calls.size(); ++i) {
    if (const OrderedJson* kept = kept_call(parts, message, i)) {
      json.raw(dump_json(*kept));
    } else {
      write_call(json, message.tool_calls[i]);
    }
  }
}

std::string written_id(const PromptMessage& message, std::size_t call) {
  const Signed parts = read_state(message.state);
  if (const OrderedJson* kept = kept_call(parts, message, call)) {
    const OrderedJson& function = (*kept)["functionCall"];
    const auto id = function.find("id");
    return id != function.end() && id->is_string() ? id->get<std::string>() : std::string();
  }
  const std::string& id = message.tool_calls[call].id;
  return is_made_id(id) ? std::string() : id;
}

}  // namespace scena::llm::gemini
