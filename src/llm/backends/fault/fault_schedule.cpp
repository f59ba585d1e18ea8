#include "llm/backends/fault/fault_schedule.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/id.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace scena::fault {
namespace {

constexpr std::uint64_t kMostTimes = 1'000'000;
constexpr std::uint64_t kMostWeight = 1'000'000;

Error fault(const std::string& at, std::string message) {
  return Error(ErrorCode::invalid_argument, std::move(message)).with_pointer(at);
}

// "429x2" to ("429", 2); the count is 1 when there is none.
std::pair<std::string_view, std::uint64_t> split_times(std::string_view text) {
  const std::size_t x = text.rfind('x');
  if (x == std::string_view::npos || x == 0 || x + 1 == text.size()) return {text, 1};
  std::uint64_t times = 0;
  const char* last = text.data() + text.size();
  const auto [end, wrong] = std::from_chars(text.data() + x + 1, last, times);
  if (wrong != std::errc() || end != last) return {text, 1};
  return {text.substr(0, x), times};
}

}  // namespace

/// Text to FaultSchedule.
class FaultScheduleReader {
 public:
  Result<FaultSchedule> list(std::string_view text) {
    while (!text.empty()) {
      const std::size_t comma = text.find(',');
      if (auto done = add(text.substr(0, comma), {}); !done) return done.error();
      text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return std::move(schedule_);
  }

  Result<FaultSchedule> object(const Json& json) {
    for (const auto& [name, value] : json.items()) {
      Result<void> done;
      if (name == "steps") {
        done = steps(value);
      } else if (name == "random") {
        done = random(value);
      } else if (name == "repeat" && value.is_boolean()) {
        schedule_.repeat_ = value.get<bool>();
      } else if (name == "seed" && value.is_number_unsigned()) {
        schedule_.seed_ = value.get<std::uint64_t>();
      } else {
        done =
            fault(json_pointer("", name),
                  "a fault schedule has steps, repeat (true or false), random and seed (a number)");
      }
      if (!done) return done.error();
    }
    return std::move(schedule_);
  }

 private:
  Result<void> add(std::string_view text, const std::string& at) {
    const auto [word, times] = split_times(trim(text));
    auto step = parse_fault_step(word);
    if (!step) return Error(step.error()).with_pointer(at);
    if (times == 0 || times > kMostTimes) return fault(at, "a step happens 1 to 1000000 times");
    schedule_.steps_.emplace_back(std::move(*step), times);
    return {};
  }

  Result<void> steps(const Json& value) {
    if (value.is_string()) {
      auto listed = FaultScheduleReader().list(value.get<std::string>());
      if (!listed) return Error(listed.error()).with_pointer("/steps");
      schedule_.steps_ = std::move(listed->steps_);
      return {};
    }
    if (!value.is_array()) return fault("/steps", "steps is an array such as [\"429x2\",\"ok\"]");
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::string at = "/steps/" + std::to_string(i);
      if (!value[i].is_string()) return fault(at, "a step is a text such as \"cut_after=3\"");
      if (auto done = add(value[i].get<std::string>(), at); !done) return done;
    }
    return {};
  }

  Result<void> random(const Json& value) {
    if (!value.is_object() || value.empty()) {
      return fault("/random", "random is an object of weights such as {\"ok\":90,\"429\":10}");
    }
    for (const auto& [text, weight] : value.items()) {
      const std::string at = json_pointer("/random", text);
      auto step = parse_fault_step(text);
      if (!step) return Error(step.error()).with_pointer(at);
      if (!weight.is_number_unsigned() || weight.get<std::uint64_t>() > kMostWeight) {
        return fault(at, "a weight is a whole number from 0 to 1000000");
      }
      schedule_.random_sum_ += weight.get<std::uint64_t>();
      schedule_.random_.push_back({weight.get<std::uint64_t>(), std::move(*step)});
    }
    if (schedule_.random_sum_ == 0) return fault("/random", "one weight at least is above 0");
    return {};
  }

  FaultSchedule schedule_;
};

Result<FaultSchedule> FaultSchedule::parse(std::string_view text) {
  text = trim(text);
  if (!text.starts_with('{')) return FaultScheduleReader().list(text);
  auto json = parse_json(text, {.careful = true});
  if (!json) return json.error();
  return FaultScheduleReader().object(*json);
}

FaultStep FaultSchedule::step(std::uint64_t call) const {
  std::uint64_t sum = 0;
  for (const auto& [step, times] : steps_) sum += times;
  std::uint64_t position = call;
  if (repeat_ && sum > 0 && random_.empty()) position %= sum;
  for (const auto& [step, times] : steps_) {
    if (position < times) return step;
    position -= times;
  }
  if (random_.empty()) return steps_.empty() ? FaultStep{} : steps_.back().first;
  std::uint64_t drawn = Random::for_session(seed_, call).below(random_sum_);
  for (const Weighted& entry : random_) {
    if (drawn < entry.weight) return entry.step;
    drawn -= entry.weight;
  }
  return {};
}

bool FaultSchedule::in_process() const noexcept {
  return std::all_of(steps_.begin(), steps_.end(),
                     [](const auto& entry) { return entry.first.in_process(); }) &&
         std::all_of(random_.begin(), random_.end(),
                     [](const Weighted& entry) { return entry.step.in_process(); });
}

}  // namespace scena::fault
