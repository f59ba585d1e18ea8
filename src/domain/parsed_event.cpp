#include "domain/parsed_event.hpp"

#include <fmt/format.h>

namespace scena {

Result<ParsedEvent> parse_event(Event event) {
  auto data = parse_json(event.data.empty() ? std::string_view("{}") : std::string_view(event.data),
                         {.max_bytes = 64u << 20});
  if (!data || !data->is_object()) return corrupt_event(event, "its data is not a JSON object");
  return ParsedEvent{std::move(event), std::move(*data), {}};
}

Error corrupt_event(const Event& event, const char* what) {
  return Error(ErrorCode::storage_corrupt, fmt::format("event {} ({}) of {}: {}; restore a backup",
                                                       event.seq, event.type, event.stream, what));
}

std::string member_text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace scena
