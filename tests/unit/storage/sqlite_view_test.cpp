#include <doctest/doctest.h>
#include <sqlite3.h>

#include "storage/backends/sqlite/sqlite.hpp"
#include "support/store_steps.hpp"
#include "support/temp_folder.hpp"

using namespace scena;
using test::append_one;
using test::TempFolder;

namespace {

/// One line a row, columns separated by "|", NULL as "-": what the sqlite3 shell would show.
std::vector<std::string> rows(const std::string& path, const char* sql) {
  std::vector<std::string> found;
  sqlite3* shell = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &shell, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  char* fault = nullptr;
  const auto add = [](void* to, int count, char** texts, char**) {
    std::string row;
    for (int i = 0; i < count; ++i) row += (i ? "|" : "") + std::string(texts[i] ? texts[i] : "-");
    static_cast<std::vector<std::string>*>(to)->push_back(row);
    return 0;
  };
  const int code = sqlite3_exec(shell, sql, add, &found, &fault);
  CHECK_MESSAGE(code == SQLITE_OK, (fault ? fault : ""));
  sqlite3_free(fault);
  sqlite3_close(shell);
  return found;
}

struct Story {
  TempFolder folder;
  std::string path = folder.file("a.db");
  std::unique_ptr<Storage> store = std::move(sqlite::open({.path = path})).value_or_throw();
  std::uint64_t seq = 0;

  void add(const char* type, const char* data, const std::string& stream = "session:s1") {
    auto& at = stream == "session:s1" ? seq : other;
    REQUIRE(append_one(*store, stream, at, data, type) == ErrorCode::ok);
    ++at;
  }
  std::uint64_t other = 0;
};

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("v_sessions shows preset, state and size of each session while the engine runs") {
  Story story;
  story.add("session.created",
            R"({"preset":{"id":"job","title":"Job \"interview\""},"labels":{"a":"b"}})");
  story.add("session.started", "{}");
  story.add("message.stored", R"({"message":{"id":"m1","text":"hi"}})");
  CHECK(rows(story.path,
             "SELECT tenant, session, preset, title, labels, state, messages, last_seq FROM "
             "v_sessions") == Rows{"t|s1|job|Job \"interview\"|{\"a\":\"b\"}|active|1|3"});
  CHECK(rows(story.path, "SELECT created, updated FROM v_sessions") ==
        Rows{"2026-09-21T14:13:20.000Z|2026-09-21T14:13:22.000Z"});
  for (const auto& [type, state] :
       {std::pair("session.paused", "paused"), std::pair("session.resumed", "active"),
        std::pair("session.failed", "error"), std::pair("session.completed", "completed")}) {
    story.add(type, "{}");
    CHECK(rows(story.path, "SELECT state FROM v_sessions") == Rows{state});
  }
  story.add("app.note", "{}", "user:u1");
  CHECK(rows(story.path, "SELECT count(*) FROM v_sessions") == Rows{"1"});
}

TEST_CASE("v_messages shows text, usage and cost, and which messages were superseded") {
  Story story;
  story.add(
      "message.stored",
      R"({"message":{"id":"m1","turn":"t1","speaker":"user","from_human":true,"text":"Grüße"}})");
  story.add(
      "message.stored",
      R"({"message":{"id":"m2","turn":"t1","speaker":"anna","from_human":false,"text":"x","outcome":"complete",)"
      R"("finish_reason":"stop","provider":"openai","model":"g","usage":{"input_tokens":9,"output_tokens":2},"cost":"0.0001"}})");
  story.add("message.superseded", R"({"ids":["m2"],"reason":"regenerate"})");
  story.add("message.stored",
            R"({"message":{"id":"m3","turn":"t1","speaker":"anna","text":"y","replaces":"m2"}})");
  const char* all =
      "SELECT seq, message, turn, speaker, from_human, text, replaces, outcome, finish_reason, "
      "provider, model, "
      "input_tokens, output_tokens, cost, superseded FROM v_messages ORDER BY seq";
  CHECK(rows(story.path, all) == Rows{"1|m1|t1|user|1|Grüße|-|-|-|-|-|-|-|-|0",
                                      "2|m2|t1|anna|0|x|-|complete|stop|openai|g|9|2|0.0001|1",
                                      "4|m3|t1|anna|-|y|m2|-|-|-|-|-|-|-|0"});
  story.add("message.superseded", R"({"ids":["m3"],"restored":["m2"],"reason":"undo"})");
  CHECK(rows(story.path, "SELECT message, superseded FROM v_messages ORDER BY seq") ==
        Rows{"m1|0", "m2|0", "m3|1"});
}

TEST_CASE("v_metrics has one row for each score") {
  Story story;
  story.add(
      "metrics.stored",
      R"({"message":"m3","scores":[{"metric":"clarity","value":0.25,"confidence":0.9,"label":"low","evidence":["a","b"]},)"
      R"({"metric":"tone","value":1}]})");
  CHECK(
      rows(story.path,
           "SELECT session, message, metric, value, confidence, label, evidence FROM v_metrics") ==
      Rows{"s1|m3|clarity|0.25|0.9|low|[\"a\",\"b\"]", "s1|m3|tone|1|-|-|-"});
}

TEST_CASE("v_costs keeps money as exact text and names provider and model") {
  Story story;
  story.add("message.stored",
            R"({"message":{"id":"m2","turn":"t1","provider":"openai","model":"g"}})");
  story.add(
      "budget.settled",
      R"({"turn":"t1","usage":{"input_tokens":9,"output_tokens":2},"cost":"0.100000000001","estimated":false})");
  story.add("budget.settled", R"({"turn":"t2","usage":{},"cost":"1","estimated":true})");
  CHECK(rows(story.path,
             "SELECT turn, provider, model, input_tokens, output_tokens, cost, typeof(cost), "
             "estimated "
             "FROM v_costs ORDER BY seq") ==
        Rows{"t1|openai|g|9|2|0.100000000001|text|0", "t2|-|-|-|-|1|text|1"});
}

TEST_CASE("the host's own events, whatever they hold, do not disturb the views") {
  Story story;
  story.add("app.broken", "{not json");
  story.add("message.stored", R"({"message":{"id":"m1","text":"x"}})");
  for (const auto* view : {"v_sessions", "v_messages", "v_metrics", "v_costs"}) {
    rows(story.path, (std::string("SELECT * FROM ") + view).c_str());
  }
  CHECK(rows(story.path, "SELECT count(*) FROM v_messages") == Rows{"1"});
}
