#pragma once

#include <atomic>
#include <memory>

namespace scena::engine {

/// What is under way in an engine and ends by itself: commands, turns, commits, jobs, completions.
/// Whoever hands work to another lets it be counted there before it ends here, so that nothing is
/// under way when the count is zero. Any thread.
class WorkCount {
 public:
  void add(int more = 1) noexcept { count_.fetch_add(more); }
  /// True when nothing is left.
  bool end(int fewer = 1) noexcept { return count_.fetch_sub(fewer) == fewer; }
  bool any() const noexcept { return count_.load() != 0; }

  /// Counts one until the token goes. Its end wakes nobody: who waits for idleness looks again
  /// soon.
  static std::shared_ptr<void> token(const std::shared_ptr<WorkCount>& count) {
    count->add();  // first: without memory for the token its deleter runs, too
    return {nullptr, [count](void*) { count->end(); }};
  }

 private:
  std::atomic<int> count_{0};
};

}  // namespace scena::engine
