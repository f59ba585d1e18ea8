#pragma once

#include "base/json.hpp"

namespace scena::test {

/// True for values of the same kinds with the same members; to the library 1 and 1.0 are equal.
inline bool same_json(const Json& one, const Json& other) {
  if (one.type() != other.type()) return false;
  if (!one.is_structured()) return one == other;
  if (one.size() != other.size()) return false;
  auto at = other.begin();
  for (auto it = one.begin(); it != one.end(); ++it, ++at) {
    if (one.is_object() && it.key() != at.key()) return false;
    if (!same_json(*it, *at)) return false;
  }
  return true;
}

}  // namespace scena::test
