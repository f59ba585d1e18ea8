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

void SharedPlaces::leave() {
  Task wake;
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
  std::shared_ptr<HeldCall> call;  // of one that waits
  std::uint64_t id = 0;
  const auto wait = [&] {
    call = std::make_shared<HeldCall>(inner_, loop_, std::move(request), sink, stop);
    return [call, places = places_, &loop = loop_] {
      // Whoever was woken and is gone in the meantime hands its place on.
      net::post_or_drop(loop, [call, places] {
        auto seated = std::make_shared<SeatedSink>(call->sink(), places);
        if (call->waits()) call->go(std::move(seated));
      });
    };
  };
  switch (places_->enter(id, wait)) {
    case SharedPlaces::Entry::runs:
      return inner_->start(std::move(request),
                           std::make_shared<SeatedSink>(std::move(sink), places_), std::move(stop));
    case SharedPlaces::Entry::waits:
      return call->hold([places = places_, id] { places->give_up(id); });
    case SharedPlaces::Entry::refused:
      end_later(loop_, std::move(sink),
                {.outcome = Outcome::failed,
                 .error = Error::fixed(
                     ErrorCode::limit_reached,
                     "too many calls wait for this service (policy.services, waiting)")});
  }
}

}  // namespace scena::llm
