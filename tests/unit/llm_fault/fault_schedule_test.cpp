#include "llm/backends/fault/fault_schedule.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace scena;
using namespace scena::fault;
using namespace std::chrono_literals;

namespace {

FaultSchedule schedule_of(std::string_view text) {
  auto schedule = FaultSchedule::parse(text);
  INFO(text);
  REQUIRE(schedule.has_value());
  return std::move(*schedule);
}

FaultStep step_of(std::string_view text) {
  auto step = parse_fault_step(text);
  INFO(text);
  REQUIRE(step.has_value());
  return std::move(*step);
}

std::string pointer_of(std::string_view text) {
  const auto schedule = FaultSchedule::parse(text);
  if (schedule) return "accepted";
  CHECK(schedule.error().code() == ErrorCode::invalid_argument);
  return std::string(schedule.error().pointer());
}

}  // namespace

TEST_CASE("every word of the step list means its step") {
  CHECK(step_of("ok") == FaultStep{});
  CHECK(step_of("503").status == 503);
  CHECK(step_of("429@2s").retry_after == 2s);
  CHECK(step_of(" cut_after=3 ") == FaultStep{.kind = FaultKind::cut, .after = 3});
  CHECK(step_of("cut").after == 1);
  CHECK(step_of("stall_after=2").kind == FaultKind::stall);
  CHECK(step_of("stall").after == 0);
  CHECK(step_of("drip").pause == 1s);
  CHECK(step_of("drip@200ms").pause == 200ms);
  CHECK(step_of("slow@7s").pause == 7s);
  CHECK(step_of("case=D5").name == "D5");
  CHECK_FALSE(step_of("case=D5").in_process());
  CHECK_FALSE(step_of("cut_byte=9").in_process());
}

TEST_CASE("words that mean nothing are refused") {
  for (const char* text :
       {"", "okay", "200", "399", "600", "cut_after", "cut_after=", "cut_after=x", "cut_after=-1",
        "ok=1", "ok@2s", "429@", "429@2", "429@2h", "case=", "4294967296"}) {
    INFO(text);
    CHECK_FALSE(parse_fault_step(text).has_value());
  }
}

TEST_CASE("steps are taken in order, each as often as it says, and the last one stays") {
  const auto schedule = schedule_of("429x2,cut_after=1,ok");
  CHECK(schedule.step(0).status == 429);
  CHECK(schedule.step(1).status == 429);
  CHECK(schedule.step(2).kind == FaultKind::cut);
  CHECK(schedule.step(3).kind == FaultKind::ok);
  CHECK(schedule.step(1'000).kind == FaultKind::ok);
  CHECK(schedule_of("503").step(9).status == 503);
  CHECK(schedule_of("").step(0).kind == FaultKind::ok);
}

TEST_CASE("a schedule that repeats starts again") {
  const auto schedule = schedule_of(R"({"steps":["429","okx2"],"repeat":true})");
  for (std::uint64_t call = 0; call < 9; ++call) {
    CHECK((schedule.step(call).kind == FaultKind::status) == (call % 3 == 0));
  }
}

TEST_CASE("a storm keeps its weights, repeats with its seed and differs with another") {
  const char* text = R"({"random":{"ok":80,"429":15,"stall_head":5,"503":0},"seed":4})";
  const auto storm = schedule_of(text);
  auto other = storm;
  other.set_seed(5);
  std::map<FaultKind, int> counts;
  int different = 0;
  for (std::uint64_t call = 0; call < 10'000; ++call) {
    const FaultStep step = storm.step(call);
    CHECK(step == schedule_of(text).step(call));
    CHECK(step.status != 503);
    different += step != other.step(call);
    ++counts[step.kind];
    if (call > 100) continue;
  }
  CHECK(counts[FaultKind::ok] == doctest::Approx(8'000).epsilon(0.05));
  CHECK(counts[FaultKind::status] == doctest::Approx(1'500).epsilon(0.1));
  CHECK(counts[FaultKind::stall_head] == doctest::Approx(500).epsilon(0.2));
  CHECK(different > 1'000);
}

TEST_CASE("the storm begins behind the listed steps") {
  const auto schedule = schedule_of(R"({"steps":["refusex3"],"random":{"ok":1}})");
  CHECK(schedule.step(2).kind == FaultKind::refuse);
  CHECK(schedule.step(3).kind == FaultKind::ok);
}

TEST_CASE("a wrong schedule is refused with the place of its fault") {
  CHECK(pointer_of(R"({"step":[]})") == "/step");
  CHECK(pointer_of(R"({"steps":["ok","what"]})") == "/steps/1");
  CHECK(pointer_of(R"({"steps":[3]})") == "/steps/0");
  CHECK(pointer_of(R"({"random":{}})") == "/random");
  CHECK(pointer_of(R"({"random":{"ok":-1}})") == "/random/ok");
  CHECK(pointer_of(R"({"random":{"ok":0}})") == "/random");
  CHECK(pointer_of(R"({"repeat":1})") == "/repeat");
  CHECK(pointer_of("ok,what") == "");
  CHECK(pointer_of("okx0") == "");
}
