#pragma once

#include <memory>

namespace scena {

/// A value that hardly any owner ever changes from T{}: as long as it does not, it takes a pointer.
/// Copies are deep. Not thread-safe.
template <class T>
class Rarely {
 public:
  Rarely() noexcept = default;
  Rarely(Rarely&&) noexcept = default;
  Rarely& operator=(Rarely&&) noexcept = default;
  Rarely(const Rarely& other) : changed_(copy(other)) {}
  Rarely& operator=(const Rarely& other) {
    if (this != &other) changed_ = copy(other);
    return *this;
  }
  ~Rarely() = default;

  const T& operator*() const {
    static const T unchanged{};
    return changed_ ? *changed_ : unchanged;
  }
  const T* operator->() const { return &**this; }

  /// The value, to be changed.
  T& change() {
    if (!changed_) changed_ = std::make_unique<T>();
    return *changed_;
  }
  /// T{} again.
  void reset() noexcept { changed_.reset(); }

 private:
  static std::unique_ptr<T> copy(const Rarely& other) {
    return other.changed_ ? std::make_unique<T>(*other.changed_) : nullptr;
  }

  std::unique_ptr<T> changed_;  // null: T{}
};

}  // namespace scena
