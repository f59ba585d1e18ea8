#pragma once

#include <chrono>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "handles.hpp"

namespace scena::capi {

/// Hands `error` out, if the caller wants it. Never fails: without memory the status stands alone,
/// and out_error receives the one error that needs none.
scena_status report(scena_error** out_error, const Error& error) noexcept;

inline scena_status refuse(scena_error** out_error, const char* literal) noexcept {
  return report(out_error, Error::fixed(ErrorCode::invalid_argument, literal));
}

/// Runs the body of one C function: whatever it throws becomes a status and an error object.
template <class Body>
scena_status guarded(scena_error** out_error, Body&& body) noexcept {
  try {
    return std::forward<Body>(body)();
  } catch (const Error& error) {
    return report(out_error, error);
  } catch (const std::bad_alloc&) {
    return report(out_error,
                  Error::fixed(ErrorCode::out_of_memory, "not enough memory for this call"));
  } catch (...) {
    return report(out_error, Error::fixed(ErrorCode::internal,
                                          "a call failed inside scena; please report it"));
  }
}

/// The members of a caller's struct, which may be shorter or longer than ours: what it lacks is 0.
/// @return false when struct_size was not set.
template <class Struct>
bool read_struct(const Struct* given, Struct& out) noexcept {
  static_assert(std::is_trivially_copyable_v<Struct>);
  out = Struct{};
  if (!given) return true;
  if (given->struct_size < sizeof(std::uint32_t) * 2) return false;
  std::memcpy(&out, given,
              given->struct_size < sizeof(Struct) ? given->struct_size : sizeof(Struct));
  return true;
}

/// How long a call waits; 0 and more are milliseconds.
inline std::optional<std::chrono::milliseconds> timeout_of(std::int64_t timeout_ms) {
  if (timeout_ms < 0) return std::nullopt;
  return std::chrono::milliseconds(timeout_ms);
}

inline std::string text_or_empty(const char* text) {
  return text ? std::string(text) : std::string();
}

}  // namespace scena::capi
