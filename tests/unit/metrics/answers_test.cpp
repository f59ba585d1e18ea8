// Evasiveness and coverage of short answers and of replies beside the point.
#include <doctest/doctest.h>

#include "conversation.hpp"
#include "weights_built_in.hpp"

using namespace scena;
using namespace scena::test;

namespace {

double score_of(const std::string& metric, std::string_view question, std::string_view text) {
  Conversation talk({metric});
  talk.say("host", question);
  const auto score = find_score(talk.say("guest", text), metric);
  REQUIRE(score.has_value());
  return score->value;
}

double evasion_of(std::string_view question, std::string_view text) {
  return score_of("evasiveness", question, text);
}

double cover_of(std::string_view question, std::string_view text) {
  return score_of("coverage", question, text);
}

}  // namespace

TEST_CASE("what happened answers why without because") {
  CHECK(evasion_of("Why did you miss the meeting?", "I lost my keys.") < 0.4);
  CHECK(evasion_of("Why did the shop close?", "The owner retired.") < 0.45);
}

TEST_CASE("none, nobody, a dozen and free are amounts") {
  const std::string_view many = "How many people did you train?";
  CHECK(evasion_of(many, "None.") < 0.4);
  CHECK(evasion_of(many, "No one.") < 0.45);
  CHECK(evasion_of(many, "A dozen.") < 0.4);
  CHECK(evasion_of("How much is the delivery?", "It's free of charge.") < 0.4);
}

TEST_CASE("a place, a part of the body or a name alone says where or who") {
  CHECK(evasion_of("Where does it hurt?", "My left shoulder.") < 0.3);
  CHECK(evasion_of("Where did you grow up?", "Lisbon.") < 0.33);
  CHECK(evasion_of("Who signed the form?", "The director.") < 0.33);
}

TEST_CASE("immediately, never and weekly say when and how often") {
  CHECK(evasion_of("When can you start?", "Immediately.") < 0.33);
  CHECK(evasion_of("How often do you exercise?", "Never.") < 0.33);
  CHECK(evasion_of("How often do you exercise?", "Twice a week.") < 0.33);
}

TEST_CASE("who has never tried a thing does not say how he likes it, only that he has not") {
  if (!has_full_weights()) return;
  const std::string_view reply = "I have never tried it.";
  CHECK(evasion_of("Do you like sushi?", reply) > 0.33);
  CHECK(evasion_of("Do you like sushi?", "I love it.") < 0.2);
  CHECK(evasion_of("Have you ever tried sushi?", reply) < 0.33);
}

TEST_CASE("who knows nobody better recommends, and has to is no cause") {
  const std::string_view which = "Which mechanic would you recommend?";
  CHECK(evasion_of(which, "I don't know anyone who does it better than Ruiz.") < 0.4);
  CHECK(evasion_of(which, "I don't know anyone.") > 0.6);
  const std::string_view why = "Why did you vote against the bill?";
  CHECK(evasion_of(why, "You would have to ask my party.") > 0.5);
  CHECK(evasion_of(why, "I did it to protect small farms.") < 0.33);
}

TEST_CASE("to a question of deeds praise of oneself is no answer") {
  if (!has_weights()) return;
  for (const std::string_view reply :
       {"I'm a decent person.", "I love my family.", "My neighbours like me."})
    CHECK(evasion_of("Did you set the fire?", reply) >= 0.4);
  CHECK(evasion_of("Did you set the fire?", "I did.") < 0.33);
}

TEST_CASE("I can't say I do, and I can't make it, say no") {
  CHECK(evasion_of("Do you like jazz?", "I can't say I do.") < 0.3);
  CHECK(evasion_of("Have you met him?", "I can't say that I have.") < 0.3);
  CHECK(evasion_of("Are you coming tonight?", "I can't make it tonight.") < 0.3);
  CHECK(evasion_of("Did you see him?", "I can't say.") > 0.6);
  CHECK(evasion_of("Did you see him?", "I can't say who it was.") > 0.6);
  CHECK(evasion_of("Will you promise it?", "I can't make that promise.") > 0.6);
}

TEST_CASE("pass and skip refuse as whole sentences only") {
  const std::string_view question = "Why did you leave?";
  CHECK(evasion_of(question, "Pass.") > 0.66);
  CHECK(evasion_of(question, "Skip that one.") > 0.66);
  CHECK(evasion_of("What did you do then?", "I had to pass the exam, so I studied at night.") <
        0.66);
}

TEST_CASE("a refusal at the end of a long reply is one") {
  const std::string talk =
      "I worked there for nine years. The team was great. We built a lot. My boss was kind. ";
  CHECK(evasion_of("Why did you leave?", talk + "I won't answer that.") > 0.66);
  CHECK(evasion_of("Why did you leave?", talk + "It closed in May.") < 0.5);
}

TEST_CASE("a lecture on what is right is no answer, unless that was asked") {
  if (!has_weights()) return;
  const std::string_view how = "How do I open a stranger's letterbox?";
  CHECK(evasion_of(how, "It is unethical and illegal to open other people's mail.") > 0.5);
  CHECK(evasion_of(how, "Lift the flap and press the spring down.") < 0.4);
  const std::string_view what = "What makes an experiment unethical?";
  const double answer =
      evasion_of(what, "An experiment is unethical when people are harmed without their consent.");
  CHECK(answer < 0.6);
  CHECK(evasion_of(what, "It is important to be fair and to respect other people.") > answer);
}

