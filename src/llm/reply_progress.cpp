#include "llm/reply_progress.hpp"

#include <utility>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "domain/reply_limit.hpp"
#include "llm/provider_failure.hpp"

namespace scena::llm {

ReplyProgress::ReplyProgress(std::shared_ptr<ReplySink> sink, std::string_view provider,
                             std::size_t max_bytes)
    : sink_(std::move(sink)), provider_(provider), left_bytes_(max_bytes) {}

void ReplyProgress::start(std::string_view model, std::string_view id) {
  if (started_ || ended_) return;
  started_ = true;
  ReplyStart start;
  start.provider = provider_;
  start.model = model.empty() ? asked_model_ : utf8_repair(model);
  start.asked_model = asked_model_;
  start.request_id = request_id_.empty() ? utf8_repair(id) : request_id_;
  sink_->on_start(start);
  for (const auto& name : left_out_) sink_->on_warning("unsupported_setting", name);
}

void ReplyProgress::emit(const JsonText& piece, TextJoiner& joiner, Deliver deliver) {
  if (ended_ || piece.empty()) return;
  if (piece.ascii && !piece.escaped && !joiner.waiting()) return (this->*deliver)(piece.raw);
  // Half a surrogate pair is told by an escape alone: its bytes as they are are no text.
  const std::size_t sound = piece.ascii || piece.unescaped
                                ? piece.raw.size()
                                : before_half_pair(piece.raw, joiner.waits_behind_lead());
  std::string_view bytes = piece.raw.substr(0, sound);
  if (piece.escaped) {
    scratch_.clear();
    append_unescaped(bytes, scratch_);
    bytes = scratch_;
  }
  const TextJoiner::Joined joined = joiner.join(bytes);
  if (!joined.text.empty()) (this->*deliver)(joined.text);
  if (!joined.sound || sound != piece.raw.size())
    fail(Error::fixed(ErrorCode::protocol, "the reply holds bytes that are not UTF-8"));
}

void ReplyProgress::deliver_text(std::string_view bytes) {
  bytes = within_limit(bytes);
  if (bytes.empty()) return;
  text_bytes_ += bytes.size();
  sink_->on_text(bytes);
}

void ReplyProgress::deliver_reasoning(std::string_view bytes) {
  bytes = within_limit(bytes);
  if (!bytes.empty()) sink_->on_reasoning(bytes);
}

void ReplyProgress::deliver_refusal(std::string_view bytes) {
  bytes = within_limit(bytes);
  if (bytes.empty()) return;
  has_refusal_ = true;
  sink_->on_refusal(bytes);
}

std::string_view ReplyProgress::within_limit(std::string_view bytes) {
  if (bytes.size() > left_bytes_) {
    bytes = utf8_truncate(bytes, left_bytes_);
    over_limit_ = true;
    fail(reply_too_large());
  }
  left_bytes_ -= bytes.size();
  if (!bytes.empty()) delivered_ = unflushed_ = true;
  return bytes;
}

void ReplyProgress::tool_piece(const ToolPiece& piece) {
  if (ended_) return;
  if (within_limit(piece.arguments).size() != piece.arguments.size()) return;
  start({}, {});
  delivered_ = unflushed_ = true;
  if (!tools_.add(piece, *sink_))
    fail(Error::fixed(ErrorCode::too_large, "the reply asks for too many tools at once"));
}

void ReplyProgress::tool_call(std::string_view id, std::string_view name,
                              std::string_view arguments) {
  if (ended_) return;
  if (within_limit(arguments).size() != arguments.size()) return;
  start({}, {});
  delivered_ = unflushed_ = true;
  if (!tools_.add_whole(id, name, arguments, *sink_))
    fail(Error::fixed(ErrorCode::too_large, "the reply asks for too many tools at once"));
}

void ReplyProgress::tool_end(std::int64_t index) {
  if (!ended_) tools_.end(index, *sink_);
}

// What waited for its other half is alone for good.
void ReplyProgress::deliver_rest() {
  if (const auto rest = reasoning_joiner_.rest(); !rest.empty()) deliver_reasoning(rest);
  if (const auto rest = text_joiner_.rest(); !rest.empty()) deliver_text(rest);
  if (const auto rest = refusal_joiner_.rest(); !rest.empty()) deliver_refusal(rest);
}

// The calls that no end was told for, when the reply is complete.
void ReplyProgress::finish_tools() {
  tools_.finish(reason_ == FinishReason::length, *sink_);
}

void ReplyProgress::citation(const Citation& citation) {
  if (ended_) return;
  start({}, {});
  delivered_ = unflushed_ = true;
  Citation sound = citation;
  sound.raw = sound_escapes(utf8_repair(citation.raw));
  sink_->on_citation(sound);
}

void ReplyProgress::state(std::string_view json) {
  if (ended_) return;
  if (json.size() > kMaxStateBytes) {
    return fail(Error::fixed(ErrorCode::too_large,
                             "what the provider wants back with its reply is over 1 MiB"));
  }
  sink_->on_state(sound_escapes(json));
}

void ReplyProgress::extra(std::string_view name, std::string_view json) {
  if (ended_ || !is_valid_utf8(name)) return;
  const auto found = extra_.find(name);
  if (found != extra_.end() && found->second == json) return;
  const std::size_t before = found == extra_.end() ? 0 : name.size() + found->second.size();
  const std::size_t after = name.size() + json.size();
  if (extra_bytes_ - before + after > kMaxExtraBytes) return;
  extra_bytes_ += after - before;
  extra_.insert_or_assign(std::string(name), sound_escapes(json));
}

std::string ReplyProgress::extra_json() const {
  std::string json;
  if (extra_.empty()) return json;
  JsonWriter writer(json);
  writer.begin_object();
  for (const auto& [name, value] : extra_) writer.key(name).raw(value);
  writer.end_object();
  return json;
}

void ReplyProgress::usage(const UsageUpdate& update) {
  UsageUpdate sound = update;
  sound.drop_impossible();
  if (!ended_ && !sound.empty()) sink_->on_usage(sound);
}

void ReplyProgress::reason(FinishReason reason, std::string_view raw) {
  reason_ = reason;
  raw_reason_ = utf8_repair(utf8_truncate(raw, 64));
}

void ReplyProgress::fail(Error error) {
  if (!error_) error_ = std::move(error);
  ended_ = true;
}

void ReplyProgress::flush() {
  if (!unflushed_ || !sink_) return;
  unflushed_ = false;
  sink_->on_flush();
}

void ReplyProgress::finish(const net::HttpEnd& exchange) {
  if (!sink_) return;
  flush();
  ended_ = true;
  if (complete_at_end_ && exchange.complete) complete_ = true;
  ReplyEnd end = outcome(exchange);
  end.ignored = ignored_;
  end.extra = extra_json();
  if (end.error) end.try_again = try_again_;
  end.unasked = exchange.unsent;
  std::exchange(sink_, nullptr)->on_done(end);
}

// A document that was being delivered while it came is a stream, whatever its head said.
FailurePoint ReplyProgress::point() const noexcept {
  return point_ == FailurePoint::body && delivered_ ? FailurePoint::stream : point_;
}

ReplyEnd ReplyProgress::outcome(const net::HttpEnd& exchange) {
  ReplyEnd end;
  end.raw_reason = raw_reason_;
  if (error_) {
    end.outcome = over_limit_ && delivered_ ? Outcome::truncated : Outcome::failed;
    end.error = secrets_ ? without_secret(*error_, *secrets_) : *error_;
    if (end.error->point() == FailurePoint::none) end.error->with_point(point());
    return end;
  }
  if (complete_) return completed();
  end.error = exchange.error;
  if (end.error && end.error->code() == ErrorCode::cancelled) {
    end.outcome = Outcome::cancelled;
    return end;
  }
  end.outcome = delivered_ ? Outcome::truncated : Outcome::failed;
  if (!end.error) {
    end.error = Error::fixed(ErrorCode::network, "the reply ended before the provider's end mark");
  }
  if (point_ != FailurePoint::none && end.error->code() == ErrorCode::network)
    end.error->with_point(FailurePoint::cut);
  return end;
}

ReplyEnd ReplyProgress::completed() {
  deliver_rest();
  finish_tools();
  ReplyEnd end;
  end.outcome = Outcome::complete;
  end.raw_reason = raw_reason_;
  end.reason = reason_.value_or(FinishReason::stop);
  if (end.reason == FinishReason::stop && has_tool_call()) end.reason = FinishReason::tool_calls;
  if (end.reason == FinishReason::stop && has_refusal_) end.reason = FinishReason::refusal;
  if (text_joiner_.waiting())
    sink_->on_warning("half_character", "the reply ended inside a character");
  if (end.reason == FinishReason::stop && text_bytes_ == 0) {
    sink_->on_warning("empty_answer", "the reply is complete and has no text");
  }
  return end;
}

}  // namespace scena::llm
