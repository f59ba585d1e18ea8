// What is a contradiction and what only looks like one, class by class.
#include <doctest/doctest.h>

#include <fstream>
#include <map>

#include "base/json.hpp"
#include "conversation.hpp"
#include "weights_built_in.hpp"

using namespace scena;
using namespace scena::test;

namespace {

double contradiction_of(std::string_view earlier, std::string_view later) {
  Conversation talk({"contradiction"});
  talk.say("a", earlier);
  const auto score = find_score(talk.say("a", later), "contradiction");
  return score.has_value() ? score->value : 0;
}

struct Pair {
  std::string earlier;
  std::string later;
};

template <std::size_t N>
void check_agree(const Pair (&pairs)[N]) {
  for (const Pair& pair : pairs) {
    CAPTURE(pair.earlier);
    CAPTURE(pair.later);
    CHECK(contradiction_of(pair.earlier, pair.later) < 0.5);
  }
}

template <std::size_t N>
void check_contradict(const Pair (&pairs)[N]) {
  for (const Pair& pair : pairs) {
    CAPTURE(pair.earlier);
    CAPTURE(pair.later);
    CHECK(contradiction_of(pair.earlier, pair.later) >= 0.5);
  }
}

}  // namespace

TEST_CASE("denying a word is no contradiction of its opposite") {
  check_agree({{"The car was not red.", "The car was blue."},
               {"The test was not positive.", "The test was negative."},
               {"The office was not open.", "The office was closed."}});
}

TEST_CASE("who does not know who, when or why denies nothing but that") {
  check_agree({{"I saw the car.", "I did not see who was driving."},
               {"I heard the shot.", "I did not hear what he said."},
               {"I know the code.", "I don't know who set the code."},
               {"I know her.", "I don't know where she lives."}});
  check_contradict({{"I know who took the money.", "I don't know who took the money."},
                    {"I know where she lives.", "I have no idea where she lives."}});
  check_agree({{"I told him.", "I didn't tell him who did it."},
               {"I told my boss.", "I didn't tell my boss why I left."},
               {"I know the man.", "I'm not sure at all what he does."}});
  // Another question is another matter.
  check_agree({{"I know who took it.", "I do not know why he took it."},
               {"I know where it happened.", "I don't know when it happened."},
               {"I remember what she said.", "I don't remember how she said it."}});
  check_contradict({{"I know why he took it.", "I do not know why he took it."},
                    {"I know when it happened.", "I don't know when it happened."},
                    {"I know what car he drives.", "I don't know which car he drives."},
                    {"I know who took it and why.", "I don't know why he took it."}});
}

TEST_CASE("a time, a place or another object behind the one that is denied does not limit it") {
  check_contradict({{"I saw Peter at the bar.", "I didn't see Peter when I was at the bar."},
                    {"I know Peter.", "I do not know Peter and who he is."},
                    {"I know him.", "I don't know him or what he does."},
                    {"I saw him.", "I didn't see him when I left."},
                    {"I told him.", "I didn't tell him when I saw him."},
                    {"I heard the shot.", "I didn't hear the shot where I was standing."},
                    {"I know Peter.", "I don't know who Peter is."}});
  check_agree({{"I saw the car.", "I did not see who was driving."},
               {"I saw the car.", "I did not see exactly who was driving."}});
}

TEST_CASE("a denial of a time of its own leaves the rest as it was") {
  check_agree({{"I like working with children.", "I don't like working at weekends."}});
  check_contradict({{"I like working with children.", "I don't like working with children."}});
}

TEST_CASE("cash is no card, noon is an hour, and who has two sisters is no only child") {
  if (!has_full_weights()) return;
  check_contradict({{"I paid in cash.", "I paid by card."},
                    {"I left at ten.", "I left at noon."},
                    {"I have two sisters.", "I'm an only child."},
                    {"I'm an only child.", "I have an older brother."}});
  check_agree({{"I left at twelve.", "I left at noon."},
               {"I have two sisters.", "I have a brother as well."}});
}

