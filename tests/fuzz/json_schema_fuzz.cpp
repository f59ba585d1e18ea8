// A schema, a line end, a value: any bytes. Never a crash or a hang, a fault names a pointer into a
// document, and what was said once is said again. Good seeds are the schemas of tools.
#include <cstdint>
#include <cstdlib>

#include "base/json_schema.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto cut = text.find('\n');
  const auto schema = scena::JsonSchema::parse(text.substr(0, cut));
  if (!schema) {
    if (schema.error().code() != scena::ErrorCode::invalid_argument) std::abort();
    return 0;
  }
  if (cut == std::string_view::npos) return 0;
  const auto value = scena::parse_json(text.substr(cut + 1));
  if (!value) return 0;
  const auto first = schema->check(*value);
  const auto second = schema->check(*value);
  if (first.has_value() != second.has_value()) std::abort();
  if (!first && !first.error().pointer().empty() && first.error().pointer()[0] != '/') std::abort();
  return 0;
}
