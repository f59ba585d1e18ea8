#include "llm/backends/anthropic/wire.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "llm/provider_failure.hpp"
#include "llm/reason_words.hpp"
#include "llm/text_joiner.hpp"

namespace scena::llm::anthropic {
namespace {

Error not_json() {
  return Error::fixed(ErrorCode::protocol, "the provider sent an event that is not valid JSON");
}

template <class Tokens>
void read_tokens(JsonCursor& json, Tokens& tokens, bool with_output) {
  json.object([&](std::string_view name) {
    if (name == "input_tokens") tokens.input = json.count();
    if (name == "cache_creation_input_tokens") tokens.cache_write = json.count();
    if (name == "cache_read_input_tokens") tokens.cache_read = json.count();
    if (name == "output_tokens" && with_output) tokens.output = json.count();
  });
}

template <class Tokens>
void read_metrics(JsonCursor& json, Tokens& tokens) {
  json.object([&](std::string_view name) {
    if (name == "inputTokenCount") tokens.input = json.count();
    if (name == "outputTokenCount") tokens.output = json.count();
    if (name == "cacheReadInputTokenCount") tokens.cache_read = json.count();
    if (name == "cacheWriteInputTokenCount") tokens.cache_write = json.count();
  });
}

void keep_newer(std::optional<std::int64_t>& field, const std::optional<std::int64_t>& newer) {
  if (newer) field = newer;
}

void pass_citation(std::string_view raw, ReplyProgress& reply) {
  Citation citation;
  citation.raw = utf8_repair(raw);
  JsonCursor json(raw);
  json.object([&](std::string_view name) {
    if (name == "cited_text") citation.text = unescaped(json.text());
    if (name == "url" || name == "source") citation.url = unescaped(json.text());
    if (name == "title") citation.title = unescaped(json.text());
    if (name == "document_title" && citation.title.empty()) citation.title = unescaped(json.text());
  });
  if (!citation.text.empty() || !citation.url.empty() || !citation.title.empty())
    reply.citation(citation);
}

constexpr JsonText kTextType{.raw = "text", .escaped = false, .ascii = true};

// The arguments that a block's start holds, also as a text. {} and nothing say as much: pieces
// follow, or there are none.
std::string whole_input(std::string_view input) {
  JsonCursor json(input);
  if (json.peek() == JsonCursor::Kind::string) return unescaped_piece(json.text());
  bool any = false;
  if (json.peek() == JsonCursor::Kind::object) json.object([&](std::string_view) { any = true; });
  return any ? std::string(input) : std::string();
}

}  // namespace

EventReading Reader::read_event(std::string_view event, std::string_view data,
                                ReplyProgress& reply) {
  if (trim(data) == "[DONE]") {
    end_message(reply);
    return {};
  }
  Seen seen;
  seen.document = data;
  if (!read(data, seen)) {
    reply.fail(not_json());
    return {};
  }
  // Some gateways name events only in front of the data; "message" is the name of those without.
  if (seen.type.empty() && event != "message") seen.type = event;
  return take(seen, reply);
}

void Reader::read_delta(JsonCursor& json, Seen& seen) {
  json.object([&](std::string_view name) {
    if (name == "type") seen.delta_type = json.text();
    if (name == "text") seen.text = json.text();
    if (name == "thinking") seen.thinking = json.text();
    if (name == "signature") seen.signature = json.text();
    if (name == "partial_json") {
      seen.tool_input = json.peek() == JsonCursor::Kind::object ? std::string(json.skip())
                                                                : unescaped_piece(json.text());
    }
    if (name == "usage") read_tokens(json, seen.tokens, true);
    if (name == "citation") seen.citation = json.skip();
    if (name == "stop_reason") {
      if (const JsonText word = json.text(); !word.empty()) seen.stop_reason = word;
    }
    if (name == "stop_details") {
      json.object([&](std::string_view inner) {
        if (inner == "explanation") seen.explanation = json.text().raw;
      });
    }
  });
}

// An object, or the text alone.
Reader::Content Reader::read_content(JsonCursor& json) {
  Content content;
  if (json.peek() == JsonCursor::Kind::string)
    return {.type = kTextType, .text = json.text(), .citations = {}};
  json.object([&](std::string_view name) {
    if (name == "type") content.type = json.text();
    if (name == "text") content.text = json.text();
    if (name == "thinking") content.thinking = json.text();
    if (name == "signature") content.signature = json.text();
    if (name == "data") content.data = json.text();
    if (name == "id") content.id = json.text();
    if (name == "name") content.name = json.text();
    if (name == "input") content.input = json.skip();
    if (name == "citations") json.array([&] { content.citations.push_back(json.skip()); });
  });
  if (content.type.empty() && content.text.present()) content.type = kTextType;
  return content;
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
      read_delta(json, seen);
    } else if (name == "content_block") {
      seen.block = read_content(json);
    } else if (name == "message") {
      json.object([&](std::string_view inner) {
        if (inner == "id") seen.id = json.text().raw;
        if (inner == "model") seen.model = json.text().raw;
        // The output count of a message's start is a stand-in.
        if (inner == "usage") read_tokens(json, seen.tokens, false);
      });
    } else if (name == "stop_reason") {
      if (const JsonText word = json.text(); !word.empty()) seen.stop_reason = word;
    } else if (name == "usage") {
      read_tokens(json, seen.tokens, true);
    } else if (name == "amazon-bedrock-invocationMetrics") {
      read_metrics(json, seen.metrics);
    } else if (name == "error") {
      seen.has_error = is_failure_value(json.skip());
    }
  });
  return json.finish();
}

