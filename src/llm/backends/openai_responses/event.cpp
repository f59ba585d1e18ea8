#include "llm/backends/openai_responses/event.hpp"

#include "base/text.hpp"
#include "llm/provider_failure.hpp"
#include "llm/text_joiner.hpp"

namespace scena::llm::openai_responses {
namespace {

using Kind = JsonCursor::Kind;

// A text of JSON; some servers send the object itself.
JsonText read_arguments(JsonCursor& json) {
  if (json.peek() != Kind::object) return json.text();
  return {.raw = json.skip(), .escaped = false, .ascii = false, .unescaped = true};
}

UsageUpdate read_usage(JsonCursor& json) {
  UsageUpdate usage;
  json.object([&](std::string_view name) {
    if (name == "input_tokens") usage.input_tokens = json.count();
    if (name == "output_tokens") usage.output_tokens = json.count();
    if (name == "input_tokens_details") {
      json.object([&](std::string_view detail) {
        if (detail == "cached_tokens") usage.cached_input_tokens = json.count();
      });
    }
    if (name == "output_tokens_details") {
      json.object([&](std::string_view detail) {
        if (detail == "reasoning_tokens") usage.reasoning_tokens = json.count();
      });
    }
  });
  return usage;
}

}  // namespace

bool read_event(std::string_view data, ResponseEvent& event) {
  JsonCursor json(data);
  if (json.peek() != Kind::object) return false;
  json.object([&](std::string_view name) {
    if (name == "type") {
      event.type = json.text().raw;
    } else if (name == "delta") {
      event.delta = json.text();
    } else if (name == "output_index") {
      const auto index = json.integer();
      event.placed = index.has_value();
      event.output_index = index.value_or(0);
    } else if (name == "content_index") {
      event.content_index = json.integer().value_or(0);
    } else if (name == "summary_index") {
      event.summary_index = json.integer().value_or(0);
    } else if (name == "sequence_number") {
      if (json.peek() == Kind::number) event.counter = json.skip();
    } else if (name == "obfuscation") {
      event.padding = json.text().raw;
    } else if (name == "text") {
      event.text = json.text();
    } else if (name == "refusal") {
      event.refusal = json.text();
    } else if (name == "arguments") {
      event.arguments = read_arguments(json);
    } else if (name == "part") {
      event.part = json.skip();
    } else if (name == "item") {
      event.item = json.skip();
    } else if (name == "item_id") {
      event.item_id = json.text().raw;
    } else if (name == "response") {
      event.response = json.skip();
    } else if (name == "annotation") {
      event.annotation = json.skip();
    } else if (name == "error") {
      if (const std::string_view value = json.skip(); is_failure_value(value)) event.error = value;
    }
  });
  return json.finish();
}

Item read_item(std::string_view raw) {
  Item item;
  item.raw = raw;
  JsonCursor json(raw);
  json.object([&](std::string_view name) {
    if (name == "type") item.type = json.text().raw;
    if (name == "id") item.id = json.text();
    if (name == "call_id") item.call_id = json.text();
    if (name == "name") item.name = json.text();
    if (name == "arguments") item.arguments = read_arguments(json);
    if (name == "summary" && json.peek() == Kind::array) item.summary = json.skip();
    if (name == "content") {
      // Some servers send the text itself.
      if (json.peek() == Kind::string) item.text = json.text();
      if (json.peek() == Kind::array) item.content = json.skip();
    }
    if (name == "encrypted_content") item.encrypted = json.text().raw;
  });
  return item;
}

Whole read_response(std::string_view raw) {
  Whole whole;
  if (raw.empty()) return whole;
  JsonCursor json(raw);
  json.object([&](std::string_view name) {
    if (name == "id") {
      whole.id = json.text().raw;
    } else if (name == "model") {
      whole.model = json.text().raw;
    } else if (name == "status") {
      whole.status = json.text().raw;
    } else if (name == "error") {
      const bool structured = json.peek() == Kind::object || json.peek() == Kind::string;
      const std::string_view value = json.skip();
      if (is_failure_value(value)) whole.error = structured ? value : raw;
    } else if (name == "incomplete_details") {
      json.object([&](std::string_view inner) {
        if (inner == "reason") whole.reason = json.text().raw;
      });
    } else if (name == "usage") {
      whole.usage = read_usage(json);
    } else if (name == "output_text") {
      whole.text = json.text();
    } else if (name == "output") {
      whole.has_output = json.peek() == Kind::array;
      json.array([&] { whole.output.push_back(json.skip()); });
    }
  });
  return whole;
}

std::optional<Citation> read_annotation(std::string_view raw) {
  Citation citation;
  citation.raw = utf8_repair(raw);
  JsonCursor json(raw);
  json.object([&](std::string_view name) {
    if (name == "url") citation.url = unescaped(json.text());
    if (name == "title" || name == "filename") citation.title = unescaped(json.text());
    if (name == "quote") citation.text = unescaped(json.text());
  });
  if (citation.text.empty() && citation.url.empty() && citation.title.empty()) return std::nullopt;
  return citation;
}

}  // namespace scena::llm::openai_responses
