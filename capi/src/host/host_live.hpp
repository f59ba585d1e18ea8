#pragma once

#include "host/extensions.hpp"

namespace scena::capi {

/// A caller's table as what hears a reply while it comes. Until keep() it is the caller's still:
/// where the call fails, `destroy` does not come.
class LiveTable {
 public:
  /// Null: nobody listens.
  explicit LiveTable(const scena_live* table);
  LiveTable(const LiveTable&) = delete;
  LiveTable& operator=(const LiveTable&) = delete;
  ~LiveTable();

  const std::shared_ptr<ReplySink>& sink() const noexcept { return sink_; }
  /// The same for who waits. Valid as long as this.
  Live heard() const;
  void keep() noexcept { is_kept_ = true; }

 private:
  std::shared_ptr<UserData> data_;
  std::shared_ptr<ReplySink> sink_;
  bool is_kept_ = false;
};

}  // namespace scena::capi
