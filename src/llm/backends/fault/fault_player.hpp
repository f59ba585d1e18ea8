#pragma once

#include <optional>
#include <scena/ext/provider.hpp>
#include <string>

#include "llm/backends/fault/fault_step.hpp"
#include "llm/backends/script/script_player.hpp"

namespace scena::fault {

/// One reply with one fault, as a real provider would report it: the four time limits of the
/// request are kept here. No clock: it adds up the times it asked to wait.
///
/// The Part of a script::TimedRun.
class FaultPlayer {
 public:
  FaultPlayer(FaultStep step, script::ScriptPlayer text, const Timeouts& timeouts,
              std::size_t max_bytes, std::string model, std::int64_t input_tokens);

  Duration wait();
  std::optional<ReplyEnd> step(ReplySink& sink);
  UsageUpdate usage() const noexcept;

 private:
  bool fault_is_due() const noexcept;
  Duration ideal_wait();
  std::optional<Duration> time_left() const noexcept;
  std::optional<ReplyEnd> before_head();
  ReplyEnd fault_end();
  ReplyEnd broken(Error error) const;
  ReplyEnd whole(ReplySink& sink) const;

  FaultStep step_;
  script::ScriptPlayer text_;
  Timeouts timeouts_;
  std::size_t max_bytes_;
  std::string model_;
  std::int64_t input_tokens_;
  std::size_t bytes_ = 0;
  Duration elapsed_{};    // since the start
  Duration last_byte_{};  // of the body, measured like elapsed_
  bool head_ = false;
  bool body_ = false;
  bool timed_out_ = false;
  bool waiting_ = false;  // a pause of a stall that no limit ends
};

}  // namespace scena::fault
