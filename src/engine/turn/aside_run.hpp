#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <scena/ext/provider.hpp>
#include <stop_token>
#include <string>

#include "base/unique_function.hpp"
#include "engine/turn/turn_plan.hpp"

namespace scena::engine {

/// A side question's answer.
struct AsideEnd {
  std::string text;
  std::string model;
  Usage usage;
  std::optional<Error> error;
};

/// Collects the reply to a side question; nobody sees it while it streams.
///
/// Threading: the session's strand.
class AsideRun final : public ReplySink, public std::enable_shared_from_this<AsideRun> {
 public:
  using Done = UniqueFunction<void(AsideEnd)>;

  AsideRun(TurnPlan plan, Done done) : plan_(std::move(plan)), done_(std::move(done)) {}

  void start(Provider& provider) {
    provider.start(plan_.request, shared_from_this(), stop_.get_token());
  }
  void cancel() noexcept { stop_.request_stop(); }
  bool ended() const noexcept { return ended_; }

  void on_start(const ReplyStart& start) override { end_.model = start.model; }
  void on_text(std::string_view delta) override;
  void on_usage(const UsageUpdate& usage) override { usage_.merge(usage); }
  void on_done(const ReplyEnd& end) override;

 private:
  Result<void> check_answer() const;

  TurnPlan plan_;
  Done done_;
  std::stop_source stop_;
  UsageUpdate usage_;
  AsideEnd end_;
  bool ended_ = false;
};

}  // namespace scena::engine
