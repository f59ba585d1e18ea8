// What sentiment, toxicity and the language check promise of whole classes of sentences; the lines
// of tests/metrics-data that are used here were not trained on.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <scena/metrics.hpp>

#include "base/json.hpp"
#include "conversation.hpp"
#include "weights_built_in.hpp"

using namespace scena;
using namespace scena::test;

namespace {

std::vector<Json> lines_of(const std::string& name) {
  std::ifstream file(std::string(SCENA_TEST_DIR) + "/metrics-data/" + name + ".jsonl");
  std::vector<Json> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) lines.push_back(parse_json(line).value_or_throw());
  }
  return lines;
}

std::optional<MetricScore> measured(const std::string& text, std::string_view metric) {
  Conversation talk;
  return find_score(talk.say("a", text), metric);
}

double value(const std::string& text, std::string_view metric) {
  const auto score = measured(text, metric);
  CAPTURE(text);
  REQUIRE(score.has_value());
  return score->value;
}

std::string repeated(const std::string& text, int times) {
  std::string all = text;
  for (int i = 1; i < times; ++i) all += " " + text;
  return all;
}

}  // namespace

TEST_CASE("a civil sentence beside an insult, a threat or a slur does not lower toxicity") {
  const std::string civil[] = {"The meeting starts at nine.", "We will talk about the budget.",
                               "Thank you for coming, and please take a seat."};
  for (const std::string text :
       {"You pathetic idiot!", "Go hang yourself.", "Faggot.", "I hope you burn in hell.",
        "All Muslims should be shot.", "Shut your mouth, you little bitch."}) {
    const double alone = value(text, "toxicity");
    CHECK(alone >= 0.5);
    std::string longer = text;
    for (const std::string& sentence : civil) {
      longer += " " + sentence;
      CHECK(value(longer, "toxicity") >= alone);
      CHECK(value(sentence + " " + text, "toxicity") >= alone);
    }
  }
}

TEST_CASE("who is called something, is no fool or is praised with a curse is not insulted") {
  for (const std::string text :
       {"Nobody called you a liar.", "He is the one who called you a coward."})
    CHECK(value(text, "toxicity") < 0.5);
  CHECK(value("You're no fool, you know that.", "toxicity") < (has_full_weights() ? 0.5 : 0.55));
  if (has_full_weights()) CHECK(value("You magnificent bastard, you did it!", "toxicity") < 0.5);
  for (const std::string text : {"You are a liar.", "You're a fool.", "What a complete moron!",
                                 "Those foreigners can't be trusted."})
    CHECK(value(text, "toxicity") >= 0.5);
}

TEST_CASE("insults, threats and hate are told from anger, curses and neutral talk of groups") {
  if (!has_weights()) return;
  const auto lines = lines_of("toxicity");
  REQUIRE(lines.size() >= 100);
  int toxic = 0, found = 0, false_alarms = 0;
  for (const Json& line : lines) {
    const bool high = value(line["text"], "toxicity") >= 0.5;
    if (line["label"] == 1) {
      ++toxic;
      found += high;
    } else {
      false_alarms += high;
    }
  }
  CAPTURE(found);
  CAPTURE(false_alarms);
  CHECK(found * 100 >= toxic * 90);
  const int allowed = has_full_weights() ? 15 : 25;  // of a hundred
  CHECK(false_alarms * 100 <= (static_cast<int>(lines.size()) - toxic) * allowed);
}

TEST_CASE("function words are not named as toxic") {
  for (const std::string text : {"I think you should all just go away, you dirty bitch.",
                                 "You should have been there for me, you faggot."}) {
    const auto score = measured(text, "toxicity");
    REQUIRE(score.has_value());
    for (const Evidence& evidence : score->evidence) {
      if (evidence.reason != "toxic") continue;
      const std::string word = text.substr(evidence.begin, evidence.end - evidence.begin);
      CAPTURE(word);
      CHECK((word != "I" && word != "you" && word != "You" && word != "should" && word != "all"));
    }
  }
}

TEST_CASE("a text that says the same many times has nearly the same sentiment") {
  for (const std::string text :
       {"The room was a bit small and the breakfast was average.",
        "The meeting starts at nine and ends at ten.",
        "Either party may terminate the contract with notice of thirty days.",
        "We liked the garden, but the kitchen was dirty."}) {
    const double once = value(text, "sentiment");
    CAPTURE(text);
    CHECK(std::abs(value(repeated(text, 2), "sentiment") - once) < 0.1);
    CHECK(std::abs(value(repeated(text, 8), "sentiment") - once) < 0.2);
    CHECK(std::abs(value(repeated(text, 64), "sentiment") - once) < 0.25);
  }
}

