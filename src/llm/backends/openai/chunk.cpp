#include "llm/backends/openai/chunk.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "llm/provider_failure.hpp"
#include "llm/text_joiner.hpp"

namespace scena::llm::openai {
namespace {

using Kind = JsonCursor::Kind;

bool all_zero(const UsageUpdate& usage) {
  auto zero = [](const std::optional<std::int64_t>& field) { return field.value_or(0) == 0; };
  return zero(usage.input_tokens) && zero(usage.output_tokens) && zero(usage.cached_input_tokens) &&
         zero(usage.cache_write_tokens) && zero(usage.reasoning_tokens);
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
  constexpr std::array kNames =
      std::to_array<std::string_view>({"error", "message", "detail", "error_msg", "error_message",
                                       "errors", "msg", "base_resp", "fault"});
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](std::string_view known) { return equals_ignore_case(name, known); });
}

// Names under which gateways hand on a whole answer, beside words of their own.
bool is_envelope(std::string_view name) {
  return name == "data" || name == "result" || name == "response";
}

}  // namespace

void Chunk::clear() {
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
  other_choice.reset();
  has_answer = other_ended = message_alone = has_choices = is_answer = false;
}

bool ChunkReader::read(std::string_view document, bool whole) {
  chunk_.clear();
  whole_ = whole;
  JsonCursor json(document);
  if (json.peek() == Kind::array) {
    // What comes as a list is a failure; no answer does.
    const std::string_view list = json.skip();
    if (!json.finish() || !parse_failure(list).is_error) return false;
    chunk_.error = list;
    return true;
  }
  if (json.peek() != Kind::object) return false;
  bool failure = false;
  json.object([&](std::string_view name) {
    failure |= names_failure(name);
    read_member(json, name, document);
  });
  if (!json.finish()) return false;
  if (!chunk_.has_choices) open_envelope();
  if (failure && !chunk_.is_answer && chunk_.error.empty() && !is_empty_envelope() &&
      parse_failure(document).is_error)
    chunk_.error = document;
  return true;
}

void ChunkReader::open_envelope() {
  const auto envelope = std::find_if(
      chunk_.others.begin(), chunk_.others.end(),
      [&](const auto& other) { return is_envelope(other.first) && holds_answer(other.second); });
  if (envelope == chunk_.others.end()) return;
  has_envelopes_ = true;
  const std::string_view inside = envelope->second;
  chunk_.others.erase(envelope);
  JsonCursor json(inside);
  json.object([&](std::string_view name) { read_member(json, name, inside); });
}

// Whether a gateway that wraps answers says that all is well (0 or 200) beside one without any.
bool ChunkReader::is_empty_envelope() const {
  if (!has_envelopes_) return false;
  return std::any_of(chunk_.others.begin(), chunk_.others.end(), [](const auto& other) {
    return other.first == "code" && (other.second == "0" || other.second == "200");
  });
}

// Whether it is an object with what only an answer or a failure has.
bool ChunkReader::holds_answer(std::string_view object) const {
  bool holds = false;
  JsonCursor json(object);
  json.object([&](std::string_view name) {
    holds |= name == "choices" || name == "error" ||
             (name == "usage" && json.peek() == Kind::object) ||
             (dialect_.no_finish_reason &&
              (name == "response" || name == "response_text" || name == "tool_calls"));
  });
  return holds;
}

void ChunkReader::read_member(JsonCursor& json, std::string_view name, std::string_view document) {
  if (name == "choices") {
    chunk_.has_choices |= json.peek() == Kind::array;
    chunk_.is_answer |= chunk_.has_choices;
    json.array([&] { read_choice(json); });
  } else if (name == "usage") {
    chunk_.is_answer |= json.peek() == Kind::object;
    read_usage(json);
  } else if (name == "error") {
    read_error(json, document);
  } else if (name == "id") {
    chunk_.id = json.text().raw;
  } else if (name == "model") {
    chunk_.model = json.text().raw;
  } else if (name == "obfuscation") {
    chunk_.padding = json.text().raw;
  } else if (name == "timings") {
    read_timings(json);
  } else if (name == "x_groq") {
    json.object([&](std::string_view inner) {
      if (inner == "usage") read_usage(json);
      if (inner == "error") read_error(json, {});
    });
  } else if (name != "object" && name != "created") {
    if (json.peek() == Kind::null || read_plain_answer(json, name)) return;
    chunk_.others.emplace_back(name, json.skip());
  }
}

// Workers AI in its own manner, a piece or the whole.
bool ChunkReader::read_plain_answer(JsonCursor& json, std::string_view name) {
  if (!dialect_.no_finish_reason) return false;
  const bool is_text = name == "response" || name == "response_text";
  if (is_text && json.peek() == Kind::string) {
    add(Channel::text, json.text());
  } else if (name == "tool_calls" && json.peek() == Kind::array) {
    read_tools(json);
  } else {
    return false;
  }
  return chunk_.is_answer = true;
}

void ChunkReader::read_choice(JsonCursor& json) {
  // One choice is asked for. Of a second one only its index tells; it may stand behind the delta.
  const std::size_t pieces = chunk_.pieces.size();
  const std::size_t tools = chunk_.tools.size();
  const std::size_t citations = chunk_.citations.size();
  const JsonText finish = chunk_.finish;
  const auto forget = [&] {
    chunk_.pieces.resize(pieces);
    chunk_.tools.resize(tools);
    chunk_.citations.resize(citations);
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
      chunk_.message_alone = false;
      has_deltas_ = true;
      read_delta(json);
    } else if ((name == "delta" || name == "message") && !has_main) {
      chunk_.message_alone = name == "message";
      read_delta(json);
    } else if (name == "text" && !has_main) {
      add(Channel::text, json.text());
    } else if (name == "finish_reason" || name == "finishReason") {
      // Google's server had both, the first one null.
      if (const JsonText word = json.text(); !word.empty()) chunk_.finish = word;
    } else if (name == "usage") {
      read_usage(json);
    } else if (name == "error") {
      read_error(json, {});
    }
  });
  if (index == answer_ || dialect_.one_choice) {
    chunk_.has_answer = true;
    return;
  }
  forget();
  chunk_.other_ended |= chunk_.finish.raw.data() != finish.raw.data();
  chunk_.finish = finish;
  chunk_.other_choice = std::min(index, chunk_.other_choice.value_or(index));
}