TEST_CASE("another subject may be otherwise") {
  check_agree({{"My brother lives in Rome.", "My sister lives in Paris."},
               {"My mother is alive.", "My father is dead."},
               {"The left lung is clear.", "The right lung has a shadow."},
               {"The basic plan is cheap.", "The premium plan is expensive."},
               {"The old system was slow.", "The new system is fast."},
               {"The red car is fast.", "The blue car is slow."}});
  check_contradict({{"The car is fast.", "The car is slow."}});
}

TEST_CASE("a plan or a wish does not contradict how things are") {
  check_agree({{"I don't have a car.", "I would like to have a car."},
               {"We are not profitable yet.", "We will be profitable next year."},
               {"We haven't decided yet.", "We will decide on Monday."},
               {"I have never been to Berlin.", "I would love to visit Berlin."}});
  check_contradict({{"We will raise taxes.", "We will not raise taxes."},
                    {"I want to leave the company.", "I don't want to leave the company."}});
}

TEST_CASE("another time may be otherwise") {
  check_agree({{"Before the surgery I couldn't walk.", "Now I can walk."},
               {"Before the surgery, I couldn't walk.", "Now I can walk."},
               {"Yesterday I had a fever.", "Today I have no fever."},
               {"In winter sales are low.", "In summer sales are high."}});
  check_contradict({{"I was born in May.", "I was born in June."}});
}

TEST_CASE("what was said to have changed may be otherwise") {
  check_agree({{"The meeting is at 3 pm.", "The meeting has been moved to 4 pm."},
               {"The price is 40 dollars.", "The price was updated to 45 dollars."},
               {"I bank with Chase.", "I have switched to another bank."}});
  check_contradict({{"The meeting is at 3 pm.", "The meeting is at 4 pm."}});
}

TEST_CASE("something else on another day is no contradiction") {
  if (!has_weights()) return;
  // Nor is it a possible one.
  CHECK(contradiction_of("I went to the store on Monday.", "On Tuesday I went to the cinema.") <
        0.3);
  CHECK(contradiction_of("We met the lawyer on Friday.", "On Saturday we met the doctor.") < 0.3);
  check_contradict({{"We met the lawyer on Friday.", "We met the lawyer on Saturday."}});
}

TEST_CASE("irregular forms are forms of their verbs") {
  if (!has_weights()) return;
  check_contradict({{"I can't swim.", "I swam across the lake."},
                    {"I never rode a horse.", "I ride horses."},
                    {"I'm allergic to penicillin.", "I have no allergies."}});
}

TEST_CASE("not all and not much deny only the whole") {
  check_agree({{"Not all customers were happy.", "Most customers were happy."},
               {"I don't have much experience.", "I have some experience."}});
  check_contradict({{"All our machines are tested.", "Not all our machines are tested."},
                    {"I have a lot of pain.", "I don't have much pain."}});
}

TEST_CASE("courtesies and requests claim nothing") {
  const Pair pairs[] = {{"Good morning, thank you for having me.",
                         "Thank you, no, I do not want coffee this morning."},
                        {"Please restart the router.", "I did not restart the router."},
                        {"Let me answer the question.", "I did not answer the question."}};
  check_agree(pairs);
  check_contradict({{"I restarted the router.", "I did not restart the router."}});
}

TEST_CASE("one word in place of another is a contradiction where nothing else is said") {
  check_contradict({{"My car is red.", "My car is blue."},
                    {"The server is up.", "The server is down."},
                    {"Taxes will go up.", "Taxes will go down."},
                    {"I was alone.", "I was with my friends."},
                    {"I was fired.", "I resigned."}});
  if (has_weights()) check_contradict({{"He is a doctor.", "He is a lawyer."}});
  check_agree({{"I have a cat.", "I have a dog."}, {"He is a doctor.", "She is a lawyer."}});
}