EventReading Reader::take(const Seen& seen, ReplyProgress& reply) {
  if (seen.type == "content_block_delta") return take_delta(seen, reply);
  const auto is_failure = [&] { return seen.has_error || parse_failure(seen.document).is_error; };
  if (seen.type == "error" || (seen.type.empty() && is_failure())) {
    reply.fail(provider_failure(0, parse_failure(seen.document), reply.secrets()));
  } else if (seen.type == "message_start") {
    start_message(seen, reply);
  } else if (seen.type == "content_block_start") {
    start_block(seen.index, seen.block, reply);
    return {.new_state = true};
  } else if (seen.type == "content_block_stop") {
    end_block(seen.index, reply);
  } else if (seen.type == "message_delta") {
    take_tokens(seen.tokens, reply);
    if (!seen.stop_reason.empty()) take_reason(seen, reply);
  } else if (seen.type == "message_stop") {
    if (seen.tokens.input || seen.tokens.output) take_tokens(seen.tokens, reply);
    fill_tokens(seen.metrics, reply);
    end_message(reply);
  } else if (seen.type != "ping") {
    reply.ignore();
  }
  return {};
}

void Reader::start_message(const Seen& seen, ReplyProgress& reply) {
  if (started_ && seen.id != message_id_) {
    return reply.fail(
        Error::fixed(ErrorCode::protocol, "the provider began a second message in one answer"));
  }
  // What comes again says what was true before the first piece.
  if (started_) return;
  started_ = true;
  message_id_.assign(seen.id);
  reply.start(seen.model, seen.id);
  take_tokens(seen.tokens, reply);
}

Reader::Block& Reader::block_at(std::int64_t index) {
  for (Block& block : blocks_) {
    if (block.index == index) return block;
  }
  // A delta without its block's start is text, as some gateways leave the start out.
  blocks_.push_back({.index = index, .call = index, .kind = Kind::text});
  return blocks_.back();
}

void Reader::start_block(std::int64_t index, const Content& content, ReplyProgress& reply) {
  const std::string_view type = content.type.raw;
  Block& block = block_at(index);
  block = {.index = index, .call = index, .kind = Kind::other};
  reply.start({}, {});
  if (type == "text") {
    block.kind = Kind::text;
    reply.text(content.text);
    for (const auto raw : content.citations) pass_citation(raw, reply);
  } else if (type == "thinking") {
    block.kind = Kind::thinking;
    block.thinking = content.thinking.raw;
    block.signature = content.signature.raw;
    reply.reasoning(content.thinking);
  } else if (type == "redacted_thinking") {
    block.kind = Kind::redacted;
    block.data = content.data.raw;
  } else if (type == "tool_use") {
    block.kind = Kind::tool;
    reply.tool_piece({index, unescaped(content.id), unescaped(content.name), {}});
    block.input = whole_input(content.input);
  } else {
    reply.ignore();
  }
}

