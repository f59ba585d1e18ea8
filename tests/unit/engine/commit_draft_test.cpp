#include "engine/actor/commit_draft.hpp"

#include <doctest/doctest.h>

#include "domain/prompt_history.hpp"
#include "domain/session_model.hpp"

using namespace scena;
using namespace scena::engine;

namespace {

constexpr const char* kCreated =
    R"({"title":"T","preset":{"id":"p","sha256":"00"},"seed":"7","variables":{},"labels":{},)"
    R"("participants":[{"id":"me","name":"Me","is_human":true}]})";

CommitDraft draft_after(std::uint64_t seq) {
  return CommitDraft("tenant", "s", seq, WallTime(std::chrono::microseconds(5)), "command");
}

Message reply_with_everything() {
  Message message;
  message.id = "m1";
  message.turn = "t1";
  message.speaker = "ann";
  message.parts = {{MessagePart::Kind::text, "caf\xC3\xA9 \"x\"\n", {}, {}, 0},
                   {MessagePart::Kind::image, {}, "00ff", "image/png", 9}};
  message.audience = {Audience::Kind::named, {"me"}};
  message.outcome = Outcome::truncated;
  message.finish_reason = FinishReason::length;
  message.provider = "openai";
  message.model = "m";
  message.usage.input_tokens = 3;
  message.usage.estimated = true;
  message.cost = {12};
  return message;
}

MetricScore odd_score() {
  MetricScore score;
  score.metric = "host\xFF";
  score.value = -0.12345678;
  score.confidence = 0.99999;
  score.label = "a\xC3";
  score.evidence = {{"m1", 1, 4, "because \xE2\x82"}};
  return score;
}

}  // namespace

TEST_CASE("what a commit keeps beside its events is what their JSON says") {
  CommitDraft draft = draft_after(0);
  draft.add("session.created", "engine", kCreated);
  OpenTurn turn;
  turn.id = "t1";
  turn.speaker = "ann";
  turn.kind = "regenerate";
  turn.replaces = "m0";
  turn.provider = "openai";
  turn.model = "m";
  turn.attempt = 2;
  turn.reserved = {34};
  draft.add("turn.started", "ann",
            R"({"turn":"t1","speaker":"ann","kind":"regenerate","replaces":"m0",)"
            R"("provider":"openai","model":"m","attempt":2,"reserved":")" +
                turn.reserved.to_string() + "\"}",
            {}, turn);
  draft.add_message(reply_with_everything());
  draft.add_scores("m1", {odd_score()});

  auto events = draft.take_events();
  REQUIRE(events);
  SessionModel kept, read;
  for (auto& event : *events) {
    REQUIRE(kept.apply(event));
    REQUIRE(read.apply(event.event));
    CHECK(kept.to_json() == read.to_json());
    REQUIRE(static_cast<bool>(kept.open_turn()) == static_cast<bool>(read.open_turn()));
    if (kept.open_turn()) CHECK(*kept.open_turn() == *read.open_turn());
  }
  REQUIRE(kept.all_messages().size() == 1);
  CHECK(kept.all_messages() == read.all_messages());
  CHECK(kept.all_messages()[0].metrics[0].value == -0.1235);
  CHECK_FALSE(std::holds_alternative<std::monostate>(events->back().value));
}

TEST_CASE("the end of a turn and its bill need no JSON to be read") {
  CommitDraft first = draft_after(0);
  first.add("session.created", "engine", kCreated);
  OpenTurn turn;
  turn.id = "t1";
  first.add("turn.started", "ann", R"({"turn":"t1"})", {}, turn);
  first.add("budget.reserved", "engine", R"({"purpose":"aside","aside":"a1","amount":"0"})");
  CommitDraft last = draft_after(3);
  Usage usage;
  usage.output_tokens = 5;
  last.add(
      "budget.settled", "engine",
      R"({"purpose":"aside","aside":"a1","usage":{"output_tokens":5},"cost":"0.000000000056"})",
      {Audience::Kind::hosts, {}}, Settlement{usage, {56}, "a1"});
  last.add("budget.reserved", "engine", "{}", {}, NoChange{});
  last.add("turn.finished", "ann", R"({"turn":"t1"})", {}, EndedTurn{"t1"});

  SessionModel kept, read;
  for (CommitDraft* draft : {&first, &last}) {
    auto events = draft->take_events();
    REQUIRE(events);
    auto seen = kept.preview(*events);
    REQUIRE(seen);
    for (auto& event : *events) {
      REQUIRE(kept.apply(event));
      REQUIRE(read.apply(event.event));
    }
    CHECK(seen->info == kept.info());
  }
  CHECK(kept.to_json() == read.to_json());
  CHECK_FALSE(kept.open_turn());
  CHECK(kept.facts().open_asides.empty());
  CHECK(kept.info().cost.pico_usd == 56);
}

