#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace scena {

/// Members of a model request's body that are not passed through: what they say is known to the
/// engine, which prices by the model, composes the conversation and reads the answer's form.
inline constexpr std::array<std::string_view, 5> kReservedMembers = {"model", "messages",
                                                                     "contents", "input", "stream"};

inline bool is_reserved_member(std::string_view name) noexcept {
  return std::find(kReservedMembers.begin(), kReservedMembers.end(), name) !=
         kReservedMembers.end();
}

}  // namespace scena