TEST_CASE("a general word may stand for what it names") {
  if (!has_weights()) return;
  check_agree({{"I'm a doctor.", "I'm a surgeon."},
               {"I drive a car.", "I drive a sedan."},
               {"He plays an instrument.", "He plays the piano."},
               {"I don't play the piano.", "I play an instrument."}});
  check_contradict({{"I play the guitar.", "I don't play any instrument."}});
  // A word that the small weights do not have.
  if (has_full_weights()) check_contradict({{"I'm a surgeon.", "I'm a dentist."}});
}

TEST_CASE("places in a row exclude each other where something is in one of them") {
  check_contradict({{"My office is on the third floor.", "My office is on the 5th floor."},
                    {"My birthday is on the 2nd.", "My birthday is on the twentieth."}});
  check_agree({{"My office is on the 3rd floor.", "My office is on the third floor."},
               {"I took the first dose.", "I took the second dose."},
               {"The first call was short.", "The 2nd call was short."}});
}

TEST_CASE("before and after, with and without exclude each other where all else is the same") {
  check_contradict({{"I arrived before the meeting.", "I arrived after the meeting."},
                    {"The phone ships with a charger.", "The phone ships without a charger."},
                    {"The man sat inside the building.", "The man sat outside the building."}});
  check_agree({{"I drink coffee with milk.", "I drink coffee without sugar."},
               {"I slept before the exam.", "I celebrated after the exam."}});
}

TEST_CASE("what excludes is kept of a long claim before what means the same") {
  if (!has_weights()) return;
  check_contradict(
      {{"The old red car near the small house by the river was sold on a cold morning in January.",
        "The old red car near the small house by the river was sold on a cold morning in June."}});
}

TEST_CASE("who speaks of my own one has one") {
  check_contradict({{"I don't own a car.", "My car was parked outside."},
                    {"We've never had a dog.", "Our dog barked all night."}});
  check_agree({{"I don't have a car.", "My brother has a car."},
               {"I don't have a dog.", "My old dog barked all night."}});
}

TEST_CASE("another one of the kind is not the one that was spoken of") {
  check_agree({{"My boss is a man.", "My previous boss was a woman."},
               {"The battery light is off.", "The phone's battery light is on."},
               {"I have never met the developers.", "My deputy met the developers."}});
  check_contradict({{"My boss is a man.", "My boss is a woman."},
                    {"I have never met the developers.", "I met the developers."}});
}

TEST_CASE("so many there and then are none elsewhere and now") {
  check_agree({{"We have four hundred customers in Europe.", "We have twelve customers in Asia."},
               {"We have 400 customers.", "Last year we had 200 customers."},
               {"We don't have a dog.", "We had a dog when I was a child."}});
  check_contradict(
      {{"We have four hundred customers in Europe.", "We have twelve customers in Europe."}});
}

TEST_CASE("a denial of anything denies each thing") {
  if (!has_weights()) return;
  check_contradict({{"I bought a coat at the mall.", "I didn't buy anything."},
                    {"The guard saw two men.", "Nobody saw anything."},
                    {"I'm allergic to penicillin.", "I'm not allergic to anything."}});
  check_agree({{"I eat fish on Fridays.", "I don't eat anything with meat."}});
  // More than where only the words are shared.
  CHECK(contradiction_of("I'm allergic to penicillin and to bees.",
                         "I'm not allergic to anything.") > 0.9);
}

TEST_CASE("not at all, on my own and going up are told") {
  check_contradict({{"I smoke.", "I don't smoke at all."},
                    {"Fares went up by four percent.", "Fares went down by four percent."},
                    {"I was there with a friend.", "I was there by myself."}});
  if (has_weights())
    check_contradict({{"I was at home all evening.", "I was at the cinema that evening."}});
}

TEST_CASE("numbers are compared by what they measure") {
  check_contradict({{"I'm 25.", "I'm 31."}, {"Shipping is free.", "Shipping costs nine dollars."}});
  if (has_weights())
    check_contradict({{"The warranty lasts two years.", "The warranty is twelve months."}});
  check_agree({{"The warranty lasts two years.", "The warranty is twenty-four months."},
               {"It lasted one hour.", "It lasted sixty minutes."},
               {"I'm twenty-five.", "I'm 25 years old."},
               {"Nine years of services are behind me.", "It took four hours."}});
}

