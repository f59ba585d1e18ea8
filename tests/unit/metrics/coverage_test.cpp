#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "conversation.hpp"
#include "metrics/reading.hpp"
#include "support/files.hpp"
#include "weights_built_in.hpp"

using namespace scena;
using namespace scena::test;

namespace {

double coverage_of(std::string_view question, std::string_view text) {
  Conversation talk({"coverage"});
  talk.say("host", question);
  const auto score = find_score(talk.say("guest", text), "coverage");
  REQUIRE(score.has_value());
  return score->value;
}

// The texts in quotes of what a script assigns to this name.
std::vector<std::string> quoted_in(const std::string& script, const std::string& name) {
  const std::size_t begin = script.find("\n" + name + " = ");
  REQUIRE(begin != std::string::npos);
  const std::size_t line = script.find('\n', begin + 1), list = script.find(')', begin);
  const bool is_list = script.find('(', begin) < line;
  std::vector<std::string> found;
  std::istringstream text(script.substr(begin, (is_list ? list : line) - begin));
  for (std::string part; std::getline(text, part, '"') && std::getline(text, part, '"');)
    found.push_back(part);
  return found;
}

}  // namespace

TEST_CASE("asking a question again covers it, asking another does not") {
  const std::string_view planned = "How many people did you manage at the hospital?";
  CHECK(coverage_of(planned, "How many people did you manage at the hospital?") > 0.9);
  CHECK(coverage_of(planned, "At that hospital, how many people were you managing?") > 0.66);
  CHECK(coverage_of(planned, "Do you enjoy long walks by the river?") < 0.33);
}

TEST_CASE(
    "a question about the same matter covers most of it, and an answer may point to what was "
    "named") {
  CHECK(coverage_of("What is your greatest weakness?", "Which flaw of yours bothers you?") >= 0.66);
  CHECK(coverage_of("Which knee hurts?", "The left one, just below the cap.") >
        1.1 * coverage_of("Which knee hurts?", "The weather, just below the clouds."));
}

TEST_CASE("an answer covers the question more than talk of something else") {
  const std::string_view planned = "What salary do you expect for this position?";
  const double answer = coverage_of(planned, "For this position I expect a salary of 50000 euros.");
  const double aside = coverage_of(planned, "I expect rain tomorrow.");
  CHECK(answer > 0.6);
  CHECK(aside < 0.33);
  CHECK(answer > aside);
}

TEST_CASE("the kind of answer that was asked for covers more than another kind of the same topic") {
  const std::string_view planned = "When can you deliver the machines?";
  const double moment = coverage_of(planned, "The machines arrive on Monday.");
  const double other = coverage_of(planned, "The machines are heavy.");
  CHECK(moment > other + 0.3);
  CHECK(coverage_of(planned, "When will we get the machines?") >
        coverage_of(planned, "Who made the machines?") + 0.3);
}

TEST_CASE("a question about the same matter mostly asks the same") {
  const std::string_view planned = "What is your experience with remote work?";
  CHECK(coverage_of(planned, "Did you ever do your job from home?") > 0.5);
  // The small weights have no vectors, which tell what a question is about.
  const double else_asked = has_weights() && !has_full_weights() ? 0.33 : 0.2;
  CHECK(coverage_of(planned, "Do you like football?") < else_asked);
  CHECK(coverage_of("Is the apartment furnished?", "Does it already have furniture?") > 0.4);
}

TEST_CASE("refusing to answer does not cover what it names") {
  const std::string_view planned = "What salary do you expect for this position?";
  const double answer = coverage_of(planned, "My salary should be 50000 for this position.");
  const double refused = coverage_of(planned, "I would rather not say what salary I expect.");
  CHECK(refused < answer);
  // The same topic words, said willingly.
  CHECK(refused < 0.8 * coverage_of(planned, "I would gladly say what salary I expect."));
}

TEST_CASE("a question is asked again in other words of the same meaning") {
  if (!has_weights()) return;
  const std::string_view planned = "Do you have any children?";
  CHECK(coverage_of(planned, "Do you have any kids?") > 0.4);
  CHECK(coverage_of(planned, "Do you have any plans?") <
        0.5 * coverage_of(planned, "Do you have any kids?"));
}

TEST_CASE("a long text on another topic covers less than half by its letters alone") {
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += "Gardens need water, sunlight, patience and somebody who weeds them every week. ";
  CHECK(coverage_of("Which database did your previous company migrate to?", text) < 0.4);
}

TEST_CASE("nothing is covered before anybody asked, and not in another language") {
  Conversation talk({"coverage"});
  CHECK(talk.say("guest", "I led twelve people.").empty());
  talk.say("host", "How many people did you lead?");
  CHECK(
      talk.say("guest", "Ich habe zwölf Leute geführt, und das war nicht immer einfach.").empty());
}

TEST_CASE("the score of coverage names the words that are shared") {
  Conversation talk({"coverage"});
  talk.say("host", "Where did you study chemistry?");
  const auto score = find_score(talk.say("guest", "I studied chemistry in Leeds."), "coverage");
  REQUIRE(score.has_value());
  REQUIRE_FALSE(score->evidence.empty());
  CHECK(score->evidence[0].reason == std::string_view("shared_word"));
  CHECK(score->label != "open");
}

TEST_CASE(
    "a question that shares more themes than were asked for does not count beyond all of them") {
  const double other_kind =
      coverage_of("How many students of the school need a bank loan for the rent of their flat?",
                  "When do students of the school pay the bank loan for the rent of the flat?");
  CHECK(other_kind > 0.4);
  CHECK(other_kind < 0.75);
}

TEST_CASE("each number of coverage has a name, and training names none that there is not") {
  const auto names = metrics::coverage_number_names();
  CHECK(names.size() == metrics::kCoverageNumbers);
  const std::string script =
      read_file(std::string(SCENA_TEST_DIR) + "/../scripts/train_coverage.py");
  std::size_t named = 0;
  for (const char* list : {"SPEAKS_FOR", "SPEAKS_AGAINST", "BRIEF_ANSWER"}) {
    for (const std::string& name : quoted_in(script, list)) {
      CAPTURE(name);
      CHECK(std::count(names.begin(), names.end(), name) == 1);
      ++named;
    }
  }
  CHECK(named == 24);
}

TEST_CASE("a number of coverage is what it is called") {
  const auto names = metrics::coverage_number_names();
  metrics::Topic topic;
  topic.asks = metrics::kYesNo;
  const auto number = [&](const metrics::Tally& tally, std::string_view name) {
    const auto at = std::find(names.begin(), names.end(), name) - names.begin();
    return metrics::coverage_numbers(tally, topic, 0.25).at(static_cast<std::size_t>(at));
  };
  metrics::Tally answer, question;
  answer.language.words = 3;
  CHECK(number(answer, "answer.brief") == 1);
  CHECK(number(answer, "answer.directness") == 0.75);
  CHECK(number(answer, "question") == 0);
  answer.language.words = 4;
  CHECK(number(answer, "answer.brief") == 0);
  answer.coverage.own = true;
  CHECK(number(answer, "answer.own") == 1);
  answer.evasion.strongest = 500;
  CHECK(number(answer, "answer.evasion") == 0.5);
  question.coverage.asks = metrics::kYesNo;
  CHECK(number(question, "question") == 1);
  CHECK(number(question, "question.brief") == 1);
  CHECK(number(question, "answer.brief") == 0);
}