TEST_CASE("a message that moves into the model counts its turn, and its event stays whole") {
  CommitDraft draft = draft_after(0);
  draft.add("session.created", "engine", kCreated);
  Message message = reply_with_everything();
  message.turn = "t7";
  draft.add_message(message);
  auto events = draft.take_events();
  REQUIRE(events);
  const std::string data = events->back().event.data;
  SessionModel kept;
  for (auto& event : *events) REQUIRE(kept.apply(event));
  CHECK(kept.next_turn_id() == "t8");
  CHECK(kept.all_messages()[0].parts == message.parts);
  CHECK(events->back().event.data == data);
}

TEST_CASE("a model counts its line anew when messages leave it and come back") {
  CommitDraft draft = draft_after(0);
  draft.add("session.created", "engine", kCreated);
  Message message = reply_with_everything();
  message.outcome = Outcome::complete;
  const auto say = [&](const char* id, const char* speaker, const char* turn) {
    message.id = id;
    message.speaker = speaker;
    message.from_human = message.speaker == "me";
    message.turn = turn;
    message.pinned = message.turn.empty();
    draft.add_message(message);
  };
  say("m1", "bob", "");
  say("m2", "me", "t1");
  say("m3", "ann", "t1");
  draft.add("message.superseded", "me", R"({"ids":["m3","m1"],"reason":"regenerate"})");
  say("m4", "bob", "t2");
  draft.add("message.superseded", "me", R"({"ids":["m4"],"restored":["m3"],"reason":"choose"})");
  auto events = draft.take_events();
  REQUIRE(events);
  SessionModel model;
  std::vector<std::size_t> sizes, replies, pinned;
  for (auto& event : *events) {
    REQUIRE(model.apply(event));
    sizes.push_back(model.line().size());
    replies.push_back(model.line_counts().complete_replies);
    pinned.push_back(model.line_counts().pinned);
  }
  using Each = std::vector<std::size_t>;
  CHECK(sizes == Each{0, 1, 2, 3, 1, 2, 2});
  CHECK(replies == Each{0, 0, 0, 1, 0, 1, 1});
  CHECK(pinned == Each{0, 1, 1, 1, 0, 0, 0});
  CHECK(model.last_on_line()->id == "m3");
  REQUIRE(model.line_counts().speakers.size() == 2);
  CHECK(model.line_counts().speakers.back().id == "ann");
}

TEST_CASE("a model knows its messages' sizes, those of its own and any other") {
  CommitDraft draft = draft_after(0);
  draft.add("session.created", "engine", kCreated);
  Message message = reply_with_everything();
  message.turn.clear();
  for (int i = 1; i <= 200; ++i) {
    message.id = "m" + std::to_string(i);
    message.parts[0].text += " and so on";
    draft.add_message(message);
  }
  auto events = draft.take_events();
  REQUIRE(events);
  SessionModel model;
  for (auto& event : *events) {
    REQUIRE(model.apply(event));
    if (model.all_messages().empty()) continue;
    const Message& last = model.all_messages().back();
    REQUIRE(model.prompt_tokens(last) == message_tokens(last));
    const Message& first = model.all_messages().front();
    REQUIRE(model.prompt_tokens(first) == message_tokens(first));
  }
  message.parts[0].text = "one";
  CHECK(model.prompt_tokens(message) == message_tokens(message));
  CHECK(model.prompt_tokens(model.all_messages()[77]) == message_tokens(model.all_messages()[77]));
}
