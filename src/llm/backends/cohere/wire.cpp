#include "llm/backends/cohere/wire.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"
#include "llm/provider_failure.hpp"
#include "llm/reason_words.hpp"
#include "llm/text_joiner.hpp"

namespace scena::llm::cohere {
namespace {

// Events that hold a piece of the message, or say only that one begins or ends.
constexpr std::array<std::string_view, 7> kMessageEvents = {
    "message-start",   "content-start",   "content-delta", "tool-plan-delta",
    "tool-call-start", "tool-call-delta", "citation-start"};
constexpr std::array<std::string_view, 3> kEmptyEvents = {"content-end", "citation-end", "debug"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  for (const auto known : words) {
    if (word == known) return true;
  }
  return false;
}

Error not_json() {
  return Error::fixed(ErrorCode::protocol, "the provider sent an event that is not valid JSON");
}

std::string member_text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Title and address are those of the first source that tells any.
Citation citation_of(std::string_view raw) {
  Citation citation;
  citation.raw = raw;
  const auto json = parse_json(sound_escapes(raw));
  if (!json || !json->is_object()) return citation;
  citation.text = member_text(*json, "text");
  const auto sources = json->find("sources");
  if (sources == json->end() || !sources->is_array()) return citation;
  for (const Json& source : *sources) {
    if (!source.is_object()) continue;
    for (const char* place : {"document", "tool_output"}) {
      const auto found = source.find(place);
      if (found == source.end() || !found->is_object()) continue;
      if (citation.title.empty()) citation.title = member_text(*found, "title");
      if (citation.url.empty()) citation.url = member_text(*found, "url");
    }
  }
  return citation;
}

}  // namespace

void Reader::Seen::clear() {
  type = id = finish = failure = {};
  error = {};
  index.reset();
  message.texts.clear();
  message.thoughts.clear();
  message.plan = {};
  message.tools.clear();
  message.citations.clear();
  usage = {};
  others.clear();
}

EventReading Reader::read_event(std::string_view event, std::string_view data,
                                ReplyProgress& reply) {
  if (trim(data) == "[DONE]") {
    reply.end();
    return {};
  }
  if (!read(data)) {
    reply.fail(not_json());
    return {};
  }
  const std::string_view type = seen_.type.empty() ? event : seen_.type.raw;
  if (!seen_.error.empty() || (type != "message-end" && !seen_.failure.empty())) {
    reply.fail(provider_failure(0, parse_failure(data), reply.secrets()));
  } else if (type == "message-end") {
    end_message(reply);
  } else if (type == "tool-call-end") {
    if (seen_.index) reply.tool_end(*seen_.index);
  } else if (is_one_of(kMessageEvents, type)) {
    pass_message(false, reply);
    const Message& message = seen_.message;
    const bool text_alone = type == "content-delta" && message.texts.size() == 1 &&
                            message.thoughts.empty() && !message.texts[0].empty();
    if (text_alone && !reply.done()) return {.frame = {.text = message.texts[0].raw}};
  } else if (seen_.type.empty() && parse_failure(data).is_error) {
    reply.fail(provider_failure(0, parse_failure(data), reply.secrets()));
  } else if (!is_one_of(kEmptyEvents, type)) {
    reply.ignore();
  }
  return {};
}

void Reader::read_whole(std::string_view body, ReplyProgress& reply) {
  if (!read(trim(body))) return reply.fail(not_json());
  if (!seen_.error.empty() || (seen_.finish.empty() && !seen_.failure.empty()))
    return reply.fail(provider_failure(0, parse_failure(body), reply.secrets()));
  if (seen_.finish.empty() && seen_.message.texts.empty() && seen_.message.tools.empty()) return;
  pass_message(true, reply);
  for (const auto& [name, value] : seen_.others) reply.extra(name, value);
  if (!seen_.finish.empty()) end_message(reply);
}

bool Reader::read(std::string_view document) {
  seen_.clear();
  JsonCursor json(document);
  if (json.peek() != JsonCursor::Kind::object) return false;
  json.object([&](std::string_view name) {
    if (name == "type") {
      seen_.type = json.text();
    } else if (name == "index") {
      seen_.index = json.integer();
    } else if (name == "id") {
      seen_.id = json.text();
    } else if (name == "delta") {
      read_delta(json);
    } else if (name == "message") {
      // An error's text has the name of a whole answer's message.
      if (json.peek() == JsonCursor::Kind::string) {
        seen_.failure = json.text();
      } else {
        read_message(json);
      }
    } else if (name == "finish_reason") {
      seen_.finish = json.text();
    } else if (name == "usage") {
      read_usage(json);
    } else if (name == "error") {
      if (const std::string_view value = json.skip(); is_failure_value(value)) seen_.error = value;
    } else {
      seen_.others.emplace_back(name, json.skip());
    }
  });
  return json.finish();
}

void Reader::read_delta(JsonCursor& json) {
  json.object([&](std::string_view name) {
    if (name == "message") {
      read_message(json);
    } else if (name == "finish_reason") {
      seen_.finish = json.text();
    } else if (name == "error") {
      read_failure(json);
    } else if (name == "usage") {
      read_usage(json);
    }
  });
}

// Of the end of a message: the text, or an object that holds it.
void Reader::read_failure(JsonCursor& json) {
  if (json.peek() != JsonCursor::Kind::object) {
    seen_.failure = json.text();
    return;
  }
  json.object([&](std::string_view name) {
    if (name == "message") seen_.failure = json.text();
  });
}

void Reader::read_message(JsonCursor& json) {
  json.object([&](std::string_view name) {
    if (name == "content") {
      read_content(json);
    } else if (name == "tool_plan") {
      seen_.message.plan = json.text();
    } else if (name == "tool_calls") {
      read_calls(json);
    } else if (name == "citations") {
      read_citations(json);
    }
  });
}

// A string, a part, or a list of parts.
void Reader::read_content(JsonCursor& json) {
  if (json.peek() == JsonCursor::Kind::array) {
    json.array([&] { read_part(json); });
  } else {
    read_part(json);
  }
}

// A thought's own text may have the name of any text.
void Reader::read_part(JsonCursor& json) {
  if (json.peek() == JsonCursor::Kind::string) {
    seen_.message.texts.push_back(json.text());
    return;
  }
  JsonText type, text, thinking;
  json.object([&](std::string_view name) {
    if (name == "type") type = json.text();
    if (name == "text") text = json.text();
    if (name == "thinking") thinking = json.text();
  });
  if (thinking.present()) seen_.message.thoughts.push_back(thinking);
  if (text.present())
    (type.raw == "thinking" ? seen_.message.thoughts : seen_.message.texts).push_back(text);
}

// A streamed event has one call, which is no list.
void Reader::read_calls(JsonCursor& json) {
  if (json.peek() == JsonCursor::Kind::array) {
    json.array([&] { read_call(json); });
  } else if (json.peek() == JsonCursor::Kind::object) {
    read_call(json);
  }
}

void Reader::read_call(JsonCursor& json) {
  ToolPiece piece;
  json.object([&](std::string_view name) {
    if (name == "id") piece.id = unescaped(json.text());
    if (name != "function") return;
    json.object([&](std::string_view inner) {
      if (inner == "name") piece.name = unescaped(json.text());
      if (inner == "arguments") {
        piece.arguments = json.peek() == JsonCursor::Kind::object ? std::string(json.skip())
                                                                  : unescaped_piece(json.text());
      }
    });
  });
  seen_.message.tools.push_back(std::move(piece));
}

void Reader::read_citations(JsonCursor& json) {
  if (json.peek() == JsonCursor::Kind::object) {
    seen_.message.citations.push_back(json.skip());
  } else {
    json.array([&] { seen_.message.citations.push_back(json.skip()); });
  }
}

void Reader::read_usage(JsonCursor& json) {
  json.object([&](std::string_view name) {
    if (name == "tokens") {
      json.object([&](std::string_view inner) {
        if (inner == "input_tokens") seen_.usage.input_tokens = json.count();
        if (inner == "output_tokens") seen_.usage.output_tokens = json.count();
      });
    } else if (name == "billed_units") {
      json.object([&](std::string_view inner) {
        if (inner == "input_tokens") seen_.usage.billed_input_tokens = json.count();
        if (inner == "output_tokens") seen_.usage.billed_output_tokens = json.count();
      });
    } else if (name == "cached_tokens") {
      seen_.usage.cached_input_tokens = json.count();
    } else if (name == "input_tokens") {
      seen_.usage.input_tokens = json.count();
    } else if (name == "output_tokens") {
      seen_.usage.output_tokens = json.count();
    }
  });
  // No call has an empty input: then what is billed is all that is known.
  if (seen_.usage.input_tokens == 0 && seen_.usage.billed_input_tokens.value_or(0) > 0) {
    seen_.usage.input_tokens.reset();
    if (seen_.usage.output_tokens == 0) seen_.usage.output_tokens.reset();
  }
}

void Reader::pass_message(bool whole, ReplyProgress& reply) {
  reply.start({}, seen_.id.raw);
  const Message& message = seen_.message;
  reply.reasoning(message.plan);
  plan_.append(message.plan.raw.substr(
      0, ReplyProgress::kMaxStateBytes - std::min(plan_.size(), ReplyProgress::kMaxStateBytes)));
  for (const JsonText& thought : message.thoughts) reply.reasoning(thought);
  for (const JsonText& text : message.texts) reply.text(text);
  // Whether the last call was cut is known at the reply's end only, also of a whole answer.
  std::int64_t number = 0;
  for (ToolPiece piece : message.tools) {
    piece.index = whole ? number++ : seen_.index;
    reply.tool_piece(piece);
  }
  for (const std::string_view raw : message.citations) {
    if (raw.starts_with('{')) reply.citation(citation_of(raw));
  }
}

void Reader::end_message(ReplyProgress& reply) {
  reply.start({}, seen_.id.raw);
  reply.usage(seen_.usage);
  const std::string_view word = seen_.finish.raw;
  const auto is = [word](std::string_view other) { return equals_ignore_case(word, other); };
  const bool is_told = !seen_.failure.empty() && (word.empty() || is("COMPLETE"));
  if (is("ERROR") || is("TIMEOUT") || is_told) {
    FailureBody body;
    body.code = word;
    body.message = unescaped(seen_.failure);
    reply.reason(FinishReason::other, word);
    return reply.fail(provider_failure(0, body, reply.secrets()).with_point(FailurePoint::finish));
  }
  const std::string state = sound_escapes("{\"tool_plan\":\"" + plan_ + "\"}");
  if (!plan_.empty() && parse_json(state)) reply.state(state);
  take_reason(reply);
  reply.complete();
  reply.end();
}

void Reader::take_reason(ReplyProgress& reply) {
  const std::string_view raw = seen_.finish.raw;
  if (raw.empty()) return;
  if (const auto reason = reason_of({}, raw)) return reply.reason(*reason, raw);
  reply.reason(FinishReason::other, raw);
  reply.warning("unknown_finish_reason", utf8_truncate(utf8_repair(raw), 64));
}

}  // namespace scena::llm::cohere
