#include "llm/backends/anthropic/wire.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm::anthropic {
namespace {

struct ReasonWord {
  std::string_view word;
  FinishReason reason;
};

constexpr std::array kReasons = {
    ReasonWord{"end_turn", FinishReason::stop},
    ReasonWord{"stop_sequence", FinishReason::stop},
    ReasonWord{"max_tokens", FinishReason::length},
    ReasonWord{"tool_use", FinishReason::tool_calls},
    ReasonWord{"pause_turn", FinishReason::pause},
    ReasonWord{"refusal", FinishReason::refusal},
    ReasonWord{"model_context_window_exceeded", FinishReason::context_overflow},
};

Error not_json() {
  return Error::fixed(ErrorCode::protocol, "the provider sent an event that is not valid JSON");
}

void take_reason(std::string_view raw, ReplyProgress& reply) {
  for (const auto& [word, reason] : kReasons) {
    if (raw == word) return reply.reason(reason, raw);
  }
  reply.reason(FinishReason::other, raw);
  reply.warning("unknown_finish_reason", utf8_truncate(utf8_repair(raw), 64));
}

template <class Tokens>
void read_tokens(JsonCursor& json, Tokens& tokens, bool with_output) {
  json.object([&](std::string_view name) {
    if (name == "input_tokens") tokens.input = json.integer();
    if (name == "cache_creation_input_tokens") tokens.cache_write = json.integer();
    if (name == "cache_read_input_tokens") tokens.cache_read = json.integer();
    if (name == "output_tokens" && with_output) tokens.output = json.integer();
  });
}

void keep_newer(std::optional<std::int64_t>& field, const std::optional<std::int64_t>& newer) {
  if (newer) field = newer;
}

}  // namespace

EventReading Reader::read_event(std::string_view, std::string_view data, ReplyProgress& reply) {
  if (trim(data) == "[DONE]") {
    reply.end();
    return {};
  }
  Seen seen;
  if (!read(data, seen)) {
    reply.fail(not_json());
    return {};
  }
  return take(seen, reply);
}

bool Reader::read(std::string_view document, Seen& seen) const {
  JsonCursor json(document);
  if (json.peek() != JsonCursor::Kind::object) return false;
  json.object([&](std::string_view name) {
    if (name == "type") {
      seen.type = json.text().raw;
    } else if (name == "index") {
      seen.index = json.integer().value_or(0);
    } else if (name == "delta") {
      json.object([&](std::string_view inner) {
        if (inner == "type") seen.delta_type = json.text();
        if (inner == "text") seen.text = json.text();
        if (inner == "thinking") seen.thinking = json.text();
        if (inner == "partial_json") seen.tool_input = json.text();
        if (inner == "stop_reason") seen.stop_reason = json.text();
      });
    } else if (name == "content_block") {
      json.object([&](std::string_view inner) {
        if (inner == "type") seen.block_type = json.text();
        if (inner == "text") seen.block_text = json.text();
        if (inner == "thinking") seen.block_thinking = json.text();
        if (inner == "id") seen.tool_id = json.text();
        if (inner == "name") seen.tool_name = json.text();
      });
    } else if (name == "message") {
      json.object([&](std::string_view inner) {
        if (inner == "id") seen.id = json.text().raw;
        if (inner == "model") seen.model = json.text().raw;
        // The output count of a message's start is a stand-in.
        if (inner == "usage") read_tokens(json, seen.tokens, false);
      });
    } else if (name == "usage") {
      read_tokens(json, seen.tokens, true);
    } else if (name == "error") {
      seen.error = json.skip();
    }
  });
  return json.finish();
}

EventReading Reader::take(const Seen& seen, ReplyProgress& reply) {
  if (seen.type == "content_block_delta") return take_delta(seen, reply);
  const bool bare_error = seen.type.empty() && seen.error.starts_with('{');
  if (seen.type == "error" || bare_error) {
    reply.fail(provider_failure(0, parse_failure(seen.error)));
  } else if (seen.type == "message_start") {
    start_message(seen, reply);
  } else if (seen.type == "content_block_start") {
    start_block(seen, reply);
    return {.new_state = true};
  } else if (seen.type == "content_block_stop") {
    if (block_at(seen.index) == Block::tool) reply.tool_end(seen.index);
  } else if (seen.type == "message_delta") {
    take_tokens(seen.tokens, reply);
    if (!seen.stop_reason.empty()) take_reason(seen.stop_reason.raw, reply);
  } else if (seen.type == "message_stop") {
    if (reply.has_reason()) reply.complete();
    reply.end();
  }
  return {};
}

