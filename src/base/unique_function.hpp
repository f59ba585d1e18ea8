#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace scena {

/// A callable that is moved, never copied: what queues and timers hold. Small ones (up to four
/// pointers) live inside.
template <class Signature>
class UniqueFunction;

template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() noexcept = default;
  UniqueFunction(std::nullptr_t) noexcept {}

  template <class F>
  requires(!std::is_same_v<std::decay_t<F>, UniqueFunction> &&
           std::is_invocable_r_v<R, F&, Args...>) UniqueFunction(F&& function) {
    using Held = std::decay_t<F>;
    if constexpr (sizeof(Held) <= kInside && alignof(Held) <= alignof(void*) &&
                  std::is_nothrow_move_constructible_v<Held>) {
      ::new (static_cast<void*>(inside_)) Held(std::forward<F>(function));
      table_ = &kTable<Held, true>;
    } else {
      *reinterpret_cast<Held**>(inside_) = new Held(std::forward<F>(function));
      table_ = &kTable<Held, false>;
    }
  }

  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  UniqueFunction(const UniqueFunction&) = delete;
  UniqueFunction& operator=(const UniqueFunction&) = delete;
  ~UniqueFunction() { reset(); }

  explicit operator bool() const noexcept { return table_ != nullptr; }
  R operator()(Args... args) { return table_->call(inside_, std::forward<Args>(args)...); }

  void reset() noexcept {
    if (table_) table_->destroy(inside_);
    table_ = nullptr;
  }

 private:
  static constexpr std::size_t kInside = 4 * sizeof(void*);
  struct Table {
    R (*call)(void*, Args&&...);
    void (*move)(void* from, void* to) noexcept;
    void (*destroy)(void*) noexcept;
  };
  template <class Held, bool Local>
  static Held& held(void* memory) noexcept {
    if constexpr (Local) {
      return *static_cast<Held*>(memory);
    } else {
      return **static_cast<Held**>(memory);
    }
  }
  template <class Held, bool Local>
  static constexpr Table kTable{[](void* memory, Args&&... args) -> R {
                                  return std::invoke(held<Held, Local>(memory),
                                                     std::forward<Args>(args)...);
                                },
                                [](void* from, void* to) noexcept {
                                  if constexpr (Local) {
                                    ::new (to) Held(std::move(held<Held, true>(from)));
                                    held<Held, true>(from).~Held();
                                  } else {
                                    *static_cast<Held**>(to) = *static_cast<Held**>(from);
                                  }
                                },
                                [](void* memory) noexcept {
                                  if constexpr (Local) {
                                    held<Held, true>(memory).~Held();
                                  } else {
                                    delete *static_cast<Held**>(memory);
                                  }
                                }};

  void take(UniqueFunction& other) noexcept {
    table_ = std::exchange(other.table_, nullptr);
    if (table_) table_->move(other.inside_, inside_);
  }

  alignas(void*) unsigned char inside_[kInside]{};
  const Table* table_ = nullptr;
};

using Task = UniqueFunction<void()>;

}  // namespace scena
