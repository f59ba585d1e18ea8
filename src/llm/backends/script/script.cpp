#include "llm/backends/script/script.hpp"

#include <optional>
#include <utility>

#include "llm/backends/script/script_library.hpp"
#include "llm/backends/script/script_player.hpp"
#include "net/loop.hpp"

namespace scena::script {
namespace {

constexpr int kInstantBatch = 256;  // deltas of one loop turn, so that a cancel is seen in between

// One reply under way. Everything but the stop callback runs on the loop; the pending timer owns
// it.
class Run final : public std::enable_shared_from_this<Run> {
 public:
  Run(net::Loop& loop, std::shared_ptr<ReplySink> sink, std::string model, ScriptPlayer player,
      std::int64_t input_tokens)
      : loop_(loop),
        sink_(std::move(sink)),
        model_(std::move(model)),
        player_(std::move(player)),
        input_tokens_(input_tokens) {}

  void start(std::stop_token stop) {
    plan();
    if (stop.stop_possible()) stopping_.emplace(std::move(stop), OnStop{this});
  }

 private:
  struct OnStop {
    Run* run;
    void operator()() const noexcept {
      if (auto self = run->weak_from_this().lock()) {
        net::Loop& loop = self->loop_;
        loop.post([held = std::move(self)] { held->cancel(); });
      }
    }
  };

  void plan() {
    timer_ = loop_.after(player_.wait(), [self = shared_from_this()] { self->step(); });
  }

  void step() {
    if (done_) return;
    if (!std::exchange(started_, true)) sink_->on_start({"script", model_, {}});
    for (int i = player_.instant() ? kInstantBatch : 1; i > 0 && !player_.done(); --i)
      sink_->on_text(player_.next());
    sink_->on_flush();
    if (!player_.done()) return plan();
    if (player_.too_large() && player_.reason() == FinishReason::stop) {
      return finish(
          {.outcome = Outcome::truncated,
           .error = Error::fixed(ErrorCode::too_large, "the reply is longer than max_bytes")});
    }
    const FinishReason reason = player_.reason();
    finish({.outcome = Outcome::complete, .reason = reason, .raw_reason = to_string(reason)});
  }

  void cancel() {
    if (done_) return;
    loop_.cancel(timer_);
    finish({.outcome = Outcome::cancelled});
  }

  void finish(const ReplyEnd& end) {
    done_ = true;
    stopping_.reset();
    UsageUpdate usage;
    usage.input_tokens = input_tokens_;
    usage.output_tokens = player_.tokens();
    const auto sink = std::move(sink_);
    sink->on_usage(usage);
    sink->on_done(end);
  }

  net::Loop& loop_;
  std::shared_ptr<ReplySink> sink_;
  std::string model_;
  ScriptPlayer player_;
  std::int64_t input_tokens_;
  net::TimerId timer_ = 0;
  bool started_ = false;
  bool done_ = false;
  std::optional<std::stop_callback<OnStop>> stopping_;
};

class ScriptProvider final : public Provider {
 public:
  ScriptProvider(net::Loop& loop, std::shared_ptr<ScriptLibrary> library, std::string model)
      : loop_(loop), library_(std::move(library)), model_(std::move(model)) {}

  std::string_view name() const noexcept override { return "script"; }

  void start(ReplyRequest request, std::shared_ptr<ReplySink> sink, std::stop_token stop) override {
    auto reply = library_->reply_to(request);
    if (!reply) {
      loop_.post([sink = std::move(sink), error = std::make_unique<Error>(reply.error())] {
        sink->on_done({.outcome = Outcome::failed, .error = *error});
      });
      return;
    }
    const ScriptLimits limits{.max_tokens = request.max_tokens.value_or(-1),
                              .max_bytes = request.max_bytes};
    ScriptPlayer player(std::move(reply->text), reply->timing, reply->seed, limits, request.stop);
    std::make_shared<Run>(loop_, std::move(sink), model_of(request), std::move(player),
                          prompt_tokens(request))
        ->start(std::move(stop));
  }

  Result<std::string> request_body(const ReplyRequest& request) const override {
    return describe_request("script", model_of(request), request);
  }

 private:
  std::string model_of(const ReplyRequest& request) const {
    return request.model.empty() ? model_ : request.model;
  }

  net::Loop& loop_;
  std::shared_ptr<ScriptLibrary> library_;
  std::string model_;
};

}  // namespace

Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config, net::Loop& loop) {
  auto library = ScriptLibrary::make(config.options);
  if (!library) return library.error();
  const std::string model = config.model.empty() ? "script" : config.model;
  return std::shared_ptr<Provider>(
      std::make_shared<ScriptProvider>(loop, std::move(*library), model));
}

}  // namespace scena::script