TEST_CASE("of the pairs that no rule was made for few are wrong") {
  std::ifstream file(std::string(SCENA_TEST_DIR) + "/metrics-data/claim_pairs.jsonl");
  std::map<bool, int> all, contradictory;  // by whether they contradict each other
  for (std::string line; std::getline(file, line);) {
    const Json pair = parse_json(line).value_or_throw();
    if (pair["split"] != "test") continue;
    const bool truly = pair["label"] == 1;
    const auto earlier = pair["history"][0]["text"].get<std::string>();
    ++all[truly];
    contradictory[truly] += contradiction_of(earlier, pair["text"].get<std::string>()) >= 0.5;
  }
  REQUIRE(all[true] + all[false] == 202);
  if (has_weights()) CHECK(contradictory[true] >= all[true] * 9 / 10);
  CHECK(contradictory[false] <= all[false] / 10);
}

namespace {

// What `answer` to `question` and a later message make together.
double contradiction_of(std::string_view question, std::string_view answer, std::string_view later,
                        std::string_view next = "Anything else?") {
  Conversation talk({"contradiction"});
  talk.say("b", question);
  talk.say("a", answer);
  talk.say("b", next);
  const auto score = find_score(talk.say("a", later), "contradiction");
  return score.has_value() ? score->value : 0;
}

}  // namespace

TEST_CASE("a reply claims what its question lends to it") {
  if (!has_weights()) return;
  CHECK(contradiction_of("Do you own a gun?", "No.", "My gun is in the drawer.") >= 0.5);
  CHECK(contradiction_of("Have you restarted the router?", "I restarted it twice.",
                         "I haven't restarted the router.") >= 0.5);
  CHECK(contradiction_of("How many owners did it have?", "One.", "It has had three owners.") >=
        0.5);
  CHECK(contradiction_of("Are your photos backed up?", "Yes, in the cloud.",
                         "None of my photos are backed up.") >= 0.5);
  CHECK(contradiction_of("Do you own a gun?", "No.", "My brother owns a gun.") < 0.5);
  CHECK(contradiction_of("How many owners did it have?", "One.", "It had three keys.") < 0.5);
  // A request is no question of yes or no.
  CHECK(contradiction_of("Could you tell me about the gun?", "No.", "The gun is new.") < 0.5);
}

TEST_CASE("what somebody else says and what depends on a condition is not claimed") {
  check_agree(
      {{"I voted against the cuts.", "My opponent says that I voted for the cuts."},
       {"It is a hybrid.", "Some people think that it is no hybrid."},
       {"We're not planning a strike.", "If you offer nothing, we are planning a strike."}});
  check_contradict({{"I voted against the cuts.", "I voted for the cuts."}});
}

TEST_CASE("words that deny by what they mean are denials") {
  if (!has_weights()) return;
  check_contradict(
      {{"I smoke.", "I stopped smoking five years ago."},
       {"I will sign the contract.", "I refuse to sign the contract."},
       {"We would work with the greens.", "Working with the greens is out of the question."}});
  check_agree({{"I can work on Sundays.", "Working on Sundays is no problem."},
               {"I stopped the car.", "The car is mine."}});
}

TEST_CASE("who was at one place was at no other, and alone with nobody") {
  if (!has_weights()) return;
  check_contradict({{"I was at home all evening.", "I was in the pub until closing time."},
                    {"My girlfriend was with me.", "There was nobody with me that night."}});
  check_agree({{"I was at home all evening.", "On Saturday I was in the pub."},
               {"I was at home all evening.", "The day before I was at the gym."}});
}

TEST_CASE("another time, wish or change explains what differs") {
  check_agree({{"I was nervous before the interview.", "I'm not nervous now."},
               {"I earn 52,000 euros.", "I would like to earn 60,000 euros."},
               {"We bought the bike for 300.", "We sold the bike for 500."},
               {"I used to smoke.", "I don't smoke any more."},
               {"The pool is closed for repairs.", "The pool will be open again in May."}});
}

