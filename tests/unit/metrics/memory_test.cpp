#include <doctest/doctest.h>

#include "conversation.hpp"
#include "support/counted_memory.hpp"

using namespace scena;
using namespace scena::test;

namespace {

// The memory of words, which all sessions share, comes with the first message of any of them.
void meet_first_word(Conversation& talk) {
  std::vector<MetricScore> scores;
  const auto measurement = talk.begin("a");
  measurement->add("Well ");
  measurement->scores(scores);
}

}  // namespace

TEST_CASE("a session of ten messages takes less than 3.75 KiB") {
  Conversation talk;
  meet_first_word(talk);
  const long before = CountedMemory::bytes();
  {
    for (int i = 0; i < 5; ++i) {
      talk.say("recruiter", "How many people did you lead, and where did you work before 2019?");
      talk.say("candidate", "I led twelve people at a hospital in Berlin, and I enjoyed it a lot.");
    }
  }
  MESSAGE("bytes of ten messages: " << CountedMemory::bytes() - before);
  CHECK(CountedMemory::bytes() - before < 3 * 1024 + 768);
}

TEST_CASE("a session of fifty turns and more takes less than 16 KiB") {
  Conversation talk;
  meet_first_word(talk);
  const long before = CountedMemory::bytes();
  for (int i = 0; i < 1000; ++i) {
    talk.say("recruiter", "How many people did you lead, and where did you work before 2019?");
    talk.say("candidate", "I led twelve people at a hospital in Berlin, and I enjoyed it a lot.");
    CHECK(CountedMemory::bytes() - before < 16 * 1024);
  }
}

TEST_CASE(
    "the memory of words and clauses takes less than 320 KiB, whatever is said in how many "
    "sessions") {
  const auto analyzer = metrics::make_builtin_analyzer({}).value_or_throw();
  const long before = CountedMemory::bytes();
  for (int i = 0; i < 20; ++i) {
    const auto session = analyzer->open_session();
    const auto measurement = session->begin({"m", "a"});
    for (int k = 0; k < 500; ++k) measurement->add("word" + std::to_string(i * 500 + k) + " ");
    std::vector<MetricScore> scores;
    measurement->scores(scores);
  }
  CHECK(CountedMemory::bytes() - before < 320 * 1024);
}

TEST_CASE("a session without messages costs next to nothing") {
  const auto analyzer = metrics::make_builtin_analyzer({}).value_or_throw();
  const long before = CountedMemory::bytes();
  const auto session = analyzer->open_session();
  CHECK(CountedMemory::bytes() - before < 100);
}

TEST_CASE("adding a token allocates only when the text outgrows its buffer") {
  Conversation talk;
  auto measurement = talk.begin("a");
  const long before = CountedMemory::allocations();
  for (int i = 0; i < 4096; ++i) measurement->add("word ");
  CHECK(CountedMemory::allocations() - before < 15);
}
