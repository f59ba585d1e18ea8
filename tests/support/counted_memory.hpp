#pragma once

#include <cstddef>
#include <string_view>

namespace scena::test {

/// What the whole family of operator new and delete does in a program that is linked with
/// counted_memory.cpp. A program of its own each: the replacement is for everything in it.
///
/// Threading: the totals count every thread; the rest is of the calling thread.
class CountedMemory {
 public:
  /// Blocks and bytes allocated and not freed, of all threads.
  static long blocks() noexcept;
  static long bytes() noexcept;
  /// Allocations of this thread so far.
  static long allocations() noexcept;
  /// Lets the n-th allocation of this thread from now fail, once; 0: none.
  static void fail_at(long n) noexcept;
  /// How many allocations are still to come before that one; 0: it was reached.
  static long until_fault() noexcept;
  /// Lets every allocation of this thread fail.
  static void starve(bool on) noexcept;
  /// Looks for a text, which outlives this, in every block that this thread gives back from now on;
  /// empty: no more. New blocks are zeros meanwhile, so that what is found was written.
  static void look_for(std::string_view text) noexcept;
  /// Blocks in which it was.
  static long found() noexcept;
};

}  // namespace scena::test
