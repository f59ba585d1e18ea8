#include "handles.hpp"

namespace scena::python {
namespace {

py::object audience_of(const Event& event) {
  if (event.audience.kind == Audience::Kind::all) return py::none();
  py::list names;
  for (const auto& name : event.audience.names) names.append(text(name));
  return names;
}

py::list list_of_events(std::vector<Event> events) {
  py::list made(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) made[i] = py::cast(std::move(events[i]));
  return made;
}

template <class Read>
void add_text(py::class_<Event>& type, const char* name, const char* doc, Read read) {
  type.def_property_readonly(
      name, [read](const Event& event) { return text(read(event)); }, doc);
}

void add_event(py::module_& module) {
  py::class_<Event> type(
      module, "Event",
      "One entry of a session's stream: what happened, when, to whom, and because of what.");
  add_text(type, "stream", "session:ID, user:ID, room:NAME or system.",
           [](const Event& event) -> const std::string& { return event.stream; });
  add_text(type, "type", "What happened, e.g. turn.finished; docs/reference/events.md lists all.",
           [](const Event& event) -> const std::string& { return event.type; });
  add_text(type, "actor", "Id of a participant, host or engine.",
           [](const Event& event) -> const std::string& { return event.actor; });
  add_text(type, "cause", "Id of the command or request that led to it.",
           [](const Event& event) -> const std::string& { return event.cause; });
  add_text(type, "turn", "Of a delta: the turn's id.",
           [](const Event& event) -> const std::string& { return event.turn; });
  add_text(type, "text", "Of a delta: the new text.",
           [](const Event& event) -> const std::string& { return event.text; });
  add_text(type, "cursor", "Where to go on behind it: after= of events().",
           [](const Event& event) { return event.cursor().to_string(); });
  type.def_property_readonly(
          "seq", [](const Event& event) { return event.seq; }, "Position in the stream.")
      .def_property_readonly(
          "off",
          [](const Event& event) -> py::object {
            if (!event.off) return py::none();
            return py::int_(*event.off);
          },
          "Bytes of the running text before this text; None where nothing runs.")
      .def_property_readonly(
          "time",
          [](const Event& event) {
            const auto values = py::module_::import("scena._values");
            return values.attr("time_of")(micros(event.time));
          },
          "When it happened, in UTC.")
      .def_property_readonly("audience", &audience_of, "Ids of who may see it; None: everybody.")
      .def_property_readonly(
          "data",
          [](const Event& event) {
            const auto json = py::module_::import("json");
            return json.attr("loads")(text(event.data.empty() ? "{}" : event.data));
          },
          "What its type has, as a dict; of a delta empty: see turn and text.")
      .def_property_readonly(
          "is_durable", [](const Event& event) { return event.is_durable(); },
          "Whether it is stored; a delta is not.")
      .def(
          "to_json", [](const Event& event) { return text(event.to_json()); },
          "The event as one line of JSON, the same in every language.")
      .def(
          "__eq__", [](const Event& one, const Event& other) { return one == other; },
          py::is_operator())
      .def("__hash__", [](const Event& event) { return py::hash(text(event.to_json())); })
      .def("__repr__", [](const Event& event) { return text("Event(" + event.to_json() + ")"); });
}

}  // namespace

std::optional<Event> PyEvents::next(Milliseconds timeout) {
  Event event;
  bool taken = false;
  wait_with_signals(real_clock_, timeout, [&](Milliseconds slice) {
    taken = events().next_wait(event, slice);
    return taken || events().ended();
  });
  return taken ? std::optional(std::move(event)) : std::nullopt;
}

std::vector<Event> PyEvents::take(std::size_t most) {
  return unlocked([&] {
    std::vector<Event> taken;
    Event event;
    while (taken.size() < most && events().next(event)) taken.push_back(std::move(event));
    return taken;
  });
}

void add_events(py::module_& module) {
  add_event(module);
  py::class_<PyEvents>(module, "Events")
      .def("next",
           [](PyEvents& self, const py::object& seconds) -> py::object {
             auto event = self.next(timeout_of(seconds));
             return event ? py::cast(std::move(*event)) : py::none();
           })
      .def("take",
           [](PyEvents& self, const py::object& most) {
             return list_of_events(self.take(whole<std::size_t>(most, "most")));
           })
      .def("cursor",
           [](PyEvents& self) { return text(unlocked([&] { return self.events().cursor(); })); })
      .def("ended", [](PyEvents& self) { return unlocked([&] { return self.events().ended(); }); })
      .def("on_ready",
           [](PyEvents& self, py::object callback) {
             std::function<void()> call;
             if (!callback.is_none())
               call = python_callback(std::move(callback), "scena: Events.on_ready");
             unlocked([&] {
               self.events().on_ready(std::move(call));
               return 0;
             });
           })
      .def("close", [](PyEvents& self) {
        const ReleasedLock released;
        self.events().close();
      });
}

}  // namespace scena::python
