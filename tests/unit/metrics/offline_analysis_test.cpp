#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "conversation.hpp"
#include "metrics/analysis/offline.hpp"

using namespace scena;
using namespace scena::test;

namespace {

// A talk whose messages are measured as a session measures them.
class Talk {
 public:
  Talk() {
    info.participants = {{"det", "Ines", true, true, ""}, {"sus", "Walter", false, true, ""}};
    info.turns = 4;
    info.end_reason = "phrase";
    info.last_seq = 42;
  }

  Talk& say(const char* speaker, std::string text) {
    Message message;
    message.id = "m" + std::to_string(messages.size() + 1);
    message.speaker = speaker;
    message.metrics = conversation_.say(speaker, text);
    message.parts.push_back({MessagePart::Kind::text, std::move(text), {}, {}, 0});
    messages.push_back(std::move(message));
    return *this;
  }

  Analysis analyse() const {
    std::vector<const Message*> line;
    for (const Message& message : messages) line.push_back(&message);
    return metrics::OfflineAnalysis().make({info, preset, line});
  }

  SessionInfo info;
  Preset preset;
  std::vector<Message> messages;

 private:
  Conversation conversation_;
};

Talk interrogation() {
  Talk talk;
  talk.preset.questions = {{"evening", "Where were you on Tuesday evening?", "det"},
                           {"code", "Who knew the code of the loading gate?", "det"},
                           {"alibi", "Can the neighbours confirm the alibi?", "det"}};
  talk.say("det", "Let's begin simply: where were you last Tuesday, from the evening on?")
      .say("sus", "On Tuesday I was at home all evening. I had soup and I was asleep by eleven.")
      .say("det", "Who knows the night shift's code of the loading gate besides you?")
      .say("sus", "I can't say. I'd rather not talk about it. Why do you ask me?")
      .say("det", "Did your son call you that night?")
      .say("sus", "All right. I was not at home all evening. I drove to the harbour.");
  return talk;
}

bool holds(const Talk& talk, const AnalysisQuote& quote) {
  for (const Message& message : talk.messages) {
    if (message.id == quote.message)
      return message.speaker == quote.speaker &&
             message.text().find(quote.text) != std::string::npos && !quote.text.empty();
  }
  return false;
}

const AnalysisQuestion& question_of(const Analysis& analysis, const std::string& id) {
  for (const auto& question : analysis.questions) {
    if (question.id == id) return question;
  }
  throw std::runtime_error(id);
}

TEST_CASE("a profile is made over the session: label, confidence and the messages that show it") {
  Talk talk;
  talk.say("det", "What do you do all day?")
      .say("sus", "I'm a nurse on the surgical ward, and I check the patients' charts.")
      .say("det", "And then?")
      .say("sus", "The doctor changed the medication after the diagnosis.")
      .say("det", "Is that usual?")
      .say("sus",
           "Our hospital has twelve beds in intensive care, and every patient gets a chart.");
  const Analysis analysis = talk.analyse();
  REQUIRE(analysis.speakers.size() == 2);
  const auto find = [&](const AnalysisSpeaker& speaker, const char* what) {
    const auto end = speaker.detections.end();
    const auto found = std::find_if(speaker.detections.begin(), end,
                                    [&](const auto& one) { return one.what == what; });
    return found == end ? nullptr : &*found;
  };
  const AnalysisSpeaker& detective = analysis.speakers[0];
  const AnalysisSpeaker& suspect = analysis.speakers[1];
  const AnalysisDetection* const industry = find(suspect, "industry");
  REQUIRE(industry);
  CHECK(industry->label == "healthcare");
  CHECK(industry->confidence > 0.3);
  CHECK(industry->confidence <= 1);
  REQUIRE(!industry->messages.empty());
  const std::set<std::string> own = {"m2", "m4", "m6"};
  for (const auto& message : industry->messages) CHECK(own.contains(message));
  CHECK_FALSE(find(detective, "industry"));
  if (SCENA_METRICS_WEIGHTS == std::string_view("none")) return;  // no level without weights
  const AnalysisDetection* const level = find(suspect, "sophistication");
  REQUIRE(level);
  CHECK(std::set<std::string>{"plain", "standard", "elaborate"}.contains(level->label));
  for (const auto& message : level->messages) CHECK(own.contains(message));
}

TEST_CASE("an offline analysis finds the planted contradiction with both quotes") {
  const Talk talk = interrogation();
  const Analysis analysis = talk.analyse();
  REQUIRE(analysis.contradictions.size() == 1);
  const AnalysisContradiction& pair = analysis.contradictions[0];
  CHECK(pair.earlier.message == "m2");
  CHECK(pair.later.message == "m6");
  CHECK(pair.earlier.text.find("at home all evening") != std::string::npos);
  CHECK(pair.later.text.find("not at home all evening") != std::string::npos);
  CHECK(pair.reason == "negation_flip");
  CHECK(*pair.value >= 0.5);
}

TEST_CASE("the strongest evasion stands first, with the question that it answers") {
  const Talk talk = interrogation();
  const Analysis analysis = talk.analyse();
  REQUIRE_FALSE(analysis.evasions.empty());
  const AnalysisEvasion& evasion = analysis.evasions[0];
  CHECK(evasion.answer.message == "m4");
  REQUIRE(evasion.question);
  CHECK(evasion.question->message == "m3");
  CHECK(evasion.question->text ==
        "Who knows the night shift's code of the loading gate besides you?");
  CHECK(evasion.value > 0.6);
  CHECK_FALSE(evasion.reason.empty());
}

TEST_CASE("of each planned question it says whether it was asked, and what came of it") {
  const Talk talk = interrogation();
  const Analysis analysis = talk.analyse();
  REQUIRE(analysis.questions.size() == 3);
  CHECK(question_of(analysis, "evening").status == "answered");
  CHECK(question_of(analysis, "evening").asked->message == "m1");
  CHECK(question_of(analysis, "evening").answer->message == "m2");
  CHECK(question_of(analysis, "code").status == "evaded");
  CHECK(question_of(analysis, "alibi").status == "not_asked");
  CHECK_FALSE(question_of(analysis, "alibi").asked);
  CHECK(question_of(analysis, "alibi").coverage == 0);
  CHECK(*analysis.coverage < 0.5);
  CHECK(analysis.coverage > 0.2);
}

TEST_CASE("a question counts only when the right one asks it, and the best answer counts") {
  Talk talk;
  talk.preset.questions = {{"code", "Who knew the code of the loading gate?", "det"}};
  talk.say("sus", "Do you mean the code of the loading gate?");
  CHECK(talk.analyse().questions[0].status == "not_asked");
  talk.say("det", "Yes. Who knew the code of the loading gate?");
  CHECK(talk.analyse().questions[0].status == "unanswered");
  talk.say("sus", "I can't say. I'd rather not talk about it.");
  CHECK(talk.analyse().questions[0].status == "evaded");
  talk.say("det", "Once more: who knew the code of the loading gate?");
  talk.say("sus", "Only Miles knew the code of the loading gate.");
  const Analysis analysis = talk.analyse();
  CHECK(analysis.questions[0].status == "answered");
  CHECK(analysis.questions[0].answer->message == "m5");
}

TEST_CASE("a planned question that is asked in its very words counts in any language") {
  for (const char* planned :
       {"Почему вы уволились с предыдущей работы?", "昨日の夜、どこにいましたか？",
        "Τι έκανες χθες;", "لماذا تركت عملك؟", "What did you do?", "Why?", "How are you?"}) {
    CAPTURE(planned);
    Talk talk;
    talk.preset.questions = {{"q", planned, ""}};
    talk.say("det", std::string("So, to begin. ") + planned + " Take your time.");
    CHECK(talk.analyse().questions[0].status == "unanswered");
    Talk other;
    other.preset.questions = talk.preset.questions;
    other.say("det", "Somewhy, nobody did what Howard are your doing?");
    CHECK(other.analyse().questions[0].status == "not_asked");
  }
}

TEST_CASE("a planned question without a word is asked by nobody") {
  Talk talk;
  talk.preset.questions = {{"q", "???", ""}};
  talk.say("det", "Where were you?");
  CHECK(talk.analyse().questions[0].status == "not_asked");
}

TEST_CASE("without planned questions those that were asked are listed") {
  Talk talk;
  talk.say("det", "Good evening. Where were you?").say("sus", "At home, in the kitchen.");
  const Analysis analysis = talk.analyse();
  REQUIRE(analysis.questions.size() == 1);
  CHECK(analysis.questions[0].id.empty());
  CHECK(analysis.questions[0].text == "Where were you?");
  CHECK(analysis.questions[0].status == "answered");
}

TEST_CASE("talk share, words and questions are counted per speaker, and add up") {
  const Talk talk = interrogation();
  const Analysis analysis = talk.analyse();
  REQUIRE(analysis.speakers.size() == 2);
  CHECK(analysis.speakers[0].name == "Ines");
  CHECK(analysis.speakers[0].messages == 3);
  CHECK(analysis.speakers[0].questions == 3);
  CHECK(analysis.speakers[0].words + analysis.speakers[1].words == analysis.words);
  CHECK(analysis.speakers[0].talk_share + analysis.speakers[1].talk_share ==
        doctest::Approx(1).epsilon(0.001));
  CHECK(analysis.speakers[1].evasiveness);
  CHECK(analysis.speakers[1].engagement);
  CHECK(analysis.messages == 6);
  CHECK(analysis.last_seq == 42);
  Talk two;
  two.say("det", "I don't know");
  CHECK(two.analyse().words == 3);
}

TEST_CASE("a mood that turns is a turning point, at the message where it turned") {
  Talk talk;
  for (int i = 0; i < 3; ++i)
    talk.say("sus", "I love this, it is wonderful and great.").say("det", "I see.");
  for (int i = 0; i < 3; ++i)
    talk.say("sus", "This is terrible, I hate it, awful.").say("det", "I see.");
  const Analysis analysis = talk.analyse();
  REQUIRE(analysis.turning_points.size() == 1);
  CHECK(analysis.turning_points[0].kind == "sentiment_falls");
  CHECK(analysis.turning_points[0].quote.message == "m7");
  CHECK(*analysis.turning_points[0].before > 0.5);
  CHECK(*analysis.turning_points[0].after < -0.5);
}

TEST_CASE("every quote of an offline analysis stands in its message") {
  const Talk talk = interrogation();
  const Analysis analysis = talk.analyse();
  for (const auto& item : analysis.turning_points) CHECK(holds(talk, item.quote));
  for (const auto& item : analysis.evasions) {
    CHECK(holds(talk, item.answer));
    if (item.question) CHECK(holds(talk, *item.question));
  }
  for (const auto& item : analysis.contradictions) {
    CHECK(holds(talk, item.earlier));
    CHECK(holds(talk, item.later));
  }
  for (const auto& item : analysis.questions) {
    if (item.asked) CHECK(holds(talk, *item.asked));
    if (item.answer) CHECK(holds(talk, *item.answer));
  }
}

TEST_CASE("the same line gives the same bytes") {
  CHECK(interrogation().analyse().to_json() == interrogation().analyse().to_json());
}

TEST_CASE("an empty session and one of broken bytes have an analysis, and its JSON reads back") {
  Talk empty;
  const Analysis none = empty.analyse();
  CHECK(none.messages == 0);
  CHECK(none.sentiment.empty());
  CHECK_FALSE(none.coverage);
  CHECK(Analysis::from_json(none.to_json()).value_or_throw() == none);
  Talk broken;
  broken.say("det", "Why \xff\xc3? \xe2\x80").say("sus", std::string(2'000, 'a') + "\xc3\xa9");
  const Analysis analysis = broken.analyse();
  CHECK(Analysis::from_json(analysis.to_json()).value_or_throw() == analysis);
}

TEST_CASE("scores whose places lie outside of their message break nothing") {
  Talk talk;
  talk.say("det", "Why?").say("sus", "H\u00e4tte ich");
  auto& metrics = talk.messages[1].metrics;
  metrics = {{"evasiveness", 0.9, 1, "", {{"m2", 2, 900, "odd"}}},
             {"contradiction", 0.9, 1, "", {{"m7", 0, 1, "odd"}, {"m2", 0, 1, "odd"}}}};
  CHECK(talk.analyse().evasions[0].answer.text == "H\u00e4tte ich");
  CHECK(talk.analyse().contradictions.empty());
  metrics[1].evidence = {{"m1", 0, 1, "odd"}, {"m2", 2, 4, "odd"}};  // cuts a character
  CHECK(talk.analyse().contradictions.empty());
}

TEST_CASE("a long session keeps its lists and its curve bounded") {
  Talk talk;
  for (int i = 0; i < 450; ++i)
    talk.say("det", "Why did you do that, number " + std::to_string(i) + "?")
        .say("sus", i % 2 == 0 ? "I can't say, no comment, I hate this." : "I love it, yes.");
  const Analysis analysis = talk.analyse();
  CHECK(analysis.messages == 900);
  CHECK(analysis.sentiment.size() <= 200);
  CHECK(analysis.sentiment.size() >= 100);
  CHECK(analysis.sentiment.back().message == "m900");
  CHECK(analysis.evasions.size() == 5);
  CHECK(analysis.contradictions.size() <= 10);
  CHECK(analysis.questions.size() == 50);
  CHECK(analysis.to_json().size() < 100'000);
}

}  // namespace
