#include "engine/api/handles.hpp"

namespace scena {
namespace {

/// Hands out the pieces of one turn, and at its end what a viewer's queue had no room for.
class Hearing {
 public:
  Hearing(const Live& live, std::string turn) : live_(live), turn_(std::move(turn)) {}

  void take(const Event& event) {
    if (event.turn != turn_) return;
    if (event.type == "reasoning.delta" && live_.reasoning) live_.reasoning(event.text);
    if (event.type != "delta") return;
    tell(event.text);
    heard_ = event.off.value_or(heard_) + event.text.size();
  }
  void end(std::string_view whole) {
    if (heard_ < whole.size()) tell(whole.substr(heard_));
  }

 private:
  void tell(std::string_view piece) {
    if (live_.text) live_.text(piece);
  }

  const Live& live_;
  std::string turn_;
  std::uint64_t heard_ = 0;
};

}  // namespace

TurnResult Session::send_wait(std::string_view text, const SendOptions& options, const Live& live) {
  impl_->core->may_wait().value_or_throw();
  if (!live.text && !live.reasoning) return send(text, options).wait();
  Events viewer = events({.after = "live"});
  const Turn turn = send(text, options);
  turn.wait_accepted();
  turn.then([viewer](const Result<TurnResult>&) mutable { viewer.close(); });
  Hearing hearing(live, turn.id());
  for (Event event; viewer.next_wait(event);) hearing.take(event);
  auto result = turn.wait();
  hearing.end(result.text);
  return result;
}

}  // namespace scena
