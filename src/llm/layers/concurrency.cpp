#include "llm/layers/concurrency.hpp"

#include "llm/layer_sink.hpp"
#include "llm/layers/held_call.hpp"

namespace scena::llm {
namespace {

// Holds a place for as long as the reply streams.
class SeatedSink final : public ForwardingSink {
 public:
  SeatedSink(std::shared_ptr<ReplySink> sink, std::shared_ptr<SharedPlaces> places)
      : ForwardingSink(std::move(sink)), places_(std::move(places)) {}
  ~SeatedSink() override { leave(); }

  void on_done(const ReplyEnd& end) override {
    leave();
    take_sink()->on_done(end);
  }

 private:
  void leave() {
    if (const auto places = std::exchange(places_, nullptr)) places->leave();
  }

  std::shared_ptr<SharedPlaces> places_;
};

}  // namespace

SharedPlaces::Entry SharedPlaces::enter(std::uint64_t& id, std::function<void()> wake) {
  std::lock_guard lock(mutex_);
  id = ++last_id_;
  const Entry entry = places_.enter(id);
  if (entry == Entry::waits) waiting_.emplace(id, std::move(wake));
  return entry;
}

void SharedPlaces::leave() {
  std::function<void()> wake;
  {
    std::lock_guard lock(mutex_);
    if (const auto next = places_.leave()) {
      const auto found = waiting_.find(*next);
      wake = std::move(found->second);
      waiting_.erase(found);
    }
  }
  if (wake) wake();
}

bool SharedPlaces::give_up(std::uint64_t id) {
  std::lock_guard lock(mutex_);
  waiting_.erase(id);
  return places_.give_up(id);
}

void ConcurrencyProvider::start(std::shared_ptr<const ReplyRequest> request,
                                std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  auto call = std::make_shared<HeldCall>(inner_, loop_, std::move(request), std::move(sink),
                                         std::move(stop));
  // Whoever was woken and is gone in the meantime hands its place on.
  const auto run = [call, places = places_] {
    auto seated = std::make_shared<SeatedSink>(call->sink(), places);
    if (call->waits()) call->go(std::move(seated));
  };
  std::uint64_t id = 0;
  const auto entry =
      places_->enter(id, [run, &loop = loop_] { net::post_or_drop(loop, [run] { run(); }); });
  if (entry == SharedPlaces::Entry::runs) return run();
  if (entry == SharedPlaces::Entry::refused) {
    return end_later(
        loop_, call->take_sink(),
        {.outcome = Outcome::failed,
         .error = Error::fixed(ErrorCode::limit_reached,
                               "too many calls wait for this service (policy.services, waiting)")});
  }
  call->hold([places = places_, id] { places->give_up(id); });
}

}  // namespace scena::llm
