#include "llm/delta_template.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace scena::llm;

namespace {

constexpr std::string_view kEvent =
    "data: {\"at\":\"12:01\",\"text\":\"one\",\"in\":10,\"out\":3,\"last\":true}\n\n";

std::string_view part(std::string_view inside, std::size_t size) {
  return kEvent.substr(kEvent.find(inside), size);
}

DeltaFrame full_frame() {
  DeltaFrame frame;
  frame.text = part("one", 3);
  frame.padding = part("12:01", 5);
  frame.numbers = {part("10,", 2), part("3,", 1)};
  frame.meanings = {7, 4};
  frame.number_count = 2;
  return frame;
}

std::string_view payload() {
  return kEvent.substr(6, kEvent.size() - 8);
}

}  // namespace

TEST_CASE("an event that differs in its holes alone is read by the template, whole and as data") {
  DeltaTemplate frame;
  frame.learn(kEvent, payload(), full_frame());
  REQUIRE(frame.learned());
  const std::string next =
      "data: {\"at\":\"noon, "
      "about\",\"text\":\"tw\\\"o\",\"in\":10,\"out\":1234,\"last\":true}\n\n";
  const std::string read = next + "data: {";
  const auto match = frame.match(read);
  CHECK(match.bytes == next.size());
  CHECK(match.text.raw == "tw\\\"o");
  REQUIRE(match.number_count == 2);
  CHECK(match.numbers[0].value == 10);
  CHECK(match.numbers[0].meaning == 7);
  CHECK(match.numbers[1].value == 1234);
  CHECK(match.numbers[1].meaning == 4);
  const std::string_view data = std::string_view(next).substr(6, next.size() - 8);
  CHECK(frame.match_payload(data).bytes == data.size());
  CHECK(frame.match_payload(data.substr(0, data.size() - 1)).bytes == 0);
}

TEST_CASE("whatever else differs is no match") {
  DeltaTemplate frame;
  frame.learn(kEvent, payload(), full_frame());
  for (const char* other : {
           "data: {\"at\":\"1\",\"text\":\"x\",\"in\":1,\"out\":2,\"last\":false}\n\n",
           "data: {\"at\":\"1\",\"text\":\"x\",\"in\":1.5,\"out\":2,\"last\":true}\n\n",
           "data: {\"at\":\"1\",\"text\":\"x\",\"in\":-1,\"out\":2,\"last\":true}\n\n",
           "data: {\"at\":\"1\",\"text\":\"x\",\"in\":01,\"out\":2,\"last\":true}\n\n",
           "data: {\"at\":\"1\",\"text\":\"x\",\"in\":,\"out\":2,\"last\":true}\n\n",
           "data: "
           "{\"at\":\"1\",\"text\":\"x\",\"in\":1234567890123456789,\"out\":2,\"last\":true}\n\n",
           "data: {\"at\":\"1\xE2\x82\xAC\",\"text\":\"x\",\"in\":1,\"out\":2,\"last\":true}\n\n",
           "data: {\"at\":\"1\",\"text\":\"x\",\"in\":1,\"more\":2,\"last\":true}\n\n",
           "data: {\"at\":\"1\",\"text\":\"x\",\"in\":1,\"out\":2,\"last\":true}\n",
       }) {
    CAPTURE(other);
    CHECK(frame.match(other).bytes == 0);
  }
}

TEST_CASE("a frame with numbers in front of the text, or no whole ones, is not learned") {
  DeltaFrame odd = full_frame();
  odd.numbers[0] = part("12:01", 2);
  DeltaTemplate frame;
  frame.learn(kEvent, payload(), odd);
  CHECK_FALSE(frame.learned());
  odd = full_frame();
  odd.numbers[1] = part("3,", 2);
  frame.learn(kEvent, payload(), odd);
  CHECK_FALSE(frame.learned());
}
