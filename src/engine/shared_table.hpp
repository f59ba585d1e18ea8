#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace scena::engine {

/// Values that are made once and shared while somebody holds them; the last few stay beyond that,
/// so that sessions one after the other share too.
/// Threading: under the owner's lock.
template <class T>
class SharedTable {
 public:
  /// Null: it has to be made.
  std::shared_ptr<const T> find(const std::string& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    auto shared = found->second.lock();
    if (shared) keep(shared);
    return shared;
  }

  /// @return the value that is there already, else `made`.
  std::shared_ptr<const T> insert(const std::string& key, std::shared_ptr<const T> made) {
    if (auto same = find(key)) return same;
    if (entries_.size() >= sweep_at_) {
      sweep();
      sweep_at_ = std::max(kFirstSweep, 2 * entries_.size());
    }
    entries_[key] = made;
    keep(made);
    return made;
  }

  /// Keeps nothing, keys included, that nobody else holds.
  void let_go() {
    last_ = {};
    sweep();
  }

  /// Keys, of which some may be of values that nobody holds.
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  static constexpr std::size_t kFirstSweep = 64;

  void sweep() {
    std::erase_if(entries_, [](const auto& entry) { return entry.second.expired(); });
  }

  void keep(const std::shared_ptr<const T>& shared) {
    if (std::find(last_.begin(), last_.end(), shared) != last_.end()) return;
    last_[next_] = shared;
    next_ = (next_ + 1) % last_.size();
  }

  std::unordered_map<std::string, std::weak_ptr<const T>> entries_;
  std::size_t sweep_at_ = kFirstSweep;
  std::array<std::shared_ptr<const T>, 8> last_;
  std::size_t next_ = 0;
};

}  // namespace scena::engine
