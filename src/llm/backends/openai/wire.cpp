#include "llm/backends/openai/wire.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "llm/provider_failure.hpp"
#include "llm/reason_words.hpp"

namespace scena::llm::openai {
namespace {

using Kind = JsonCursor::Kind;

// Words of this service, of servers with its format, and of services behind gateways.
constexpr std::array kReasons = {
    ReasonWord{"stop", FinishReason::stop},
    ReasonWord{"length", FinishReason::length},
    ReasonWord{"tool_calls", FinishReason::tool_calls},
    ReasonWord{"function_call", FinishReason::tool_calls},
    ReasonWord{"tool_use", FinishReason::tool_calls},
    ReasonWord{"tool_call", FinishReason::tool_calls},
    ReasonWord{"content_filter", FinishReason::content_filter},
    ReasonWord{"content_filtered", FinishReason::content_filter},
    ReasonWord{"refusal", FinishReason::refusal},
    ReasonWord{"eos", FinishReason::stop},
    ReasonWord{"eos_token", FinishReason::stop},
    ReasonWord{"endoftext", FinishReason::stop},
    ReasonWord{"stop_sequence", FinishReason::stop},
    ReasonWord{"end_turn", FinishReason::stop},
    ReasonWord{"complete", FinishReason::stop},
    ReasonWord{"completed", FinishReason::stop},
    ReasonWord{"max_tokens", FinishReason::length},
    ReasonWord{"max_output_tokens", FinishReason::length},
    ReasonWord{"max_length", FinishReason::length},
    ReasonWord{"model_length", FinishReason::length},
    ReasonWord{"token_limit", FinishReason::length},
    ReasonWord{"safety", FinishReason::content_filter},
    ReasonWord{"recitation", FinishReason::content_filter},
    ReasonWord{"blocklist", FinishReason::content_filter},
    ReasonWord{"prohibited_content", FinishReason::content_filter},
    ReasonWord{"spii", FinishReason::content_filter},
    ReasonWord{"sensitive", FinishReason::content_filter},
    ReasonWord{"error_toxic", FinishReason::content_filter},
    ReasonWord{"guardrail_intervened", FinishReason::content_filter},
    ReasonWord{"pause_turn", FinishReason::pause},
    ReasonWord{"model_context_window_exceeded", FinishReason::context_overflow},
    ReasonWord{"context_length_exceeded", FinishReason::context_overflow},
    ReasonWord{"error_limit", FinishReason::context_overflow},
};

bool is_failure_word(std::string_view word) {
  constexpr std::array<std::string_view, 6> kFailures = {
      "error", "insufficient_system_resource", "network_error",
      "abort", "malformed_function_call",      "function_call_filter"};
  return std::any_of(kFailures.begin(), kFailures.end(), [word](std::string_view failure) {
    return equals_ignore_case(word, failure);
  });
}

// Google's own server tells its word behind it: "content_filter: RECITATION".
std::string_view first_word(std::string_view reason) {
  return trim(reason.substr(0, reason.find(':')));
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

// Some services count thoughts beside the output. Their total tells.
void add_thoughts(UsageUpdate& usage, std::optional<std::int64_t> total, bool hidden) {
  if (!total || !usage.input_tokens || !usage.output_tokens) return;
  const std::int64_t beside = *total - *usage.input_tokens - *usage.output_tokens;
  if (beside <= 0 || (!hidden && beside != usage.reasoning_tokens)) return;
  usage.output_tokens = *usage.output_tokens + beside;
  if (!usage.reasoning_tokens) usage.reasoning_tokens = beside;
}

// Names that a document without choices may have when it is a failure.
bool names_failure(std::string_view name) {
  constexpr std::array kNames = std::to_array<std::string_view>(
      {"error", "message", "detail", "error_msg", "error_message", "errors", "msg", "base_resp"});
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](std::string_view known) { return equals_ignore_case(name, known); });
}

Error not_json() {
  return Error::fixed(ErrorCode::protocol, "the provider sent an event that is not valid JSON");
}

}  // namespace

void Reader::Seen::clear() {
  model = id = error = padding = details = {};
  finish = {};
  pieces.clear();
  usage = {};
  timings = {};
  tools.clear();
  call_extras.clear();
  citations.clear();
  others.clear();
  ignored = 0;
  other_choice = message_alone = is_chunk = false;
}

