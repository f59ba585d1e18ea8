#pragma once

#include <map>
#include <scena/ext/storage.hpp>
#include <set>

#include "storage/backends/memory/undo.hpp"

namespace scena::memory {

/// Jobs by tenant and id, in the order of enqueue, by key, and in the order of their claims.
class JobTable {
 public:
  /// Applies one operation, or refuses it; the way back goes into `undo`.
  Result<void> write(const JobWrite& write, Undo& undo);
  std::optional<Job> claim(const JobClaim& claim);
  std::size_t reclaim(WallTime expired_by, WallTime now, std::string_view reason,
                      std::span<const std::uint64_t> spared);
  std::optional<WallTime> next_time(std::string_view kind, WallTime now) const;
  std::size_t purge(WallTime done_before, WallTime dead_before);
  std::optional<Job> find(std::string_view tenant, std::string_view id) const;
  std::vector<Job> list(const JobQuery& query) const;
  std::vector<JobCount> count(std::string_view tenant) const;

 private:
  using Id = std::pair<std::string, std::string>;
  struct Entry;
  /// One place in the order of claims: kind, then priority, then age. What it compares never
  /// changes while an entry lives.
  struct ByClaim {
    using is_transparent = void;
    bool operator()(const Entry* a, const Entry* b) const noexcept;
    bool operator()(const Entry* a, std::string_view kind) const noexcept;
    bool operator()(std::string_view kind, const Entry* b) const noexcept;
  };
  /// One place in a key's order: tenant, kind, key, then age.
  struct ByKey {
    bool operator()(const Entry* a, const Entry* b) const noexcept;
  };
  using Claims = std::set<Entry*, ByClaim>;
  using Keys = std::set<Entry*, ByKey>;
  struct Entry {
    Job job;
    std::size_t* open = nullptr;      // of its tenant and kind
    Claims::node_type not_claimable;  // its place in claims_ while it is not there
    Keys::node_type not_open;         // in open_
    Keys::node_type not_running;      // in running_
  };

  Result<void> enqueue(const JobWrite& write, Undo& undo);
  std::vector<Job> list_open(const JobQuery& query) const;
  Result<void> make_room(const JobWrite& write, Undo& undo);
  void erase(const Id& id, Undo& undo);
  void change(Entry& entry, Job changed, Undo& undo);
  void settle(Entry& entry) noexcept;
  void unlink(Entry& entry) noexcept;
  bool is_blocked(Entry& entry) const noexcept;
  static bool same_key(const Entry& a, const Entry& b) noexcept;

  std::map<Id, Entry> jobs_;
  std::map<std::uint64_t, Entry*> by_number_;
  std::map<Id, std::size_t> open_counts_;  // by tenant and kind
  Claims claims_;                          // those that wait
  Keys open_;                              // those that wait or run
  Keys running_;
  std::uint64_t next_number_ = 1;
};

}  // namespace scena::memory
