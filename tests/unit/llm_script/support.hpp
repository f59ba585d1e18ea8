#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <scena/ext/provider.hpp>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "llm/registry.hpp"
#include "net/http.hpp"
#include "net/loop.hpp"

namespace scena::test {

/// A network for providers that have no use for one.
struct NoHttp final : net::HttpTransport {
  void start(net::HttpRequest, std::shared_ptr<net::HttpSink>, std::stop_token) override {
    FAIL("this provider makes no HTTP exchange");
  }
};

/// The provider as the registry makes it.
inline Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                       net::HttpTransport& http, net::Loop& loop) {
  llm::ProviderRegistry registry;
  llm::add_builtin_providers(registry);
  return registry.make(config, {.http = http, .loop = loop, .clock = loop.clock(), .limits = {}});
}

/// Writes down everything that a reply brings, with the clock's time of each delta.
struct Recorder final : ReplySink {
  explicit Recorder(const Clock& clock_in) : clock(clock_in) {}

  void on_start(const ReplyStart& start) override {
    ++starts;
    provider = start.provider;
    model = start.model;
  }
  void on_text(std::string_view delta) override {
    CHECK(starts == 1);
    CHECK_FALSE(end.has_value());
    CHECK_FALSE(delta.empty());
    deltas.emplace_back(delta);
    times.push_back(clock.now());
    text += delta;
  }
  void on_tool_end(std::size_t index, const ToolCall& call) override {
    CHECK(index == calls.size());
    calls.push_back(call);
  }
  void on_usage(const UsageUpdate& update) override { usage.merge(update); }
  void on_warning(std::string_view code, std::string_view) override { warnings.emplace_back(code); }
  void on_flush() override { ++flushes; }
  void on_done(const ReplyEnd& how) override {
    CHECK_FALSE(end.has_value());
    end = how;
    ended_at = clock.now();
  }

  const Clock& clock;
  std::vector<ToolCall> calls;
  int starts = 0;
  int flushes = 0;
  std::string provider;
  std::string model;
  std::string text;
  std::vector<std::string> deltas;
  std::vector<TimePoint> times;
  std::vector<std::string> warnings;
  UsageUpdate usage;
  std::optional<ReplyEnd> end;
  TimePoint ended_at{};
};

/// Runs the loop on its virtual clock until the reply ended, or `most` of virtual time passed.
inline void run_until_done(net::Loop& loop, VirtualClock& clock, const Recorder& sink,
                           Duration most = std::chrono::hours(2)) {
  const TimePoint last = clock.now() + most;
  while (!sink.end && clock.now() < last) {
    loop.poll(std::chrono::microseconds(0));
    if (sink.end || loop.has_ready_work()) continue;
    const auto next = loop.next_deadline();
    if (!next) break;
    clock.advance_to(*next);
  }
}

inline ReplyRequest ask(std::string text, std::uint64_t seed = 7) {
  ReplyRequest request;
  request.messages = {{.role = PromptRole::user, .text = std::move(text)}};
  request.context.session_seed = seed;
  request.context.character = "anna";
  return request;
}

inline void say(ReplyRequest& request, std::string reply, std::string next) {
  request.messages.push_back({.role = PromptRole::assistant, .text = std::move(reply)});
  request.messages.push_back({.role = PromptRole::user, .text = std::move(next)});
}

}  // namespace scena::test
