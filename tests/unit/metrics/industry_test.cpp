#include <doctest/doctest.h>

#include "conversation.hpp"

using namespace scena;
using namespace scena::test;

namespace {

std::string industry_of(std::string_view text) {
  Conversation talk({"industry"});
  const auto score = find_score(talk.say("a", text), "industry");
  return score ? score->label : "";
}

}  // namespace

TEST_CASE("each industry is told from plain talk of its work") {
  CHECK(industry_of("I write backend services in Python and fix bugs in the API.") == "technology");
  CHECK(industry_of("The nurse checked on two patients in the ward.") == "healthcare");
  CHECK(industry_of("We manage pension funds and bonds for investors.") == "finance");
  CHECK(industry_of("Shoppers leave the store when the checkout is slow.") == "retail");
  CHECK(industry_of("Our factory runs three CNC machines on the assembly line.") ==
        "manufacturing");
  CHECK(industry_of("My students hand in homework every lesson.") == "education");
  CHECK(industry_of("The lawyer filed an appeal with the court.") == "legal");
  CHECK(industry_of("The landlord wants a new lease for the apartment.") == "real-estate");
  CHECK(industry_of("Guests complained to the concierge about the hotel buffet.") == "hospitality");
  CHECK(industry_of("The truck brought twelve pallets to the warehouse.") == "logistics");
  CHECK(industry_of("Each wind turbine feeds two megawatts into the grid.") == "energy");
  CHECK(industry_of("The farmer sprayed the wheat before the harvest.") == "agriculture");
}

TEST_CASE("small talk belongs to no industry, and neither does one hint") {
  CHECK(industry_of("Good morning, how are you today?") == "");
  CHECK(industry_of("I went for a walk and met an old friend.") == "");
  CHECK(industry_of("That is the point of the test.") == "");
  CHECK(industry_of("Der Patient liegt im Hospital und wartet auf die Surgery, nicht wahr?") == "");
}

TEST_CASE("other words that only begin alike belong to no industry") {
  CHECK(industry_of("She broke her arm.") == "");
  CHECK(industry_of("It was a cloudy day.") == "");
  CHECK(industry_of("I applied for it.") == "");
  CHECK(industry_of("Your custom order.") == "");
}

TEST_CASE("plurals count as their words do") {
  CHECK(industry_of("The surgeons are here.") == "healthcare");
  CHECK(industry_of("The factories are closed.") == "manufacturing");
}

TEST_CASE("whom something is made for says less than what is made") {
  CHECK(industry_of("We write software for hospitals.") == "technology");
  CHECK(industry_of("The software runs in hospitals and clinics for nurses.") == "healthcare");
}

TEST_CASE("the industry is that of the whole session and goes with forgotten messages") {
  Conversation talk({"industry"});
  talk.say("a", "The patients wait for the surgeon.");
  const auto later = find_score(talk.say("b", "I see, go on."), "industry");
  REQUIRE(later.has_value());
  CHECK(later->label == "healthcare");
  CHECK(later->evidence.empty());
  talk.session().forget_from("m1");
  CHECK_FALSE(find_score(talk.say("b", "I see, go on."), "industry").has_value());
}

TEST_CASE("more words of one industry make it surer, words of another less sure") {
  const auto confidence = [](std::string_view text) {
    Conversation talk({"industry"});
    return find_score(talk.say("a", text), "industry").value().confidence;
  };
  const double one = confidence("The nurse is here.");
  CHECK(confidence("The nurse gave the patient a vaccine at the clinic.") > one);
  CHECK(confidence("The nurse gave the patient a vaccine on the farm at harvest.") <
        confidence("The nurse gave the patient a vaccine at the clinic."));
}
