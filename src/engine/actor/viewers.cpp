#include "engine/actor/viewers.hpp"

namespace scena::engine {

void Viewers::join(const std::shared_ptr<Viewer>& viewer) {
  if (!channel_) channel_ = bus_.channel(stream_);
  viewer->subscription_ = channel_->subscribe(viewer->shared_queue());
  viewers_.push_back(viewer);
  count_.store(viewers_.size(), std::memory_order_relaxed);
}

void Viewers::leave(const Viewer* viewer) {
  std::erase_if(viewers_, [viewer](const auto& one) {
    if (one.get() != viewer) return false;
    one->subscription_.cancel();
    return true;
  });
  if (viewers_.empty()) channel_.reset();
  count_.store(viewers_.size(), std::memory_order_relaxed);
}

void Viewers::close_participant(std::string_view participant) {
  for (const auto& viewer : viewers_) {
    if (!participant.empty() && viewer->participant() == participant) viewer->queue().close();
  }
}

void Viewers::close_all() {
  for (const auto& viewer : viewers_) viewer->queue().close();
}

}  // namespace scena::engine
