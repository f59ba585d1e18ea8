#include <doctest/doctest.h>

#include <random>

#include "base/text.hpp"
#include "conversation.hpp"

using namespace scena;
using namespace scena::test;

namespace {

const char* const kTexts[] = {
    ("I don't know exactly, but it was about 52,000 a year. Why would you ask?! Let's move on..."),
    ("Caf\xC3\xA9 \xE2\x80\x94 it isn\xE2\x80\x99t \xF0\x9F\x98\x80 bad; \xC3\x89TAIT-CE vrai? I "
     "was NOT there at 9:30 p.m. "
     "on Monday, e.g. in Berlin. \xC2\xA3 1,200.50 :-) <3\nNew line\n\nWe never lock the door!!!"),
    ("Mr. Smith said \xE2\x80\x9Cno comment\xE2\x80\x9D. I was in Chicago with my cousin, although "
     "I hated it... "
     "\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xB8\x96\xE7\x95\x8C "
     "\xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82"),
    ("a'b'c ''' it's 'quoted' don' t 3.  4 5.5. 6:7: ... ?! ."),
};

void prepare(Conversation& talk) {
  talk.say("b", "I have never been to Chicago. The door was locked. I earned 40,000 a year.");
  talk.say("a", "How much did you earn, and where were you on Monday?");
}

// Pieces of whole characters, at most `most` of them each.
std::vector<std::string_view> cut(std::string_view text, std::mt19937& random, unsigned most) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    std::size_t size = 0;
    for (unsigned i = 1 + random() % most; i > 0 && size < text.size(); --i) {
      size += std::max<std::size_t>(1, utf8_sequence_length(text.substr(size)));
    }
    pieces.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return pieces;
}

std::vector<MetricScore> scores_of(Measurement& measurement) {
  std::vector<MetricScore> scores;
  measurement.scores(scores);
  return scores;
}

}  // namespace

TEST_CASE("however the text is cut and asked about, the scores equal the batch result") {
  std::mt19937 random(7);
  for (const std::string_view text : kTexts) {
    Conversation batch;
    prepare(batch);
    const auto expected = batch.say("b", text);
    for (int round = 0; round < 60; ++round) {
      Conversation live;
      prepare(live);
      auto measurement = live.begin("b");
      for (const auto piece : cut(text, random, 1 + round % 9)) {
        measurement->add(piece);
        if (random() % 3 != 0) scores_of(*measurement);
      }
      CHECK(scores_of(*measurement) == expected);
      CHECK(scores_of(*measurement) == expected);
    }
  }
}

TEST_CASE("scores in mid-stream are those of the text so far") {
  std::mt19937 random(11);
  for (const std::string_view text : kTexts) {
    Conversation live;
    prepare(live);
    auto measurement = live.begin("b");
    std::string so_far;
    for (const auto piece : cut(text, random, 4)) {
      measurement->add(piece);
      so_far += piece;
      Conversation batch;
      prepare(batch);
      REQUIRE(scores_of(*measurement) == batch.say("b", so_far));
    }
  }
}

TEST_CASE("a message that streamed in pieces becomes the same history") {
  std::mt19937 random(3);
  Conversation whole, pieces;
  whole.say("b", kTexts[1]);
  auto measurement = pieces.begin("b");
  for (const auto piece : cut(kTexts[1], random, 3)) measurement->add(piece);
  pieces.session().keep(std::move(measurement));
  CHECK(whole.say("b", "We always lock the door. I was there.") ==
        pieces.say("b", "We always lock the door. I was there."));
}

TEST_CASE("a text without blanks is cut at the same places whatever the pieces") {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "good\xE4\xBD\xA0,bad!";
  std::mt19937 random(5);
  Conversation batch;
  const auto expected = batch.say("b", text);
  for (int round = 0; round < 10; ++round) {
    Conversation live;
    auto measurement = live.begin("b");
    for (const auto piece : cut(text, random, 40)) {
      measurement->add(piece);
      if (random() % 4 == 0) scores_of(*measurement);
    }
    CHECK(scores_of(*measurement) == expected);
  }
}

TEST_CASE("the same transcript gives the same scores in every analyzer") {
  Conversation first, second;
  for (const char* text : kTexts) {
    CHECK(first.say("a", text) == second.say("a", text));
    const std::string reply = "Why? " + std::string(text);
    CHECK(first.say("b", reply) == second.say("b", reply));
  }
}
