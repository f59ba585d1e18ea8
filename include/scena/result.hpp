#pragma once

#include <scena/error.hpp>
#include <type_traits>
#include <utility>
#include <variant>

namespace scena {

/// A value or an Error: how expected failures travel inside scena and through the interfaces that a
/// host implements. Reading the wrong side is undefined; ask has_value() first, or use
/// value_or_throw().
template <class T>
class [[nodiscard]] Result {
 public:
  /// What success holds.
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) noexcept : state_(std::in_place_index<1>, std::move(error)) {}

  /// True when it is a value.
  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value; of an Error undefined.
  T& value() & noexcept { return *std::get_if<0>(&state_); }
  const T& value() const& noexcept { return *std::get_if<0>(&state_); }
  T&& value() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & noexcept { return value(); }
  const T& operator*() const& noexcept { return value(); }
  T&& operator*() && noexcept { return std::move(*this).value(); }
  T* operator->() noexcept { return &value(); }
  const T* operator->() const noexcept { return &value(); }

  /// The Error; of a value undefined.
  const Error& error() const noexcept { return *std::get_if<1>(&state_); }

  /// The value, or its Error thrown: for the outermost blocking functions only.
  T value_or_throw() && {
    if (!has_value()) throw error();
    return std::move(*this).value();
  }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  /// What success holds: nothing.
  using value_type = void;

  Result() noexcept = default;
  Result(Error error) noexcept : error_(std::move(error)) {}

  /// True when it is a success.
  bool has_value() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  /// The Error; of a success undefined.
  const Error& error() const noexcept { return *error_; }
  /// Throws the Error, if it is one.
  void value_or_throw() const {
    if (error_) throw *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace scena
