#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <scena/ext/provider.hpp>
#include <string>
#include <utility>
#include <vector>

#include "domain/reply_tokens.hpp"
#include "domain/usage_difference.hpp"
#include "llm/usage_sum.hpp"

namespace scena::llm {

/// The request with what is left of its total time once `spent` has passed: itself where that is
/// nothing to speak of.
inline std::shared_ptr<const ReplyRequest> less_time(std::shared_ptr<const ReplyRequest> request,
                                                     std::chrono::nanoseconds spent) {
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(spent);
  const auto total = request->timeouts.total;
  if (total.count() <= 0 || passed.count() <= 0) return request;
  auto shorter = std::make_shared<ReplyRequest>(*request);
  shorter->timeouts.total = std::max(total - passed, std::chrono::milliseconds(1));
  return shorter;
}

/// The same with `asked` where it names no model: what a layer asked for is not the request's.
inline OtherUse named(OtherUse use, const std::string& asked) {
  if (use.model.empty()) use.model = asked;
  if (use.asked_model.empty()) use.asked_model = asked;
  return use;
}

/// Passes a reply on as it comes: what a layer's own sink is made of, which overrides what it has
/// to know. A layer that ends a reply itself takes the sink out first (see take_sink).
class ForwardingSink : public ReplySink {
 public:
  explicit ForwardingSink(std::shared_ptr<ReplySink> sink) noexcept : sink_(std::move(sink)) {}

  void on_start(const ReplyStart& start) override { sink_->on_start(start); }
  void on_text(std::string_view delta) override { sink_->on_text(delta); }
  void on_reasoning(std::string_view delta) override { sink_->on_reasoning(delta); }
  void on_refusal(std::string_view delta) override { sink_->on_refusal(delta); }
  void on_tool_start(std::size_t index, std::string_view id, std::string_view name) override {
    sink_->on_tool_start(index, id, name);
  }
  void on_tool_args(std::size_t index, std::string_view delta) override {
    sink_->on_tool_args(index, delta);
  }
  void on_tool_end(std::size_t index, const ToolCall& call) override {
    sink_->on_tool_end(index, call);
  }
  void on_citation(const Citation& citation) override { sink_->on_citation(citation); }
  void on_state(std::string_view json) override { sink_->on_state(json); }
  void on_usage(const UsageUpdate& update) override { sink_->on_usage(update); }
  void on_other_use(const OtherUse& use) override { sink_->on_other_use(use); }
  void on_warning(std::string_view code, std::string_view detail) override {
    sink_->on_warning(code, detail);
  }
  void on_flush() override { sink_->on_flush(); }
  void on_done(const ReplyEnd& end) override { take_sink()->on_done(end); }

 protected:
  ReplySink& sink() noexcept { return *sink_; }
  std::shared_ptr<ReplySink> take_sink() noexcept { return std::exchange(sink_, nullptr); }

 private:
  std::shared_ptr<ReplySink> sink_;
};

/// Holds back what an attempt says about itself (start, usage, warnings) until it delivers the
/// first piece that cannot be taken back, so that another attempt may take its place unnoticed.
/// What attempts that were given up said to have used is billed all the same: it is in the usage
/// that is passed on, and told by attempt.
class HoldingSink : public ForwardingSink {
 public:
  using ForwardingSink::ForwardingSink;

