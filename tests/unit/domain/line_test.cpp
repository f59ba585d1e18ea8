#include "domain/line.hpp"

#include <doctest/doctest.h>

#include <deque>

#include "base/id.hpp"
#include "domain/prompt_history.hpp"

using namespace scena;

namespace {

// A line with turns of one to four messages, and among them every kind that a prompt leaves out.
struct RandomLine {
  std::deque<Message> messages;
  Line line;

  RandomLine(Random& random, std::uint64_t length) {
    std::uint64_t turn = 0;
    for (std::uint64_t i = 0; i < length; ++i) {
      if (random.below(3) == 0) ++turn;
      Message message;
      message.id = "m" + std::to_string(i);
      message.speaker = "c" + std::to_string(random.below(4));
      message.from_human = message.speaker == "c0";
      if (random.below(8) != 0) message.turn = "t" + std::to_string(turn);
      if (random.below(4) == 0) message.place = "t" + std::to_string(turn);
      message.pinned = i < 2 || random.below(40) == 0;
      message.superseded = random.below(10) == 0;
      if (random.below(10) == 0) message.absent = {"c1"};
      if (random.below(10) == 0) message.audience = {Audience::Kind::named, {"c2"}};
      if (random.below(10) == 0) message.outcome = Outcome::cancelled;
      if (random.below(10) != 0) message.parts.push_back({.text = "word"});
      messages.push_back(std::move(message));
      line.push_back(&messages.back());
    }
  }
};

LineCounts counted(const Line& line) {
  LineCounts counts;
  for (const Message* message : line) counts.add(*message);
  return counts;
}

void check_counts(const Line& line) {
  const LineCounts wanted = counted(line);
  CHECK(line.counts().pinned == wanted.pinned);
  CHECK(line.counts().complete_replies == wanted.complete_replies);
  REQUIRE(line.counts().speakers.size() == wanted.speakers.size());
  for (std::size_t i = 0; i < wanted.speakers.size(); ++i) {
    CHECK(line.counts().speakers[i].id == wanted.speakers[i].id);
    CHECK(line.counts().speakers[i].replies == wanted.speakers[i].replies);
  }
}

std::vector<std::string> included(const std::vector<HistoryItem>& items) {
  std::vector<std::string> ids;
  for (const auto& item : items) {
    if (item.included) ids.push_back(item.message->id + " " + std::string(item.reason));
  }
  return ids;
}

}  // namespace

TEST_CASE("a line counts who spoke last, whose messages belong to turns, and what is pinned") {
  std::deque<Message> said;
  const auto say = [&](std::string speaker, std::string turn, Outcome outcome) {
    Message message;
    message.id = "m" + std::to_string(said.size());
    message.speaker = std::move(speaker);
    message.from_human = message.speaker == "you";
    message.turn = std::move(turn);
    message.outcome = outcome;
    message.pinned = said.empty();
    return &said.emplace_back(std::move(message));
  };
  Line line;
  line.push_back(say("ann", "", Outcome::complete));
  line.push_back(say("you", "t1", Outcome::complete));
  line.push_back(say("bob", "t1", Outcome::complete));
  line.push_back(say("ann", "t2", Outcome::cancelled));
  CHECK(line.counts().pinned == 1);
  CHECK(line.counts().complete_replies == 1);
  REQUIRE(line.counts().speakers.size() == 3);
  CHECK(line.counts().speakers[0].id == "you");
  CHECK(line.counts().speakers[1].id == "bob");
  CHECK(line.counts().speakers[2].id == "ann");
  CHECK(line.counts().replies_of("ann") == 1);
  CHECK(line.counts().replies_of("zoe") == 0);
  line.cut_from("m2");
  CHECK(line.size() == 2);
  CHECK(line.back()->id == "m1");
  CHECK(line.counts().complete_replies == 0);
  CHECK(line.counts().replies_of("ann") == 0);
  line.erase("m0");
  CHECK(line.counts().pinned == 0);
  line.erase("m9");
  line.cut_from("m9");
  CHECK(line.size() == 1);
}

TEST_CASE("a line that was shortened counts what is left") {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    RandomLine talk(random, 1 + random.below(60));
    talk.line.erase("m" + std::to_string(random.below(60)));
    check_counts(talk.line);
    talk.line.cut_from("m" + std::to_string(random.below(60)));
    check_counts(talk.line);
  }
}

TEST_CASE("looking at the newest messages alone takes what looking at all takes") {
  Random random(1);
  std::size_t all = 0, looked_at = 0;
  for (int round = 0; round < 2'000; ++round) {
    const RandomLine talk(random, random.below(120));
    const HistoryLimits limits{random.below(30), static_cast<std::int64_t>(random.below(300))};
    const Perceiver perceiver{"c1", "guest"};
    const auto whole = select_history(talk.line, perceiver, limits, {}, true);
    const auto newest = select_history(talk.line, perceiver, limits, {}, false);
    CHECK(included(newest) == included(whole));
    CHECK(whole.size() == talk.line.size());
    all += whole.size();
    looked_at += newest.size();
  }
  CHECK(looked_at * 2 < all);
}

TEST_CASE("what a turn looks at does not grow with its line") {
  std::deque<Message> said;
  Line line;
  std::size_t counts = 0;
  const MessageCounter count = [&](const Message&) {
    ++counts;
    return 10;
  };
  for (int i = 0; i < 10'000; ++i) {
    Message message;
    message.id = "m" + std::to_string(i);
    message.speaker = i % 2 == 0 ? "you" : "ann";
    message.turn = "t" + std::to_string(i / 2);
    message.pinned = i == 0;
    message.parts.push_back({.text = "word"});
    line.push_back(&said.emplace_back(std::move(message)));
  }
  CHECK(select_history(line, {"ann", ""}, {50, 16'000}, count, false).size() <= 54);
  CHECK(counts <= 54);
  CHECK(select_history(line, {"ann", ""}, {9'999, 300}, count, false).size() <= 34);
}
