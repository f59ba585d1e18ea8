#include "llm/backends/script/script.hpp"

#include <optional>
#include <utility>

#include "domain/reply_limit.hpp"
#include "llm/backends/script/script_library.hpp"
#include "llm/backends/script/script_player.hpp"
#include "llm/backends/script/timed_run.hpp"

namespace scena::script {
namespace {

// What TimedRun plays for one scripted reply.
class ScriptPart {
 public:
  /// `limit`: of the whole reply; zero: none.
  ScriptPart(std::string model, ScriptPlayer player, std::vector<ToolCall> tools,
             std::int64_t input_tokens, Duration limit)
      : model_(std::move(model)),
        player_(std::move(player)),
        tools_(std::move(tools)),
        input_tokens_(input_tokens),
        limit_(limit) {}

  Duration wait() noexcept {
    Duration wait = player_.wait();
    if (limit_ > Duration::zero() && elapsed_ + wait > limit_) {
      wait = limit_ - elapsed_;
      timed_out_ = true;
    }
    elapsed_ += wait;
    return wait;
  }

  std::optional<ReplyEnd> step(ReplySink& sink) {
    if (timed_out_) {
      return ReplyEnd{
          .outcome = player_.tokens() > 0 ? Outcome::truncated : Outcome::failed,
          .error = Error::fixed(ErrorCode::timeout, "the reply passed the total time limit")};
    }
    if (!std::exchange(started_, true)) sink.on_start({"script", model_, {}});
    if (!player_.done()) sink.on_text(player_.next());
    if (!player_.done()) return std::nullopt;
    FinishReason reason = player_.reason();
    if (reason == FinishReason::stop && !tools_.empty()) {
      ask_for_tools(sink);
      reason = FinishReason::tool_calls;
    }
    if (player_.too_large() && reason == FinishReason::stop) {
      return ReplyEnd{.outcome = Outcome::truncated, .error = reply_too_large()};
    }
    return ReplyEnd{
        .outcome = Outcome::complete, .reason = reason, .raw_reason = to_string(reason)};
  }

  UsageUpdate usage() const noexcept {
    UsageUpdate usage;
    usage.input_tokens = input_tokens_;
    usage.output_tokens = player_.tokens();
    return usage;
  }

 private:
  void ask_for_tools(ReplySink& sink) const {
    for (std::size_t i = 0; i < tools_.size(); ++i) {
      sink.on_tool_start(i, tools_[i].id, tools_[i].name);
      sink.on_tool_args(i, tools_[i].arguments);
      sink.on_tool_end(i, tools_[i]);
    }
  }

  std::string model_;
  ScriptPlayer player_;
  std::vector<ToolCall> tools_;
  std::int64_t input_tokens_;
  Duration limit_;
  Duration elapsed_{};
  bool started_ = false;
  bool timed_out_ = false;
};

class ScriptProvider final : public Provider {
 public:
  ScriptProvider(net::Loop& loop, std::shared_ptr<ScriptLibrary> library, std::string model)
      : loop_(loop), library_(std::move(library)), model_(std::move(model)) {}

  std::string_view name() const noexcept override { return "script"; }

  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override {
    auto reply = library_->reply_to(*request);
    if (!reply) return fail_later(loop_, std::move(sink), reply.error());
    const ScriptLimits limits{.max_tokens = request->max_tokens.value_or(-1),
                              .max_bytes = request->max_bytes};
    ScriptPlayer player(std::move(reply->text), reply->timing, reply->seed, limits, request->stop);
    ScriptPart part(model_of(*request), std::move(player), std::move(reply->tools),
                    prompt_tokens(*request), request->timeouts.total);
    std::make_shared<TimedRun<ScriptPart>>(loop_, std::move(sink), std::move(part))
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

Result<void> check_config(const ProviderConfig& config, const llm::ProviderUrl& url) {
  if (!url.model.empty() || !url.base_url.empty()) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "script: takes nothing behind its colon; a script stands in the provider's "
                        "options or in the preset");
  }
  if (auto library = ScriptLibrary::make(config.options); !library)
    return Error(library.error()).with_pointer("/options" + std::string(library.error().pointer()));
  return {};
}

Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const llm::ProviderUrl& url,
                                                const llm::ProviderContext& context) {
  auto library = ScriptLibrary::make(config.options);
  if (!library) return library.error();
  const std::string model = url.model.empty() ? "script" : url.model;
  return std::shared_ptr<Provider>(
      std::make_shared<ScriptProvider>(context.loop, std::move(*library), model));
}

}  // namespace scena::script
