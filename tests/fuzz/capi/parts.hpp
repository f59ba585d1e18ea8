// What random calls over the C ABI are made of: bytes to decide by, structs of other sizes,
// handles.
#pragma once

#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

constexpr std::size_t kMostHandles = 6;  // of a kind

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool empty() const { return at_ == end_; }
  std::uint8_t next() { return empty() ? 0 : *at_++; }
  std::size_t below(std::size_t limit) { return next() % limit; }
  bool flip() { return (next() & 1) != 0; }
  const char* text() {
    static constexpr std::array<const char*, 10> kTexts = {
        "Hello",          "",  "weather",  "forbidden", "m1", "job-interview",
        "{\"id\":\"x\"}", "[", "\xff\xfe", "s1"};
    return kTexts[below(kTexts.size())];
  }
  /// A text, or JSON that something in the library reads.
  const char* document();

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

/// A struct as somebody compiled with another header has it: shorter, or longer with zeros behind.
template <class Struct>
class Sized {
 public:
  Sized(const Struct& full, Bytes& bytes) {
    static constexpr std::array<std::uint32_t, 6> kSizes = {0, 4, 8, 16, 0, 512};
    static_assert(sizeof(Struct) <= 512);
    std::memcpy(place_, &full, sizeof full);
    const std::size_t which = bytes.below(12);
    const std::uint32_t size = which < kSizes.size() && which != 4
                                   ? kSizes[which]
                                   : static_cast<std::uint32_t>(sizeof(Struct));
    std::memcpy(place_, &size, sizeof size);
  }
  const Struct* get() const { return reinterpret_cast<const Struct*>(place_); }

 private:
  alignas(Struct) unsigned char place_[512] = {};
};

template <class Handle, void (*Destroy)(Handle*)>
class Pool {
 public:
  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() { clear(); }
  void put(Handle* handle) {
    if (!handle) return;
    if (held_.size() == kMostHandles) drop(0);
    held_.push_back(handle);
  }
  /// One of them, or null.
  Handle* any(Bytes& bytes) {
    const std::size_t which = bytes.below(kMostHandles + 1);
    return which < held_.size() ? held_[which]
                                : (held_.empty() || which == kMostHandles ? nullptr : held_[0]);
  }
  Handle* take(Bytes& bytes) {
    Handle* const handle = any(bytes);
    std::erase(held_, handle);
    return handle;
  }
  void drop(std::size_t which) {
    if (which >= held_.size()) return Destroy(nullptr);
    Handle* const handle = held_[which];
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(which));
    Destroy(handle);
  }
  void clear() {
    while (!held_.empty()) drop(held_.size() - 1);
  }

 private:
  std::vector<Handle*> held_;
};