// An object, the text itself, or a list of either.
void ChunkReader::read_delta(JsonCursor& json) {
  if (json.peek() == Kind::string) return add(Channel::text, json.text());
  if (json.peek() == Kind::array) return json.array([&] { read_delta(json); });
  json.object([&](std::string_view name) { read_delta_member(json, name); });
}

void ChunkReader::read_delta_member(JsonCursor& json, std::string_view name) {
  if (name == "content") {
    read_content(json, Channel::text);
  } else if (name == "reasoning_content" || name == "reasoning" || name == "reasoning_details") {
    if (name == "reasoning_details" && json.peek() == Kind::array) {
      JsonCursor copy = json;
      chunk_.details = copy.skip();
    }
    // Some servers send the same text under two names.
    const bool doubled =
        !chunk_.pieces.empty() && chunk_.pieces.back().channel == Channel::reasoning;
    if (!doubled) read_content(json, Channel::reasoning);
  } else if (name == "refusal") {
    add(Channel::refusal, json.text());
  } else if (name == "tool_calls") {
    read_tools(json);
  } else if (name == "function_call" && json.peek() == Kind::object) {
    ToolPiece piece;
    read_function(json, piece);
    if (!piece.name.empty() || !piece.arguments.empty()) chunk_.tools.push_back(std::move(piece));
  } else if (name == "annotations") {
    json.array([&] { read_annotation(json); });
  } else if (name == "finish_reason" && chunk_.finish.empty()) {
    chunk_.finish = json.text();  // beside the delta it counts first
  }
}

void ChunkReader::read_tools(JsonCursor& json) {
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
      if (piece.id == "null") piece.id.clear();  // as Mistral's server writes that there is none
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
  if (own && !extra.empty() && !piece.id.empty()) chunk_.call_extras.emplace_back(piece.id, extra);
  if (!own) {
    ++chunk_.ignored;
  } else if (!piece.id.empty() || !piece.name.empty() || !piece.arguments.empty()) {
    piece.begins = is_next_call(piece);
    chunk_.tools.push_back(std::move(piece));
  }
}

// Entries of one list that are told apart by nothing else: each of a whole reply is a call; of a
// stream, those that have a name and no arguments, where others may be pieces of one.
bool ChunkReader::is_next_call(const ToolPiece& piece) const {
  const auto is_bare = [](const ToolPiece& one) {
    return !one.index && one.id.empty() && !one.name.empty();
  };
  if (chunk_.tools.empty() || !is_bare(piece) || !is_bare(chunk_.tools.back())) return false;
  return whole_ || (piece.arguments.empty() && chunk_.tools.back().arguments.empty());
}

void ChunkReader::read_function(JsonCursor& json, ToolPiece& piece) {
  json.object([&](std::string_view name) { read_function_member(json, name, piece); });
}

// Some services send the arguments as an object.
void ChunkReader::read_function_member(JsonCursor& json, std::string_view name, ToolPiece& piece) {
  if (name == "name") {
    piece.name = unescaped(json.text());
  } else if (name == "arguments") {
    piece.arguments =
        json.peek() == Kind::object ? std::string(json.skip()) : unescaped_piece(json.text());
  }
}

// A string, one part, or a list of parts.
void ChunkReader::read_content(JsonCursor& json, Channel channel) {
  if (json.peek() == Kind::array) return json.array([&] { read_part(json, channel); });
  read_part(json, channel);
}

// {type: text, text}, {type: thinking, thinking: parts}, {type, text|summary}, or a string.
void ChunkReader::read_part(JsonCursor& json, Channel channel) {
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
void ChunkReader::read_annotation(JsonCursor& json) {
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
    chunk_.citations.push_back(std::move(citation));
}

void ChunkReader::add(Channel channel, const JsonText& text) {
  if (!text.empty()) chunk_.pieces.push_back({channel, text});
}

void ChunkReader::read_usage(JsonCursor& json) {
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
  if (!all_zero(usage)) chunk_.usage.merge(usage);
}

// What llama.cpp measured: prompt_n leaves out what its cache had.
void ChunkReader::read_timings(JsonCursor& json) {
  std::optional<std::int64_t> fresh, cached;
  json.object([&](std::string_view name) {
    if (name == "prompt_n") fresh = json.count();
    if (name == "cache_n") cached = json.count();
    if (name == "predicted_n") chunk_.timings.output_tokens = json.count();
  });
  if (fresh) chunk_.timings.input_tokens = *fresh + cached.value_or(0);
  chunk_.timings.cached_input_tokens = cached;
  if (all_zero(chunk_.timings)) chunk_.timings = {};
}

// Only what is not empty counts: some servers always send "error": null or {}. The document around
// it may tell the rest: of a mere flag what happened, of mere words their kind, of others a status.
void ChunkReader::read_error(JsonCursor& json, std::string_view document) {
  const std::string_view value = json.skip();
  if (!is_failure_value(value)) return;
  const bool readable = !document.empty() && document.size() <= kMaxFailureBytes;
  chunk_.error = readable ? document : value;
}

}  // namespace scena::llm::openai
