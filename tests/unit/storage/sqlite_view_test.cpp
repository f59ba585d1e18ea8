#include <doctest/doctest.h>

#include "storage/backends/sqlite/sqlite.hpp"
#include "support/sql_rows.hpp"
#include "support/store_steps.hpp"
#include "support/temp_folder.hpp"

using namespace scena;
using test::append_one;
using test::rows;
using test::TempFolder;

namespace {

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

TEST_CASE("v_sessions shows the engine's record of each session while the engine runs") {
  Story story;
  Batch batch;
  batch.records.push_back(
      {.key = {"t", "session", "s1"},
       .json =
           R"({"id":"s1","title":"Job \"interview\"","preset":"job","state":"active","owner":"",)"
           R"("last_seq":3,"created":1790000000000000,"updated":1790000002000000,"messages":1,"labels":{"a":"b"}})"});
  batch.records.push_back(
      {.key = {"t", "session", "s2"},
       .json = R"({"id":"s2","title":"","preset":"job","state":"paused","owner":"anna",)"
               R"("parent":"s1","parent_seq":2,"messages":1,"labels":{}})"});
  batch.records.push_back({.key = {"t", "preset", "job"}, .json = "{}"});
  REQUIRE(story.store->commit({&batch, 1})[0]);
  CHECK(rows(story.path,
             "SELECT tenant, session, preset, title, labels, state, messages, last_seq, owner, "
             "parent, parent_seq FROM v_sessions ORDER BY session") ==
        Rows{"t|s1|job|Job \"interview\"|{\"a\":\"b\"}|active|1|3|-|-|-",
             "t|s2|job||{}|paused|1|-|anna|s1|2"});
  CHECK(rows(story.path, "SELECT created, updated FROM v_sessions WHERE session = 's1'") ==
        Rows{"2026-09-21T14:13:20.000Z|2026-09-21T14:13:22.000Z"});
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
  CHECK(rows(story.path, all) == Rows{"1|m1|t1|user|1|Grüße|-|complete|stop|-|-|0|0|0|0",
                                      "2|m2|t1|anna|0|x|-|complete|stop|openai|g|9|2|0.0001|1",
                                      "4|m3|t1|anna|0|y|m2|complete|stop|-|-|0|0|0|0"});
  story.add("message.superseded", R"({"ids":["m3"],"restored":["m2"],"reason":"undo"})");
  CHECK(rows(story.path, "SELECT message, superseded FROM v_messages ORDER BY seq") ==
        Rows{"m1|0", "m2|0", "m3|1"});
  story.add("message.stored", R"({"message":{"id":"m4","parts":[{"kind":"text","text":"One, "},)"
                              R"({"kind":"image","blob":"b"},{"kind":"text","text":"two."}]}})");
  CHECK(rows(story.path, "SELECT text FROM v_messages WHERE message = 'm4'") == Rows{"One, two."});
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
  story.add("budget.settled",
            R"({"purpose":"aside","aside":"a1","usage":{},"cost":"0","estimated":false})");
  story.add("budget.settled", R"({"purpose":"analysis","analysis":"j1","provider":"openai",)"
                              R"("model":"m","usage":{},"cost":"2","estimated":false})");
  CHECK(rows(story.path,
             "SELECT turn, provider, model, input_tokens, output_tokens, cost, typeof(cost), "
             "estimated, purpose, aside "
             "FROM v_costs ORDER BY seq") ==
        Rows{"t1|openai|g|9|2|0.100000000001|text|0|turn|-", "t2|-|-|0|0|1|text|1|turn|-",
             "-|-|-|0|0|0|text|0|aside|a1", "-|openai|m|0|0|2|text|0|analysis|-"});
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
