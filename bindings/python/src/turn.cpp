#include <algorithm>
#include <string>
#include <vector>

#include "handles.hpp"

namespace scena::python {
namespace {

// A wait that ended by its own time limit only, not by an answer that is a timeout.
template <class Ready>
bool answered(const Error& error, Ready&& ready) {
  return error.code() != ErrorCode::timeout || ready();
}

py::object list_or_none(const std::optional<std::vector<std::string>>& texts) {
  if (!texts) return py::none();
  py::list made(texts->size());
  for (std::size_t i = 0; i < texts->size(); ++i) made[i] = text((*texts)[i]);
  return made;
}

}  // namespace

bool PyTurn::wait_accepted(Milliseconds timeout) {
  return wait_with_signals(session_.real_clock, timeout, [&](Milliseconds slice) {
    try {
      turn().wait_accepted(slice);
      return true;
    } catch (const Error& error) {
      if (answered(error, [&] { return turn().done(); })) throw;
      return false;
    }
  });
}

std::optional<TurnResult> PyTurn::wait(Milliseconds timeout) {
  std::optional<TurnResult> result;
  wait_with_signals(session_.real_clock, timeout, [&](Milliseconds slice) {
    try {
      result = turn().wait(slice);
      return true;
    } catch (const Error& error) {
      if (answered(error, [&] { return turn().done(); })) throw;
      return false;
    }
  });
  return result;
}

void PyTurn::read(const Event& event, std::vector<std::string>& texts) {
  if (event.type != "delta") return;
  if (id_.empty()) id_ = turn().id();
  if (event.turn != id_) return;
  read_to_ = event.off.value_or(read_to_) + event.text.size();
  texts.push_back(event.text);
}

// A reader that slept through more than its queue holds goes on where it stood.
void PyTurn::reopen() {
  lagged_ = true;
  Events& events = events_.value;
  events_.value = session_.session().events(reader_of_replies(events.cursor()));
  if (on_ready_) events_.value.on_ready(on_ready_);
}

// Deltas are in no store: what a reader slept through stands in the reply itself.
void PyTurn::read_rest(std::vector<std::string>& texts) {
  TurnResult result;
  try {
    result = turn().wait();
  } catch (const Error&) {
    return;  // whoever reads is told at the end
  }
  const std::string& text = result.text;
  if (continues_ && read_to_ == 0) read_to_ = bytes_before(result.message);
  if (text.size() <= read_to_) return;
  texts.push_back(text.substr(read_to_));
  read_to_ = text.size();
}

// Offsets count from the old reply's beginning, and the whole text holds it, too.
std::size_t PyTurn::bytes_before(const std::string& message) {
  if (message.empty()) return std::string::npos;  // nothing new came
  const std::vector<Message> replies = session_.session().alternatives(message);
  const auto of = [&](const std::string& id) {
    return std::find_if(replies.begin(), replies.end(),
                        [&](const Message& reply) { return reply.id == id; });
  };
  const auto made = of(message);
  const auto old = made == replies.end() ? made : of(made->replaces);
  return old == replies.end() ? 0 : old->text().size();
}

std::optional<std::vector<std::string>> PyTurn::take_texts() {
  // Asked first: what is in the queue then is everything.
  const bool whole = turn().done();
  std::vector<std::string> texts;
  for (;;) {
    while (events_.value.next(event_)) read(event_, texts);
    if (whole || !events_.value.ended()) break;
    reopen();
  }
  // Nothing was read at all where the command was given before: its reply is there as a whole.
  if (whole && (lagged_ || events_.value.ended() || read_to_ == 0)) read_rest(texts);
  if (whole && texts.empty()) return std::nullopt;
  return texts;
}

std::optional<std::vector<std::string>> PyTurn::wait_texts() {
  if (!accepted_) accepted_ = wait_accepted({});
  std::optional<std::vector<std::string>> texts;
  // Always with a limit: a viewer that may not see the reply is told of its end by nobody.
  const auto wait_for = [&](Milliseconds slice) {
    texts = take_texts();
    if (!texts || !texts->empty()) return true;
    if (events_.value.next_wait(event_, slice.value_or(std::chrono::milliseconds(1'000)))) {
      read(event_, *texts);
      while (events_.value.next(event_)) read(event_, *texts);
    }
    return !texts->empty();
  };
  while (!wait_with_signals(session_.real_clock, {}, wait_for)) {
  }
  return texts;
}

void PyTurn::on_ready(std::function<void()> callback) {
  on_ready_ = std::move(callback);
  events_.value.on_ready(on_ready_);
  turn().then([call = on_ready_](const Result<TurnResult>&) { call(); });
}

void add_turn(py::module_& module) {
  py::class_<PyTurn>(module, "Turn")
      .def("id", [](PyTurn& self) { return text(unlocked([&] { return self.turn().id(); })); })
      .def("accepted",
           [](PyTurn& self) { return unlocked([&] { return self.turn().accepted(); }); })
      .def("done", [](PyTurn& self) { return unlocked([&] { return self.turn().done(); }); })
      .def("wait_accepted",
           [](PyTurn& self, const py::object& seconds) {
             return self.wait_accepted(timeout_of(seconds));
           })
      .def("result",
           [](PyTurn& self, const py::object& seconds) {
             const auto result = self.wait(timeout_of(seconds));
             return result ? to_python(*result) : py::none();
           })
      .def("take_texts",
           [](PyTurn& self) { return list_or_none(unlocked([&] { return self.take_texts(); })); })
      .def("wait_texts", [](PyTurn& self) { return list_or_none(self.wait_texts()); })
      .def("on_ready",
           [](PyTurn& self, py::object callback) {
             auto call = python_callback(std::move(callback), "scena: a callback of Turn");
             unlocked([&] {
               self.on_ready(std::move(call));
               return 0;
             });
           })
      .def("then",
           [](PyTurn& self, py::object callback) {
             auto call = python_callback(std::move(callback), "scena: a callback of Turn");
             unlocked([&] {
               self.turn().then([call = std::move(call)](const Result<TurnResult>&) { call(); });
               return 0;
             });
           })
      .def("cancel", [](PyTurn& self) {
        const ReleasedLock released;
        self.turn().cancel();
      });
}

}  // namespace scena::python