TEST_CASE("good news of bad things, praise by negation, complaints and neutral facts are told") {
  if (!has_weights()) return;
  int lines = 0, right = 0;
  for (const Json& line : lines_of("sentiment")) {
    if (line["split"] != "test") continue;
    const double found = value(line["text"], "sentiment");
    const int label = line["label"];
    ++lines;
    right += label == 0 ? std::abs(found) < 0.15 : found * label > 0.1;
  }
  REQUIRE(lines >= 70);
  CAPTURE(right);
  CHECK(right * 100 >= lines * 85);
}

TEST_CASE("good that is gone or never came is blame, and trouble that has passed praise") {
  for (const std::string text :
       {"It used to be great.", "I wish it worked.", "I wish the battery lasted longer.",
        "It could have been so much better.", "It would have been nice if somebody had called.",
        "It was supposed to be a relaxing holiday.", "We expected better."}) {
    CAPTURE(text);
    CHECK(value(text, "sentiment") < -0.1);
  }
  for (const std::string text :
       {"I'm no longer worried.", "I don't feel sick any more.", "It could have been worse.",
        "I wish you all the best.", "That would be great, thanks."}) {
    CAPTURE(text);
    CHECK(value(text, "sentiment") > 0.1);
  }
  // What somebody is used to, means to do or cannot praise enough is there.
  for (const std::string text :
       {"I meant to thank you.", "I'm used to great service here.", "This is meant to be fun.",
        "I wish I could thank you enough.", "I wish more people were as kind as you.",
        "I wish I had found this lovely shop sooner.",
        "You should have been at the wonderful party.", "Money is used to help the poor.",
        "You get used to the beautiful view.", "A toy meant to delight children.",
        "The house where I used to play is beautiful.", "Nobody could have been kinder.",
        "We give money to the poor.", "He was not used to such kindness."}) {
    CAPTURE(text);
    CHECK(value(text, "sentiment") > -0.1);
  }
  for (const std::string text :
       {"The staff used to be friendly.", "They used to make really good coffee.",
        "It was supposed to be fun.", "It could have been a really nice evening.",
        "It could have been handled better.", "I wish I could recommend it.",
        "I wish all the rooms were clean.", "My phone used to work fine."}) {
    CAPTURE(text);
    CHECK(value(text, "sentiment") < -0.1);
  }
  if (has_weights()) {  // which know these words
    CHECK(value("It was supposed to be a treat.", "sentiment") < -0.1);
    CHECK(value("The poor quality of the film.", "sentiment") < -0.1);
  }
  // What cannot be borne any more has not passed.
  CHECK(value("I can't stand the pain any more.", "sentiment") < -0.1);
  CHECK(value("Wish I was there!", "sentiment") > -0.1);
}

TEST_CASE("an insult of somebody who is not there is one, unless it is mild, denied or told") {
  for (const std::string text : {"The minister is a gutless moron.", "He's a complete imbecile.",
                                 "What kind of cretin wrote this?"})
    CHECK(value(text, "toxicity") >= 0.55);
  if (!has_full_weights()) return;
  for (const std::string text :
       {"The king in this play is a fool.", "He is no imbecile, and he knows the trade.",
        "She said the minister is a moron.", "I was an idiot to sell the house."})
    CHECK(value(text, "toxicity") < 0.5);
}

TEST_CASE("idioms and words of products, films and news have their feeling") {
  for (const std::string text :
       {"Honestly, I couldn't live without it.", "Hats off to the whole crew.",
        "It works like a charm.", "A riveting, unforgettable evening.",
        "The broth is luminous and seamless."})
    CHECK(value(text, "sentiment") > 0.1);
  for (const std::string text : {"The whole thing is an absolute joke.", "Save your money.",
                                 "It runs out of steam after an hour.", "So much for my weekend.",
                                 "The frame is flimsy and overpriced.", "The famine got worse."})
    CHECK(value(text, "sentiment") < -0.1);
}

