#include <doctest/doctest.h>

#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"
#include "unit/engine/tool_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

/// A store that outlives engines, and can refuse events of one type or everything.
class ToolDisk final : public ForwardingStorage {
 public:
  ToolDisk() : ForwardingStorage(std::move(*open_storage({.url = "memory:"}))) {}
  bool full = false;
  std::string refused_type;

  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    bool refuse = full;
    for (const auto& batch : group) {
      for (const auto& append : batch.appends) {
        for (const auto& event : append.events) refuse = refuse || event.type == refused_type;
      }
    }
    if (!refuse) return ForwardingStorage::commit(group);
    return {group.size(), Error::fixed(ErrorCode::storage_full, "the test's disk is full")};
  }
  std::vector<Event> events(const std::string& session) {
    return *read_events("default", "session:" + session, 0, 1'000);
  }
};

std::size_t count(const std::vector<Event>& events, std::string_view type) {
  return data_of(events, type).size();
}

/// A session whose engine died while its tool ran: the tool's requests were made.
struct Crash {
  std::shared_ptr<ToolDisk> disk = std::make_shared<ToolDisk>();
  SlowTool slow;
  std::string session;

  explicit Crash(bool idempotent = false, std::size_t answered = 0) {
    slow.tool->how.idempotent = idempotent;
    ToolStage stage({{"Look.", {weather_call("a", "1"), weather_call("b", "2")}}, {"Done.", {}}});
    stage.dependencies.storage = disk;
    Engine engine = stage.with(slow.tool).open();
    Session running = engine.create_session(room_with_tools());
    session = running.id();
    running.send("Go.");
    while (slow.answers.size() < 2) engine.poll();
    for (std::size_t i = 0; i < answered; ++i) slow.answers[i]->succeed("answered");
    for (int i = 0; i < 6; ++i) engine.poll();
    disk->full = true;  // nothing reaches the disk any more
    engine.close();
    disk->full = false;
    slow.tool->requests.clear();
  }
};

/// Each result has its call before it and each call its results behind it.
void check_pairs(const ReplyRequest& request) {
  std::vector<std::string> open;
  for (const auto& message : request.messages) {
    if (message.role == PromptRole::tool) {
      REQUIRE_FALSE(open.empty());
      CHECK(message.tool_call_id == open.front());
      open.erase(open.begin());
    } else {
      CHECK(open.empty());
      for (const auto& call : message.tool_calls) open.push_back(call.id);
    }
  }
  CHECK(open.empty());
}

}  // namespace

TEST_CASE("a call stands in the log before the tool runs") {
  auto disk = std::make_shared<ToolDisk>();
  std::string id;
  std::vector<std::size_t> in_log;
  auto tool = std::make_shared<TestTool>("weather", [&](const ToolRequest&, const auto& answer) {
    in_log.push_back(count(disk->events(id), "tool.requested"));
    answer->succeed("mild");
  });
  ToolStage stage({{"", {weather_call("a", "1"), weather_call("b", "2")}}, {"Done.", {}}});
  stage.dependencies.storage = disk;
  Engine engine = stage.with(tool).open();
  Session session = engine.create_session(room_with_tools());
  id = session.id();
  session.send_wait("Go.");
  CHECK(in_log == std::vector<std::size_t>{2, 2});
}

TEST_CASE("a tool does not run when its call cannot be stored") {
  auto disk = std::make_shared<ToolDisk>();
  disk->refused_type = "tool.requested";
  auto tool = std::make_shared<TestTool>();
  ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
  stage.dependencies.storage = disk;
  Engine engine = stage.with(tool).open();
  Session session = engine.create_session(room_with_tools());
  const auto result = session.send_wait("Go.");
  CHECK(result.outcome == Outcome::failed);
  CHECK(result.error->code() == ErrorCode::storage_full);
  CHECK(tool->requests.empty());
  CHECK(count(disk->events(session.id()), "tool.finished") == 0);
}