// Some gateways leave the type out; what the delta holds tells it.
std::string_view Reader::delta_type(const Seen& seen) noexcept {
  if (!seen.delta_type.empty()) return seen.delta_type.raw;
  if (seen.text.present()) return "text_delta";
  if (seen.tool_input) return "input_json_delta";
  if (seen.thinking.present()) return "thinking_delta";
  return seen.signature.present() ? "signature_delta" : "";
}

// Text is text also where a gateway puts everything under one index.
EventReading Reader::take_delta(const Seen& seen, ReplyProgress& reply) {
  const std::string_view type = delta_type(seen);
  Block& block = block_at(seen.index);
  if (block.kind == Kind::other) return {};
  if (type == "text_delta") {
    if (seen.text.empty()) return {};
    reply.start({}, {});
    reply.text(seen.text);
    if (!reply.done()) return {.frame = {.text = seen.text.raw}};
  } else if (type == "input_json_delta") {
    if (!seen.tool_input.value_or("").empty()) take_input(block, *seen.tool_input, reply);
  } else if (type == "thinking_delta") {
    reply.start({}, {});
    reply.reasoning(seen.thinking);
    if (block.thinking.size() < ReplyProgress::kMaxStateBytes) block.thinking += seen.thinking.raw;
  } else if (type == "signature_delta") {
    block.signature = seen.signature.raw;
  } else if (type == "citations_delta") {
    if (!seen.citation.empty()) pass_citation(seen.citation, reply);
  } else {
    reply.ignore();
  }
  return {};
}

// Arguments at an index where no call began are those of the newest call that has none: some
// gateways count on before they send them.
void Reader::take_input(Block& block, const std::string& piece, ReplyProgress& reply) {
  if (block.kind == Kind::text) {
    const auto waits = std::find_if(blocks_.rbegin(), blocks_.rend(), [](const Block& other) {
      return other.kind == Kind::tool && !other.has_input;
    });
    if (waits == blocks_.rend()) return reply.ignore();
    waits->has_input = true;
    waits->input.clear();
    block.kind = Kind::tool;
    block.call = waits->call;
  }
  if (block.kind != Kind::tool) return reply.ignore();
  block.has_input = true;
  block.input.clear();
  reply.tool_piece({block.call, {}, {}, piece});
}

void Reader::end_block(std::int64_t index, ReplyProgress& reply) {
  Block& block = block_at(index);
  if (block.kind != Kind::tool) return;
  if (!block.input.empty()) {
    block.has_input = true;
    reply.tool_piece({block.call, {}, {}, std::exchange(block.input, std::string())});
  }
  reply.tool_end(block.call);
}

void Reader::end_message(ReplyProgress& reply) {
  for (const Block& block : blocks_) {
    if (!block.input.empty()) end_block(block.index, reply);  // its own end did not come
  }
  pass_state(reply);
  if (reply.has_reason()) reply.complete();
  reply.end();
}

// Reasoning without a signature that would make the state too large is left out: the reply counts.
void Reader::pass_state(ReplyProgress& reply) {
  std::string state = thoughts(!signs_ && reply.has_tool_call());
  if (state.size() > ReplyProgress::kMaxStateBytes) state = thoughts(false);
  if (!state.empty() && is_valid_utf8(state)) reply.state(state);
}