TEST_CASE("a text without feeling lies at zero, one with a feeling does not") {
  if (!has_weights()) return;
  for (const char* text :
       {"The contract covers a period of twelve months.", "We moved here in 2014.",
        "The form has two pages.", "It was a Thursday, around eight.", "Do you have any allergies?",
        "She signed it in the lobby on Monday."}) {
    const auto score = measured(text, "sentiment");
    CAPTURE(text);
    REQUIRE(score.has_value());
    CHECK(std::abs(score->value) < (has_full_weights() ? 0.05 : 0.15));
    CHECK(score->label == "neutral");
  }
  CHECK(value("I love this place, and the staff are wonderful.", "sentiment") > 0.5);
  CHECK(value("What a horrible, cruel thing to say.", "sentiment") < -0.5);
}

TEST_CASE("short phrases of other languages are not measured, English answers and names are") {
  if (!has_weights()) return;
  int foreign = 0, taken_for_english = 0;
  for (const Json& line : lines_of("language")) {
    CAPTURE(line["text"].get<std::string>());
    const bool is_measured = measured(line["text"], "sentiment").has_value();
    if (line["english"] == 1) CHECK(is_measured);
    if (line["english"] == 1) continue;
    ++foreign;
    taken_for_english += is_measured;
  }
  REQUIRE(foreign >= 50);
  CHECK(taken_for_english <= 2);
}

TEST_CASE("sophistication names at most four rare or long words") {
  if (!has_weights()) return;
  const std::string text =
      "The jurisprudential ramifications of unenforceable indemnification covenants "
      "notwithstanding, "
      "the adjudicator promulgated an extraordinarily circumscribed interpretation.";
  const auto score = measured(text, "sophistication");
  REQUIRE(score.has_value());
  CHECK(score->evidence.size() == 4);
  for (const Evidence& evidence : score->evidence) {
    CHECK((evidence.reason == "rare_word" || evidence.reason == "long_word"));
    CHECK(evidence.end - evidence.begin >= 8);
  }
  CHECK(measured("We go to the sea.", "sophistication")->evidence.empty());
}

TEST_CASE("civil talk that has the words of a threat or an insult is neither") {
  for (const char* text :
       {"I'm sorry you were born so early; the incubator was full.",
        "It would be a shame if something happened to the garden.",
        "Let's go jump in the pool with the kids.", "That is a good excuse for a party.",
        "An empty office is a waste of space.", "I want to crawl back into bed.",
        "The soup needs half a brain of garlic.",
        "I worry that something might happen to my son."}) {
    CAPTURE(text);
    CHECK(measured(text, "toxicity")->value < 0.5);
  }
  for (const char* text : {"You waste of space.", "They will never find your body.",
                           "You pathetic excuse for a doctor."}) {
    CAPTURE(text);
    CHECK(measured(text, "toxicity")->value > 0.5);
  }
}

TEST_CASE("words that demean people count whoever is spoken to, but not of dogs and tools") {
  if (!has_full_weights()) return;
  for (const char* text : {"Some bitch took my seat.", "These hoes never learn.",
                           "That man is a whore for attention."})
    CHECK(value(text, "toxicity") > 0.8);
  for (const char* text : {"The bitch had six puppies last night.", "The vet saw our bitch today.",
                           "There is a hoe, a spade and a rake in the shed.",
                           "The pussy willows are out in the garden."})
    CHECK(value(text, "toxicity") < 0.5);
  // What has no second meaning counts in a garden, too.
  for (const char* text : {"Lock that slut in the shed.", "Some whore sits in the garden."})
    CHECK(value(text, "toxicity") > 0.5);
  // Where somebody is spoken to no garden helps.
  CHECK(value("You bitch, get out of my garden.", "toxicity") > 0.8);
}

TEST_CASE("what the rules are sure of keeps the class that says the same, and how sure that is") {
  if (!has_full_weights()) return;
  const auto sure = measured("Can't wait, hats off!", "sentiment");
  CHECK(sure->label == "positive");
  CHECK(sure->confidence > 0.75);
  // The class of feeling says the opposite here, and has no say.
  CHECK(measured("The nightmare is finally over.", "sentiment")->label == "positive");
}

TEST_CASE("denials of the past and bare facts are no praise") {
  for (const char* text :
       {"It could not have been me.", "He could not have gone out that night.",
        "I never had a car.", "I have never met a lawyer.", "The feedback came back negative."}) {
    CAPTURE(text);
    CHECK(measured(text, "sentiment")->value < 0.2);
  }
  CHECK(measured("It could not have gone better.", "sentiment")->value > 0.2);
}