TEST_CASE("a result that cannot be stored does not reach the model, and ends the turn once") {
  auto disk = std::make_shared<ToolDisk>();
  disk->refused_type = "tool.finished";
  ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
  stage.dependencies.storage = disk;
  Engine engine = stage.with(std::make_shared<TestTool>()).open();
  Session session = engine.create_session(room_with_tools());
  const auto result = session.send_wait("Go.");
  CHECK(result.outcome == Outcome::failed);
  CHECK(stage.model->requests.size() == 1);
  CHECK(count(disk->events(session.id()), "turn.finished") == 1);
}

TEST_CASE("after a crash an unfinished call is told as of unknown outcome and not made again") {
  for (const bool idempotent : {false, true}) {
    Crash crash(idempotent, 1);
    ToolStage stage({AskedReply{"I cannot say.", {}}});
    stage.dependencies.storage = crash.disk;
    Engine engine = stage.with(crash.slow.tool).open();
    Session session = engine.session(crash.session);
    CHECK(session.send_wait("And?").text == "I cannot say.");
    CHECK(crash.slow.tool->requests.empty());
    const auto results = results_in(stage.model->requests.back());
    REQUIRE(results.size() == 2);
    CHECK(results[0].text == "answered");
    CHECK_FALSE(results[0].tool_failed);
    CHECK(results[1].tool_failed);
    CHECK(results[1].text.find("outcome of this call is unknown") != std::string::npos);
    const bool again = results[1].text.find("called again without harm") != std::string::npos;
    CHECK(again == idempotent);
    check_pairs(stage.model->requests.back());

    const auto events = crash.disk->events(crash.session);
    CHECK(count(events, "tool.requested") == 2);
    CHECK(count(events, "tool.finished") == 2);
    CHECK(count(events, "turn.finished") == 2);
    const Message cut = session.messages()[1];
    CHECK(cut.outcome == Outcome::interrupted);
    CHECK(cut.text() == "Look.");
    REQUIRE(cut.tool_rounds.size() == 1);
    CHECK(cut.tool_rounds[0].uses.size() == 2);
    CHECK(engine.rebuild(crash.session));
  }
}

TEST_CASE("an engine that closes while tools run ends the turn as interrupted") {
  auto disk = std::make_shared<ToolDisk>();
  SlowTool slow;
  ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
  stage.dependencies.storage = disk;
  std::string id;
  {
    Engine engine = stage.with(slow.tool).open();
    Session session = engine.create_session(room_with_tools());
    id = session.id();
    session.send("Go.");
    while (slow.answers.empty()) engine.poll();
    engine.close();
    CHECK(slow.tool->stops[0].stop_requested());
  }
  const auto events = disk->events(id);
  REQUIRE(count(events, "turn.finished") == 1);
  CHECK(data_of(events, "turn.finished")[0]["outcome"] == "interrupted");
  REQUIRE(count(events, "tool.finished") == 1);
  const std::string result = data_of(events, "tool.finished")[0]["result"];
  CHECK(result.find("unknown") != std::string::npos);
}

