#include "domain/message_json.hpp"

#include <doctest/doctest.h>

#include "base/id.hpp"

using namespace scena;

namespace {

Message full_message() {
  Message message;
  message.id = "m7";
  message.turn = "t3";
  message.speaker = "doctor";
  message.from_human = true;
  message.parts = {{.text = "one "},
                   {.kind = MessagePart::Kind::image,
                    .blob = std::string(64, 'a'),
                    .media_type = "image/png",
                    .size = 12},
                   {.text = "two"},
                   {.kind = MessagePart::Kind::data, .text = R"({"a":[1]})"}};
  message.pinned = true;
  message.replaces = "m5";
  message.subject = "user-1";
  message.outcome = Outcome::truncated;
  message.finish_reason = FinishReason::length;
  message.provider = "openai";
  message.model = "gpt-4o";
  message.usage = {10, 20, 3, 4, 5, true};
  message.cost = Money{125'000'000};
  return message;
}

std::string trip(const std::string& json) {
  const auto parsed = parse_json(json);
  REQUIRE(parsed);
  const auto message = read_message(*parsed);
  return message ? message_to_json(*message)
                 : std::string("fault ") + std::string(message.error().pointer());
}

Message read_back(const Message& message) {
  const auto json = parse_json(message_to_json(message));
  REQUIRE(json);
  auto read = read_message(*json);
  REQUIRE(read);
  return *read;
}

}  // namespace

TEST_CASE("a message's text is its text parts joined, nothing between") {
  CHECK(full_message().text() == "one two");
}

TEST_CASE("a stored message is read back equal") {
  CHECK(read_back(full_message()) == full_message());
  CHECK(read_back(Message{}) == Message{});
  Message plain;
  plain.id = "m1";
  plain.parts = {{.text = ""}};
  CHECK(read_back(plain) == plain);
}

TEST_CASE("random messages are read back equal") {
  Random random(11);
  for (int round = 0; round < 500; ++round) {
    Message message = full_message();
    message.parts.resize(random.below(5));
    if (random.below(2)) message.parts = {{.text = "a\n\"\xC3\xA4"}};
    if (random.below(2)) message.usage = {};
    message.usage.output_tokens = static_cast<std::int64_t>(random.below(1u << 30));
    message.outcome = static_cast<Outcome>(random.below(5));
    message.finish_reason = static_cast<FinishReason>(random.below(8));
    message.cost = Money{static_cast<std::int64_t>(random.next() >> 1)};
    message.pinned = random.below(2);
    if (random.below(2)) message.turn.clear();
    CHECK(read_back(message) == message);
  }
}

TEST_CASE("members at their default are left out, and a single text stands as text") {
  Message message;
  message.id = "m1";
  message.speaker = "ann";
  message.parts = {{.text = "Hi"}};
  CHECK(message_to_json(message) == R"({"id":"m1","speaker":"ann","text":"Hi"})");
}

TEST_CASE("metrics and superseded are not part of the stored message") {
  Message message = full_message();
  message.metrics.push_back({"sentiment", 0.5, 1, "", {}});
  message.superseded = true;
  CHECK(message_to_json(message) == message_to_json(full_message()));
}

TEST_CASE("unknown members of newer versions are passed over, wrong ones are named") {
  CHECK(trip(R"({"id":"m1","later":[1]})") == R"({"id":"m1"})");
  CHECK(trip(R"({"id":1})") == "fault /id");
  CHECK(trip(R"([])") == "fault ");
  CHECK(trip(R"({"outcome":"fine"})") == "fault /outcome");
  CHECK(trip(R"({"cost":"1.2.3"})") == "fault /cost");
  CHECK(trip(R"({"usage":{"input_tokens":-1}})") == "fault /usage/input_tokens");
  CHECK(trip(R"({"parts":[{"kind":"smell"}]})") == "fault /parts/0/kind");
}
