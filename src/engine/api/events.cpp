#include "base/event_pattern.hpp"
#include "engine/api/handles.hpp"

namespace scena {

bool Events::Impl::wants(const Event& event) const noexcept {
  return wants_event(types, event.type) || event.type == "lagged";
}

bool Events::Impl::take(Event& out) {
  ViewerQueue& queue = viewer->queue();
  // Passed over here and not in the queue: what was passed over moves the cursor, too.
  while (batches ? queue.next_batch(out) : queue.next(out)) {
    if (wants(out)) return true;
  }
  if (viewer->take_wish_for_more()) {
    if (!core->usable()) {
      queue.close();
    } else {
      actor->attach(viewer);
    }
  }
  return false;
}

void Events::Impl::on_ready(std::function<void()> callback) {
  const bool wakes = core->config().threads > 0;  // who waits then is another thread
  if (!wakes && !callback) return viewer->queue().set_ready_callback({});
  viewer->queue().set_ready_callback(
      [engine = std::weak_ptr(core), callback = std::move(callback), wakes] {
        try {
          if (callback) callback();
        } catch (...) {
          if (const auto alive = engine.lock()) alive->callback_threw();
        }
        if (!wakes) return;
        if (const auto alive = engine.lock()) alive->notify();
      });
}

bool Events::next(Event& out) {
  return impl_->take(out);
}

bool Events::next_wait(Event& out, std::optional<std::chrono::milliseconds> timeout) {
  bool taken = false;
  // Asked more than once: what was taken must not be taken over.
  auto got_one = [&] {
    taken = taken || impl_->take(out);
    return taken || impl_->viewer->queue().ended();
  };
  if (got_one()) return taken;
  auto driven = impl_->core->drive(got_one, timeout);
  if (!driven && driven.error().code() != ErrorCode::timeout &&
      driven.error().code() != ErrorCode::closed) {
    throw Error(driven.error());
  }
  return taken;
}

std::string Events::cursor() const {
  return impl_->viewer->queue().cursor().to_string();
}

bool Events::ended() const {
  return impl_->viewer->queue().ended();
}

void Events::on_ready(std::function<void()> callback) {
  impl_->on_ready(std::move(callback));
}

void Events::close() noexcept {
  impl_->viewer->queue().close();
}

}  // namespace scena
