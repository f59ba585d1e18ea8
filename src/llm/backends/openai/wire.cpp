#include "llm/backends/openai/wire.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "llm/provider_failure.hpp"
#include "llm/reason_words.hpp"
#include "llm/text_joiner.hpp"

namespace scena::llm::openai {
namespace {

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

bool same(const UsageUpdate& a, const UsageUpdate& b) {
  return a.input_tokens == b.input_tokens && a.output_tokens == b.output_tokens &&
         a.cached_input_tokens == b.cached_input_tokens &&
         a.cache_write_tokens == b.cache_write_tokens && a.reasoning_tokens == b.reasoning_tokens;
}

Error not_json() {
  return Error::fixed(ErrorCode::protocol, "the provider sent an event that is not valid JSON");
}

}  // namespace

EventReading Reader::read_event(std::string_view, std::string_view data, ReplyProgress& reply) {
  if (trim(data) == "[DONE]") {
    release(reply);
    end_text(reply);
    // Without anything before it, it ends nothing, and behind half a call it ends a cut.
    if (dialect_.no_finish_reason && reply.has_delivered() && !reply.has_half_call())
      reply.complete();
    reply.end();
    return {};
  }
  if (!read(data, false, reply)) return {};
  const bool text_alone = seen().pieces.size() == 1 && seen().pieces[0].channel == Channel::text &&
                          seen().finish.empty() && seen().error.empty() && seen().tools.empty() &&
                          seen().citations.empty() && !seen().other_choice;
  // Counts are part of the bytes that a template compares: later ones make them old.
  const bool counts = !seen().usage.empty() || !seen().timings.empty();
  if (!text_alone || reply.done() || (dialect_.think_tags && !splitter_.settled()))
    return {.new_state = counts};
  return {.frame = {.text = seen().pieces[0].text.raw, .padding = seen().padding},
          .new_state = counts};
}

void Reader::read_whole(std::string_view body, ReplyProgress& reply) {
  if (!read(trim(body), true, reply) || reply.done()) return;
  end_text(reply);
  reply.end();
}

bool Reader::read(std::string_view document, bool whole, ReplyProgress& reply) {
  if (!chunks_.read(document, whole)) {
    reply.fail(not_json());
    return false;
  }
  if (!answered_) {
    if (!seen().pieces.empty() || !seen().tools.empty()) {
      answered_ = true;
      held_.clear();
    } else if (seen().other_choice && !(whole && seen().has_answer)) {
      hold(document, reply);
      return true;
    } else if (!held_.empty() && !(seen().finish.empty() && seen().error.empty())) {
      // The end, whosever it is, of what was held.
      release(reply);
      chunks_.choose(0);
      chunks_.read(document, whole);
    }
  }
  pass_on(reply);
  return true;
}

// Keeps a document of which another choice than 0 says something, as long as it may not be the
// answer.
void Reader::hold(std::string_view document, ReplyProgress& reply) {
  held_choice_ =
      held_.empty() ? *seen().other_choice : std::min(held_choice_, *seen().other_choice);
  held_bytes_ += document.size();
  held_.emplace_back(document);
  // Usage is the whole answer's, whichever choice it stands beside.
  reply.start(seen().model, seen().id);
  pass_usage(reply);
  const bool failed = !seen().error.empty();
  if (seen().other_ended || failed || chunks_.is_whole() || held_bytes_ > kMaxHeld) release(reply);
}

// What was held is the answer, since choice 0 has not said anything.
void Reader::release(ReplyProgress& reply) {
  if (answered_ || held_.empty()) return;
  answered_ = true;
  chunks_.choose(held_choice_);
  const bool whole = chunks_.is_whole();
  for (const std::string& document : held_) {
    if (reply.done()) break;
    chunks_.read(document, whole);
    pass_on(reply);
  }
  seen().clear();
  held_.clear();
}

void Reader::pass_on(ReplyProgress& reply) {
  // Azure's first chunk is about the prompt and names no model; the next one does.
  const bool says_something =
      !seen().pieces.empty() || !seen().tools.empty() || !seen().finish.empty();
  if (says_something || (!seen().model.empty() && seen().error.empty()))
    reply.start(seen().model, seen().id);
  if (repeats_all(reply)) {
    seen().pieces.clear();
    seen().tools.clear();
  }
  for (const Chunk::Piece& piece : seen().pieces) {
    switch (piece.channel) {
      case Channel::text:
        pass_text(piece.text, reply);
        break;
      case Channel::reasoning:
        splitter_.told_apart();
        reply.reasoning(piece.text);
        break;
      case Channel::refusal:
        reply.refusal(piece.text);
        break;
    }
  }
  if (dialect_.echo != Dialect::Echo::none) keep_echo();
  for (const Citation& citation : seen().citations) reply.citation(citation);
  for (const ToolPiece& piece : seen().tools) reply.tool_piece(piece);
  for (std::uint32_t i = 0; i < seen().ignored; ++i) reply.ignore();
  for (const auto& [name, value] : seen().others) reply.extra(name, value);
  pass_usage(reply);
  if (!seen().error.empty()) {
    if (is_failure_word(first_word(seen().finish.raw)))
      reply.reason(FinishReason::other, seen().finish.raw);
    return reply.fail(provider_failure(0, parse_failure(seen().error), reply.secrets()));
  }
  if (!seen().finish.empty()) finish_reason(seen().finish, reply);
}

// The last chunk of some services holds the whole message in place of a delta; others have a
// message in each chunk, which is the next piece.
bool Reader::repeats_all(const ReplyProgress& reply) const {
  if (chunks_.is_whole() || !chunks_.has_deltas() || !seen().message_alone || seen().finish.empty())
    return false;
  if (!seen().tools.empty()) return reply.has_tool_call();
  if (seen().pieces.empty() || !reply.has_delivered()) return false;
  return text_bytes_seen() == reply.text_bytes();
}

// Of the document's text what is left without the reasoning in its tags.
std::size_t Reader::text_bytes_seen() const {
  std::size_t bytes = 0;
  ThinkSplitter splitter = splitter_.anew();
  const auto count = [&](bool reasoning, std::string_view part) {
    if (!reasoning) bytes += part.size();
  };
  for (const Chunk::Piece& piece : seen().pieces) {
    if (piece.channel == Channel::reasoning) splitter.told_apart();
    if (piece.channel != Channel::text) continue;
    const std::string text = unescaped(piece.text);
    dialect_.think_tags ? splitter.feed(text, count) : count(false, text);
  }
  splitter.finish(count);
  return bytes;
}

void Reader::pass_usage(ReplyProgress& reply) {
  UsageUpdate merged = reported_;
  if (seen().usage.empty() && !seen().timings.empty()) {
    merged.merge(seen().timings);
  } else {
    merged.merge(seen().usage);
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
    for (const auto& [id, extra] : seen().call_extras) {
      if (!echo_.empty()) echo_ += ',';
      JsonWriter(echo_).value(id);
      echo_.append(":").append(extra);
    }
    return;
  }
  if (dialect_.echo == Dialect::Echo::details) {
    if (seen().details.size() <= 2) return;
    if (!echo_.empty()) echo_ += ',';
    echo_ += seen().details.substr(1, seen().details.size() - 2);
    return;
  }
  for (const Chunk::Piece& piece : seen().pieces) {
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
    return reply.fail(provider_failure(0, body, reply.secrets()).with_point(FailurePoint::finish));
  }
  end_text(reply);
  reply.complete();
  if (reply.has_reason()) return;
  if (const auto reason = reason_of({}, first_word(finish.raw)))
    return reply.reason(*reason, finish.raw);
  reply.reason(FinishReason::other, finish.raw);
  reply.warning("unknown_finish_reason", utf8_truncate(utf8_repair(finish.raw), 64));
}

}  // namespace scena::llm::openai
