#include "llm/layers/key_rotation.hpp"

#include <algorithm>
#include <optional>

#include "llm/layer_sink.hpp"
#include "llm/layers/failure_class.hpp"

namespace scena::llm {
namespace {

using namespace std::chrono_literals;

// How long a key is left in peace where the service does not say it: throttled, or refused.
constexpr auto kThrottled = 60s;
constexpr auto kRefused = 600s;
// Nor longer than this, whatever it says: its account may get credit before a month is over.
constexpr auto kLongest = 24h;

Duration rest_of(const Error& error) {
  if (error.retry_after()) return std::min<Duration>(*error.retry_after(), kLongest);
  return error.code() == ErrorCode::rate_limited ? Duration(kThrottled) : Duration(kRefused);
}

}  // namespace

struct KeyRotationProvider::Keys {
  struct Key {
    std::shared_ptr<Provider> provider;
    TimePoint rests_until{};
  };
  std::vector<Key> all;
  std::size_t current = 0;

  // The first from the current one on that does not rest, else the one that rests shortest.
  std::size_t choose(TimePoint now, const std::vector<bool>& tried) const {
    std::size_t best = all.size();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::size_t at = (current + i) % all.size();
      if (tried[at]) continue;
      if (all[at].rests_until <= now) return at;
      if (best == all.size() || all[at].rests_until < all[best].rests_until) best = at;
    }
    return best;
  }
};

class KeyRotationProvider::Run final : public HoldingSink,
                                       public std::enable_shared_from_this<Run> {
 public:
  Run(const KeyRotationProvider& owner, std::shared_ptr<const ReplyRequest> request,
      std::shared_ptr<ReplySink> sink, std::stop_token stop)
      : HoldingSink(std::move(sink)),
        loop_(owner.loop_),
        keys_(owner.keys_),
        log_(owner.log_),
        request_(std::move(request)),
        stop_(std::move(stop)),
        began_(loop_.now()),
        tried_(keys_->all.size(), false) {}

  void begin() { attempt(keys_->choose(began_, tried_)); }

  void attempt(std::size_t key) {
    key_ = key;
    tried_[key] = true;
    const auto provider = keys_->all[key].provider;
    provider->start(less_time(request_, loop_.now() - began_), shared_from_this(), stop_);
  }

  void on_done(const ReplyEnd& end) override {
    const bool may_move = end.outcome == Outcome::failed && end.error &&
                          allows_other_key(*end.error) && !delivered() && !stop_.stop_requested();
    if (may_move) {
      keys_->all[key_].rests_until = loop_.now() + rest_of(*end.error);
      const std::size_t next = keys_->choose(loop_.now(), tried_);
      log_.warn("a key was refused or throttled", {{"provider", keys_->all[key_].provider->name()},
                                                   {"key", key_ + 1},
                                                   {"error", to_string(end.error->code())},
                                                   {"status", end.error->provider_status()}});
      if (next != keys_->all.size()) {
        drop_held(*request_, keys_->all[key_].provider->name(), request_->model);
        keys_->current = next;
        note_throttled(end);
        return attempt(next);
      }
    }
    // Keys that are throttled will serve again; one that is dead does not change that.
    if (may_move) note_throttled(end);
    finish(may_move && throttled_ ? *throttled_ : end);
  }

 private:
  // The one that has to be waited for the shortest.
  void note_throttled(const ReplyEnd& end) {
    if (end.error->code() != ErrorCode::rate_limited) return;
    if (!throttled_ || rest_of(*end.error) < rest_of(*throttled_->error)) throttled_ = end;
  }

  void on_open() override {
    request_ = nullptr;  // nothing will be asked again, and a prompt is large
  }

  net::Loop& loop_;
  std::shared_ptr<Keys> keys_;
  Logger log_;
  std::shared_ptr<const ReplyRequest> request_;
  std::stop_token stop_;
  TimePoint began_;
  std::vector<bool> tried_;
  std::size_t key_ = 0;
  std::optional<ReplyEnd> throttled_;  // of a key that was throttled, if any was
};

KeyRotationProvider::KeyRotationProvider(std::vector<std::shared_ptr<Provider>> keys,
                                         net::Loop& loop, Logger log)
    : loop_(loop), keys_(std::make_shared<Keys>()), log_(std::move(log)) {
  for (auto& key : keys) keys_->all.push_back({std::move(key), {}});
}

std::string_view KeyRotationProvider::name() const noexcept {
  return keys_->all.front().provider->name();
}

void KeyRotationProvider::start(std::shared_ptr<const ReplyRequest> request,
                                std::shared_ptr<ReplySink> sink, std::stop_token stop) {
  std::make_shared<Run>(*this, std::move(request), std::move(sink), std::move(stop))->begin();
}

Result<std::string> KeyRotationProvider::request_body(const ReplyRequest& request) const {
  return keys_->all.front().provider->request_body(request);
}

}  // namespace scena::llm
