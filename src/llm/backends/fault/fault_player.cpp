#include "llm/backends/fault/fault_player.hpp"

#include <algorithm>

#include "domain/reply_limit.hpp"
#include "llm/provider_failure.hpp"

namespace scena::fault {
namespace {

constexpr Duration kForever = std::chrono::hours(24);
constexpr std::chrono::seconds kFirstByte{30};  // where the caller sets no limit

// A fault that hides the text altogether, hence comes before the head.
bool replaces_head(const FaultStep& step) noexcept {
  switch (step.kind) {
    case FaultKind::status:
    case FaultKind::quota:
    case FaultKind::context:
    case FaultKind::refuse:
      return true;
    case FaultKind::reset:
      return step.after == 0;
    default:
      return false;
  }
}

Error error_of_status(const FaultStep& step) {
  return llm::provider_failure(step.status, {.message = "so says the fault schedule"}, {},
                               step.retry_after);
}

ReplyEnd failed(Error error) {
  return {.outcome = Outcome::failed, .error = std::move(error)};
}

}  // namespace

FaultPlayer::FaultPlayer(FaultStep step, script::ScriptPlayer text, const Timeouts& timeouts,
                         std::size_t max_bytes, std::string model, std::int64_t input_tokens)
    : step_(std::move(step)),
      text_(std::move(text)),
      timeouts_(timeouts),
      max_bytes_(max_bytes),
      model_(std::move(model)),
      input_tokens_(input_tokens) {}

bool FaultPlayer::fault_is_due() const noexcept {
  switch (step_.kind) {
    case FaultKind::reset:
    case FaultKind::cut:
    case FaultKind::stall:
    case FaultKind::error_event:
    case FaultKind::bad_utf8:
    case FaultKind::bad_json:
      return text_.tokens() >= step_.after || text_.done();
    case FaultKind::comments:
      return true;
    default:
      return false;
  }
}

Duration FaultPlayer::ideal_wait() {
  if (!head_) {
    if (step_.kind == FaultKind::stall_head) return kForever;
    return step_.kind == FaultKind::slow ? Duration(step_.pause) : text_.wait();
  }
  if (fault_is_due()) {
    const bool silent = step_.kind == FaultKind::stall || step_.kind == FaultKind::comments;
    return silent ? kForever : Duration::zero();
  }
  if (!body_) return Duration::zero();  // the first token comes with the head
  if (text_.done() && step_.kind != FaultKind::endless) return Duration::zero();
  return step_.kind == FaultKind::drip ? Duration(step_.pause) : text_.wait();
}

// Until the first of the limits passes; nothing when none is set. Keep-alives feed the idle limit.
std::optional<Duration> FaultPlayer::time_left() const noexcept {
  std::optional<Duration> left;
  auto take = [&left](std::chrono::milliseconds limit, Duration since) {
    if (limit.count() > 0) left = std::min(left.value_or(kForever), Duration(limit) - since);
  };
  take(timeouts_.total, elapsed_);
  const bool fed = step_.kind == FaultKind::comments && head_;
  if (!body_ && !fed) take(timeouts_.first_byte.value_or(kFirstByte), elapsed_);
  if (body_) take(timeouts_.idle, elapsed_ - last_byte_);
  return left;
}

Duration FaultPlayer::wait() {
  Duration wait = ideal_wait();
  waiting_ = wait == kForever;
  if (const auto left = time_left(); left && (*left < wait || *left <= Duration::zero())) {
    wait = std::max(*left, Duration::zero());
    timed_out_ = true;
  }
  elapsed_ += wait;
  return wait;
}

std::optional<ReplyEnd> FaultPlayer::step(ReplySink& sink) {
  if (timed_out_)
    return broken(Error::fixed(ErrorCode::timeout, "the provider did not answer in time"));
  if (waiting_) return std::nullopt;
  if (!head_) {
    if (replaces_head(step_)) return before_head();
    head_ = true;
    sink.on_start({"fault", model_, {}});
    return std::nullopt;
  }
  if (fault_is_due()) return fault_end();
  if (step_.kind == FaultKind::empty) return whole(sink);
  if (text_.done() && step_.kind == FaultKind::endless) text_.rewind();
  if (text_.done()) return whole(sink);
  const std::string_view token = text_.next();
  if (bytes_ + token.size() > max_bytes_) {
    return broken(reply_too_large());
  }
  bytes_ += token.size();
  body_ = true;
  last_byte_ = elapsed_;
  sink.on_text(token);
  return std::nullopt;
}

std::optional<ReplyEnd> FaultPlayer::before_head() {
  switch (step_.kind) {
    case FaultKind::status:
      return failed(error_of_status(step_));
    case FaultKind::quota:
      return failed(Error::fixed(ErrorCode::quota_exhausted, "the account has no quota left")
                        .with_provider_status(429));
    case FaultKind::context:
      return failed(
          Error::fixed(ErrorCode::context_overflow, "the prompt is longer than the model's context")
              .with_provider_status(400));
    case FaultKind::refuse:
      return failed(Error::fixed(ErrorCode::network, "the connection was refused"));
    default:
      return failed(Error::fixed(ErrorCode::network, "the connection was reset"));
  }
}

ReplyEnd FaultPlayer::fault_end() {
  switch (step_.kind) {
    case FaultKind::reset:
      return broken(Error::fixed(ErrorCode::network, "the connection was reset"));
    case FaultKind::error_event:
      return failed(Error::fixed(ErrorCode::overloaded, "the provider reported an overload")
                        .with_provider_status(529));
    case FaultKind::bad_utf8:
      return failed(
          Error::fixed(ErrorCode::protocol, "the provider sent bytes that are not UTF-8"));
    case FaultKind::bad_json:
      return failed(
          Error::fixed(ErrorCode::protocol, "the provider sent an event that is not JSON"));
    default:
      return broken(Error::fixed(ErrorCode::network, "the stream ended without its end mark"));
  }
}

// A reply that lost its end: truncated when there is text to keep, failed when there is none.
ReplyEnd FaultPlayer::broken(Error error) const {
  return {.outcome = bytes_ > 0 ? Outcome::truncated : Outcome::failed, .error = std::move(error)};
}

ReplyEnd FaultPlayer::whole(ReplySink& sink) const {
  if (step_.kind == FaultKind::empty) {
    sink.on_warning("empty_answer", "the provider ended without any text");
    return {.outcome = Outcome::complete, .reason = FinishReason::stop, .raw_reason = "stop"};
  }
  if (step_.kind == FaultKind::wrong_finish) {
    return {.outcome = Outcome::complete, .reason = FinishReason::stop, .raw_reason = "eos"};
  }
  if (text_.too_large() && text_.reason() == FinishReason::stop) {
    return broken(reply_too_large());
  }
  const FinishReason reason = text_.reason();
  return {.outcome = Outcome::complete, .reason = reason, .raw_reason = to_string(reason)};
}

UsageUpdate FaultPlayer::usage() const noexcept {
  UsageUpdate usage;
  if (!head_) return usage;
  usage.input_tokens = input_tokens_;
  usage.output_tokens = text_.tokens();
  return usage;
}

}  // namespace scena::fault
