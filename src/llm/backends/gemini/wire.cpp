#include "llm/backends/gemini/wire.hpp"

#include <array>
#include <utility>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "llm/backends/gemini/proto_name.hpp"
#include "llm/provider_failure.hpp"
#include "llm/reason_words.hpp"
#include "llm/text_joiner.hpp"

namespace scena::llm::gemini {
namespace {

constexpr std::size_t kMaxCitations = 1'000;

constexpr std::array kReasons = {
    ReasonWord{"MODEL_ARMOR", FinishReason::content_filter},
    ReasonWord{"IMAGE_SAFETY", FinishReason::content_filter},
    ReasonWord{"IMAGE_PROHIBITED_CONTENT", FinishReason::content_filter},
    ReasonWord{"IMAGE_RECITATION", FinishReason::content_filter},
    ReasonWord{"LANGUAGE", FinishReason::other},
    ReasonWord{"OTHER", FinishReason::other},
    ReasonWord{"IMAGE_OTHER", FinishReason::other},
    ReasonWord{"NO_IMAGE", FinishReason::other},
    ReasonWord{"UNEXPECTED_TOOL_CALL", FinishReason::other},
    ReasonWord{"TOO_MANY_TOOL_CALLS", FinishReason::other},
    // By number, as far as both numberings, the Gemini API's and Vertex', give the same reason.
    ReasonWord{"1", FinishReason::stop},
    ReasonWord{"2", FinishReason::length},
    ReasonWord{"3", FinishReason::content_filter},
    ReasonWord{"4", FinishReason::content_filter},
    ReasonWord{"5", FinishReason::other},
    ReasonWord{"7", FinishReason::content_filter},
    ReasonWord{"8", FinishReason::content_filter},
};

// What an enumeration says where it says nothing.
bool is_unspecified(std::string_view word) {
  return word.empty() || word == "0" || word.ends_with("_UNSPECIFIED");
}

// A word of an enumeration, or its number: Vertex gives numbers where it is asked to, and so do
// programs that hand on what its older clients gave them.
JsonText enum_word(JsonCursor& json) {
  if (json.peek() != JsonCursor::Kind::number) return json.text();
  return {.raw = json.skip()};
}

// The model wrote a call that nobody can read: the same request may go well the next time.
bool is_failure_word(std::string_view word) {
  return equals_ignore_case(word, "MALFORMED_FUNCTION_CALL") ||
         equals_ignore_case(word, "MALFORMED_RESPONSE");
}

Error not_json() {
  return Error::fixed(ErrorCode::protocol, "the provider sent an event that is not valid JSON");
}

std::string quoted(const JsonText& text) {
  return text.present() ? "\"" + std::string(text.raw) + "\"" : "\"\"";
}

const Json& member(const Json& object, const char* name) {
  static const Json none;
  if (!object.is_object()) return none;
  auto found = object.find(name);
  if (found == object.end()) found = object.find(snake_name(name));
  return found != object.end() ? *found : none;
}

std::string member_text(const Json& object, const char* name) {
  const Json& text = member(object, name);
  return text.is_string() ? text.get<std::string>() : std::string();
}

// What a chunk of a grounding's sources is: a page, a document, or a place.
Citation source_of(const Json& chunk) {
  Citation source;
  for (const char* kind : {"web", "retrievedContext", "maps"}) {
    const Json& place = member(chunk, kind);
    if (!place.is_object()) continue;
    source.title = member_text(place, "title");
    source.url = member_text(place, "uri");
    source.text = member_text(place, "text");
  }
  source.raw = dump_json(chunk);
  return source;
}

}  // namespace

void Reader::Seen::clear() {
  model = id = error = grounding = citations = {};
  finish = finish_message = block = {};
  parts.clear();
  others.clear();
  counts = {};
  frame.number_count = 0;
  many_numbers = other_candidate = false;
}

EventReading Reader::read_event(std::string_view, std::string_view data, ReplyProgress& reply) {
  // The service sends none; proxies that speak another one's language do.
  if (trim(data) == "[DONE]") {
    if (reply.has_reason()) reply.complete();
    reply.end();
    return {};
  }
  read(data, reply);
  if (reply.done()) return {};
  return frame();
}

void Reader::read_whole(std::string_view body, ReplyProgress& reply) {
  body = trim(body);
  if (body.starts_with('[')) {
    JsonCursor json(body);
    json.array([&] {
      const std::string_view element = json.skip();
      if (!reply.done() && json.ok()) read(element, reply);
    });
    if (!json.finish() && !reply.done()) reply.fail(not_json());
  } else {
    read(body, reply);
  }
  if (reply.done() || !reply.has_reason()) return;
  reply.complete();
  reply.end();
}

void Reader::read(std::string_view document, ReplyProgress& reply) {
  seen_.clear();
  JsonCursor json(document);
  if (json.peek() != JsonCursor::Kind::object) return reply.fail(not_json());
  const bool is_answer = read_members(json, document);
  if (!json.finish()) return reply.fail(not_json());
  // A document of other members alone may be a failure in another service's words.
  if (!is_answer && parse_failure(document).is_error) seen_.error = document;
  pass_on(reply);
}

// Whether a member is one that only answers have. Code Assist and gateways in its manner put the
// answer into "response".
bool Reader::read_members(JsonCursor& json, std::string_view document) {
  bool is_answer = false;
  json.object([&](std::string_view name) {
    is_answer |= name == "candidates" || is_named(name, "usageMetadata") ||
                 is_named(name, "promptFeedback") || is_named(name, "modelVersion") ||
                 is_named(name, "responseId");
    if (name == "candidates") {
      json.array([&] { read_candidate(json); });
    } else if (is_named(name, "usageMetadata")) {
      read_usage(json);
    } else if (is_named(name, "modelVersion")) {
      seen_.model = json.text().raw;
    } else if (is_named(name, "responseId")) {
      seen_.id = json.text().raw;
    } else if (is_named(name, "promptFeedback")) {
      json.object([&](std::string_view inner) {
        if (is_named(inner, "blockReason")) seen_.block = enum_word(json);
        if (is_unspecified(seen_.block.raw)) seen_.block = {};
      });
    } else if (name == "error") {
      if (is_failure_value(json.skip())) seen_.error = document;
    } else if (name == "response" && json.peek() == JsonCursor::Kind::object) {
      const std::string_view inner = json.skip();
      JsonCursor members(inner);
      is_answer |= read_members(members, inner);
    } else {
      seen_.others.emplace_back(name, json.skip());
    }
  });
  return is_answer;
}

void Reader::read_candidate(JsonCursor& json) {
  // Of another candidate only its index tells, which may stand behind the content.
  const std::size_t parts = seen_.parts.size();
  std::int64_t index = 0;
  Seen& seen = seen_;
  const JsonText finish = seen.finish, message = seen.finish_message;
  const std::string_view grounding = seen.grounding, citations = seen.citations;
  json.object([&](std::string_view name) {
    if (name == "index") {
      index = json.integer().value_or(0);
    } else if (name == "content") {
      read_content(json);
    } else if (is_named(name, "finishReason")) {
      if (const JsonText word = enum_word(json); !is_unspecified(word.raw)) seen.finish = word;
    } else if (is_named(name, "finishMessage")) {
      seen.finish_message = json.text();
    } else if (is_named(name, "groundingMetadata")) {
      seen.grounding = json.skip();
    } else if (is_named(name, "citationMetadata")) {
      seen.citations = json.skip();
    }
  });
  if (index == 0) return;
  seen.parts.resize(parts);
  seen.finish = finish;
  seen.finish_message = message;
  seen.grounding = grounding;
  seen.citations = citations;
  seen.other_candidate = true;
}

// An object with parts; some proxies send the text alone, or the parts.
void Reader::read_content(JsonCursor& json) {
  if (json.peek() != JsonCursor::Kind::object) return read_parts(json);
  json.object([&](std::string_view name) {
    if (name == "parts") read_parts(json);
  });
}

void Reader::read_parts(JsonCursor& json) {
  if (json.peek() == JsonCursor::Kind::array) return json.array([&] { read_part(json); });
  read_part(json);
}

void Reader::read_part(JsonCursor& json) {
  Part part;
  if (json.peek() == JsonCursor::Kind::string) {
    part.text = json.text();
    seen_.parts.push_back(part);
    return;
  }
  if (json.peek() != JsonCursor::Kind::object) {
    json.skip();
    return;
  }
  json.object([&](std::string_view name) {
    if (name == "text") {
      part.text = json.text();
    } else if (name == "thought") {
      part.thought = json.skip() == "true";
    } else if (is_named(name, "thoughtSignature")) {
      part.signature = json.text();
    } else if (is_named(name, "functionCall")) {
      if (json.peek() == JsonCursor::Kind::object) part.call = json.skip();
    } else if (is_named(name, "inlineData")) {
      part.media = json.skip();
    } else if (is_named(name, "executableCode") || is_named(name, "codeExecutionResult") ||
               is_named(name, "toolCall") || is_named(name, "toolResponse") ||
               is_named(name, "fileData")) {
      part.server_side = true;
    }
  });
  seen_.parts.push_back(part);
}

void Reader::read_usage(JsonCursor& json) {
  json.object([&](std::string_view name) {
    Count count = Count::other;
    if (is_named(name, "promptTokenCount")) count = Count::prompt;
    if (is_named(name, "toolUsePromptTokenCount")) count = Count::tools;
    if (is_named(name, "cachedContentTokenCount")) count = Count::cached;
    if (is_named(name, "candidatesTokenCount")) count = Count::candidates;
    if (is_named(name, "thoughtsTokenCount")) count = Count::thoughts;
    read_counts(json, count);
  });
}

// Numbers grow from chunk to chunk, also those in the details, which count nothing new.
void Reader::read_counts(JsonCursor& json, Count count) {
  if (json.peek() == JsonCursor::Kind::object) {
    json.object([&](std::string_view) { read_counts(json, Count::other); });
  } else if (json.peek() == JsonCursor::Kind::array) {
    json.array([&] { read_counts(json, Count::other); });
  } else if (json.peek() == JsonCursor::Kind::string && count != Count::other) {
    seen_.counts[static_cast<std::size_t>(count)] = json.count();
    seen_.many_numbers = true;
  } else if (json.peek() == JsonCursor::Kind::number) {
    const std::string_view number = json.skip();
    if (count != Count::other)
      seen_.counts[static_cast<std::size_t>(count)] = JsonCursor(number).integer();
    seen_.many_numbers |= seen_.frame.number_count == DeltaFrame::kMaxNumbers;
    if (seen_.many_numbers) return;
    seen_.frame.meanings[seen_.frame.number_count] = static_cast<std::uint8_t>(count);
    seen_.frame.numbers[seen_.frame.number_count++] = number;
  } else {
    json.skip();
  }
}

void Reader::count(Count count, std::int64_t number) noexcept {
  auto& newest = counts_[static_cast<std::size_t>(count)];
  if (count == Count::other || newest == number) return;
  newest = number;
  counted_ = true;
}

void Reader::report(ReplyProgress& reply) {
  if (!std::exchange(counted_, false)) return;
  const auto newest = [this](Count count) { return counts_[static_cast<std::size_t>(count)]; };
  const auto sum = [](const auto& a, const auto& b) -> std::optional<std::int64_t> {
    if (!a && !b) return std::nullopt;
    return a.value_or(0) + b.value_or(0);
  };
  UsageUpdate usage;
  usage.input_tokens = sum(newest(Count::prompt), newest(Count::tools));
  usage.output_tokens = sum(newest(Count::candidates), newest(Count::thoughts));
  usage.cached_input_tokens = newest(Count::cached);
  usage.reasoning_tokens = newest(Count::thoughts);
  reply.usage(usage);
}

void Reader::read_numbers(std::span<const DeltaNumber> numbers, ReplyProgress& reply) {
  for (const DeltaNumber& one : numbers) count(static_cast<Count>(one.meaning), one.value);
  report(reply);
}

// The frame of a chunk that is one piece of text, with or without a count of tokens.
EventReading Reader::frame() const {
  const bool one_text = seen_.parts.size() == 1 && !seen_.parts[0].text.empty() &&
                        !seen_.parts[0].thought && seen_.parts[0].signature.empty() &&
                        seen_.parts[0].call.empty() && seen_.parts[0].media.empty() &&
                        !seen_.parts[0].server_side;
  const bool alone = seen_.finish.empty() && seen_.block.empty() && seen_.error.empty() &&
                     seen_.citations.empty() && seen_.grounding.empty() && seen_.others.empty() &&
                     !seen_.other_candidate && !seen_.many_numbers;
  if (!one_text || !alone) return {};
  EventReading reading{.frame = seen_.frame};
  reading.frame.text = seen_.parts[0].text.raw;
  return reading;
}

void Reader::pass_on(ReplyProgress& reply) {
  if (seen_.error.empty()) reply.start(seen_.model, seen_.id);
  for (const Part& part : seen_.parts) pass_part(part, reply);
  if (seen_.other_candidate) reply.ignore();
  pass_citations(reply);
  for (const auto& [name, value] : seen_.others) reply.extra(name, value);
  for (std::size_t i = 0; i < seen_.counts.size(); ++i) {
    if (seen_.counts[i]) count(static_cast<Count>(i), *seen_.counts[i]);
  }
  report(reply);
  if (!seen_.error.empty())
    return reply.fail(provider_failure(0, parse_failure(seen_.error), reply.secrets()));
  finish(reply);
}

void Reader::pass_part(const Part& part, ReplyProgress& reply) {
  if (!part.call.empty()) return pass_call(part, reply);
  if (part.server_side) return reply.ignore();
  if (!part.media.empty()) {
    reply.ignore();
    reply.warning("media_not_read", "inlineData");
    return;
  }
  if (!part.signature.empty()) {
    std::string json = part.thought ? "{\"thought\":true,\"text\":" : "{\"text\":";
    json += quoted(part.text) + ",\"thoughtSignature\":" + quoted(part.signature) + "}";
    if (turn_.add_text(reply.text_bytes(), json)) reply.state(turn_.state());
  }
  if (part.thought) {
    reply.reasoning(part.text);
  } else {
    reply.text(part.text);
  }
}

void Reader::pass_call(const Part& part, ReplyProgress& reply) {
  if (partial_.open() || is_call_piece(part.call)) {
    if (!partial_.add(part.call)) {
      return reply.fail(Error::fixed(
          ErrorCode::protocol, "the provider sent a piece of a call that cannot be put together"));
    }
    if (partial_.open()) return;
    reply.tool_call(partial_.id(), partial_.name(), partial_.arguments());
    partial_.reset();
  } else {
    const auto call = parse_json(sound_escapes(part.call));
    if (!call || !call->is_object()) return reply.fail(not_json());
    const Json& args = member(*call, "args");
    reply.tool_call(member_text(*call, "id"), member_text(*call, "name"),
                    args.is_null()     ? std::string()
                    : args.is_string() ? args.get<std::string>()
                                       : dump_json(args));
    if (!part.signature.empty()) {
      const std::string json = "{\"functionCall\":" + std::string(part.call) +
                               ",\"thoughtSignature\":" + quoted(part.signature) + "}";
      if (turn_.add_call(calls_, json)) reply.state(turn_.state());
    }
  }
  ++calls_;
}

void Reader::pass_citations(ReplyProgress& reply) {
  if (seen_.citations.size() > 2) {
    const auto json = parse_json(sound_escapes(seen_.citations));
    for (const char* name : {"citationSources", "citations"}) {
      for (const Json& entry : json ? member(*json, name) : Json()) {
        if (entry.is_object())
          cite({{}, member_text(entry, "title"), member_text(entry, "uri"), dump_json(entry)},
               reply);
      }
    }
  }
  if (seen_.grounding.size() <= 2) return;
  const auto json = parse_json(sound_escapes(seen_.grounding));
  if (!json) return;
  const Json& chunks = member(*json, "groundingChunks");
  const Json& supports = member(*json, "groundingSupports");
  if (!supports.is_array() || supports.empty()) {
    for (const Json& chunk : chunks) cite(source_of(chunk), reply);
    return;
  }
  for (const Json& support : supports) {
    for (const Json& index : member(support, "groundingChunkIndices")) {
      if (!index.is_number_unsigned() || !chunks.is_array() ||
          index.get<std::size_t>() >= chunks.size()) {
        continue;
      }
      Citation citation = source_of(chunks[index.get<std::size_t>()]);
      citation.text = member_text(member(support, "segment"), "text");
      cite(citation, reply);
    }
  }
}

// Chunks repeat what earlier ones said.
void Reader::cite(const Citation& citation, ReplyProgress& reply) {
  if (cited_.size() >= kMaxCitations) return;
  if (cited_.insert(citation.text + "\n" + citation.raw).second) reply.citation(citation);
}

void Reader::finish(ReplyProgress& reply) {
  if (seen_.finish.empty() && !seen_.block.empty() && !reply.has_reason() && calls_ == 0) {
    reply.reason(FinishReason::content_filter, seen_.block.raw);
    return reply.complete_at_end();
  }
  const std::string_view word = seen_.finish.raw;
  if (word.empty()) return;
  if (is_failure_word(word)) {
    FailureBody body;
    body.code = word;
    body.message = unescaped(seen_.finish_message);
    reply.reason(FinishReason::other, word);
    return reply.fail(provider_failure(0, body, reply.secrets()).with_point(FailurePoint::finish));
  }
  if (partial_.open()) {
    reply.tool_piece({std::nullopt, partial_.id().empty() ? "" : partial_.id(), partial_.name(),
                      partial_.cut_arguments()});
    partial_.reset();
  }
  reply.complete_at_end();
  if (const auto reason = reason_of(kReasons, word)) return reply.reason(*reason, word);
  reply.reason(FinishReason::other, word);
  reply.warning("unknown_finish_reason", utf8_truncate(utf8_repair(word), 64));
}

}  // namespace scena::llm::gemini
