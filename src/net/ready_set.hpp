#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace scena::net {

/// The connected sockets of one loop, in an epoll set. A socket stays in it from its connection to
/// its end: a read costs the read, and no change to any set. Level-triggered. Linux.
///
/// One thread. Members leave the set before they go.
class ReadySet {
 public:
  class Member {
   public:
    virtual ~Member() = default;
    /// May add and remove members, itself included.
    virtual void on_ready(bool readable, bool writable) = 0;
  };
  struct Interest {
    bool read = false;
    bool write = false;
    bool operator==(const Interest&) const = default;
  };

  ReadySet();  ///< Throws scena::Error (unavailable) when the system has no descriptors left.
  ~ReadySet();
  ReadySet(const ReadySet&) = delete;
  ReadySet& operator=(const ReadySet&) = delete;

  /// Readable while a member is ready.
  int descriptor() const noexcept { return set_; }
  /// False when the system refuses.
  bool add(int socket, Member& member, Interest interest) noexcept;
  void change(int socket, Member& member, Interest interest) noexcept;
  void remove(int socket, const Member& member) noexcept;

  bool empty() const noexcept { return members_ == 0; }

  /// Tells some members that they are ready, at most kBatch, without waiting. False when no more
  /// are ready: kBatch were not reached.
  bool dispatch();
  static constexpr std::size_t kBatch = 16;
  /// Calls of on_ready() so far.
  std::uint64_t told() const noexcept { return told_; }

 private:
  int set_ = -1;
  std::size_t members_ = 0;
  std::uint64_t told_ = 0;
  std::array<Member*, kBatch> batch_{};  // those of the dispatch under way; null once removed
};

}  // namespace scena::net
