#pragma once

#include <chrono>
#include <optional>
#include <scena/ext/clock.hpp>

namespace scena::net {
struct HttpHead;
}

namespace scena::llm {

struct FailureBody;

/// When a refused call may be made again: as its head asks by retry-after-ms, then by retry-after
/// as seconds or as a date; then as its body asks; of a 429 without them when the quotas that are
/// used up have room again. A bucket of tokens has it sooner or later by what a call takes: that is
/// for the pacing to know, and no wait is told.
class RefusalWait {
 public:
  void read_head(const net::HttpHead& head, WallTime now);
  /// nullopt: nobody told, or the body by a span that is in `body` itself.
  std::optional<std::chrono::milliseconds> beside(const FailureBody& body, WallTime now) const;

 private:
  std::optional<std::chrono::milliseconds> asked_;
  std::optional<std::chrono::milliseconds> until_room_;  // of a 429
  bool limited_ = false;                                 // it is one
};

}  // namespace scena::llm
