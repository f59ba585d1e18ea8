#include "llm/backends/gemini/model_turn.hpp"

#include <map>

#include "base/json.hpp"
#include "base/json_cursor.hpp"
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

void write_text(JsonWriter& json, std::string_view text) {
  if (!text.empty()) json.begin_object().member("text", text).end_object();
}

void write_texts(JsonWriter& json, std::string_view text, const Signed& parts) {
  std::size_t from = 0;
  for (const auto& [at, entries] : parts.texts) {
    for (const OrderedJson& part : entries) {
      const bool thought = part.contains("thought");
      const std::string own = thought ? std::string() : text_of(part);
      // The message was changed since: its signatures say nothing of the new text.
      if (at < from || at > text.size() || !text.substr(at).starts_with(own)) continue;
      write_text(json, text.substr(from, at - from));
      json.raw(dump_json(part));
      from = at + own.size();
    }
  }
  write_text(json, text.substr(from));
}

bool is_of(const OrderedJson& part, const ToolCall& call) {
  const auto function = part.find("functionCall");
  return function != part.end() && function->is_object() && function->contains("name") &&
         (*function)["name"] == call.name;
}

void write_call(JsonWriter& json, const ToolCall& call) {
  json.begin_object().key("functionCall").begin_object();
  if (!is_made_id(call.id)) json.member("id", call.id);
  json.member("name", call.name).key("args");
  if (call.valid) {
    json.raw(call.arguments);
  } else {
    json.begin_object().member("unreadable", call.arguments).end_object();
  }
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
    const auto kept = parts.calls.find(i);
    if (kept != parts.calls.end() && is_of(kept->second, message.tool_calls[i])) {
      json.raw(dump_json(kept->second));
    } else {
      write_call(json, message.tool_calls[i]);
    }
  }
}

}  // namespace scena::llm::gemini
