#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <scena/ext/log_sink.hpp>
#include <string>
#include <utility>

namespace scena::capi {

/// Log lines between an engine that must not wait and a host that reads when it likes. Over a bound
/// the oldest lines go; each line knows how many went in front of it.
///
/// Threading: any thread.
class LogQueue {
 public:
  struct Line {
    LogLevel level = LogLevel::info;
    std::uint64_t number = 0;
    std::string json;
  };
  enum class Found { line, nothing, end };

  LogQueue(std::size_t max_lines, std::size_t max_bytes)
      : max_lines_(max_lines), max_bytes_(max_bytes) {}

  void push(LogLevel level, std::string json) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t number = ++last_;  // first: a line that memory is too short for is lost
    if (is_left_) return;
    const std::size_t size = json.size();
    lines_.push_back({level, number, std::move(json)});
    bytes_ += size;
    while (lines_.size() > max_lines_ || bytes_ > max_bytes_) {
      bytes_ -= lines_.front().json.size();
      lines_.pop_front();
    }
    if (!lines_.empty()) came_.notify_one();
  }

  /// A line was lost before it could be pushed.
  void lose() noexcept {
    const std::lock_guard lock(mutex_);
    ++last_;
  }

  /// The next line, and how many were lost in front of it. Not set: waits without a limit.
  Found next(std::optional<std::chrono::milliseconds> timeout, Line& out, std::uint64_t& dropped) {
    std::unique_lock lock(mutex_);
    const auto is_over = [this] { return !lines_.empty() || is_ended_; };
    if (!timeout) {
      came_.wait(lock, is_over);
    } else if (!is_over() && timeout->count() > 0) {
      // Longer than a year is without a limit, too: the sum of times must not overflow.
      came_.wait_for(lock, std::min<std::chrono::milliseconds>(*timeout, std::chrono::hours(8760)),
                     is_over);
    }
    if (lines_.empty()) return is_ended_ ? Found::end : Found::nothing;
    out = std::move(lines_.front());
    lines_.pop_front();
    bytes_ -= out.json.size();
    dropped = out.number - read_ - 1;
    read_ = out.number;
    return Found::line;
  }

  /// Nothing is written any more.
  void end() noexcept {
    const std::lock_guard lock(mutex_);
    is_ended_ = true;
    came_.notify_all();
  }

  /// Nobody reads any more.
  void leave() noexcept {
    const std::lock_guard lock(mutex_);
    is_left_ = true;
    lines_.clear();
    bytes_ = 0;
  }

 private:
  const std::size_t max_lines_;
  const std::size_t max_bytes_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Line> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0;  // number of the line written last
  std::uint64_t read_ = 0;  // and of the one read last
  bool is_ended_ = false;
  bool is_left_ = false;
};

}  // namespace scena::capi