TEST_CASE("no limit of the history parts a call from its result") {
  for (const std::size_t items : {1, 2, 3, 4, 5, 6, 7, 8}) {
    for (const std::size_t tokens : {300, 400, 500, 600, 800, 16'000}) {
      ToolStage stage({{"Look.", {weather_call("a", "1"), weather_call("b", "2")}},
                       {"More.", {weather_call("c", "3")}},
                       {"Done.", {}}});
      stage.config.limits.history_items = items;
      stage.config.limits.history_tokens = tokens;
      Engine engine = stage.with(std::make_shared<TestTool>()).open();
      Session session = engine.create_session(room_with_tools());
      for (int turn = 0; turn < 3; ++turn) {
        session.send_wait("Go.");
        stage.model->requests.clear();
      }
      session.send_wait("Last.");
      for (const auto& request : stage.model->requests) check_pairs(request);
    }
  }
}

TEST_CASE("fork, regenerate, edit, continue and undo keep calls and results together") {
  ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
  Engine engine = stage.with(std::make_shared<TestTool>()).open();
  Session session = engine.create_session(room_with_tools());
  const auto again = [&] { stage.model->requests.clear(); };
  session.send_wait("Go.");
  again();
  session.regenerate().wait();
  REQUIRE(stage.model->requests.size() == 2);
  for (const auto& request : stage.model->requests) check_pairs(request);
  CHECK(results_in(stage.model->requests[0]).empty());  // those of the reply that it replaces
  CHECK(session.messages().back().tool_rounds.size() == 1);
  CHECK(session.alternatives(session.messages().back().id)[0].tool_rounds.size() == 1);

  again();
  session.continue_reply().wait();
  for (const auto& request : stage.model->requests) check_pairs(request);
  CHECK(session.messages().back().tool_rounds.size() == 2);
  CHECK(session.messages().back().text() == "Look.\n\nDone.Look.\n\nDone.");

  again();
  Session fork = session.fork().get();
  fork.send_wait("And?");
  CHECK(results_in(stage.model->requests[0]).size() == 2);
  for (const auto& request : stage.model->requests) check_pairs(request);

  again();
  session.edit(session.messages()[0].id, "Go, please.").wait();
  CHECK(results_in(stage.model->requests[0]).empty());
  for (const auto& request : stage.model->requests) check_pairs(request);
  session.undo().get();
  CHECK(session.messages().empty());
}

TEST_CASE("export, import and rebuild know a session's tools") {
  ToolStage stage({{"Look.",
                    {weather_call("Oslo", "1"), {"2", "weather", "{\"ci", false}},
                    FinishReason::stop,
                    "{\"s\":1}"},
                   {"Done.", {}}});
  Engine engine = stage.with(std::make_shared<TestTool>()).open();
  Session session = engine.create_session(room_with_tools());
  session.send_wait("Go.");
  CHECK(engine.rebuild(session.id()));
  const std::string json = engine.export_session(session.id(), ExportFormat::json);
  ToolStage other({AskedReply{"Fine.", {}}});
  Engine second = other.with(std::make_shared<TestTool>()).open();
  Session copy = second.import_session(json);
  CHECK(copy.messages().back().tool_rounds == session.messages().back().tool_rounds);
  CHECK(copy.state_json() == session.state_json());
  CHECK(second.rebuild(copy.id()));
}

TEST_CASE("explain composes the requests of every round") {
  ToolStage stage({{"Look.", {weather_call()}, FinishReason::stop, "{\"s\":1}"},
                   {"More.", {weather_call("Rome", "2")}},
                   {"Done.", {}}});
  Engine engine = stage.with(std::make_shared<TestTool>()).open();
  Session session = engine.create_session(room_with_tools());
  session.send_wait("Go.");
  session.continue_reply().wait();
  for (const auto& message : session.messages(true)) {
    if (message.from_human) continue;
    const auto explained = session.explain(message.id);
    const bool first = message.replaces.empty();
    const std::size_t from = first ? 0 : 3;
    REQUIRE(explained.rounds.size() == (first ? 2 : 0));
    CHECK(explained.request == *stage.model->request_body(stage.model->requests[from]));
    for (std::size_t i = 0; i < explained.rounds.size(); ++i)
      CHECK(explained.rounds[i] == *stage.model->request_body(stage.model->requests[from + 1 + i]));
  }
}

TEST_CASE("commands that need not wait are carried out while tools run") {
  SlowTool slow;
  ToolStage stage({{"Look.", {weather_call()}}, {"Done.", {}}});
  Engine engine = stage.with(slow.tool).open();
  Session session = engine.create_session(room_with_tools());
  const Turn turn = session.send("Go.");
  while (slow.answers.empty()) engine.poll();
  session.update({.title = "New title"}).get();
  CHECK(session.info().title == "New title");
  CHECK_FALSE(turn.done());
  auto pausing = session.pause();
  slow.answers[0]->succeed("mild");
  CHECK(turn.wait().outcome == Outcome::complete);
  CHECK(pausing.get().state == SessionState::paused);
}
