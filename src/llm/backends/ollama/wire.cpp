#include "llm/backends/ollama/wire.hpp"

#include <array>

#include "base/text.hpp"
#include "llm/provider_failure.hpp"
#include "llm/reason_words.hpp"
#include "llm/text_joiner.hpp"

namespace scena::llm::ollama {
namespace {

constexpr std::array kReasons = {
    ReasonWord{"load", FinishReason::other},
    ReasonWord{"unload", FinishReason::other},
};

Error not_json() {
  return Error::fixed(ErrorCode::protocol, "the provider sent a line that is not valid JSON");
}

}  // namespace

void Reader::Seen::clear() {
  model = error = time = {};
  thinking = reason = {};
  texts.clear();
  calls.clear();
  others.clear();
  usage = {};
  done = false;
}

EventReading Reader::read_event(std::string_view, std::string_view data, ReplyProgress& reply) {
  if (trim(data) == "[DONE]") {
    end_text(reply);
    reply.end();
    return {};
  }
  if (!read(data)) {
    reply.fail(not_json());
    return {};
  }
  pass_on(reply);
  const bool text_alone = seen_.texts.size() == 1 && seen_.thinking.empty() &&
                          seen_.calls.empty() && seen_.reason.empty() && !seen_.done &&
                          seen_.usage.empty() && seen_.others.empty();
  if (!text_alone || reply.done() || !splitter_.settled()) return {};
  return {.frame = {.text = seen_.texts.front().raw, .padding = seen_.time}};
}

void Reader::read_whole(std::string_view body, ReplyProgress& reply) {
  if (!read(trim(body))) return reply.fail(not_json());
  pass_on(reply);
  end_text(reply);
}

bool Reader::read(std::string_view document) {
  seen_.clear();
  JsonCursor json(document);
  if (json.peek() != JsonCursor::Kind::object) return false;
  bool is_answer = false;
  json.object([&](std::string_view name) {
    is_answer |= name == "done" || name == "model" || name == "created_at" ||
                 (name == "message" && json.peek() == JsonCursor::Kind::object);
    if (name == "message") {
      read_message(json);
    } else if (name == "model") {
      seen_.model = json.text().raw;
    } else if (name == "created_at") {
      seen_.time = json.text().raw;
    } else if (name == "done") {
      const std::string_view value = json.skip();
      seen_.done = value == "true" || value == "\"true\"";
    } else if (name == "done_reason") {
      seen_.reason = json.text();
    } else if (name == "prompt_eval_count") {
      seen_.usage.input_tokens = json.count();
    } else if (name == "eval_count") {
      seen_.usage.output_tokens = json.count();
    } else if (name == "error") {
      if (is_failure_value(json.skip())) seen_.error = document;
    } else {
      seen_.others.emplace_back(name, json.skip());
    }
  });
  if (!json.finish()) return false;
  // A document without any of an answer's members may be a failure in another service's words.
  if (!is_answer && seen_.error.empty() && parse_failure(document).is_error) seen_.error = document;
  return true;
}

void Reader::read_message(JsonCursor& json) {
  if (json.peek() == JsonCursor::Kind::string) return read_content(json);
  json.object([&](std::string_view name) {
    if (name == "content") read_content(json);
    if (name == "thinking") seen_.thinking = json.text();
    if (name != "tool_calls") return;
    if (json.peek() == JsonCursor::Kind::object) return read_call(json);
    json.array([&] { read_call(json); });
  });
}

// A text; of servers in Ollama's manner also parts {type: text, text} or texts.
void Reader::read_content(JsonCursor& json) {
  if (json.peek() == JsonCursor::Kind::array) return json.array([&] { read_content(json); });
  JsonText text;
  if (json.peek() == JsonCursor::Kind::object) {
    json.object([&](std::string_view name) {
      if (name == "text") text = json.text();
    });
  } else {
    text = json.text();
  }
  if (!text.empty()) seen_.texts.push_back(text);
}

// Servers in Ollama's manner send the arguments as a text.
void Reader::read_call(JsonCursor& json) {
  Call call;
  json.object([&](std::string_view name) {
    if (name == "id") call.id = unescaped(json.text());
    if (name != "function") return;
    json.object([&](std::string_view inner) {
      if (inner == "name") call.name = unescaped(json.text());
      if (inner != "arguments") return;
      call.arguments = json.peek() == JsonCursor::Kind::string ? unescaped(json.text())
                                                               : std::string(json.skip());
    });
  });
  if (!call.name.empty()) seen_.calls.push_back(std::move(call));
}

void Reader::pass_on(ReplyProgress& reply) {
  if (!seen_.error.empty())
    return reply.fail(provider_failure(0, parse_failure(seen_.error), reply.secrets()));
  reply.start(seen_.model, {});
  if (!seen_.thinking.empty()) splitter_.told_apart();
  reply.reasoning(seen_.thinking);
  for (const JsonText& text : seen_.texts) splitter_.pass(text, reply);
  for (const Call& call : seen_.calls) reply.tool_call(call.id, call.name, call.arguments);
  for (const auto& [name, value] : seen_.others) reply.extra(name, value);
  reply.usage(seen_.usage);
  if (seen_.done) end(reply);
}

// What the splitter held back is what it seems.
void Reader::end_text(ReplyProgress& reply) {
  splitter_.finish([&](bool reasoning, std::string_view part) {
    const JsonText piece{.raw = part, .escaped = false, .ascii = false, .unescaped = true};
    reasoning ? reply.reasoning(piece) : reply.text(piece);
  });
}

void Reader::end(ReplyProgress& reply) {
  if (reply.done()) return;
  end_text(reply);
  // Estimates are a quarter off at times.
  if (seen_.usage.input_tokens && *seen_.usage.input_tokens * 4 < prompt_tokens_ * 3)
    reply.warning("prompt_truncated", "the server read less of the prompt; raise num_ctx");
  if (const std::string_view raw = seen_.reason.raw; !raw.empty()) {
    const auto reason = reason_of(kReasons, raw);
    reply.reason(reason.value_or(FinishReason::other), raw);
    if (!reason) reply.warning("unknown_finish_reason", utf8_truncate(utf8_repair(raw), 64));
  }
  reply.complete();
  reply.end();
}

}  // namespace scena::llm::ollama
