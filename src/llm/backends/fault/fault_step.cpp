#include "llm/backends/fault/fault_step.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"

namespace scena::fault {
namespace {

using std::chrono::milliseconds;

enum class Value { none, optional, needed };

struct Word {
  std::string_view name;
  FaultKind kind;
  Value value;
  std::int64_t after;  // when the word stands alone
  milliseconds pause{0};
};

constexpr std::array kWords = std::to_array<Word>({
    {"ok", FaultKind::ok, Value::none, 0},
    {"quota", FaultKind::quota, Value::none, 0},
    {"context", FaultKind::context, Value::none, 0},
    {"refuse", FaultKind::refuse, Value::none, 0},
    {"reset", FaultKind::reset, Value::none, 0},
    {"reset_after", FaultKind::reset, Value::needed, 0},
    {"cut", FaultKind::cut, Value::none, 1},
    {"cut_after", FaultKind::cut, Value::needed, 0},
    {"cut_byte", FaultKind::cut_byte, Value::needed, 0},
    {"stall_head", FaultKind::stall_head, Value::none, 0},
    {"stall", FaultKind::stall, Value::none, 0},
    {"stall_after", FaultKind::stall, Value::needed, 0},
    {"drip", FaultKind::drip, Value::none, 0, milliseconds(1'000)},
    {"comments", FaultKind::comments, Value::none, 0, milliseconds(1'000)},
    {"error", FaultKind::error_event, Value::none, 0},
    {"error_after", FaultKind::error_event, Value::needed, 0},
    {"bad_utf8", FaultKind::bad_utf8, Value::none, 1},
    {"bad_utf8_after", FaultKind::bad_utf8, Value::needed, 0},
    {"bad_json", FaultKind::bad_json, Value::none, 1},
    {"bad_json_after", FaultKind::bad_json, Value::needed, 0},
    {"endless", FaultKind::endless, Value::none, 0},
    {"empty", FaultKind::empty, Value::none, 0},
    {"slow", FaultKind::slow, Value::none, 0, milliseconds(5'000)},
    {"wrong_finish", FaultKind::wrong_finish, Value::none, 0},
});

constexpr std::int64_t kMost = 100'000'000;

std::optional<std::int64_t> number_of(std::string_view text) noexcept {
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size() || number < 0 || number > kMost) {
    return std::nullopt;
  }
  return number;
}

std::optional<milliseconds> duration_of(std::string_view text) noexcept {
  std::int64_t unit = 0;
  if (text.ends_with("ms")) {
    unit = 1;
    text.remove_suffix(2);
  } else if (text.ends_with('s')) {
    unit = 1'000;
    text.remove_suffix(1);
  }
  const auto number = number_of(text);
  if (unit == 0 || !number) return std::nullopt;
  return milliseconds(*number * unit);
}

Error fault(std::string_view step, const char* reason) {
  return Error(ErrorCode::invalid_argument,
               "the fault step \"" + utf8_repair(utf8_truncate(step, 40)) + "\" " + reason);
}

Result<FaultStep> status_step(std::string_view text, int status) {
  if (status < 400 || status > 599) return fault(text, "is no status from 400 to 599");
  return FaultStep{.kind = FaultKind::status, .status = status};
}

Result<FaultStep> word_step(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const bool has_value = equals != std::string_view::npos;
  const std::string_view value = has_value ? text.substr(equals + 1) : std::string_view();
  if (name == "case" && !value.empty()) {
    return FaultStep{.kind = FaultKind::wire_case, .name = std::string(value)};
  }
  const auto* word =
      std::find_if(kWords.begin(), kWords.end(), [name](const Word& w) { return w.name == name; });
  if (word == kWords.end()) {
    return fault(text, "is unknown; write for example ok, 429, cut_after=3 or stall_head");
  }
  FaultStep step{.kind = word->kind, .after = word->after, .pause = word->pause};
  if (word->value == Value::none) {
    if (has_value) return fault(text, "takes no number");
    return step;
  }
  const auto number = number_of(value);
  if (!number) return fault(text, "needs a number, as in cut_after=3");
  step.after = *number;
  return step;
}

}  // namespace

Result<FaultStep> parse_fault_step(std::string_view text) {
  text = trim(text);
  const std::size_t at = text.find('@');
  const std::string_view what = text.substr(0, at);
  const auto status = number_of(what);
  auto step = status ? status_step(text, static_cast<int>(*status)) : word_step(what);
  if (!step || at == std::string_view::npos) return step;
  const auto time = duration_of(text.substr(at + 1));
  if (!time) return fault(text, "has no time behind @, such as 200ms or 2s");
  if (step->kind == FaultKind::status) {
    step->retry_after = *time;
  } else if (step->pause.count() > 0) {
    step->pause = *time;
  } else {
    return fault(text, "takes no time");
  }
  return step;
}

}  // namespace scena::fault