  void on_start(const ReplyStart& start) override {
    if (delivered_) return sink().on_start(start);
    start_ = start;
  }
  void on_text(std::string_view delta) override {
    if (usage_.has_earlier()) came_.text(delta);
    open().on_text(delta);
  }
  void on_reasoning(std::string_view delta) override {
    if (usage_.has_earlier()) came_.reasoning(delta);
    open().on_reasoning(delta);
  }
  void on_refusal(std::string_view delta) override {
    if (usage_.has_earlier()) came_.text(delta);
    open().on_refusal(delta);
  }
  void on_tool_start(std::size_t index, std::string_view id, std::string_view name) override {
    if (usage_.has_earlier()) came_.tool_start(name);
    open().on_tool_start(index, id, name);
  }
  void on_tool_args(std::size_t index, std::string_view delta) override {
    if (usage_.has_earlier()) came_.tool_args(delta);
    open().on_tool_args(index, delta);
  }
  void on_tool_end(std::size_t index, const ToolCall& call) override {
    if (usage_.has_earlier()) came_.tool_end(call);
    open().on_tool_end(index, call);
  }
  void on_citation(const Citation& citation) override { open().on_citation(citation); }
  void on_state(std::string_view json) override { open().on_state(json); }
  void on_usage(const UsageUpdate& update) override {
    usage_.report(update);
    came_.reported(update);
    if (delivered_) sink().on_usage(usage_.has_earlier() ? usage_.told() : update);
  }
  void on_other_use(const OtherUse& use) override {
    if (delivered_) return sink().on_other_use(use);
    others_.push_back(use);
  }
  void on_warning(std::string_view code, std::string_view detail) override {
    if (delivered_) return sink().on_warning(code, detail);
    if (warnings_.size() < kMaxHeldWarnings) warnings_.emplace_back(code, detail);
  }
  void on_flush() override {
    if (delivered_) sink().on_flush();
  }

 protected:
  bool delivered() const noexcept { return delivered_; }
  /// What was held is passed on first; called once before anything else of the reply.
  ReplySink& open() {
    if (!delivered_) {
      delivered_ = true;
      on_open();
      if (start_) sink().on_start(*start_);
      for (const OtherUse& use : others_) sink().on_other_use(use);
      if (const UsageUpdate told = usage_.told(); !told.empty()) sink().on_usage(told);
      for (const auto& [code, detail] : warnings_) sink().on_warning(code, detail);
    }
    return sink();
  }
  /// Called when the reply can no longer be taken back: nothing will be asked again.
  virtual void on_open() {}
  /// An attempt of `provider` at `model` is given up, and what is held of it but for what it used.
  void drop_held(const ReplyRequest& request, std::string_view provider, const std::string& model) {
    note_use(provider, model);
    start_.reset();
    warnings_.clear();
    usage_.next(usage_.current());
    prompt_tokens_ = request.context.prompt_tokens;
  }
  /// Passes the end on, and before it what was held where that says something. Estimates what the
  /// last of several attempts did not tell, which the sum would hide.
  void finish(const ReplyEnd& end) {
    const bool billed = delivered_ || (end.outcome != Outcome::failed && !end.unasked);
    if (end.outcome == Outcome::complete || !usage_.told().empty()) open();
    if (usage_.has_earlier() && billed) {
      sink().on_usage(
          usage_.with(whole_usage(usage_.current(), came_, prompt_tokens_, end.outcome)));
    }
    take_sink()->on_done(end);
  }
  /// This attempt's own use joins those of the others, which are told when the reply is.
  void note_use(std::string_view provider, const std::string& model) {
    UsageUpdate own = usage_.current();
    for (std::size_t i = before_attempt_; i < others_.size(); ++i)
      own = usage_without(own, others_[i].usage);
    if (is_something(own)) {
      others_.push_back({start_ ? start_->provider : std::string(provider),
                         start_ && !start_->model.empty() ? start_->model : model, own,
                         start_ && !start_->asked_model.empty() ? start_->asked_model : model});
    }
    before_attempt_ = others_.size();
  }
  const std::vector<OtherUse>& other_uses() const noexcept { return others_; }
  std::optional<ReplyStart>& held_start() noexcept { return start_; }
  /// Of all attempts so far.
  UsageUpdate told_usage() const noexcept { return usage_.told(); }

 private:
  static constexpr std::size_t kMaxHeldWarnings = 16;

  std::optional<ReplyStart> start_;
  UsageSum usage_;
  ReplyTokens came_;  // of this attempt, counted only where others were before it
  std::int64_t prompt_tokens_ = 0;
  std::vector<OtherUse> others_;    // of attempts that were given up, and what these told
  std::size_t before_attempt_ = 0;  // of them
  std::vector<std::pair<std::string, std::string>> warnings_;
  bool delivered_ = false;
};

}  // namespace scena::llm
