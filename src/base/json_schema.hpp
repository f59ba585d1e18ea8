#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace scena {

/// A JSON Schema of the part that tools and structured output use: type (also a list), properties,
/// required, additionalProperties, items, enum, const, minimum, maximum, exclusiveMinimum,
/// exclusiveMaximum, multipleOf, minLength, maxLength, minItems, maxItems, uniqueItems, anyOf,
/// oneOf, allOf, nullable, and $ref to a local definition ("#/$defs/x", "#/definitions/x", "#").
/// Other words are notes for the model and are not checked; `pattern` and `format` are among them.
///
/// Immutable: any thread.
class JsonSchema {
 public:
  struct Limits {
    std::size_t max_bytes = 64u << 10;  ///< Of the schema's text.
    /// Of one check, in steps: one for each value and each schema that it is compared with.
    std::size_t max_steps = 100'000;
  };

  /// Reads a schema. @return invalid_argument with the JSON pointer of the word at fault.
  static Result<JsonSchema> parse(std::string_view text);
  static Result<JsonSchema> parse(std::string_view text, const Limits& limits);

  /// True when the schema says that a value is an object (type "object", or none).
  bool is_for_object() const noexcept;
  /// Why the value does not follow the schema: invalid_argument with the pointer of the first
  /// member at fault and what would be right. The text holds words of the schema, never of the
  /// value.
  Result<void> check(const Json& value) const;

 private:
  JsonSchema(Json schema, std::size_t max_steps);

  std::shared_ptr<const Json> schema_;
  std::size_t max_steps_;
};

}  // namespace scena