EventReading Reader::read_event(std::string_view, std::string_view data, ReplyProgress& reply) {
  if (trim(data) == "[DONE]") {
    end_text(reply);
    // Without anything before it, it ends nothing, and behind half a call it ends a cut.
    if (dialect_.no_finish_reason && reply.has_delivered() && !reply.has_half_call())
      reply.complete();
    reply.end();
    return {};
  }
  if (!read(data, reply)) return {};
  const bool text_alone = seen_.pieces.size() == 1 && seen_.pieces[0].channel == Channel::text &&
                          seen_.finish.empty() && seen_.error.empty() && seen_.tools.empty() &&
                          seen_.citations.empty() && !seen_.other_choice;
  if (!text_alone || reply.done() || (dialect_.think_tags && !splitter_.settled())) return {};
  return {.frame = {.text = seen_.pieces[0].text.raw, .padding = seen_.padding}};
}

void Reader::read_whole(std::string_view body, ReplyProgress& reply) {
  whole_ = true;
  if (!read(trim(body), reply) || reply.done()) return;
  end_text(reply);
  reply.end();
}

bool Reader::read(std::string_view document, ReplyProgress& reply) {
  seen_.clear();
  JsonCursor json(document);
  if (json.peek() == Kind::array) {
    // What comes as a list is a failure; no answer does.
    const std::string_view list = json.skip();
    if (json.finish() && parse_failure(list).is_error) {
      reply.fail(provider_failure(0, parse_failure(list)));
      return false;
    }
  }
  if (json.peek() != Kind::object) {
    reply.fail(not_json());
    return false;
  }
  bool failure = false;
  json.object([&](std::string_view name) {
    failure |= names_failure(name);
    read_member(json, name, document);
  });
  if (!json.finish()) {
    reply.fail(not_json());
    return false;
  }
  if (failure && !seen_.is_chunk && seen_.error.empty() && parse_failure(document).is_error)
    seen_.error = document;
  pass_on(reply);
  return true;
}

void Reader::read_member(JsonCursor& json, std::string_view name, std::string_view document) {
  if (name == "choices") {
    seen_.is_chunk |= json.peek() == Kind::array;
    json.array([&] { read_choice(json); });
  } else if (name == "usage") {
    seen_.is_chunk |= json.peek() == Kind::object;
    read_usage(json);
  } else if (name == "error") {
    read_error(json, document);
  } else if (name == "id") {
    seen_.id = json.text().raw;
  } else if (name == "model") {
    seen_.model = json.text().raw;
  } else if (name == "obfuscation") {
    seen_.padding = json.text().raw;
  } else if (name == "timings") {
    read_timings(json);
  } else if (name == "response" && dialect_.no_finish_reason && json.peek() == Kind::string) {
    // Workers AI in its own manner, a piece or the whole.
    seen_.is_chunk = true;
    add(Channel::text, json.text());
  } else if (name == "result" && dialect_.no_finish_reason && json.peek() == Kind::object) {
    json.object([&](std::string_view inner) { read_member(json, inner, document); });
  } else if (name == "x_groq") {
    json.object([&](std::string_view inner) {
      if (inner == "usage") read_usage(json);
      if (inner == "error") read_error(json, document);
    });
  } else if (name != "object" && name != "created") {
    if (json.peek() == Kind::null) return;
    seen_.others.emplace_back(name, json.skip());
  }
}

void Reader::read_choice(JsonCursor& json) {
  // One choice is asked for. Of a second one only its index tells; it may stand behind the delta.
  const std::size_t pieces = seen_.pieces.size();
  const std::size_t tools = seen_.tools.size();
  const std::size_t citations = seen_.citations.size();
  const JsonText finish = seen_.finish;
  const auto forget = [&] {
    seen_.pieces.resize(pieces);
    seen_.tools.resize(tools);
    seen_.citations.resize(citations);
  };
  // Where a delta and a message stand side by side, a chunk's message is what all deltas made so
  // far, and a whole answer's delta is a left-over.
  const std::string_view main = whole_ ? "message" : "delta";
  std::int64_t index = 0;
  bool has_main = false;
  json.object([&](std::string_view name) {
    if (name == "index") {
      index = json.integer().value_or(0);
    } else if (name == main && json.peek() != Kind::null) {
      forget();
      has_main = true;
      seen_.message_alone = false;
      has_deltas_ = true;
      read_delta(json);
    } else if ((name == "delta" || name == "message") && !has_main) {
      seen_.message_alone = name == "message";
      read_delta(json);
    } else if (name == "text" && !has_main) {
      add(Channel::text, json.text());
    } else if (name == "finish_reason") {
      if (const JsonText word = json.text(); !word.empty()) seen_.finish = word;
    } else if (name == "usage") {
      read_usage(json);
    } else if (name == "error") {
      read_error(json, {});
    }
  });
  if (index == 0) return;
  forget();
  seen_.finish = finish;
  seen_.other_choice = true;
}

