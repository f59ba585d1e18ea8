#pragma once

#include <map>
#include <scena/ext/storage.hpp>

#include "storage/backends/memory/undo.hpp"

namespace scena::memory {

/// Jobs by tenant and id; those that have not ended also in the order of their arrival.
class JobTable {
 public:
  /// Applies one operation, or refuses it; the way back goes into `undo`.
  Result<void> write(const JobWrite& write, Undo& undo);
  std::optional<Job> claim(std::string_view kind, WallTime now);
  std::size_t reclaim();
  std::optional<Job> find(std::string_view tenant, std::string_view id) const;

 private:
  struct Entry;
  using Open = std::map<std::uint64_t, Entry*>;
  struct Entry {
    Job job;
    std::uint64_t order = 0;
    Open::node_type parked;  // the entry's place in open_ while the job has ended
  };

  void enqueue(const JobWrite& write, Undo& undo);
  void change(Entry& entry, Job changed, Undo& undo);
  void settle(Entry& entry) noexcept;

  std::map<std::pair<std::string, std::string>, Entry> jobs_;
  Open open_;
  std::uint64_t next_order_ = 1;
};

}  // namespace scena::memory
