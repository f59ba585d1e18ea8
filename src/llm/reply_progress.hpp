#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <scena/ext/provider.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_cursor.hpp"
#include "llm/secret_words.hpp"
#include "llm/text_joiner.hpp"
#include "llm/tool_calls.hpp"
#include "net/http.hpp"

namespace scena::llm {

/// What is known of one reply while its answer is read, and the one place that hands it to the
/// sink: whole characters, at most `max_bytes` of text, and at the end the outcome by the rule that
/// only the provider's own end mark makes a reply complete.
class ReplyProgress {
 public:
  static constexpr std::size_t kMaxStateBytes = 1u << 20;
  static constexpr std::size_t kMaxExtraBytes = 16u << 10;

  ReplyProgress(std::shared_ptr<ReplySink> sink, std::string_view provider, std::size_t max_bytes);

  /// The first call counts; later ones are ignored. An id of the answer's head wins over `id`.
  void start(std::string_view model, std::string_view id);
  /// Settings of the request that the model does not take: a warning each behind the start.
  /// Named in the reply's start where the service names none.
  void set_asked_model(std::string_view model) { asked_model_ = model; }
  void set_left_out(std::vector<std::string> names) { left_out_ = std::move(names); }
  void set_request_id(std::string_view id) { request_id_.assign(id); }
  /// The service said whether a failure may be tried again.
  void set_try_again(bool again) noexcept { try_again_ = again; }
  /// What must not stand in an error's text. Borrowed.
  /// Kept by reference.
  void set_secrets(const SecretWords& secrets) noexcept { secrets_ = &secrets; }
  /// What a failure's words must not repeat: to be taken out before they are cut.
  const SecretWords& secrets() const noexcept {
    static const SecretWords kNone;
    return secrets_ ? *secrets_ : kNone;
  }
  /// What is being read now: a failure that does not tell where it lies, lies there.
  void reading(FailurePoint point) noexcept { point_ = point; }

  void text(const JsonText& piece) {
    if (piece.ascii && !piece.escaped && !ended_ && !text_joiner_.waiting())
      return deliver_text(piece.raw);
    emit(piece, text_joiner_, &ReplyProgress::deliver_text);
  }
  void reasoning(const JsonText& piece) {
    emit(piece, reasoning_joiner_, &ReplyProgress::deliver_reasoning);
  }
  void refusal(const JsonText& piece) {
    emit(piece, refusal_joiner_, &ReplyProgress::deliver_refusal);
  }
  void usage(const UsageUpdate& update);
  void warning(std::string_view code, std::string_view detail) {
    if (!ended_) sink_->on_warning(code, detail);
  }
  /// A piece of a tool call; see ToolCalls for what it may leave out.
  void tool_piece(const ToolPiece& piece);
  /// A call that came as a whole; `arguments` is JSON text.
  void tool_call(std::string_view id, std::string_view name, std::string_view arguments);
  /// The call at the provider's own `index` is whole.
  void tool_end(std::int64_t index);
  /// What the call at `index` is asked with, said as a whole behind its pieces.
  void tool_amend(std::int64_t index, std::string_view arguments) {
    if (!ended_ && tools_.amend(index, arguments)) within_limit(arguments);
  }
  void citation(const Citation& citation);
  /// See ReplySink::on_state; at most kMaxStateBytes, else the reply fails.
  void state(std::string_view json);
  /// Something came that this library does not know.
  void ignore() noexcept { ++ignored_; }
  /// A member of the answer that is not read, for ReplyEnd::extra; the last value counts.
  void extra(std::string_view name, std::string_view json);

  /// The model said why it stopped.
  void reason(FinishReason reason, std::string_view raw);
  bool has_tool_call() const noexcept { return !tools_.empty(); }
  bool has_half_call() const noexcept { return tools_.has_half(); }
  bool has_reason() const noexcept { return reason_.has_value(); }
  /// The terminal rule of the provider is satisfied.
  void complete() noexcept { complete_ = true; }
  /// The same where the provider has no mark of its own: complete once its body ends in order.
  void complete_at_end(bool whole = true) noexcept { complete_at_end_ = whole; }
  bool is_complete() const noexcept { return complete_; }
  /// True once the sink got anything that it cannot take back.
  bool has_delivered() const noexcept { return delivered_; }
  /// Bytes of text handed out so far.
  std::size_t text_bytes() const noexcept { return text_bytes_; }
  /// Nothing that follows matters; reading may stop.
  void end() noexcept { ended_ = true; }
  bool has_failed() const noexcept { return error_.has_value(); }
  /// The reply failed; the first failure counts.
  void fail(Error error);

  /// True when no further byte changes the reply.
  bool done() const noexcept { return ended_; }
  /// Passes the deltas of a read on as a batch.
  void flush();
  /// Reports the end, once. `exchange` is how the HTTP exchange ended, as far as it did.
  void finish(const net::HttpEnd& exchange);
  bool finished() const noexcept { return sink_ == nullptr; }

 private:
  using Deliver = void (ReplyProgress::*)(std::string_view);

  void emit(const JsonText& piece, TextJoiner& joiner, Deliver deliver);
  void deliver_text(std::string_view bytes);
  void deliver_reasoning(std::string_view bytes);
  void deliver_refusal(std::string_view bytes);
  void deliver_rest();
  void finish_tools();
  std::string extra_json() const;
  FailurePoint point() const noexcept;
  std::string_view within_limit(std::string_view bytes);
  ReplyEnd outcome(const net::HttpEnd& exchange);
  ReplyEnd completed();

  std::shared_ptr<ReplySink> sink_;
  std::string_view provider_;
  const SecretWords* secrets_ = nullptr;
  std::string request_id_;
  std::string asked_model_;
  std::vector<std::string> left_out_;
  std::optional<bool> try_again_;
  std::size_t left_bytes_;
  TextJoiner text_joiner_;
  TextJoiner reasoning_joiner_;
  TextJoiner refusal_joiner_;
  std::string scratch_;  // unescaped text of one delta
  std::optional<FinishReason> reason_;
  std::string raw_reason_;
  ToolCalls tools_;
  std::map<std::string, std::string, std::less<>> extra_;
  std::size_t extra_bytes_ = 0;
  std::uint32_t ignored_ = 0;
  std::optional<Error> error_;
  FailurePoint point_ = FailurePoint::none;
  std::size_t text_bytes_ = 0;
  bool over_limit_ = false;
  bool started_ = false;
  bool delivered_ = false;
  bool has_refusal_ = false;
  bool unflushed_ = false;
  bool complete_ = false;
  bool complete_at_end_ = false;
  bool ended_ = false;
};

}  // namespace scena::llm