// The blocks of reasoning as they must come back, in order; nothing where none has to.
std::string Reader::thoughts(bool with_unsigned) const {
  std::string state;
  for (const Block& block : blocks_) {
    const bool has_signature = !block.signature.empty();
    const bool unsigned_counts = with_unsigned && !block.thinking.empty();
    const bool thought = block.kind == Kind::thinking && (has_signature || unsigned_counts);
    const bool redacted = block.kind == Kind::redacted && !block.data.empty();
    if (!thought && !redacted) continue;
    state += state.empty() ? "[" : ",";
    if (redacted) {
      state.append(R"({"type":"redacted_thinking","data":")").append(block.data).append("\"}");
    } else {
      state.append(R"({"type":"thinking","thinking":")").append(block.thinking).append("\"");
      if (has_signature) state.append(R"(,"signature":")").append(block.signature).append("\"");
      state.append("}");
    }
  }
  return state.empty() ? state : state + "]";
}

void Reader::take_reason(const Seen& seen, ReplyProgress& reply) {
  const std::string_view raw = seen.stop_reason.raw;
  const JsonText explanation{.raw = seen.explanation, .escaped = true, .ascii = false};
  if (raw == "refusal" && !seen.explanation.empty()) {
    reply.start({}, {});
    reply.refusal(explanation);
  }
  if (const auto reason = reason_of({}, raw)) return reply.reason(*reason, raw);
  reply.reason(FinishReason::other, raw);
  reply.warning("unknown_finish_reason", utf8_truncate(utf8_repair(raw), 64));
}

void Reader::take_tokens(const Tokens& tokens, ReplyProgress& reply) {
  // No message has an empty input: where all is 0, the service does not know it at this place.
  const auto zero = [](const std::optional<std::int64_t>& count) { return count.value_or(0) == 0; };
  if (!zero(tokens.input) || !zero(tokens.cache_write) || !zero(tokens.cache_read)) {
    keep_newer(tokens_.input, tokens.input);
    keep_newer(tokens_.cache_write, tokens.cache_write);
    keep_newer(tokens_.cache_read, tokens.cache_read);
  }
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

// Bedrock counts once more at the end. That is for what the message itself did not count.
void Reader::fill_tokens(Tokens metrics, ReplyProgress& reply) {
  if (tokens_.input || tokens_.cache_read || tokens_.cache_write)
    metrics.input = metrics.cache_read = metrics.cache_write = std::nullopt;
  if (tokens_.output.value_or(0) != 0) metrics.output.reset();
  if (metrics.input || metrics.output) take_tokens(metrics, reply);
}

void Reader::read_whole(std::string_view body, ReplyProgress& reply) {
  Seen seen;
  JsonCursor json(trim(body));
  json.object([&](std::string_view name) {
    if (name == "id") {
      seen.id = json.text().raw;
    } else if (name == "model") {
      seen.model = json.text().raw;
    } else if (name == "type") {
      seen.type = json.text().raw;
    } else if (name == "error") {
      seen.has_error = is_failure_value(json.skip());
    } else if (name == "stop_reason") {
      seen.stop_reason = json.text();
    } else if (name == "stop_details") {
      json.object([&](std::string_view inner) {
        if (inner == "explanation") seen.explanation = json.text().raw;
      });
    } else if (name == "usage") {
      read_tokens(json, seen.tokens, true);
    } else if (name == "content") {
      // Some gateways send the text alone.
      if (json.peek() == JsonCursor::Kind::array) {
        json.array([&] { seen.whole.push_back(read_content(json)); });
      } else if (json.peek() != JsonCursor::Kind::null) {
        seen.whole.push_back(read_content(json));
      }
    }
  });
  if (!json.finish()) return reply.fail(not_json());
  if (seen.type == "error" || seen.has_error)
    return reply.fail(provider_failure(0, parse_failure(body), reply.secrets()));
  if (seen.type != "message" && seen.whole.empty()) return;
  reply.start(seen.model, seen.id);
  std::int64_t index = 0;
  for (const Content& content : seen.whole) {
    start_block(index, content, reply);
    end_block(index++, reply);
  }
  take_tokens(seen.tokens, reply);
  if (reply.done() || seen.stop_reason.empty()) return;
  take_reason(seen, reply);
  pass_state(reply);
  reply.complete();
  reply.end();
}

}  // namespace scena::llm::anthropic
