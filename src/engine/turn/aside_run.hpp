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
  std::string provider;
  std::string model;
  Usage usage;
  std::optional<Error> error;
};

/// Collects the reply to a side question, or to a request of an analysis; nobody sees it while it
/// streams.
///
/// Threading: the session's strand.
class AsideRun final : public ReplySink, public std::enable_shared_from_this<AsideRun> {
 public:
  using Done = UniqueFunction<void(AsideEnd)>;
  /// by_schema: an answer that does not follow the request's schema is an error.
  enum class Answer { by_schema, any };

  AsideRun(TurnPlan plan, Done done, Answer answer = Answer::by_schema)
      : plan_(std::move(plan)), done_(std::move(done)), answer_(answer) {}

  /// `provider` is kept to the end of the reply.
  void start(std::shared_ptr<Provider> provider) {
    provider_ = std::move(provider);
    provider_->start(std::make_shared<const ReplyRequest>(plan_.request), shared_from_this(),
                     stop_.get_token());
  }
  void cancel() noexcept { stop_.request_stop(); }
  bool ended() const noexcept { return ended_; }

  void on_start(const ReplyStart& start) override {
    end_.provider = start.provider;
    end_.model = start.model;
    cached_ = start.cached;
  }
  void on_text(std::string_view delta) override;
  void on_usage(const UsageUpdate& usage) override { usage_.merge(usage); }
  void on_done(const ReplyEnd& end) override;

 private:
  TurnPlan plan_;
  std::shared_ptr<Provider> provider_;
  Done done_;
  Answer answer_;
  std::stop_source stop_;
  UsageUpdate usage_;
  AsideEnd end_;
  bool cached_ = false;
  bool ended_ = false;
};

}  // namespace scena::engine