TEST_CASE("ages, hours and what is counted behind adjectives are compared") {
  if (!has_weights()) return;
  check_contradict({{"We have opened forty new hospitals.", "We have opened eleven hospitals."},
                    {"The meeting starts at three.", "The meeting starts at five."},
                    {"The repair takes a week.", "The repair takes two months."}});
  check_agree(
      {{"She is four.", "She'll be five next month."}, {"This one is red.", "Ten are red."}});
}

TEST_CASE("of two clauses with one subject each is a claim") {
  check_agree({{"I have a brother and no sisters.", "My brother is a pilot."}});
  if (has_weights())
    check_contradict({{"I have a brother and no sisters.", "I don't have a brother."}});
}

namespace {

template <std::size_t N>
void check_agree_both_ways(const Pair (&pairs)[N]) {
  for (const Pair& pair : pairs) check_agree({pair, {pair.later, pair.earlier}});
}

// Two questions and what was replied to them.
struct Replies {
  std::string question;
  std::string reply;
  std::string next;
  std::string later;
};

template <std::size_t N>
void check_replies_agree(const Replies (&all)[N]) {
  for (const Replies& r : all) {
    CAPTURE(r.question);
    CAPTURE(r.reply);
    CAPTURE(r.next);
    CAPTURE(r.later);
    CHECK(contradiction_of(r.question, r.reply, r.later, r.next) < 0.5);
  }
}

}  // namespace

TEST_CASE("who was at two places one after the other does not contradict himself") {
  if (!has_weights()) return;
  check_replies_agree(
      {{"Where were you at six?", "I was at the gym.", "And at eight?", "I was at home."},
       {"Where were you at eight?", "I was at home.", "And at six?", "I was at the gym."},
       {"Where were you on Monday?", "I was at home.", "And on Tuesday?", "I was at the gym."},
       {"Where were you in the morning?", "I was at home.", "Where were you in the evening?",
        "I was at the gym."}});
  check_agree_both_ways({{"I was at school until one.", "I was at home in the afternoon."},
                         {"I was at the airport.", "An hour later I was at the hospital."},
                         {"I was at the gym at six.", "Then I was at home."},
                         {"I was at the gym.", "Afterwards I was at home."}});
  check_contradict({{"I was at home all evening.", "I was in the pub until ten."},
                    {"I was in the pub until ten.", "I was at home all evening."},
                    {"I was at home on Monday.", "I was at the gym on Monday."},
                    {"I was alone.", "I was with my brother."},
                    {"I was with my brother.", "I was alone."}});
  CHECK(contradiction_of("Where were you at six?", "I was at the gym.", "I was at home.",
                         "Where were you at six?") >= 0.5);
}

TEST_CASE("what is replied to another question is about something else") {
  if (!has_weights()) return;
  check_replies_agree(
      {{"Did you know her?", "No.", "Did you know him?", "Yes, I knew him."},
       {"Did you know him?", "Yes, I knew him.", "Did you know her?", "No."},
       {"Does it hurt here?", "No.", "And here?", "Yes, it hurts."},
       {"Does it hurt here?", "Yes, it hurts.", "And here?", "No."},
       {"Does the basic plan include support?", "No.", "The premium plan?",
        "Yes, it includes support."},
       {"What time did you leave?", "At six.", "What time did he leave?", "At eight."},
       {"Can you lift the left arm?", "Yes.", "And the right one?", "No, I can't lift it."},
       {"Can you lift the left arm?", "No, I can't lift it.", "And the right one?",
        "Yes, I can lift it."},
       {"Did you speak to him before the meeting?", "No.", "After the meeting?",
        "Yes, I spoke to him."},
       {"Did you call your brother?", "No.", "Did you call your sister?", "Yes, I called her."},
       {"Is the kitchen included?", "Yes.", "What about the fridge?", "No, that's not included."},
       {"Can you work on Saturdays?", "Yes.", "Can you work on Sundays?", "No, I can't work then."},
       {"Are you free on Monday?", "Yes.", "On Tuesday?", "I'm not free."},
       {"Does it hurt when you sit?", "No.", "Does it hurt when you walk?", "Yes, it hurts."},
       {"Did you take the pills this morning?", "Yes, I took them.", "And yesterday?",
        "No, I didn't take them."}});
  CHECK(contradiction_of("Are you free on Monday?", "Yes.", "I'm not free on Monday.") >= 0.5);
  check_agree_both_ways({{"I didn't know her.", "I knew him."}});
  CHECK(contradiction_of("Did you know him?", "No.", "Yes, I knew him.", "Did you know him?") >=
        0.5);
  CHECK(contradiction_of("What time did you leave?", "At six.", "At eight.",
                         "What time did you leave?") >= 0.5);
  CHECK(contradiction_of("Have you restarted the router?", "I restarted it twice.", "No.",
                         "Did you restart the router?") >= 0.5);
}

