#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "guard/sliding_window.hpp"

namespace scena::guard {

/// What a call does: each class is limited by itself.
enum class RateClass { api, ai, create };
const char* to_string(RateClass kind) noexcept;
/// Whose calls are counted together.
enum class RateSubject { user, address, key };
const char* to_string(RateSubject subject) noexcept;

/// One call, and who makes it. Empty names are not counted.
struct RateCall {
  RateClass kind = RateClass::api;
  std::string_view tenant;
  std::string_view user;
  std::string_view address;
  std::string_view key;
};

/// The limits of one class of calls, by subject; not set: none.
struct RateLimits {
  std::array<std::optional<WindowLimit>, 3> by_subject;  ///< By RateSubject.
  bool operator==(const RateLimits&) const = default;
};

/// Whether a call may go on, with the numbers that tell the caller. They are those of the subject
/// with the least room.
struct RateDecision {
  bool admitted = true;
  RateSubject subject = RateSubject::user;
  std::uint32_t limit = 0;  ///< 0: nothing limits this call.
  std::uint32_t remaining = 0;
  Duration retry_after{};  ///< When refused: until the same call would be admitted.
  Duration reset{};        ///< Until the whole limit is free again.
};

/// Sliding windows for classes of calls by user, address and key. A call counts against all of its
/// subjects or, refused by one of them, against none.
///
/// Keeps at most `max_windows` subjects; the one that was quiet for the longest time is forgotten
/// first, and counted when its calls would still have mattered.
class RateLimiter {
 public:
  explicit RateLimiter(std::size_t max_windows = 100'000) : max_windows_(max_windows) {}

  RateDecision take(const RateCall& call, const RateLimits& limits, TimePoint now);

  std::size_t windows() const noexcept { return windows_.size(); }
  /// Subjects that were forgotten while their calls still counted.
  std::uint64_t forgotten() const noexcept { return forgotten_; }

 private:
  struct Entry {
    std::string name;
    SlidingWindow window;
    Duration span{};
  };
  using Entries = std::list<Entry>;

  Entry& entry(std::string name, TimePoint now);

  const std::size_t max_windows_;
  Entries entries_;  // the last asked for in front
  std::unordered_map<std::string_view, Entries::iterator> windows_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace scena::guard
