#include "domain/json_answer.hpp"

#include "base/json_schema.hpp"
#include "base/text.hpp"

namespace scena {
namespace {

constexpr std::string_view kFence = "```";

// Without its fence, where the whole text is one.
std::string_view unfenced(std::string_view answer) noexcept {
  const std::string_view text = trim(answer);
  const std::size_t line_end = text.find('\n');
  if (!text.starts_with(kFence) || line_end == std::string_view::npos) return answer;
  const std::string_view language = trim(text.substr(kFence.size(), line_end - kFence.size()));
  const std::size_t last = text.rfind('\n');
  if (!(language.empty() || equals_ignore_case(language, "json")) || last == line_end ||
      trim(text.substr(last)) != kFence)
    return answer;
  return trim(text.substr(line_end, last - line_end));
}

}  // namespace

std::string_view json_part(std::string_view answer, JsonPlace place) noexcept {
  const std::string_view text = unfenced(answer);
  if (place == JsonPlace::alone) return text;
  const auto begin = text.find('{');
  const auto end = text.rfind('}');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return text;
  return text.substr(begin, end - begin + 1);
}

bool is_answer(FinishReason reason) noexcept {
  return reason != FinishReason::refusal && reason != FinishReason::content_filter;
}

Result<std::string_view> json_answer(const std::string& schema, std::string_view answer) {
  const auto read = JsonSchema::parse(schema);
  if (!read) return read.error();
  const std::string_view json = json_part(answer, JsonPlace::alone);
  const auto value = parse_json(json, {.max_bytes = json.size(), .careful = true});
  if (!value) {
    // What a careful reader refuses alone is told with a name, which is the model's words here.
    const auto sound = parse_json(json, {.max_bytes = json.size()});
    return Error(
        ErrorCode::protocol,
        std::string("the model's answer is no JSON that can be used, and json_schema asks "
                    "for it: ") +
            (sound ? "JSON: a member occurs twice, or a text holds a NUL" : sound.error().what()));
  }
  if (const auto good = read->check(*value); !good)
    return Error(
        ErrorCode::protocol,
        std::string("the model's answer does not follow json_schema: ") + good.error().what());
  return json;
}

}  // namespace scena