// An object, the text itself, or a list of either.
void Reader::read_delta(JsonCursor& json) {
  if (json.peek() == Kind::string) return add(Channel::text, json.text());
  if (json.peek() == Kind::array) return json.array([&] { read_delta(json); });
  json.object([&](std::string_view name) { read_delta_member(json, name); });
}

void Reader::read_delta_member(JsonCursor& json, std::string_view name) {
  if (name == "content") {
    read_content(json, Channel::text);
  } else if (name == "reasoning_content" || name == "reasoning" || name == "reasoning_details") {
    if (name == "reasoning_details" && json.peek() == Kind::array) {
      JsonCursor copy = json;
      seen_.details = copy.skip();
    }
    // Some servers send the same text under two names.
    const bool doubled = !seen_.pieces.empty() && seen_.pieces.back().channel == Channel::reasoning;
    if (!doubled) read_content(json, Channel::reasoning);
  } else if (name == "refusal") {
    add(Channel::refusal, json.text());
  } else if (name == "tool_calls") {
    read_tools(json);
  } else if (name == "function_call" && json.peek() == Kind::object) {
    ToolPiece piece;
    read_function(json, piece);
    if (!piece.name.empty() || !piece.arguments.empty()) seen_.tools.push_back(std::move(piece));
  } else if (name == "annotations") {
    json.array([&] { read_annotation(json); });
  }
}

void Reader::read_tools(JsonCursor& json) {
  if (json.peek() == Kind::array) return json.array([&] { read_tools(json); });
  if (json.peek() != Kind::object) return;
  ToolPiece piece, bare;  // the latter's members stand beside "function" or without one
  bool own = true;
  std::string_view extra;
  json.object([&](std::string_view name) {
    if (name == "index") {
      piece.index = json.count();
    } else if (name == "id") {
      piece.id = json.peek() == Kind::number ? std::string(json.skip()) : unescaped(json.text());
    } else if (name == "type") {
      // What the service runs itself is no call of ours.
      const std::string_view type = json.text().raw;
      own = type.empty() || type == "function";
    } else if (name == "function") {
      read_function(json, piece);
    } else if (name == "name" || name == "arguments") {
      read_function_member(json, name, bare);
    } else if (name == "extra_content" && json.peek() == Kind::object) {
      extra = json.skip();
    }
  });
  if (piece.name.empty()) piece.name = std::move(bare.name);
  if (piece.arguments.empty()) piece.arguments = std::move(bare.arguments);
  if (own && !extra.empty() && !piece.id.empty()) seen_.call_extras.emplace_back(piece.id, extra);
  if (!own) {
    ++seen_.ignored;
  } else if (!piece.id.empty() || !piece.name.empty() || !piece.arguments.empty()) {
    piece.begins = is_next_call(piece);
    seen_.tools.push_back(std::move(piece));
  }
}

// Entries of one list that are told apart by nothing else: each of a whole reply is a call; of a
// stream, those that have a name and no arguments, where others may be pieces of one.
bool Reader::is_next_call(const ToolPiece& piece) const {
  const auto is_bare = [](const ToolPiece& one) {
    return !one.index && one.id.empty() && !one.name.empty();
  };
  if (seen_.tools.empty() || !is_bare(piece) || !is_bare(seen_.tools.back())) return false;
  return whole_ || (piece.arguments.empty() && seen_.tools.back().arguments.empty());
}

void Reader::read_function(JsonCursor& json, ToolPiece& piece) {
  json.object([&](std::string_view name) { read_function_member(json, name, piece); });
}

// Some services send the arguments as an object.
void Reader::read_function_member(JsonCursor& json, std::string_view name, ToolPiece& piece) {
  if (name == "name") {
    piece.name = unescaped(json.text());
  } else if (name == "arguments") {
    piece.arguments =
        json.peek() == Kind::object ? std::string(json.skip()) : unescaped_piece(json.text());
  }
}

// A string, one part, or a list of parts.
void Reader::read_content(JsonCursor& json, Channel channel) {
  if (json.peek() == Kind::array) return json.array([&] { read_part(json, channel); });
  read_part(json, channel);
}

// {type: text, text}, {type: thinking, thinking: parts}, {type, text|summary}, or a string.
void Reader::read_part(JsonCursor& json, Channel channel) {
  if (json.peek() == Kind::string) return add(channel, json.text());
  json.object([&](std::string_view name) {
    if (name == "text" || (name == "summary" && channel == Channel::reasoning)) {
      add(channel, json.text());
    } else if (name == "thinking") {
      read_content(json, Channel::reasoning);
    } else if (name == "refusal") {
      add(Channel::refusal, json.text());
    }
  });
}

