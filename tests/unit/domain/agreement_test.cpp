#include "domain/judge/agreement.hpp"

#include <doctest/doctest.h>

using namespace scena;

namespace {

Message judged_message(double measured, const std::string& label, double judged,
                       const std::string& judged_label) {
  Message message;
  message.metrics.push_back({.metric = "evasiveness", .value = measured, .label = label});
  message.judged.push_back({.metric = "evasiveness", .value = judged, .label = judged_label});
  return message;
}

}  // namespace

TEST_CASE("agreement: difference, correlation and kappa are those of the textbook") {
  AgreementTally tally;
  CHECK(tally.result().empty());
  // 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: Cohen's kappa is 0.4.
  const auto add = [&](int times, const char* ours, const char* theirs) {
    for (int i = 0; i < times; ++i)
      tally.add(judged_message(*ours == 'y' ? 1 : 0, ours, *theirs == 'y' ? 1 : 0, theirs));
  };
  add(20, "yes", "yes");
  add(5, "yes", "no");
  add(10, "no", "yes");
  add(15, "no", "no");
  const auto found = tally.result();
  REQUIRE(found.size() == 1);
  CHECK(found[0].messages == 50);
  CHECK(found[0].labelled == 50);
  CHECK(found[0].difference == doctest::Approx(0.3));
  CHECK(found[0].same_label == doctest::Approx(0.7));
  CHECK(found[0].kappa == doctest::Approx(0.4));
  CHECK(found[0].correlation == doctest::Approx(0.40825).epsilon(1e-4));  // phi of that table
}

TEST_CASE("agreement: what two messages or equal values do not tell is absent") {
  AgreementTally few;
  few.add(judged_message(0.1, "", 0.2, "clear"));
  few.add(judged_message(0.5, "", 0.9, "clear"));
  CHECK_FALSE(few.result()[0].correlation);
  CHECK_FALSE(few.result()[0].same_label);
  CHECK_FALSE(few.result()[0].kappa);
  AgreementTally equal;
  for (int i = 0; i < 5; ++i) equal.add(judged_message(0.3, "clear", 0.1 * i, "clear"));
  CHECK_FALSE(equal.result()[0].correlation);
  CHECK(equal.result()[0].same_label == 1.0);
  CHECK_FALSE(equal.result()[0].kappa);  // chance alone gives all of it
}

TEST_CASE("agreement: an opinion without a measured score counts nowhere") {
  AgreementTally tally;
  Message message = judged_message(0.1, "clear", 0.2, "clear");
  message.metrics.clear();
  tally.add(message);
  CHECK(tally.result().empty());
}
