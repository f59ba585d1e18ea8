#pragma once

#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena::script {

/// The smallest JSON value that follows a JSON Schema's types and required members: strings are
/// `text` (or the first of an enum), numbers 0 or their minimum, booleans false, arrays as short as
/// allowed. Knows type, properties, required, items, minItems, enum, const, minimum, anyOf, oneOf,
/// allOf (its first entry) and local $ref. Error: invalid_argument when the schema is not JSON.
Result<std::string> minimal_json(std::string_view schema, std::string_view text);

}  // namespace scena::script
