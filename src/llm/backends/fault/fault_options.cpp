#include "llm/backends/fault/fault_options.hpp"

#include "base/json.hpp"
#include "base/text.hpp"

namespace scena::fault {

Result<FaultOptions> parse_fault_options(std::string_view text) {
  text = trim(text);
  Json schedule = Json::object();
  Json script = Json::object();
  const bool is_json = text.starts_with('{');
  if (is_json) {
    auto json = parse_json(text, {.careful = true});
    if (!json) {
      return Error(ErrorCode::invalid_argument,
                   std::string("the fault options are ") + json.error().what());
    }
    for (const auto& [name, value] : json->items()) {
      const bool timing = name == "delay_ms" || name == "token_ms" || name == "instant";
      const bool said = timing || name == "replies" || name == "characters";
      (said ? script : schedule)[name] = value;
    }
  }
  auto steps = FaultSchedule::parse(is_json ? dump_json(schedule) : std::string(text));
  if (!steps) return steps.error();
  auto library = script::ScriptLibrary::make(script.empty() ? std::string() : dump_json(script));
  if (!library) return library.error();
  return FaultOptions{std::move(*steps), std::move(*library)};
}

}  // namespace scena::fault
