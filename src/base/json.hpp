#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <scena/result.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

namespace scena {

/// Makes our JSON types distinct from a host's own nlohmann::json, so that what we change of the
/// one below cannot meet the other in one program.
template <class T, class Enable = void>
struct JsonConversion : nlohmann::adl_serializer<T, Enable> {};

/// get<T>() of an integer type: the library casts whatever number stands there, which is undefined
/// for 1e90 and wrong for 1.5, true or -1. Ours throws (out_of_range) unless T holds the number.
template <class T>
struct JsonConversion<T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>>
    : nlohmann::adl_serializer<T> {
  template <class Value>
  static void from_json(const Value& value, T& out) {
    const bool wide = value.is_number_unsigned();
    const bool held = wide ? std::in_range<T>(*value.template get_ptr<const std::uint64_t*>())
                           : value.is_number_integer() &&
                                 std::in_range<T>(*value.template get_ptr<const std::int64_t*>());
    if (!held) throw Value::out_of_range::create(406, "is no integer of its type", &value);
    out = wide ? static_cast<T>(*value.template get_ptr<const std::uint64_t*>())
               : static_cast<T>(*value.template get_ptr<const std::int64_t*>());
  }
};

template <template <class, class, class...> class Object>
using BasicJson = nlohmann::basic_json<Object, std::vector, std::string, bool, std::int64_t,
                                       std::uint64_t, double, std::allocator, JsonConversion>;

/// JSON at the edges: configuration, presets, payloads. Members are sorted by name.
using Json = BasicJson<std::map>;

struct JsonLimits {
  std::size_t max_bytes = 8u << 20;
  int max_depth = 64;
  /// For what people write and what is kept as text: refuses also a member that occurs twice (else
  /// the last one counts) and an escaped NUL in a string, both of which RFC 8259 allows.
  bool careful = false;
  /// For what may hold keys: nothing of the text's strings stays in memory that is given
  /// back, also where the text is refused. The caller does the same with the value, by wipe().
  bool secret = false;
};

/// The one way JSON from outside comes in: one document by RFC 8259, at most 64 levels, no NUL
/// byte, no byte-order mark, strict UTF-8, nothing behind it. Never throws; the error's pointer is
/// empty and its text names the byte, never the content.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

/// The same for a document whose members keep their order: what is stored again byte for byte.
using OrderedJson = BasicJson<nlohmann::ordered_map>;
Result<OrderedJson> parse_json_ordered(std::string_view text, JsonLimits limits = {});

/// Overwrites every string in it with zeros and empties it.
void wipe(Json& value) noexcept;

/// Compact text of a value made by parse_json or by us; invalid UTF-8 becomes U+FFFD.
std::string dump_json(const Json& value);
std::string dump_json(const OrderedJson& value);

/// "/a~1b/0": appends one token to a JSON pointer.
std::string json_pointer(std::string_view parent, std::string_view token);

/// Frees what a value holds without asking for memory. The library's own way flattens the value
/// into a vector first, against endless depth; where memory is short that ends the process, since
/// destructors cannot fail. Our values are at most 64 levels deep, so recursion does.
template <class Held, class Kind>
void destroy_json(Held& held, Kind kind) noexcept {
  switch (kind) {
    case Kind::object:
      delete held.object;
      break;
    case Kind::array:
      delete held.array;
      break;
    case Kind::string:
      delete held.string;
      break;
    case Kind::binary:
      delete held.binary;
      break;
    default:
      break;
  }
}

}  // namespace scena

template <>
inline void scena::Json::json_value::destroy(value_t kind) {
  scena::destroy_json(*this, kind);
}

template <>
inline void scena::OrderedJson::json_value::destroy(value_t kind) {
  scena::destroy_json(*this, kind);
}
