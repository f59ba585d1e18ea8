#include "llm/backends/openai/wire.hpp"

#include <array>

#include "base/text.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm::openai {
namespace {

struct ReasonWord {
  std::string_view word;
  FinishReason reason;
};

constexpr std::array kReasons = {
    ReasonWord{"stop", FinishReason::stop},
    ReasonWord{"length", FinishReason::length},
    ReasonWord{"tool_calls", FinishReason::tool_calls},
    ReasonWord{"function_call", FinishReason::tool_calls},
    ReasonWord{"content_filter", FinishReason::content_filter},
    ReasonWord{"refusal", FinishReason::refusal},
    ReasonWord{"eos", FinishReason::stop},
    ReasonWord{"eos_token", FinishReason::stop},
    ReasonWord{"stop_sequence", FinishReason::stop},
    ReasonWord{"end_turn", FinishReason::stop},
    ReasonWord{"STOP", FinishReason::stop},
    ReasonWord{"max_tokens", FinishReason::length},
    ReasonWord{"MAX_TOKENS", FinishReason::length},
    ReasonWord{"model_length", FinishReason::length},
    ReasonWord{"safety", FinishReason::content_filter},
};

bool is_failure_word(std::string_view word) {
  return word == "error" || word == "insufficient_system_resource";
}

bool all_zero(const UsageUpdate& usage) {
  auto zero = [](const std::optional<std::int64_t>& field) { return field.value_or(0) == 0; };
  return zero(usage.input_tokens) && zero(usage.output_tokens) && zero(usage.cached_input_tokens) &&
         zero(usage.cache_write_tokens) && zero(usage.reasoning_tokens);
}

bool same(const UsageUpdate& a, const UsageUpdate& b) {
  return a.input_tokens == b.input_tokens && a.output_tokens == b.output_tokens &&
         a.cached_input_tokens == b.cached_input_tokens &&
         a.cache_write_tokens == b.cache_write_tokens && a.reasoning_tokens == b.reasoning_tokens;
}

Error not_json() {
  return Error::fixed(ErrorCode::protocol, "the provider sent an event that is not valid JSON");
}

}  // namespace

void Reader::Seen::clear() {
  model = id = error = padding = {};
  finish = {};
  pieces.clear();
  usage = {};
  tools.clear();
  other_choice = false;
}

EventReading Reader::read_event(std::string_view, std::string_view data, ReplyProgress& reply) {
  if (trim(data) == "[DONE]") {
    if (dialect_.no_finish_reason) reply.complete();
    reply.end();
    return {};
  }
  if (!read(data, reply)) return {};
  const bool text_alone = seen_.pieces.size() == 1 && seen_.pieces[0].channel == Channel::text &&
                          seen_.finish.empty() && seen_.error.empty() && seen_.tools.empty() &&
                          !seen_.other_choice;
  if (!text_alone || reply.done()) return {};
  return {.frame = {.text = seen_.pieces[0].text.raw, .padding = seen_.padding}};
}

void Reader::read_whole(std::string_view body, ReplyProgress& reply) {
  if (!read(trim(body), reply) || reply.done()) return;
  if (dialect_.no_finish_reason) reply.complete();
  reply.end();
}

bool Reader::read(std::string_view document, ReplyProgress& reply) {
  seen_.clear();
  JsonCursor json(document);
  if (json.peek() != JsonCursor::Kind::object) {
    reply.fail(not_json());
    return false;
  }
  json.object([&](std::string_view name) {
    if (name == "choices") {
      json.array([&] { read_choice(json); });
    } else if (name == "usage") {
      read_usage(json);
    } else if (name == "error") {
      read_error(json);
    } else if (name == "id") {
      seen_.id = json.text().raw;
    } else if (name == "model") {
      seen_.model = json.text().raw;
    } else if (name == "obfuscation") {
      seen_.padding = json.text().raw;
    } else if (name == "x_groq") {
      json.object([&](std::string_view inner) {
        if (inner == "usage") read_usage(json);
        if (inner == "error") read_error(json);
      });
    }
  });
  if (!json.finish()) {
    reply.fail(not_json());
    return false;
  }
  pass_on(reply);
  return true;
}

void Reader::read_choice(JsonCursor& json) {
  // One choice is asked for. Of a second one only its index tells; it may stand behind the delta.
  const std::size_t pieces = seen_.pieces.size();
  const std::size_t tools = seen_.tools.size();
  const JsonText finish = seen_.finish;
  std::int64_t index = 0;
  json.object([&](std::string_view name) {
    if (name == "index") {
      index = json.integer().value_or(0);
    } else if (name == "delta" || name == "message") {
      read_delta(json);
    } else if (name == "finish_reason") {
      seen_.finish = json.text();
    } else if (name == "error") {
      read_error(json);
    }
  });
  if (index == 0) return;
  seen_.pieces.resize(pieces);
  seen_.tools.resize(tools);
  seen_.finish = finish;
  seen_.other_choice = true;
}