// {type: url_citation, url_citation: {url, title, content}}, or the same without the inner object.
void Reader::read_annotation(JsonCursor& json) {
  JsonCursor copy = json;
  Citation citation;
  citation.raw = std::string(copy.skip());
  const auto take = [&](std::string_view name) {
    if (name == "url") citation.url = unescaped(json.text());
    if (name == "title") citation.title = unescaped(json.text());
    if (name == "content") citation.text = unescaped(json.text());
  };
  json.object([&](std::string_view name) {
    if (name == "url_citation") {
      json.object(take);
    } else {
      take(name);
    }
  });
  if (!citation.url.empty() || !citation.title.empty())
    seen_.citations.push_back(std::move(citation));
}

void Reader::add(Channel channel, const JsonText& text) {
  if (!text.empty()) seen_.pieces.push_back({channel, text});
}

void Reader::read_usage(JsonCursor& json) {
  UsageUpdate usage;
  std::optional<std::int64_t> total;
  json.object([&](std::string_view name) {
    if (name == "prompt_tokens" || name == "input_tokens") {
      usage.input_tokens = json.count();
    } else if (name == "completion_tokens" || name == "output_tokens") {
      usage.output_tokens = json.count();
    } else if (name == "total_tokens") {
      total = json.count();
    } else if (name == "prompt_cache_hit_tokens" || name == "cached_tokens") {
      usage.cached_input_tokens = json.count();
    } else if (name == "prompt_tokens_details") {
      json.object([&](std::string_view detail) {
        if (detail == "cached_tokens") usage.cached_input_tokens = json.count();
        if (detail == "cache_write_tokens") usage.cache_write_tokens = json.count();
      });
    } else if (name == "completion_tokens_details") {
      json.object([&](std::string_view detail) {
        if (detail == "reasoning_tokens") usage.reasoning_tokens = json.count();
      });
    }
  });
  add_thoughts(usage, total, dialect_.hidden_thoughts);
  if (!all_zero(usage)) seen_.usage.merge(usage);
}

// What llama.cpp measured: prompt_n leaves out what its cache had.
void Reader::read_timings(JsonCursor& json) {
  std::optional<std::int64_t> fresh, cached;
  json.object([&](std::string_view name) {
    if (name == "prompt_n") fresh = json.count();
    if (name == "cache_n") cached = json.count();
    if (name == "predicted_n") seen_.timings.output_tokens = json.count();
  });
  if (fresh) seen_.timings.input_tokens = *fresh + cached.value_or(0);
  seen_.timings.cached_input_tokens = cached;
}

// Only what is not empty counts: some servers always send "error": null or {}. With a mere flag or
// number the document tells what happened.
void Reader::read_error(JsonCursor& json, std::string_view document) {
  const auto kind = json.peek();
  const std::string_view value = json.skip();
  if (!is_failure_value(value)) return;
  const bool structured = kind == Kind::object || kind == Kind::string || kind == Kind::array;
  seen_.error = structured || document.empty() ? value : document;
}

void Reader::pass_on(ReplyProgress& reply) {
  // Azure's first chunk is about the prompt and names no model; the next one does.
  const bool says_something =
      !seen_.pieces.empty() || !seen_.tools.empty() || !seen_.finish.empty();
  if (says_something || (!seen_.model.empty() && seen_.error.empty()))
    reply.start(seen_.model, seen_.id);
  if (repeats_all(reply)) {
    seen_.pieces.clear();
    seen_.tools.clear();
  }
  for (const Piece& piece : seen_.pieces) {
    switch (piece.channel) {
      case Channel::text:
        pass_text(piece.text, reply);
        break;
      case Channel::reasoning:
        reply.reasoning(piece.text);
        break;
      case Channel::refusal:
        reply.refusal(piece.text);
        break;
    }
  }
  if (dialect_.echo != Dialect::Echo::none) keep_echo();
  for (const Citation& citation : seen_.citations) reply.citation(citation);
  for (const ToolPiece& piece : seen_.tools) reply.tool_piece(piece);
  for (std::uint32_t i = 0; i < seen_.ignored; ++i) reply.ignore();
  for (const auto& [name, value] : seen_.others) reply.extra(name, value);
  pass_usage(reply);
  if (!seen_.error.empty()) {
    if (is_failure_word(first_word(seen_.finish.raw)))
      reply.reason(FinishReason::other, seen_.finish.raw);
    return reply.fail(provider_failure(0, parse_failure(seen_.error)));
  }
  if (!seen_.finish.empty()) finish_reason(seen_.finish, reply);
}

