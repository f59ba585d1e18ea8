#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <scena/completion.hpp>
#include <scena/pending.hpp>
#include <stop_token>
#include <vector>

#include "domain/reply_tokens.hpp"

namespace scena::engine {

class Core;
class LoopGate;

/// One reply outside of any session while it comes: collects it, and passes it on to whoever
/// listens. Calls come on the loop; a stop request from any thread.
class CompletionRun final : public ReplySink, public std::enable_shared_from_this<CompletionRun> {
 public:
  using Answer = std::shared_ptr<detail::PendingState<Completion>>;

  /// `answer_tokens`: more of them end the reply, `limits.answer_tokens`. `work`: counts it as
  /// under way, until it goes.
  CompletionRun(std::weak_ptr<Core> core, std::shared_ptr<LoopGate> gate,
                std::int64_t answer_tokens, std::shared_ptr<ReplySink> live, Answer answer,
                const std::stop_token& stop, std::shared_ptr<void> work);
  ~CompletionRun() override;

  /// On the loop.
  /// `asked_model`: what the request names, or the provider asks for by default.
  void start(std::shared_ptr<Provider> provider, ReplyRequest request, std::string asked_model);
  void cancel() noexcept { stop_.request_stop(); }

  void on_start(const ReplyStart& start) override;
  void on_text(std::string_view delta) override;
  void on_reasoning(std::string_view delta) override;
  void on_refusal(std::string_view delta) override;
  void on_tool_start(std::size_t index, std::string_view id, std::string_view name) override;
  void on_tool_args(std::size_t index, std::string_view delta) override;
  void on_tool_end(std::size_t index, const ToolCall& call) override;
  void on_citation(const Citation& citation) override;
  void on_state(std::string_view json) override;
  void on_usage(const UsageUpdate& update) override;
  void on_other_use(const OtherUse& use) override;
  void on_warning(std::string_view code, std::string_view detail) override;
  void on_flush() override;
  void on_done(const ReplyEnd& end) override;

 private:
  struct Relay {
    std::stop_source target;
    void operator()() const noexcept { target.request_stop(); }
  };

  std::shared_ptr<ReplySink> guarded_sink();
  void sink_dropped() noexcept;
  template <class Count>
  bool accept(Count count);
  bool fits(std::string_view text_delta);
  bool pass_limit(Error error);
  ReplyEnd judge(ReplyEnd end);
  void settle(const ReplyEnd& end);
  template <class Call>
  void tell(Call&& call) noexcept;

  const std::shared_ptr<void> work_;  // goes last
  std::weak_ptr<Core> core_;  // a host's provider may keep this longer than the engine lives
  std::shared_ptr<LoopGate> gate_;
  const std::int64_t answer_tokens_;
  std::shared_ptr<Provider> provider_;  // until the reply's end
  std::shared_ptr<ReplySink> live_;
  Answer answer_;
  std::stop_source stop_;
  std::stop_callback<Relay> relay_;
  Completion reply_;
  ReplyTokens came_;
  std::string asked_model_;
  std::string json_schema_;
  std::vector<OtherUse> others_;
  std::int64_t prompt_tokens_ = 0;
  std::size_t max_bytes_ = 0;        // of the text
  std::optional<Error> over_limit_;  // the limit that ended the reply
  bool done_ = false;
};

/// The completions that are on their way. Any thread.
class Completions {
 public:
  void add(const std::shared_ptr<CompletionRun>& run);
  bool any() const;
  void cancel_all();

 private:
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<CompletionRun>> runs_;
};

}  // namespace scena::engine
