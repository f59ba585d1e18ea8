#pragma once

#include <deque>
#include <memory>
#include <scena/ext/provider.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "net/loop.hpp"
#include "support/reply_log.hpp"

namespace scena::test {

/// What a played service does with one call.
struct Play {
  std::vector<std::string> texts = {"Hello", " there."};
  std::optional<Error> error = std::nullopt;  ///< Then failed, or truncated behind texts.
  UsageUpdate usage = {};
  bool tool = false;  ///< Begins a tool call behind the texts.
  bool endless = false;
  Duration wait{};  ///< Before anything comes.
  FinishReason reason = FinishReason::stop;
  std::string model = {};           ///< By which it calls itself; empty: as it was asked for.
  std::string tool_arguments = {};  ///< With `tool`: the call ends, with these.
  bool reported = false;            ///< The service told its error: failed, also behind texts.
};

inline Play failing(ErrorCode code, int status = 0) {
  Play play{.texts = {}, .error = Error::fixed(code, "played")};
  if (status != 0) play.error->with_provider_status(status);
  return play;
}

inline UsageUpdate used(std::int64_t input, std::int64_t output) {
  UsageUpdate usage;
  usage.input_tokens = input;
  usage.output_tokens = output;
  return usage;
}

/// A Provider that plays what it is told, in the order of the calls; the last play repeats.
class Played final : public Provider {
 public:
  Played(net::Loop& loop, std::string name = "played") : name_(std::move(name)), loop_(loop) {}

  std::deque<Play> plays = {Play{}};
  std::vector<ReplyRequest> requests;
  std::shared_ptr<const ReplyRequest> last;  // as it was given
  int running = 0;
  int most_running = 0;

  std::string_view name() const noexcept override { return name_; }
  Result<std::string> request_body(const ReplyRequest& request) const override {
    return name_ + "/" + request.model;
  }
  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override {
    const std::string model = request->model.empty() ? "own" : request->model;
    requests.push_back(*request);
    last = std::move(request);
    const Play play = plays.front();
    if (plays.size() > 1) plays.pop_front();
    most_running = std::max(most_running, ++running);
    auto task = [this, play, model, sink = std::move(sink), stop] {
      run(play, model, *sink, stop);
    };
    if (play.wait > Duration::zero()) {
      loop_.after(play.wait, std::move(task));
    } else {
      loop_.post(std::move(task));
    }
  }

 private:
  void run(const Play& play, const std::string& model, ReplySink& sink,
           const std::stop_token& stop) {
    --running;
    if (stop.stop_requested()) {
      return sink.on_done({.outcome = Outcome::cancelled,
                           .error = Error::fixed(ErrorCode::cancelled, "cancelled")});
    }
    if (!play.texts.empty() || !play.error)
      sink.on_start({name_, play.model.empty() ? model : play.model, "id-1"});
    if (!play.usage.empty()) sink.on_usage(play.usage);
    for (const auto& text : play.texts) sink.on_text(text);
    if (play.tool) sink.on_tool_start(0, "call-1", "weather");
    if (!play.tool_arguments.empty()) {
      const bool valid = parse_json(play.tool_arguments).has_value();
      sink.on_tool_end(0, {"call-1", "weather", play.tool_arguments, valid});
    }
    sink.on_flush();
    if (play.endless) return;
    ReplyEnd end{.outcome = Outcome::complete, .reason = play.reason, .raw_reason = "stop"};
    if (play.error) {
      end = {.outcome = play.texts.empty() || play.reported ? Outcome::failed : Outcome::truncated,
             .error = play.error};
    }
    sink.on_done(end);
  }

  std::string name_;
  net::Loop& loop_;
};

/// A ReplyLog that keeps the start as a value, too.
struct StartLog final : ReplySink {
  std::vector<ReplyStart> starts;
  std::string others;                     ///< "PROVIDER/MODEL INPUT OUTPUT; " for each other use.
  std::vector<std::string> others_asked;  ///< OtherUse::asked_model of each.
  ReplyLog log;

  void on_start(const ReplyStart& start) override {
    starts.push_back(start);
    log.on_start(start);
  }
  void on_text(std::string_view delta) override { log.on_text(delta); }
  void on_reasoning(std::string_view delta) override { log.on_reasoning(delta); }
  void on_refusal(std::string_view delta) override { log.on_refusal(delta); }
  void on_tool_start(std::size_t index, std::string_view id, std::string_view name) override {
    log.on_tool_start(index, id, name);
  }
  void on_tool_args(std::size_t index, std::string_view delta) override {
    log.on_tool_args(index, delta);
  }
  void on_tool_end(std::size_t index, const ToolCall& call) override {
    log.on_tool_end(index, call);
  }
  void on_citation(const Citation& citation) override { log.on_citation(citation); }
  void on_state(std::string_view json) override { log.on_state(json); }
  void on_usage(const UsageUpdate& update) override { log.on_usage(update); }
  void on_other_use(const OtherUse& use) override {
    others_asked.push_back(use.asked_model);
    others += use.provider + "/" + use.model + " " +
              std::to_string(use.usage.input_tokens.value_or(0)) + " " +
              std::to_string(use.usage.output_tokens.value_or(0)) + "; ";
  }
  void on_warning(std::string_view code, std::string_view detail) override {
    log.on_warning(code, detail);
  }
  void on_flush() override { log.on_flush(); }
  void on_done(const ReplyEnd& end) override { log.on_done(end); }

  bool ended() const { return !log.ends.empty(); }
  ErrorCode code() const { return log.end().error ? log.end().error->code() : ErrorCode::ok; }
};

/// A loop on the virtual clock, and the calls made on it.
struct Stage {
  VirtualClock clock;
  net::Loop loop{clock};
  std::shared_ptr<Played> service = std::make_shared<Played>(loop);
  ReplyRequest request{.messages = {{PromptRole::user, "hello", ""}}};
  std::shared_ptr<const ReplyRequest> given;  // the last one

  void settle() {
    for (int i = 0; i < 1'000 && loop.poll(std::chrono::microseconds(0)) > 0; ++i) {
    }
  }
  void wait(Duration time) {
    clock.advance(time);
    settle();
  }
  std::shared_ptr<StartLog> begin(Provider& provider, std::stop_token stop = {}) {
    auto log = std::make_shared<StartLog>();
    given = std::make_shared<const ReplyRequest>(request);
    provider.start(given, log, std::move(stop));
    return log;
  }
  std::shared_ptr<StartLog> ask(Provider& provider) {
    auto log = begin(provider);
    settle();
    return log;
  }
};

}  // namespace scena::test
