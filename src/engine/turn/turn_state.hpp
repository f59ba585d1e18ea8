#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <scena/pending.hpp>
#include <scena/session.hpp>
#include <stop_token>
#include <string>

namespace scena::engine {

/// What a Turn handle shares with the session: acceptance, end, and the wish to stop.
///
/// Threading: any thread.
class TurnState {
 public:
  explicit TurnState(std::weak_ptr<detail::Driver> driver)
      : accepted_(std::make_shared<detail::PendingState<std::string>>(driver)),
        finished_(std::make_shared<detail::PendingState<TurnResult>>(std::move(driver))) {}

  void accept(std::string turn) { accepted_->resolve(std::move(turn)); }
  void refuse(const Error& error) {
    accepted_->resolve(error);
    finished_->resolve(error);
  }
  /// Nobody is left who could answer.
  void abandon(const Error& error) noexcept { refuse(error); }
  void finish(TurnResult result) { finished_->resolve(std::move(result)); }

  Pending<std::string> accepted() const { return Pending<std::string>(accepted_); }
  Pending<TurnResult> finished() const { return Pending<TurnResult>(finished_); }

  /// Asks the reply to stop; before its start the command is refused as cancelled.
  void cancel() noexcept { stop_.request_stop(); }
  std::stop_token stop_token() const noexcept { return stop_.get_token(); }

 private:
  std::shared_ptr<detail::PendingState<std::string>> accepted_;
  std::shared_ptr<detail::PendingState<TurnResult>> finished_;
  mutable std::stop_source stop_;
};

}  // namespace scena::engine
