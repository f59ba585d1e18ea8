#pragma once

#include <nlohmann/json.hpp>
#include <scena/result.hpp>
#include <string_view>

namespace scena {

/// JSON at the edges: configuration, presets, payloads. Members are sorted by name.
using Json = nlohmann::json;

struct JsonLimits {
  std::size_t max_bytes = 8u << 20;
  int max_depth = 64;
  /// For what people write and what is kept as text: refuses also a member that occurs twice (else
  /// the last one counts) and an escaped NUL in a string, both of which RFC 8259 allows.
  bool careful = false;
};

/// The one way JSON from outside comes in: one document by RFC 8259, at most 64 levels, no NUL
/// byte, no byte-order mark, strict UTF-8, nothing behind it. Never throws; the error's pointer is
/// empty and its text names the byte, never the content.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

/// The same for a document whose members keep their order: what is stored again byte for byte.
using OrderedJson = nlohmann::ordered_json;
Result<OrderedJson> parse_json_ordered(std::string_view text, JsonLimits limits = {});

/// Compact text of a value made by parse_json or by us; invalid UTF-8 becomes U+FFFD.
std::string dump_json(const Json& value);
std::string dump_json(const OrderedJson& value);

/// "/a~1b/0": appends one token to a JSON pointer.
std::string json_pointer(std::string_view parent, std::string_view token);

}  // namespace scena