// The last chunk of some services holds the whole message in place of a delta; others have a
// message in each chunk, which is the next piece.
bool Reader::repeats_all(const ReplyProgress& reply) const {
  if (whole_ || !has_deltas_ || !seen_.message_alone || seen_.finish.empty()) return false;
  if (!seen_.tools.empty()) return reply.has_tool_call();
  if (seen_.pieces.empty() || !reply.has_delivered()) return false;
  return text_bytes_seen() == reply.text_bytes();
}

// Of the document's text what is left without the reasoning in its tags.
std::size_t Reader::text_bytes_seen() const {
  std::size_t bytes = 0;
  ThinkSplitter splitter;
  const auto count = [&](bool reasoning, std::string_view part) {
    if (!reasoning) bytes += part.size();
  };
  for (const Piece& piece : seen_.pieces) {
    if (piece.channel != Channel::text) continue;
    const std::string text = unescaped(piece.text);
    dialect_.think_tags ? splitter.feed(text, count) : count(false, text);
  }
  splitter.finish(count);
  return bytes;
}

void Reader::pass_usage(ReplyProgress& reply) {
  UsageUpdate merged = reported_;
  if (seen_.usage.empty() && !seen_.timings.empty() && !all_zero(seen_.timings)) {
    merged.merge(seen_.timings);
  } else {
    merged.merge(seen_.usage);
  }
  if (same(merged, reported_)) return;
  reported_ = merged;
  reply.usage(merged);
}

void Reader::pass_text(const JsonText& text, ReplyProgress& reply) {
  if (!dialect_.think_tags) return reply.text(text);
  splitter_.pass(text, reply);
}

// What the service wants back: texts are joined in their escaped form, elements and members by
// commas.
void Reader::keep_echo() {
  if (echo_.size() > ReplyProgress::kMaxStateBytes) return;
  if (dialect_.echo == Dialect::Echo::calls) {
    for (const auto& [id, extra] : seen_.call_extras) {
      if (!echo_.empty()) echo_ += ',';
      JsonWriter(echo_).value(id);
      echo_.append(":").append(extra);
    }
    return;
  }
  if (dialect_.echo == Dialect::Echo::details) {
    if (seen_.details.size() <= 2) return;
    if (!echo_.empty()) echo_ += ',';
    echo_ += seen_.details.substr(1, seen_.details.size() - 2);
    return;
  }
  for (const Piece& piece : seen_.pieces) {
    if (piece.channel == Channel::reasoning) echo_ += piece.text.raw;
  }
}

// Nothing more of the text comes: what the splitter held back is what it seems, and the reasoning
// behind the calls is whole.
void Reader::end_text(ReplyProgress& reply) {
  if (dialect_.think_tags) {
    splitter_.finish([&](bool reasoning, std::string_view part) {
      const JsonText piece{.raw = part, .escaped = false, .ascii = false, .unescaped = true};
      reasoning ? reply.reasoning(piece) : reply.text(piece);
    });
  }
  if (echo_.empty() || !reply.has_tool_call() || !is_valid_utf8(echo_)) return;
  std::string_view around = "\"\"";
  if (dialect_.echo == Dialect::Echo::details) around = "[]";
  if (dialect_.echo == Dialect::Echo::calls) around = "{}";
  std::string state = "{\"";
  state.append(echo_member(dialect_.echo)).append("\":").append(around.substr(0, 1));
  state.append(echo_).append(around.substr(1)).append("}");
  echo_.clear();
  reply.state(state);
}

// The first one counts: it may come again, also with another word.
void Reader::finish_reason(const JsonText& finish, ReplyProgress& reply) {
  if (const std::string_view word = first_word(finish.raw); is_failure_word(word)) {
    FailureBody body;
    std::transform(word.begin(), word.end(), std::back_inserter(body.code), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    reply.reason(FinishReason::other, finish.raw);
    return reply.fail(provider_failure(0, body).with_point(FailurePoint::finish));
  }
  end_text(reply);
  reply.complete();
  if (reply.has_reason()) return;
  if (const auto reason = reason_of(kReasons, first_word(finish.raw)))
    return reply.reason(*reason, finish.raw);
  reply.reason(FinishReason::other, finish.raw);
  reply.warning("unknown_finish_reason", utf8_truncate(utf8_repair(finish.raw), 64));
}

}  // namespace scena::llm::openai