TEST_CASE("what is told in turn, what is over and what lies beyond a limit may be otherwise") {
  if (!has_weights()) return;
  check_agree_both_ways(
      {{"I used to live in London.", "I live in Berlin."},
       {"We used to close at six.", "We close at eight."},
       {"I can start in June.", "I can't start before June."},
       {"I slept four hours last night.", "The night before I slept eight hours."},
       {"I was nervous at first.", "After ten minutes I wasn't nervous at all."},
       {"I can lift it with my right arm.", "I can't lift it with my left arm."},
       {"I don't mind working weekends.", "I'd rather not work more than two."}});
  check_contradict({{"I live in London.", "I live in Berlin."},
                    {"We close at six.", "We close at eight."},
                    {"I used to smoke.", "I have never smoked."},
                    {"I can start before June.", "I can't start before June."},
                    {"I slept four hours last night.", "I slept eight hours last night."},
                    {"I was nervous.", "I wasn't nervous at all."},
                    {"I can lift it with my left arm.", "I can't lift it with my left arm."}});
}

TEST_CASE("light words tell what is counted, and an end denies what goes on") {
  if (!has_weights()) return;
  CHECK(contradiction_of("How many people work there?", "Eleven.", "Thirty people work there.") >=
        (has_full_weights() ? 0.45 : 0.4));
  CHECK(contradiction_of("How many people work there?", "Eleven.", "Eleven people work there.") <
        0.5);
  check_contradict({{"I gave up sugar.", "I eat sugar."},
                    {"I eat sugar.", "I gave up sugar."},
                    {"I stopped smoking.", "I smoke a pack a day."},
                    {"I smoke a pack a day.", "I stopped smoking."},
                    {"I was unable to open the door.", "I opened the door."},
                    {"The phone is in stock.", "The phone is out of stock."},
                    {"The phone is out of stock.", "The phone is in stock."}});
  check_agree_both_ways({{"I quit smoking ten years ago.", "I smoked a lot as a student."},
                         {"The phone is out of stock.", "The case is in stock."}});
}

TEST_CASE("a way of life is denied by what shows the other one") {
  if (!has_weights()) return;
  check_contradict({{"I'm a vegetarian.", "I grilled a big steak last night."},
                    {"I grilled a big steak last night.", "I'm still a vegetarian."},
                    {"I'm vegan.", "I had cheese for lunch."},
                    {"I don't eat meat.", "I had chicken yesterday."},
                    {"I'm single at the moment.", "My husband and I are going to Spain."},
                    {"I'm an only child.", "My older brother taught me to ride a bike."},
                    {"I have no siblings.", "My sister just got engaged!"},
                    {"I don't drink at all.", "I had a couple of beers with my friends."},
                    {"I am retired.", "My boss wants me in the office on Monday."},
                    {"I live alone.", "My roommate ate all my food again."},
                    {"My parents died when I was young.", "My mom calls me every Sunday."},
                    {"I don't have a driver's license.", "I drive a red pickup."},
                    {"I have no children.", "My daughter starts school in August."}});
  check_agree_both_ways({{"I'm a vegetarian.", "I cooked a steak for my son."},
                         {"I had a steak.", "I like vegetarian food."},
                         {"I'm a vegetarian.", "I used to eat chicken."},
                         {"I'm single.", "My sister's husband is Greek."},
                         {"I'm single.", "My ex husband lives in Rome."},
                         {"I'm an only child.", "Your brother called me."},
                         {"I'm retired.", "My boss fired me years ago."},
                         {"I don't drink coffee.", "I had a beer."},
                         {"I live alone.", "I had a roommate years ago."},
                         {"My parents died when I was young.", "My mother taught me to cook."},
                         {"I don't have a driver's license.", "My wife drives a pickup."},
                         {"I have no children.", "My sister has a daughter."}});
}

