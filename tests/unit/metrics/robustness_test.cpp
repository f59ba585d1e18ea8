#include <doctest/doctest.h>

#include <random>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "conversation.hpp"

using namespace scena;
using namespace scena::test;

namespace {

bool is_border(const std::string& text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

// Says all texts in turn and checks ranges, names and places of everything that comes out.
void check_sound(const std::vector<std::string>& texts) {
  Conversation talk;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (const auto& score : talk.say(i % 2 ? "b" : "a", texts[i])) {
      CHECK(score.value >= (score.metric == "sentiment" ? -1 : 0));
      CHECK(score.value <= 1);
      CHECK(score.value == round_score(score.value));
      CHECK(score.confidence >= 0);
      CHECK(score.confidence <= 1);
      for (const auto& evidence : score.evidence) {
        const std::size_t index = std::stoul(evidence.message.substr(1)) - 1;
        REQUIRE(index <= i);
        CHECK(evidence.begin < evidence.end);
        REQUIRE(evidence.end <= texts[index].size());
        CHECK(is_border(texts[index], evidence.begin));
        CHECK(is_border(texts[index], evidence.end));
        CHECK_FALSE(evidence.reason.empty());
      }
    }
  }
}

std::string random_text(std::mt19937& random) {
  static const char* const kPieces[] = {"good ",
                                        "not ",
                                        "I ",
                                        "never ",
                                        "why ",
                                        "where ",
                                        "? ",
                                        "! ",
                                        ". ",
                                        ", ",
                                        "but ",
                                        "12 ",
                                        "people ",
                                        "don't ",
                                        "it\xE2\x80\x99s ",
                                        "\xF0\x9F\x98\xA1",
                                        "\xC3\x84rger ",
                                        "\xE4\xBD\xA0",
                                        "...",
                                        "know ",
                                        "the door ",
                                        "was ",
                                        "open ",
                                        "closed ",
                                        "\n",
                                        "Monday ",
                                        ":-( ",
                                        "GREAT",
                                        "1,000.5",
                                        "'",
                                        "-",
                                        "because "};
  std::string text;
  for (unsigned i = random() % 60; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
  return text;
}

std::string repeat(std::string_view unit, std::size_t bytes) {
  std::string text;
  while (text.size() + unit.size() <= bytes) text += unit;
  return text;
}

}  // namespace

TEST_CASE("scores stay in range and evidence lies inside the texts on character borders") {
  std::mt19937 random(42);
  for (int round = 0; round < 150; ++round) {
    std::vector<std::string> texts;
    for (int i = 0; i < 8; ++i) texts.push_back(random_text(random));
    check_sound(texts);
  }
}

TEST_CASE("a message without a word has no engagement and no other score") {
  Conversation talk;
  for (const char* text : {"", " \n\t "}) {
    const auto scores = talk.say("a", text);
    REQUIRE(scores.size() == 1);
    CHECK(scores[0].metric == "engagement");
    CHECK(scores[0].value == 0);
  }
  CHECK_FALSE(find_score(talk.say("b", ""), "evasiveness").has_value());
}

TEST_CASE("a megabyte is measured, whatever it consists of") {
  check_sound({repeat("The door was open and I like it. Why? ", 1u << 20), repeat("a", 1u << 20),
               repeat(" ", 1u << 20), repeat("\xF0\x9F\x98\x80", 1u << 20), repeat("!?.", 1u << 20),
               repeat("no ", 1u << 20), repeat("\xE4\xBD\xA0", 1u << 20)});
}

TEST_CASE("bytes that are not UTF-8 are skipped") {
  Conversation talk;
  for (const char* text :
       {"\xFF\xFE good \xC3", "\xE2\x80", "\x80\x80\x80 bad", "good\xF0\x9F bad", "\xED\xA0\x80"}) {
    CHECK_FALSE(talk.say("a", text).empty());
  }
  CHECK(find_score(talk.say("b", "\xFF good \xFF"), "sentiment").value().value > 0);
}

TEST_CASE("emoji alone have a sentiment") {
  Conversation talk;
  CHECK(find_score(talk.say("a", "\xF0\x9F\x98\x80\xF0\x9F\x98\x80"), "sentiment").value().value >
        0);
  CHECK(find_score(talk.say("a", "\xF0\x9F\x98\xA1"), "sentiment").value().value < 0);
  CHECK(find_score(talk.say("a", "\xF0\x9F\x9A\x97"), "sentiment").value().label == "neutral");
}

TEST_CASE("languages other than English get no score that depends on language") {
  const char* const kForeign[] = {
      "Ich war gestern Abend nicht zu Hause, sondern bei meinem Bruder in der Stadt.",
      "Je ne sais pas pourquoi vous me posez cette question encore une fois.",
      "No s\xC3\xA9 por qu\xC3\xA9 me pregunta eso otra vez, yo estaba en mi casa.",
      "Non so perch\xC3\xA9 mi fate questa domanda, ero a casa con mia sorella.",
      "Nie wiem dlaczego pan mnie o to pyta, by\xC5\x82"
      "em wtedy w domu z \xC5\xBCon\xC4\x85.",
      "En min\xC3\xA4 tied\xC3\xA4 miksi te kysytte t\xC3\xA4t\xC3\xA4 minulta nyt uudestaan "
      "kotona.",
      "\xD0\xAF \xD0\xBD\xD0\xB5 \xD0\xB7\xD0\xBD\xD0\xB0\xD1\x8E "
      "\xD0\xBF\xD0\xBE\xD1\x87\xD0\xB5\xD0\xBC\xD1\x83 \xD0\xB2\xD1\x8B "
      "\xD1\x81\xD0\xBF\xD1\x80\xD0\xB0\xD1\x88\xD0\xB8\xD0\xB2\xD0\xB0\xD0\xB5\xD1\x82\xD0\xB5.",
      "\xE6\x88\x91\xE4\xB8\x8D\xE7\x9F\xA5\xE9\x81\x93\xE4\xBD\xA0\xE4\xB8\xBA\xE4\xBB\x80\xE4\xB9"
      "\x88\xE9\x97\xAE\xE3\x80\x82"};
  for (const char* text : kForeign) {
    Conversation talk;
    talk.say("b", "I was at home.");
    talk.say("a", "Where were you?");
    const auto scores = talk.say("b", text);
    CAPTURE(std::string(text));
    REQUIRE(scores.size() == 1);
    CHECK(scores[0].metric == "engagement");
  }
}

TEST_CASE("English with borrowed words, names or technical terms stays English") {
  for (const char* text :
       {"We had a great time at the Caf\xC3\xA9 de la Paix in Paris with the whole family.",
        "I deployed Kubernetes, Terraform and PostgreSQL on AWS for the data team.",
        "Great product, amazing quality, fast delivery, super friendly support."}) {
    Conversation talk;
    CAPTURE(std::string(text));
    CHECK(find_score(talk.say("a", text), "sentiment").has_value());
  }
}
