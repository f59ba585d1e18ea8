#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scena::guard {

/// Equal work that is wanted at the same time is done once: the first who comes leads, the others
/// wait for what it brings.
template <class Waiter>
class SingleFlight {
 public:
  /// True: the caller leads, and must land(). False: `waiter` is kept until then.
  bool join(const std::string& key, Waiter waiter) {
    const auto [flight, is_new] = flights_.try_emplace(key);
    if (!is_new) flight->second.push_back(std::move(waiter));
    return is_new;
  }

  /// The leader has ended. @return those who waited, in the order of their coming.
  std::vector<Waiter> land(const std::string& key) {
    const auto flight = flights_.find(key);
    if (flight == flights_.end()) return {};
    std::vector<Waiter> waiters = std::move(flight->second);
    flights_.erase(flight);
    return waiters;
  }

  std::size_t flights() const noexcept { return flights_.size(); }

 private:
  std::unordered_map<std::string, std::vector<Waiter>> flights_;
};

}  // namespace scena::guard
