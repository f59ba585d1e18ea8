#pragma once

#include <functional>
#include <scena/result.hpp>
#include <scena/secret.hpp>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace scena {

// Texts with slots, "{{name}}": filled once, what comes in is never looked at for slots again.

/// The value of a slot by its name. A text may be a key, hence what it fills is a secret as well.
using SlotText = std::function<Secret(std::string_view name)>;
using SlotValue = std::function<Json(std::string_view name)>;

/// True for what may stand between the braces: letters, digits, "_" and "-".
bool is_slot_name(std::string_view name) noexcept;

/// The text with its slots filled. @return invalid_argument for "{{" that begins no slot.
Result<Secret> fill_slots(std::string_view text, const SlotText& value);

/// A JSON value whose strings have slots: one that is a slot and nothing else becomes the value
/// itself, whatever its type; others get it as text. Names of members stay as they are.
Result<Json> fill_form(const Json& form, const SlotValue& value);

}  // namespace scena
