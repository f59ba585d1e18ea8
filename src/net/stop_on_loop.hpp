#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "net/loop.hpp"

namespace scena::net {

/// Lets a stop request end what waits on a loop. The request may come from any thread, also inside
/// watch(): `kCancel` is called on the loop in any case, unless the owner is gone by then.
///
/// Threading: watch() and forget() on the loop's thread.
template <class Owner, void (Owner::*kCancel)()>
class StopOnLoop {
 public:
  void watch(std::stop_token stop, std::weak_ptr<Owner> owner, Loop& loop) {
    callback_.emplace(std::move(stop), Tell{std::move(owner), &loop});
  }
  void forget() noexcept { callback_.reset(); }

 private:
  struct Tell {
    std::weak_ptr<Owner> owner;
    Loop* loop;
    void operator()() const {
      post_or_drop(*loop, [owner = owner] {
        if (const auto alive = owner.lock()) (alive.get()->*kCancel)();
      });
    }
  };

  std::optional<std::stop_callback<Tell>> callback_;
};

}  // namespace scena::net