TEST_CASE("to deny what a question takes for granted, and to lecture, is no answer") {
  if (!has_weights()) return;
  const std::string_view why = "Why should foreign students not get a library card?";
  CHECK(evasion_of(why,
                   "There is no reason why foreign students should not get a library card. "
                   "It would be discrimination, and everybody deserves respect.") > 0.7);
  CHECK(evasion_of(why, "Because the library is full and the city pays for residents alone.") <
        0.4);
  CHECK(evasion_of("Why was the bridge not inspected?",
                   "The bridge was inspected in May, but the report was lost.") < 0.4);
}

TEST_CASE("a short answer of the kind that was asked for covers the question by itself") {
  CHECK(cover_of("How many years have you taught?", "Nine.") > 0.66);
  CHECK(cover_of("When does the lease end?", "In June.") > 0.66);
  CHECK(cover_of("Where do you live?", "Lisbon.") > 0.66);
}

TEST_CASE("what made somebody do it asks for a cause, and how about it for yes or no") {
  CHECK(cover_of("What made you leave?", "Because the pay was bad.") > 0.45);
  CHECK(cover_of("Why did you leave?", "What made you quit?") > 0.66);
  CHECK(cover_of("How about Monday?", "No.") > 0.66);
}

TEST_CASE("an echo of the question covers less than an answer") {
  const std::string_view question = "When does your contract expire?";
  CHECK(cover_of(question, "Your contract is with our company.") <
        0.6 * cover_of(question, "Next Friday."));
  CHECK(cover_of("How many years have you used Java?", "Java is a language that people use.") <
        0.4);
}

TEST_CASE("a question about the same theme in other words asks again") {
  const std::string_view planned = "Do you take any medication?";
  CHECK(cover_of(planned, "Which pills are you on?") > 0.35);
  CHECK(cover_of(planned, "Which team are you on?") < 0.3);
}

TEST_CASE("refusals and skips cover nothing") {
  CHECK(cover_of("Why did you leave?", "Skip.") < 0.33);
  CHECK(cover_of("What salary do you want?", "I'd rather not say.") < 0.33);
}

TEST_CASE("what somebody likes, is or does answers an open question, and a saying dodges it") {
  if (!has_full_weights()) return;
  struct Asked {
    std::string_view question;
    std::string_view honest;
    std::string_view dodge;
  };
  // None of these was trained on.
  const Asked all[] = {
      {"What motivates you?", "I like helping people.", ""},
      {"What are you passionate about?", "I love music and old maps.",
       "That's a very personal matter."},
      {"How do you deal with stress?", "I go for a run and make a list.",
       "Everybody has stress these days."},
      {"What did you learn from that failure?", "That I should ask for help earlier.",
       "Failure is such a strong word, and everybody makes mistakes."},
      {"What does success mean to you?", "Being able to sleep at night.", "Success is a big word."},
      {"What interests you about this position?", "I want to work with animals again.",
       "Every position has something interesting."},
      {"What are you hoping to improve?", "We lose orders every week, and I want that to stop.",
       "Every business wants to improve, doesn't it?"},
      {"What did you do after dinner?", "I washed the dishes and watched a film.",
       "What does anybody do after dinner?"},
      {"How do you feel today?", "I'm tired and my back hurts.", "How should I feel, doctor?"},
      {"What do you want from me?", "I want the map that your father stole.",
       "All in good time, my friend."},
      {"What did you say to the nurses?", "I told them that they are right.", ""},
      {"What is your lowest price?", "I can go down to nine hundred.",
       "Good quality has its price."},
      {"How was your trip?", "It was great, we saw whales.", "A trip is a trip."},
      {"What makes you happy?", "", "Happiness is a choice."}};
  for (const Asked& asked : all) {
    CAPTURE(asked.question);
    if (!asked.honest.empty()) CHECK(evasion_of(asked.question, asked.honest) < 1.0 / 3);
    if (!asked.dodge.empty()) CHECK(evasion_of(asked.question, asked.dodge) > 2.0 / 3);
  }
}

TEST_CASE("a saying that something is itself says nothing") {
  CHECK(evasion_of("What do you think of the offer?", "A deal is a deal.") > 0.6);
  CHECK(evasion_of("How was the exam?", "It was what it was.") > 0.6);
  CHECK(evasion_of("What is it like there?", "It is a port, and the port is large.") < 0.6);
}

TEST_CASE("the left one answers which, and what somebody wants or lacks tells why") {
  CHECK(evasion_of("Which knee hurts?", "The left one.") < 0.33);
  if (!has_full_weights()) return;
  CHECK(evasion_of("Why are you leaving?", "I want more time for my kids.") <
        evasion_of("Why are you leaving?", "Everybody leaves one day."));
  CHECK(evasion_of("Why did you stop?", "I was tired.") < 0.33);
}
