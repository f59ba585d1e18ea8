#include "handles.hpp"

namespace scena::python {
namespace {

// Opened before the message is sent: its reader misses nothing, whoever runs the loop meanwhile.
Events viewer_of_turn(Session& session) {
  return session.events(reader_of_replies("live"));
}

template <class Start>
std::unique_ptr<PyTurn> make_turn(PySession& self, Start&& start, bool continues = false) {
  return unlocked([&] {
    Events events = viewer_of_turn(self.session());
    Turn turn = start(self.session());
    return std::make_unique<PyTurn>(self, std::move(turn), std::move(events), continues);
  });
}

template <class Command>
std::shared_ptr<PyPending> make_command(PySession& self, Command&& command) {
  return make_pending(unlocked([&] { return command(self.session()); }), self.real_clock);
}

template <class Read>
py::object read(PySession& self, Read&& read) {
  return to_python(unlocked([&] { return read(self.session()); }));
}

// The commands that take nothing but a command id.
using PlainCommand = Pending<SessionInfo> (Session::*)(const CommandOptions&);

void add_plain_command(py::class_<PySession>& type, const char* name, PlainCommand command) {
  type.def(name, [command](PySession& self, const py::object& command_id) {
    const auto options = command_options(command_id);
    return make_command(self, [&](Session& session) { return (session.*command)(options); });
  });
}

// Those with one or two texts before it.
using TextCommand = Pending<SessionInfo> (*)(Session&, const std::string&, const std::string&,
                                             const CommandOptions&);

void add_text_command(py::class_<PySession>& type, const char* name, TextCommand command) {
  type.def(name, [command](PySession& self, const py::object& first, const py::object& second,
                           const py::object& command_id) {
    const auto options = command_options(command_id);
    const std::string one = utf8(first, "the first argument");
    const std::string two = second.is_none() ? std::string() : utf8(second, "the second argument");
    return make_command(self,
                        [&](Session& session) { return command(session, one, two, options); });
  });
}

void add_commands(py::class_<PySession>& type) {
  add_plain_command(type, "start", &Session::start);
  add_plain_command(type, "pause", &Session::pause);
  add_plain_command(type, "resume", &Session::resume);
  add_plain_command(type, "complete", &Session::complete);
  add_plain_command(type, "fail", &Session::fail);
  add_plain_command(type, "undo", &Session::undo);
  add_plain_command(type, "remove", &Session::remove);
  add_plain_command(type, "analyze", &Session::analyze);
  using Text = const std::string&;
  using Options = const CommandOptions&;
  add_text_command(type, "choose", [](Session& session, Text message, Text, Options options) {
    return session.choose(message, options);
  });
  add_text_command(type, "leave", [](Session& session, Text who, Text, Options options) {
    return session.leave(who, options);
  });
  add_text_command(type, "set_variable",
                   [](Session& session, Text name, Text value, Options options) {
                     return session.set_variable(name, value, options);
                   });
  add_text_command(type, "annotate", [](Session& session, Text name, Text data, Options options) {
    return session.annotate(name, data, options);
  });
  type.def("join", [](PySession& self, const Str& id, const Str& name, bool is_human,
                      const Str& subject, const py::object& command_id) {
    const Participant who{.id = id, .name = name, .is_human = is_human, .subject = subject};
    const auto options = command_options(command_id);
    return make_command(self, [&](Session& session) { return session.join(who, options); });
  });
  type.def("update", [](PySession& self, const py::object& title, const py::dict& labels,
                        const py::object& command_id) {
    SessionChanges changes;
    if (!title.is_none()) changes.title = utf8(title, "title");
    for (const auto& [name, value] : labels) {
      auto& label = changes.labels[utf8(name, "labels")];
      if (!value.is_none()) label = utf8(value, "labels");
    }
    const auto options = command_options(command_id);
    return make_command(self, [&](Session& session) { return session.update(changes, options); });
  });
}

void add_turns(py::class_<PySession>& type) {
  type.def("send", [](PySession& self, const py::object& given, const py::dict& options) {
    const std::string message = utf8(given, "text");
    const auto wanted = send_options(options);
    return make_turn(self, [&](Session& session) { return session.send(message, wanted); });
  });
  type.def("edit", [](PySession& self, const Str& message, const py::object& given,
                      const py::dict& options) {
    const std::string words = utf8(given, "text");
    const auto wanted = send_options(options);
    return make_turn(self, [&](Session& session) { return session.edit(message, words, wanted); });
  });
  type.def("prompt", [](PySession& self, const py::dict& options) {
    const auto wanted = send_options(options);
    return make_turn(self, [&](Session& session) { return session.prompt(wanted); });
  });
  type.def("regenerate", [](PySession& self, const py::dict& options) {
    const auto wanted = send_options(options);
    return make_turn(self, [&](Session& session) { return session.regenerate(wanted); });
  });
  type.def("continue_reply", [](PySession& self, const py::dict& options) {
    const auto wanted = send_options(options);
    return make_turn(
        self, [&](Session& session) { return session.continue_reply(wanted); }, true);
  });
}

void add_answers(py::class_<PySession>& type) {
  type.def("run", [](PySession& self, const py::object& max_turns, const py::object& command_id) {
    const RunOptions options{whole<std::uint32_t>(max_turns, "max_turns"),
                             command_options(command_id).command_id};
    return make_command(self, [&](Session& session) { return session.run(options); });
  });
  type.def("ask_aside", [](PySession& self, const Str& character, const py::object& given,
                           const Str& schema, const py::object& command_id) {
    const std::string question = utf8(given, "question");
    const auto options = command_options(command_id);
    return make_command(self, [&](Session& session) {
      return session.ask_aside(character, question, schema, options);
    });
  });
  type.def("next_question", [](PySession& self, const Str& character, const Str& model,
                               const py::object& command_id) {
    const NextQuestionOptions options{character, model, command_options(command_id).command_id};
    return make_command(self, [&](Session& session) { return session.next_question(options); });
  });
  type.def("flag_escape", [](PySession& self, const Str& participant, const Str& step,
                             const Str& reason, const py::object& command_id) {
    const EscapeOptions options{participant, step, reason, command_options(command_id).command_id};
    return make_command(self, [&](Session& session) { return session.flag_escape(options); });
  });
  type.def("fork", [](PySession& self, const Str& message, const py::object& command_id) {
    const auto options = command_options(command_id);
    auto forked = unlocked([&] { return self.session().fork(message, options); });
    return make_pending(std::move(forked), self.real_clock,
                        [real = self.real_clock](Session session) {
                          return py::cast(PySession(std::move(session), real));
                        });
  });
}

void add_reads(py::class_<PySession>& type) {
  type.def_property_readonly("id", [](PySession& self) { return text(self.session().id()); })
      .def("state",
           [](PySession& self) {
             return to_string(unlocked([&] { return self.session().state(); }));
           })
      .def("info",
           [](PySession& self) { return read(self, [](Session& of) { return of.info(); }); })
      .def("messages",
           [](PySession& self, bool all) {
             return list_of(unlocked([&] { return self.session().messages(all); }));
           })
      .def("alternatives",
           [](PySession& self, const Str& message) {
             return list_of(unlocked([&] { return self.session().alternatives(message); }));
           })
      .def("explain",
           [](PySession& self, const Str& message) {
             return read(self, [&](Session& of) { return of.explain(message); });
           })
      .def("analysis",
           [](PySession& self) {
             return text(unlocked([&] { return self.session().analysis().to_json(); }));
           })
      .def("state_json",
           [](PySession& self) {
             return text(unlocked([&] { return self.session().state_json(); }));
           })
      .def("cancel",
           [](PySession& self) {
             const ReleasedLock released;
             self.session().cancel();
           })
      .def("events", [](PySession& self, const py::dict& given) {
        const auto options = subscribe_options(given);
        return unlocked([&] {
          return std::make_unique<PyEvents>(self.session().events(options), self.real_clock);
        });
      });
}

}  // namespace

void add_session(py::module_& module) {
  add_events(module);
  add_turn(module);
  py::class_<PySession> type(module, "Session");
  add_commands(type);
  add_turns(type);
  add_answers(type);
  add_reads(type);
}

}  // namespace scena::python
