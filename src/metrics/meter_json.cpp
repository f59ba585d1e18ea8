#include "metrics/meter_json.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/json_writer.hpp"
#include "base/text.hpp"

namespace scena::metrics {
namespace {

// The members of an answer, in their order; each is the value of the score of that name.
constexpr std::array<std::string_view, 7> kMeasured = {"sentiment", "evasiveness", "contradiction",
                                                       "toxicity",  "engagement",  "sophistication",
                                                       "coverage"};

std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) noexcept {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned unit = 0;
  for (const char c : text.substr(at + 2, 4)) {
    const int digit = hex_value(c);
    if (digit < 0) return std::nullopt;
    unit = unit * 16 + static_cast<unsigned>(digit);
  }
  return unit;
}

std::string without_lone_surrogates(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto unit = escaped_unit(text, at);
    if (!unit) {
      // A backslash takes the next character with it: "\\ud800" is no escape of a surrogate.
      const std::size_t size = text[at] == '\\' && at + 1 < text.size() ? 2 : 1;
      out.append(text, at, size);
      at += size;
      continue;
    }
    const auto next = *unit >= 0xD800 && *unit < 0xDC00 ? escaped_unit(text, at + 6) : std::nullopt;
    if (next && *next >= 0xDC00 && *next < 0xE000) {
      out.append(text, at, 12);
      at += 12;
      continue;
    }
    out.append(*unit >= 0xD800 && *unit < 0xE000 ? "\\ufffd" : text.substr(at, 6));
    at += 6;
  }
  return out;
}

Error bad_member(std::string_view pointer, std::string_view what) {
  return Error(ErrorCode::invalid_argument,
               std::string("\"").append(pointer).append("\" ").append(what))
      .with_pointer("/" + std::string(pointer));
}

const std::string* text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

bool is_absent(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null();
}

}  // namespace

Result<Json> parse_measure_line(std::string_view line) {
  constexpr JsonLimits limits{.max_bytes = 64u << 20, .max_depth = 16};
  std::string repaired;
  // Nothing is copied for a line without escapes of surrogates, which most are.
  if (line.find("\\ud") != std::string_view::npos || line.find("\\uD") != std::string_view::npos)
    line = repaired = without_lone_surrogates(line);
  if (is_valid_utf8(line)) return parse_json(line, limits);
  return parse_json(utf8_repair(line), limits);
}

Result<MeasureInput> measure_input(const Json& document) {
  if (!document.is_object())
    return Error(ErrorCode::invalid_argument, "a line is one JSON object with \"text\"");
  MeasureInput input;
  const std::string* text = text_of(document, "text");
  if (text == nullptr) return bad_member("text", "must be a string");
  input.text = *text;
  if (!is_absent(document, "question")) {
    const std::string* question = text_of(document, "question");
    if (question == nullptr) return bad_member("question", "must be a string, or left out");
    input.question = *question;
  }
  if (is_absent(document, "history")) return input;
  const Json& history = document["history"];
  if (!history.is_array()) return bad_member("history", "must be an array, or left out");
  input.history.reserve(history.size());
  for (std::size_t i = 0; i < history.size(); ++i) {
    const std::string place = "history/" + std::to_string(i);
    if (!history[i].is_object())
      return bad_member(place, "must be an object with \"role\" and \"text\"");
    const std::string* role = text_of(history[i], "role");
    if (role == nullptr || (*role != "self" && *role != "other"))
      return bad_member(place + "/role", "must be \"self\" or \"other\"");
    const std::string* said = text_of(history[i], "text");
    if (said == nullptr) return bad_member(place + "/text", "must be a string");
    input.history.push_back({*role == "self", *said});
  }
  return input;
}

std::string measure_output(const Json& document, const std::vector<MetricScore>& scores) {
  const auto find = [&scores](std::string_view name) {
    return std::find_if(scores.begin(), scores.end(),
                        [name](const MetricScore& score) { return score.metric == name; });
  };
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  const auto id = document.find("id");
  writer.key("id").raw(id == document.end() ? "null" : dump_json(*id));
  for (const std::string_view name : kMeasured) {
    const auto score = find(name);
    writer.key(name);
    if (score == scores.end()) {
      writer.null();
    } else {
      writer.score(score->value);
    }
  }
  const auto industry = find("industry");
  writer.member("industry", industry == scores.end() ? std::string_view() : industry->label);
  writer.end_object();
  return out;
}

}  // namespace scena::metrics