void Reader::start_message(const Seen& seen, ReplyProgress& reply) {
  if (started_ && seen.id != message_id_) {
    return reply.fail(
        Error::fixed(ErrorCode::protocol, "the provider began a second message in one answer"));
  }
  started_ = true;
  message_id_.assign(seen.id);
  reply.start(seen.model, seen.id);
  take_tokens(seen.tokens, reply);
}

void Reader::start_block(const Seen& seen, ReplyProgress& reply) {
  const std::string_view type = seen.block_type.raw;
  Block kind = Block::other;
  if (type == "text") kind = Block::text;
  if (type == "thinking") kind = Block::thinking;
  if (type == "tool_use") kind = Block::tool;
  const auto same = std::find_if(blocks_.begin(), blocks_.end(),
                                 [&](const auto& b) { return b.index == seen.index; });
  if (same == blocks_.end()) {
    blocks_.push_back({seen.index, kind});
  } else {
    same->kind = kind;
  }
  reply.start({}, {});
  if (kind == Block::text) reply.text(seen.block_text);
  if (kind == Block::thinking) reply.reasoning(seen.block_thinking);
  if (kind == Block::tool) {
    reply.tool_piece({seen.index, unescaped(seen.tool_id), unescaped(seen.tool_name), {}});
  }
}

EventReading Reader::take_delta(const Seen& seen, ReplyProgress& reply) {
  const Block block = block_at(seen.index);
  if (seen.delta_type.raw == "text_delta" && block == Block::text && !seen.text.empty()) {
    reply.start({}, {});
    reply.text(seen.text);
    if (!reply.done()) return {.frame = {.text = seen.text.raw}};
  } else if (seen.delta_type.raw == "input_json_delta" && block == Block::tool) {
    reply.tool_piece({seen.index, {}, {}, unescaped(seen.tool_input)});
  } else if (seen.delta_type.raw == "thinking_delta" && block != Block::other) {
    reply.start({}, {});
    reply.reasoning(seen.thinking);
  }
  return {};
}

Reader::Block Reader::block_at(std::int64_t index) const noexcept {
  for (const OpenBlock& block : blocks_) {
    if (block.index == index) return block.kind;
  }
  return Block::text;
}

void Reader::take_tokens(const Tokens& tokens, ReplyProgress& reply) {
  keep_newer(tokens_.input, tokens.input);
  keep_newer(tokens_.cache_write, tokens.cache_write);
  keep_newer(tokens_.cache_read, tokens.cache_read);
  keep_newer(tokens_.output, tokens.output);
  UsageUpdate usage;
  if (tokens_.input) {
    usage.input_tokens =
        *tokens_.input + tokens_.cache_write.value_or(0) + tokens_.cache_read.value_or(0);
  }
  usage.cached_input_tokens = tokens_.cache_read;
  usage.cache_write_tokens = tokens_.cache_write;
  usage.output_tokens = tokens_.output;
  reply.usage(usage);
}

void Reader::read_whole(std::string_view body, ReplyProgress& reply) {
  struct Part {
    JsonText type, text, thinking, id, name;
    std::string_view input;
  };
  std::vector<Part> parts;
  std::string_view id, model, type, error;
  JsonText stop_reason;
  Tokens tokens;
  JsonCursor json(trim(body));
  json.object([&](std::string_view name) {
    if (name == "id") id = json.text().raw;
    if (name == "model") model = json.text().raw;
    if (name == "type") type = json.text().raw;
    if (name == "error") error = json.skip();
    if (name == "stop_reason") stop_reason = json.text();
    if (name == "usage") read_tokens(json, tokens, true);
    if (name != "content") return;
    json.array([&] {
      Part part;
      json.object([&](std::string_view inner) {
        if (inner == "type") part.type = json.text();
        if (inner == "text") part.text = json.text();
        if (inner == "thinking") part.thinking = json.text();
        if (inner == "id") part.id = json.text();
        if (inner == "name") part.name = json.text();
        if (inner == "input") part.input = json.skip();
      });
      parts.push_back(part);
    });
  });
  if (!json.finish()) return reply.fail(not_json());
  if (type == "error") return reply.fail(provider_failure(0, parse_failure(error)));
  reply.start(model, id);
  for (const Part& part : parts) {
    if (part.type.raw == "text") reply.text(part.text);
    if (part.type.raw == "thinking") reply.reasoning(part.thinking);
    if (part.type.raw == "tool_use")
      reply.tool_call(unescaped(part.id), unescaped(part.name), part.input);
  }
  take_tokens(tokens, reply);
  if (reply.done() || stop_reason.empty()) return;
  take_reason(stop_reason.raw, reply);
  reply.complete();
  reply.end();
}

}  // namespace scena::llm::anthropic
