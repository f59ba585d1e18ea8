// A message whose reply is waited for, and heard while it comes.
#include "answers.hpp"
#include "host/host_live.hpp"

using scena::capi::guarded;
using scena::capi::refuse;
using scena::capi::text_of;

namespace {

/// Hands out a turn's pieces. Where the queue had to give up, the rest of the text comes at the
/// end.
class Hearing {
 public:
  explicit Hearing(scena::ReplySink* to) : to_(to) {}

  void take(const scena::Event& event) {
    if (event.type == "reasoning.delta") to_->on_reasoning(event.text);
    if (event.type != "delta") return;
    to_->on_text(event.text);
    heard_ = (event.off ? *event.off : heard_) + event.text.size();
  }
  void end(const std::string& whole) {
    if (heard_ < whole.size()) to_->on_text(std::string_view(whole).substr(heard_));
  }

 private:
  scena::ReplySink* to_;
  std::uint64_t heard_ = 0;
};

scena::TurnResult hear(const scena::Turn& turn, scena::Events events, scena::ReplySink* to) {
  Hearing hearing(to);
  const std::string id = turn.id();
  turn.then([events](const scena::Result<scena::TurnResult>&) mutable { events.close(); });
  scena::Event event;
  while (events.next_wait(event)) {
    if (event.turn == id) hearing.take(event);
  }
  auto result = turn.wait();
  hearing.end(result.text);
  return result;
}

}  // namespace

scena_status scena_session_send_wait(scena_session* session, const scena_send_options* options,
                                     const char* text, size_t text_len, const scena_live* live,
                                     scena_text** out_result, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!scena::capi::live(session) || !text)
      return refuse(out_error, "session and text: must not be NULL");
    scena_live given;
    if (!scena::capi::read_struct(live, given))
      return refuse(out_error, "live: set struct_size to sizeof(scena_live)");
    const auto chosen = scena::capi::read_send_options(options);
    scena::capi::LiveTable table(live ? &given : nullptr);
    scena::Events events = session->session.events({.after = "live"});
    scena::Event none;
    events.next_wait(none, std::chrono::milliseconds(0));  // refused inside a callback: not sent
    const scena::Turn turn = session->session.send(text_of(text, text_len), chosen);
    turn.wait_accepted();
    table.keep();
    const auto result = live ? hear(turn, std::move(events), table.sink().get()) : turn.wait();
    return out_result ? scena::capi::hand_out_text(out_result, scena::capi::to_json(result))
                      : static_cast<scena_status>(SCENA_OK);
  });
}
