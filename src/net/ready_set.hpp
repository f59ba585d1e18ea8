#pragma once

#include <array>
#include <cstddef>

namespace scena::net {

/// The connected sockets of one loop, in an epoll set of their own. A socket stays in it from its
/// connection to its end: a read costs the read, and no change to any set. Level-triggered. Linux.
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

  /// Tells some members that they are ready, at most kBatch, without waiting.
  void dispatch();
  static constexpr std::size_t kBatch = 16;

 private:
  int set_ = -1;
  std::array<Member*, kBatch> batch_{};  // those of the dispatch under way; null once removed
};

}  // namespace scena::net