TEST_CASE("a way of life is none where it is not altogether, or of something else") {
  if (!has_weights()) return;
  check_agree_both_ways({{"I never eat meat on Fridays.", "I had a burger on Monday."},
                         {"I hardly ever drink.", "I had a beer on Saturday."},
                         {"I'm sober now.", "I had three beers last night."},
                         {"I'm completely sober, officer.", "I had one beer at the party."},
                         {"I'm a vegetarian.", "I have a chicken named Rosa."},
                         {"I'm a vegetarian.", "I had a duck as a pet."},
                         {"I'm a vegetarian.", "I love the turkey in our garden."},
                         {"I'm a vegan.", "I love shea butter and eye cream."},
                         {"I don't eat meat.", "I have a beef with my neighbor."},
                         {"I have no license for this software.", "I drive to work every day."},
                         {"I have no job for you.", "My boss decides that."},
                         {"I'm a widow.", "My husband is always in my thoughts."},
                         {"I'm unemployed.", "My old boss is a nice man."},
                         {"I'm single.", "My husband and I split up last year."},
                         {"I don't drink.", "I had a ginger beer."},
                         {"I'm a vegetarian.", "I love the smell of bacon."},
                         {"I'm a vegetarian.", "I had a veggie burger for lunch."},
                         {"I'm a vegan.", "I had coconut milk in my coffee."},
                         {"I don't eat meat.", "As a child I had chicken soup."},
                         {"I'm an only child.", "My sister-in-law is a nurse."},
                         {"I have no siblings.", "My brother-in-law lives next door."},
                         {"I live alone with my daughter.", "My roommate moved out last year."},
                         {"I don't like my job.", "My boss is terrible."},
                         {"I don't need a job.", "My boss pays me well."},
                         {"I have no job offers yet.", "My boss does not know."},
                         {"I don't see my parents much.", "My mother calls on Sundays."},
                         {"I don't have my license with me.", "I drive carefully."},
                         {"My parents died in a crash.", "My mother in law is kind."},
                         {"I've never used Java.", "Java is a popular language."},
                         {"I never eat breakfast.", "I make breakfast for my kids."}});
}

TEST_CASE("a word that both have is no other one's opposite or kind, however it is spelt") {
  if (!has_weights()) return;
  check_contradict({{"My favorite color is blue.", "My favourite colour is green."},
                    {"I've got four kids.", "We only have one child."},
                    {"I'm tall.", "I'm pretty short."},
                    {"I just turned twenty one.", "I'm thirty five years old."},
                    {"I love fish.", "I don't eat fish."},
                    {"I have five years of experience with Java.", "I've never used Java."},
                    {"I don't smoke, never have.", "I smoke five cigarettes a day."}});
  check_agree_both_ways({{"My favorite color is blue.", "My favourite colour is blue."},
                         {"I've got four kids.", "We have four children."},
                         {"I'm tall.", "I'm pretty tall."}});
}

TEST_CASE("my colleagues and I are one subject, and the cheaper model is another one") {
  if (!has_weights()) return;
  check_agree_both_ways(
      {{"I've never had any conflict with a colleague.", "My colleagues and I meet for lunch."},
       {"I hadn't spoken to Marta in months.", "Marta and I used to be close."},
       {"This model has a guarantee of five years.", "The cheaper model only has two years."}});
  check_contradict({{"My wife and I live in Rome.", "We don't live in Rome."}});
}