void Reader::read_delta(JsonCursor& json) {
  json.object([&](std::string_view name) {
    if (name == "content") {
      read_content(json, Channel::text);
    } else if (name == "reasoning_content" || name == "reasoning" || name == "reasoning_details") {
      // Some servers send the same text under two names.
      const bool doubled =
          !seen_.pieces.empty() && seen_.pieces.back().channel == Channel::reasoning;
      if (!doubled) read_content(json, Channel::reasoning);
    } else if (name == "refusal") {
      add(Channel::refusal, json.text());
    } else if (name == "tool_calls") {
      json.array([&] { read_tool(json); });
    } else if (name == "function_call" && json.peek() == JsonCursor::Kind::object) {
      read_function(json, seen_.tools.emplace_back());
    }
  });
}

void Reader::read_tool(JsonCursor& json) {
  ToolPiece piece;
  json.object([&](std::string_view name) {
    if (name == "index") {
      piece.index = json.integer();
    } else if (name == "id") {
      piece.id = json.peek() == JsonCursor::Kind::number ? std::string(json.skip())
                                                         : unescaped(json.text());
    } else if (name == "function") {
      read_function(json, piece);
    }
  });
  seen_.tools.push_back(std::move(piece));
}

// Some services send the arguments as an object.
void Reader::read_function(JsonCursor& json, ToolPiece& piece) {
  json.object([&](std::string_view name) {
    if (name == "name") {
      piece.name = unescaped(json.text());
    } else if (name == "arguments") {
      piece.arguments = json.peek() == JsonCursor::Kind::object ? std::string(json.skip())
                                                                : unescaped(json.text());
    }
  });
}

// A string, or parts: {type: text, text}, {type: thinking, thinking: parts}, {type, text|summary}.
void Reader::read_content(JsonCursor& json, Channel channel) {
  if (json.peek() == JsonCursor::Kind::string) return add(channel, json.text());
  json.array([&] {
    if (json.peek() == JsonCursor::Kind::string) return add(channel, json.text());
    json.object([&](std::string_view name) {
      if (name == "text" || (name == "summary" && channel == Channel::reasoning)) {
        add(channel, json.text());
      } else if (name == "thinking") {
        read_content(json, Channel::reasoning);
      } else if (name == "refusal") {
        add(Channel::refusal, json.text());
      }
    });
  });
}

void Reader::add(Channel channel, const JsonText& text) {
  if (!text.empty()) seen_.pieces.push_back({channel, text});
}

void Reader::read_usage(JsonCursor& json) {
  UsageUpdate usage;
  json.object([&](std::string_view name) {
    if (name == "prompt_tokens") {
      usage.input_tokens = json.integer();
    } else if (name == "completion_tokens") {
      usage.output_tokens = json.integer();
    } else if (name == "prompt_tokens_details") {
      json.object([&](std::string_view detail) {
        if (detail == "cached_tokens") usage.cached_input_tokens = json.integer();
        if (detail == "cache_write_tokens") usage.cache_write_tokens = json.integer();
      });
    } else if (name == "completion_tokens_details") {
      json.object([&](std::string_view detail) {
        if (detail == "reasoning_tokens") usage.reasoning_tokens = json.integer();
      });
    }
  });
  if (!all_zero(usage)) seen_.usage.merge(usage);
}

// Only what is not empty counts: some servers always send "error": null or {}.
void Reader::read_error(JsonCursor& json) {
  const auto kind = json.peek();
  const std::string_view value = json.skip();
  if ((kind == JsonCursor::Kind::object || kind == JsonCursor::Kind::string) && value.size() > 2)
    seen_.error = value;
}

void Reader::pass_on(ReplyProgress& reply) {
  // Azure's first chunk is about the prompt and names no model; the next one does.
  const bool says_something =
      !seen_.pieces.empty() || !seen_.tools.empty() || !seen_.finish.empty();
  if (says_something || (!seen_.model.empty() && seen_.error.empty()))
    reply.start(seen_.model, seen_.id);
  for (const Piece& piece : seen_.pieces) {
    switch (piece.channel) {
      case Channel::text:
        reply.text(piece.text);
        break;
      case Channel::reasoning:
        reply.reasoning(piece.text);
        break;
      case Channel::refusal:
        reply.refusal(piece.text);
        break;
    }
  }
  for (const ToolPiece& piece : seen_.tools) reply.tool_piece(piece);
  UsageUpdate merged = reported_;
  merged.merge(seen_.usage);
  if (!same(merged, reported_)) {
    reported_ = merged;
    reply.usage(merged);
  }
  if (!seen_.error.empty()) return reply.fail(provider_failure(0, parse_failure(seen_.error)));
  if (!seen_.finish.empty()) finish_reason(seen_.finish, reply);
}

void Reader::finish_reason(const JsonText& finish, ReplyProgress& reply) {
  if (is_failure_word(finish.raw)) {
    FailureBody body;
    body.code = finish.raw;
    reply.reason(FinishReason::other, finish.raw);
    return reply.fail(provider_failure(0, body).with_point(FailurePoint::finish));
  }
  reply.complete();
  for (const auto& [word, reason] : kReasons) {
    if (finish.raw == word) return reply.reason(reason, finish.raw);
  }
  reply.reason(FinishReason::other, finish.raw);
  reply.warning("unknown_finish_reason", utf8_truncate(utf8_repair(finish.raw), 64));
}

}  // namespace scena::llm::openai
